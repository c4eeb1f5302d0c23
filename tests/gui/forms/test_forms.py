"""Forms: for every part of every family, input is checked at the field and reaches the document."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.vae.architectures.mlp import Mlp
from engine.part import Family, declared
from engine.regression.data.truths import Expression, Source
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints
from engine.regression.model.basis import Polynomial
from engine.regression.model.linear_model import LinearModel
from engine.regression.model.noise import GaussianNoise
from gui.forms.forms import BoolEditor, ChoiceEditor, Form, NumberEditor, NumbersEditor, PartEditor
from gui.widgets.numbers import parsed, shown, spelled
from gui.widgets.scrolling import scrolling

PARTS = sorted({kind for family in tuple(Family.every.values()) for kind in family}, key=lambda kind: kind.__name__)
FORMS = [
    kind
    for kind in PARTS
    if kind.__module__.startswith("engine.regression") and kind not in (Regression, PrimerPoints)  # created by clicks
]


@pytest.fixture
def form(qtbot):
    def make(part):
        widget = Form(type(part))
        qtbot.addWidget(widget)
        widget.show_part(part)
        widget.resize(240, 80)  # the form of a part without fields would have no size
        with qtbot.waitActive(widget):
            widget.show()
            widget.activateWindow()
        widget.changes = []
        widget.changed.connect(lambda changed, *_: widget.changes.append(changed))
        return widget

    return make


def type_into(qtbot, editor, text):
    editor.line.setFocus()
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, text)


@pytest.mark.parametrize("kind", [*FORMS, LinearModel, Source], ids=lambda kind: kind.__name__)
def test_every_field_has_an_editor_with_a_name_for_screen_readers(form, kind):
    widget = form(kind())
    for field in declared(kind):
        editor = widget.editors[field.name]
        assert editor.control.accessibleName() == field.title
        if isinstance(editor, NumberEditor | BoolEditor | ChoiceEditor):
            assert field.description in editor.control.toolTip()
        if isinstance(editor, NumberEditor):
            assert field.allowed in editor.control.toolTip()


@pytest.mark.parametrize("text", ["0.5", "0,5", "5e-1"])
def test_point_and_comma_are_decimal_marks(qtbot, form, text):
    widget = form(Source())
    type_into(qtbot, widget.editors["noise"], text)
    assert widget.changes[-1].noise == 0.5


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
def test_minus_and_hyphen_are_read_as_minus(text):
    assert parsed(text, float) == -0.5
    assert spelled(-0.5) == "−0.5"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-9, "10⁻⁹"), (-1e9, "−10⁹"), (-1.5e-7, "−1.5·10⁻⁷"), (123456.0, "1.235·10⁵"), (-0.25, "−0.250")],
)
def test_shown_numbers_have_a_minus_sign_and_powers_of_ten(value, text):
    assert shown(value) == text


@pytest.mark.parametrize("text", ["-1", "1e300", "nan", "inf", "seven", "", "2000"])
def test_invalid_numbers_are_refused_at_the_field(qtbot, form, text):
    widget = form(Source())
    editor = widget.editors["noise"]
    type_into(qtbot, editor, text or "x")
    assert not [change for change in widget.changes if not 0 <= change.noise <= 1000]
    assert "from 0 to 1000" in editor.refusal.text()
    assert editor.refusal.isVisible()
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.value == Source().noise
    assert editor.line.text() == (text or "x")


def test_a_rule_between_two_fields_is_explained(qtbot, form):
    widget = form(Source())
    type_into(qtbot, widget.editors["low"], "5")
    assert widget.changes == []
    assert "must lie below" in widget.editors["low"].refusal.text()


def test_arrow_keys_change_a_number_in_steps(qtbot, form):
    widget = form(LinearModel())
    editor = widget.editors["prior_precision"]
    qtbot.keyClick(editor.line, Qt.Key.Key_Up)
    assert widget.changes[-1].prior_precision == pytest.approx(2 * 10**0.1, rel=1e-3)


def test_typing_one_number_is_one_gesture(qtbot, form):
    widget, gestures = form(Source()), []
    widget.changed.connect(lambda _part, _name, gesture: gestures.append(gesture))
    type_into(qtbot, widget.editors["noise"], "123")
    assert len(gestures) == 3
    assert len(set(gestures)) == 1


def test_combo_boxes_and_check_boxes_change_the_part(qtbot, form):
    widget = form(DataSpaceSettings())
    widget.editors["band"].combo.setCurrentIndex(2)
    widget.editors["band"].combo.activated.emit(2)
    assert widget.changes[-1].band == "none"
    qtbot.mouseClick(widget.editors["show_basis"].box, Qt.MouseButton.LeftButton)
    assert widget.changes[-1].show_basis is True


def test_a_part_within_a_part_changes_the_whole(qtbot, form):
    widget = form(LinearModel())
    nested = widget.editors["noise"]
    assert isinstance(nested, PartEditor)
    type_into(qtbot, nested.forms[GaussianNoise].editors["precision"], "4")
    assert widget.changes[-1] == LinearModel(noise=type(LinearModel().noise)(precision=4.0))


def test_a_new_document_does_not_disturb_typing(qtbot, form):
    widget = form(Source())
    editor = widget.editors["noise"]
    type_into(qtbot, editor, "0.50")
    widget.show_part(widget.changes[-1])
    assert editor.line.text() == "0.50"


def test_after_a_refused_input_the_value_from_before_returns_and_the_text_stays(qtbot, form):
    widget = form(LinearModel())
    widget.changed.connect(lambda part, *_: widget.show_part(part))
    editor = widget.editors["prior_precision"]
    type_into(qtbot, editor, "1e42")
    assert widget.changes  # "1" and "1e4" were allowed while typing
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert widget.part.prior_precision == LinearModel().prior_precision
    assert editor.line.text() == "1e42"
    assert "10⁴⁰" in editor.refusal.text()
    assert is_marked(editor)
    widget.show_part(replace(widget.part, basis=Polynomial(degree=3)))  # an edit elsewhere
    assert editor.line.text() == "1e42"
    qtbot.keyClick(editor.line, Qt.Key.Key_Backspace)
    assert widget.part.prior_precision == 1e4
    assert not is_marked(editor)


def is_marked(editor):
    """Whether a field has the reason of a refusal, and another ground than other fields."""
    ground = editor.line.palette().color(QPalette.ColorRole.Base)
    assert editor.refusal.isVisible() == (ground != QApplication.palette().color(QPalette.ColorRole.Base))
    return editor.refusal.isVisible()


def test_a_refused_input_goes_when_its_value_changes_elsewhere(qtbot, form):
    widget = form(LinearModel())
    widget.changed.connect(lambda part, *_: widget.show_part(part))
    editor = widget.editors["prior_precision"]
    type_into(qtbot, editor, "x")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    editor.line.clearFocus()
    assert is_marked(editor)
    widget.show_part(replace(widget.part, prior_precision=7.0))
    assert parsed(editor.line.text(), float) == 7
    assert not is_marked(editor)


def test_a_refused_input_is_taken_when_a_rule_between_two_fields_holds_again(qtbot, form):
    widget = form(Source())
    widget.changed.connect(lambda part, *_: widget.show_part(part))
    low = widget.editors["low"]
    type_into(qtbot, low, "5")
    type_into(qtbot, widget.editors["high"], "9")
    assert is_marked(low)
    low.line.setFocus()
    qtbot.keyClick(low.line, Qt.Key.Key_Return)
    assert (widget.part.low, widget.part.high) == (5, 9)
    assert not is_marked(low)


def test_a_typed_function_is_checked_and_follows_the_document(qtbot, form):
    widget = form(Expression("x"))
    widget.changed.connect(lambda part, *_: widget.show_part(part))
    editor = widget.editors["text"]
    type_into(qtbot, editor, "x*2")
    assert widget.part == Expression("x*2")
    widget.show_part(Expression("x"))  # an undo while the field has the focus
    assert editor.line.text() == "x"
    type_into(qtbot, editor, "x+import")
    assert "not a function" in editor.refusal.text()
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert (widget.part, editor.line.text()) == (Expression("x"), "x+import")


def test_a_row_that_wraps_because_of_its_choice_becomes_two_lines_high(qtbot):
    form = Form(Latent, only=("chart",))
    qtbot.addWidget(form)
    form.show_part(Latent())
    editor = form.editors["chart"]
    width = editor.label.sizeHint().width() + 6 + editor.combo.minimumSizeHint().width() + 4
    form.resize(width, 200)
    form.show()
    QApplication.processEvents()
    assert editor.combo.y() < editor.label.height()
    form.show_part(Latent(chart=EqualProbability()))
    qtbot.waitUntil(lambda: editor.combo.y() >= editor.label.height())
    assert editor.combo.height() >= editor.combo.minimumSizeHint().height()


def test_a_row_that_wraps_because_its_panel_becomes_narrow_has_its_height(qtbot):
    form = Form(Latent, only=("chart",))
    form.show_part(Latent())
    area = scrolling(form)
    qtbot.addWidget(area)
    area.resize(640, 30)
    area.show()
    QApplication.processEvents()
    editor = form.editors["chart"]
    assert editor.combo.y() < editor.label.height()
    area.resize(editor.label.sizeHint().width() + 40, 30)
    qtbot.waitUntil(lambda: editor.combo.y() >= editor.label.height())
    QApplication.processEvents()
    assert editor.combo.height() >= editor.combo.sizeHint().height()
