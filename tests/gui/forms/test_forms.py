"""Forms: for every part of every family, what is typed is checked at the field and reaches the document."""

import pytest
from PySide6.QtCore import Qt

from engine.latent.vae.architectures.mlp import Mlp
from engine.part import Family, declared
from engine.regression.data.truths import Expression, Source
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints
from engine.regression.model.linear_model import LinearModel
from engine.regression.model.noise import GaussianNoise
from gui.forms.forms import BoolEditor, ChoiceEditor, Form, NumberEditor, NumbersEditor, PartEditor
from gui.widgets.numbers import parsed, spelled

PARTS = sorted({kind for family in tuple(Family.every.values()) for kind in family}, key=lambda kind: kind.__name__)
FORMS = [
    kind
    for kind in PARTS
    if kind.__module__.startswith("engine.regression") and kind not in (Regression, PrimerPoints)  # made by clicks
]


@pytest.fixture
def form(qtbot):
    def make(part):
        made = Form(type(part))
        qtbot.addWidget(made)
        made.show_part(part)
        made.resize(240, 80)  # a part without fields has no size of its own
        with qtbot.waitActive(made):
            made.show()
            made.activateWindow()
        made.changes = []
        made.changed.connect(lambda changed, *_: made.changes.append(changed))
        return made

    return make


def type_into(qtbot, editor, text):
    editor.line.setFocus()
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, text)


@pytest.mark.parametrize("kind", [*FORMS, LinearModel, Source], ids=lambda kind: kind.__name__)
def test_every_field_has_an_editor_with_a_name_for_a_screen_reader(form, kind):
    made = form(kind())
    for field in declared(kind):
        editor = made.editors[field.name]
        assert editor.control.accessibleName() == field.title
        if isinstance(editor, NumberEditor | BoolEditor | ChoiceEditor):
            assert field.description in editor.control.toolTip()
        if isinstance(editor, NumberEditor):
            assert field.allowed in editor.control.toolTip()


@pytest.mark.parametrize("text", ["0.5", "0,5", "5e-1"])
def test_point_and_comma_both_count(qtbot, form, text):
    made = form(Source())
    type_into(qtbot, made.editors["noise"], text)
    assert made.changes[-1].noise == 0.5


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("10,000", int, 10_000),
        ("1,000", int, 1000),
        ("−1,000", int, -1000),
        ("1,234,567", float, 1_234_567.0),
        ("1,234.5", float, 1234.5),
        ("10,000", float, None),
        ("1,234", float, None),
        ("0,435", float, 0.435),
        ("1,2345", float, 1.2345),
        ("1.234", float, 1.234),
        ("1234,567", float, 1234.567),
        ("1,00", int, 1),
        ("1.500", int, None),
        ("1,5", int, None),
        ("1.234,5", float, None),
    ],
)
def test_a_comma_is_a_decimal_mark_or_separates_thousands_but_never_silently(text, kind, value):
    assert parsed(text, kind) == value


def test_ten_thousand_is_never_ten(qtbot, form):
    made = form(Source())
    made.changed.connect(lambda part, *_: made.show_part(part))
    editor = made.editors["low"]
    before = made.part.low
    type_into(qtbot, editor, "-10,000")
    assert editor.refusal.text() == "-10,000 can be -10000 or -10.000. Write one of them."
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert made.part.low == before


def test_commas_in_a_list_are_no_thousands():
    field = next(field for field in declared(Mlp) if field.name == "widths")
    editor = NumbersEditor(field)
    with pytest.raises(ValueError, match="not thousands"):
        editor.read("10,000")
    editor.deleteLater()


@pytest.mark.parametrize("text", ["−0.5", "-0.5"])
def test_both_signs_of_minus_count(text):
    assert parsed(text, float) == -0.5
    assert spelled(-0.5) == "−0.5"


@pytest.mark.parametrize("text", ["-1", "1e300", "nan", "inf", "seven", "", "2000"])
def test_absurd_numbers_are_refused_at_the_field(qtbot, form, text):
    made = form(Source())
    editor = made.editors["noise"]
    type_into(qtbot, editor, text or "x")
    assert not [change for change in made.changes if not 0 <= change.noise <= 1000]
    assert "from 0 to 1000" in editor.refusal.text()
    assert editor.refusal.isVisible()
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert parsed(editor.line.text(), float) == editor.value


def test_a_rule_between_two_fields_is_explained_too(qtbot, form):
    made = form(Source())
    type_into(qtbot, made.editors["low"], "5")
    assert made.changes == []
    assert "must lie below" in made.editors["low"].refusal.text()


def test_arrow_keys_nudge(qtbot, form):
    made = form(LinearModel())
    editor = made.editors["prior_precision"]
    qtbot.keyClick(editor.line, Qt.Key.Key_Up)
    assert made.changes[-1].prior_precision == pytest.approx(2 * 10**0.1, rel=1e-3)


def test_typing_one_number_is_one_gesture(qtbot, form):
    made, gestures = form(Source()), []
    made.changed.connect(lambda _part, _name, gesture: gestures.append(gesture))
    type_into(qtbot, made.editors["noise"], "123")
    assert len(gestures) == 3
    assert len(set(gestures)) == 1


def test_choices_and_boxes(qtbot, form):
    made = form(DataSpaceSettings())
    made.editors["band"].combo.setCurrentIndex(2)
    made.editors["band"].combo.activated.emit(2)
    assert made.changes[-1].band == "none"
    qtbot.mouseClick(made.editors["show_basis"].box, Qt.MouseButton.LeftButton)
    assert made.changes[-1].show_basis is True


def test_a_part_within_a_part_changes_the_whole(qtbot, form):
    made = form(LinearModel())
    nested = made.editors["noise"]
    assert isinstance(nested, PartEditor)
    type_into(qtbot, nested.forms[GaussianNoise].editors["precision"], "4")
    assert made.changes[-1] == LinearModel(noise=type(LinearModel().noise)(precision=4.0))


def test_an_echo_does_not_disturb_what_is_being_typed(qtbot, form):
    made = form(Source())
    editor = made.editors["noise"]
    type_into(qtbot, editor, "0.50")
    made.show_part(made.changes[-1])
    assert editor.line.text() == "0.50"


def test_what_ends_refused_gives_way_to_what_was_there_before(qtbot, form):
    made = form(LinearModel())
    made.changed.connect(lambda part, *_: made.show_part(part))
    editor = made.editors["prior_precision"]
    type_into(qtbot, editor, "1e12")
    assert made.changes  # on the way "1" and "1e1" were allowed
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert made.part.prior_precision == LinearModel().prior_precision
    assert editor.line.text() == "2"
    assert "10⁹" in editor.refusal.text()


def test_a_typed_function_is_checked_and_follows_the_document(qtbot, form):
    made = form(Expression("x"))
    made.changed.connect(lambda part, *_: made.show_part(part))
    editor = made.editors["text"]
    type_into(qtbot, editor, "x*2")
    assert made.part == Expression("x*2")
    made.show_part(Expression("x"))  # undone elsewhere, while the cursor is still here
    assert editor.line.text() == "x"
    type_into(qtbot, editor, "x+import")
    assert "not a function" in editor.refusal.text()
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert (made.part, editor.line.text()) == (Expression("x"), "x")
