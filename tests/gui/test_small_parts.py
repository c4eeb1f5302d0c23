"""Small parts of the window on their own: tabs, tables, boxes with text, sample lines, scores, attributes, stops."""

from types import SimpleNamespace

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QTextBrowser, QWidget

from engine.latent.document import Latent
from engine.latent.gan.scores import NAMES
from engine.latent.plane.attribute_arithmetic import ArithmeticSettings
from engine.latent.unboxing.latent_space import MARGIN
from engine.plane import Viewport
from engine.regression.data.reading.units import is_unit
from engine.regression.document import Regression
from gui.figures.figures import Figures
from gui.importing.class_examples import ExamplesTable
from gui.importing.reading_dialog import ReadingDialog
from gui.latent.gan.scores import Scores
from gui.latent.plane.attribute_arithmetic import AttributeArithmetic
from gui.latent.unboxing.framing import is_framed
from gui.plots.samples import MANY, SampleLines, sample_colours
from gui.regression.model import Model
from gui.regression.truth_and_data import TruthAndData
from gui.shell import theme
from gui.shell.help.about import show_text
from gui.shell.navigation import _first_stop
from gui.shell.preferences.keys_table import KeysTable
from gui.shell.tabs import Tabs


def test_the_tabs_are_as_wide_as_their_titles(qtbot):
    tabs = Tabs()
    qtbot.addWidget(tabs)
    assert not tabs.expanding() and not tabs.usesScrollButtons() and tabs.count() == 3


def test_nobody_writes_into_the_table_of_classes(qtbot):
    table = ExamplesTable()
    qtbot.addWidget(table)
    assert table.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers


def test_a_box_shows_its_text(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    box = show_text(parent, "Licences", "<p>One <b>licence</b></p>")
    assert box.findChild(QTextBrowser).toPlainText() == "One licence"
    box.close()


@pytest.mark.parametrize("curved", [False, True])
@pytest.mark.parametrize("count", [0, 3, MANY, MANY + 1])
def test_few_samples_have_colours_and_many_have_one(qapp, count, curved):
    samples, x = SampleLines(), np.linspace(0, 9, 10)
    samples.dress_all(QPen(QColor("#123456"), 4), [QPen(colour, 4) for colour in sample_colours()])
    lines = 10 * np.arange(1, count + 1)[:, None] + (np.sin(x) if curved else 0 * x)
    samples.show_lines(x, lines)
    assert samples.is_empty == (count == 0)
    image = QImage(10, 10 * count + 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    samples.paint(painter, QTransform())
    painter.end()
    for n in range(count):
        wanted = QColor("#123456") if count > MANY else sample_colours()[n % len(sample_colours())]
        seen = {image.pixelColor(column, 10 * n + row).rgb() for column in range(10) for row in range(8, 13)}
        assert any(_are_near(QColor(colour), wanted) for colour in seen), n


def _are_near(one, other):
    return max(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True)) < 12


def test_the_figure_of_a_panel_is_that_of_the_focus_or_of_the_first_one_that_is_seen(qtbot):
    kinds = [SimpleNamespace(title=title) for title in "abc"]
    docks = {kind.title: QWidget() for kind in kinds}
    inside = QWidget(docks["c"])
    for widget in docks.values():
        qtbot.addWidget(widget)
    group = {docks["c"]: [docks["b"]]}
    cases = (
        (inside, {"b", "c"}, "c"),
        (inside, {"a", "b"}, "b"),  # the tab of b is chosen in the group of b and c
        (inside, {"a"}, "c"),
        (None, {"b", "c"}, "b"),
        (None, set(), "a"),
    )
    for focus, seen, title in cases:
        view = SimpleNamespace(kinds=kinds, docks=docks, seen_titles=seen, tabifiedDockWidgets=group.__getitem__)
        held = SimpleNamespace(stack=SimpleNamespace(view=view), window=SimpleNamespace(focusWidget=lambda f=focus: f))
        assert Figures.kind.fget(held).title == title


def test_the_accuracy_of_the_classifier_is_stated_in_per_cent(qtbot):
    panel = Scores()
    qtbot.addWidget(panel)
    found = SimpleNamespace(unavailable="", rows=[], complete=False, accuracy=0.987, scored=2000)
    panel.draw(SimpleNamespace(get=lambda _: found))
    assert "right for 98.7 % of the test images" in panel.remark.text()
    assert panel.table.rowCount() == len(NAMES)


def test_the_button_swap_exchanges_the_attributes(qtbot):
    panel = AttributeArithmetic()
    qtbot.addWidget(panel)
    panel.echo(Latent())
    panel.sum = SimpleNamespace(start=SimpleNamespace(name="1"), end=SimpleNamespace(name="4"))
    edits = []
    panel.edited.connect(edits.append)
    panel.swap.click()
    (edit,) = edits
    assert (edit.document[ArithmeticSettings].start, edit.document[ArithmeticSettings].end) == ("4", "1")


def test_the_first_stop_of_a_panel_is_the_first_widget_inside_it(qtbot):
    panel = QWidget()
    qtbot.addWidget(panel)
    assert _first_stop(panel) is None
    fields = [QLineEdit(panel), QLineEdit(panel)]
    panel.show()
    assert _first_stop(panel) is fields[0]


def test_a_change_of_the_source_is_an_edit(qtbot):
    panel, edits = TruthAndData(), []
    qtbot.addWidget(panel)
    panel.echo(Regression())
    panel.edited.connect(edits.append)
    source = replace(Regression().source, noise=0.5)
    panel.source.changed.emit(source, "Noise", None)
    assert [(edit.text, edit.document) for edit in edits] == [("Change Noise", replace(Regression(), source=source))]


def test_tab_leaves_the_table_of_keys(qtbot):
    keys = KeysTable(SimpleNamespace(menus=SimpleNamespace(commands=[])))
    qtbot.addWidget(keys)
    assert not keys.table.tabKeyNavigation() and keys.table.rowCount() == 0


def test_a_change_of_the_model_is_an_edit(qtbot):
    panel, edits, gesture = Model(), [], object()
    qtbot.addWidget(panel)
    panel.echo(Regression())
    panel.edited.connect(edits.append)
    model = replace(Regression().model, prior_precision=3.0)
    panel.model.changed.emit(model, "Prior precision", gesture)
    panel.seed.changed.emit(replace(Regression(), seed=7), "Random seed", None)
    assert [edit.text for edit in edits] == ["Change Prior precision", "Change Random seed"]
    assert edits[0].document == Regression().with_model(model) and edits[0].gesture is gesture
    assert edits[1].document.seed == 7


@pytest.mark.parametrize("side", ["left", "right", "bottom", "top"])
def test_a_frame_stays_while_it_shows_nearly_all_that_is_wanted(side):
    frame, inward = Viewport(0, 10, 20, 30), 1 if side in ("left", "bottom") else -1
    for share, framed in ((-0.5, True), (0.9, True), (1.1, False)):
        home = replace(frame, **{side: getattr(frame, side) + inward * share * MARGIN * 10})
        assert is_framed(frame, home) == framed
    assert not is_framed(frame, Viewport(-3, 13, 17, 33))  # more than half as wide again
    assert is_framed(frame, Viewport(-2, 12, 18, 32))


def test_a_dialog_hears_what_its_reading_yields_returns_and_fails_with(qtbot):
    heard = []

    class Dialog(ReadingDialog):
        def _on_progressed(self, *found):
            heard.append(("progressed", *found))

        def _on_delivered(self, *found):
            heard.append(("delivered", *found))

        def _on_failed(self, *found):
            heard.append(("failed", *found))

    dialog = Dialog(None, "Read")
    qtbot.addWidget(dialog)
    for name in ("progressed", "delivered", "failed"):
        getattr(dialog.line, name).emit(name)
    assert heard == [(name, name) for name in ("progressed", "delivered", "failed")]


def test_the_icon_of_what_cannot_be_used_is_the_same_drawing_and_paler(qapp):
    modes = QIcon.Mode.Normal, QIcon.Mode.Disabled
    normal, pale = (theme.icon("open").pixmap(theme.icon_size(), mode).toImage() for mode in modes)
    places = [(x, y) for x in range(normal.width()) for y in range(normal.height())]
    inked = [(normal.pixelColor(*place).alphaF(), pale.pixelColor(*place).alphaF()) for place in places]
    assert max(alpha for alpha, _ in inked) > 0.8
    assert all(other == pytest.approx(0.45 * alpha, abs=0.01) for alpha, other in inked)


def test_a_unit_has_at_most_twenty_characters():
    assert is_unit("cm" + 9 * "·m") and not is_unit("cm·cm" + 8 * "·m") and is_unit("m/s²") and not is_unit("years of")
