"""Laws for the controls of every panel: the wheel belongs to the panel, and a click takes no focus."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QScrollBar,
    QStyle,
    QTabBar,
)

import gui
from gui.pages import PAGES, TITLES, page_kind
from gui.regression.truth_and_data import TruthAndData
from gui.widgets.controls import Button, CheckBox, Combo, Slider, SpinBox, TextList, ToolButton
from gui.widgets.scrolling import scrolling
from gui.widgets.tab_style import dress
from tests.gui.acting import commit

SOURCES = sorted(Path(gui.__file__).parent.rglob("*.py"))
PANELS = [(page, kind) for page in map(page_kind, PAGES) for kind in page.panels]
every_panel = pytest.mark.parametrize(
    ("page", "kind"), PANELS, ids=[f"{page.name}-{kind.__name__}" for page, kind in PANELS]
)
QT_CONTROLS = ["QComboBox", "QSlider", "QSpinBox", "QDoubleSpinBox", "QDial", "QPushButton", "QToolButton", "QCheckBox"]
NOT_PLAYING = {
    "garbage": "no picture",
    "view": "one shot",
    "laser": "a pointer that fades",
    "notes": "a clock",
    "dialog": "one shot",
    "memory": "writes a file",
    "thumbnails": "one shot",
}
WHEELED = (QComboBox, QAbstractSlider, QAbstractSpinBox)


def made(qtbot, page, kind):
    """Return a panel that shows the default document of its page."""
    panel = kind()
    qtbot.addWidget(panel)
    panel.echo(page.document())
    return panel


def turn_wheel(widget):
    """Turn the wheel of the mouse above a widget, as the desktop does."""
    at = QPointF(widget.mapTo(widget.window(), QPoint(20, 20)))
    QTest.wheelEvent(widget.window().windowHandle(), at, QPoint(0, -120))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_controls_are_made_in_one_place(path):
    if path.name != "controls.py":
        assert not re.search(rf"\b({'|'.join(QT_CONTROLS)})\(", path.read_text(encoding="utf-8"))


def test_file_dialogs_are_opened_in_one_place():
    found = [path.name for path in SOURCES if "QFileDialog" in path.read_text(encoding="utf-8")]
    assert found == ["file_dialogs.py"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_whatever_plays_obeys_the_wish_for_reduced_motion(path):
    source = path.read_text(encoding="utf-8")
    if "QTimer(self)" in source and path.stem not in NOT_PLAYING:
        assert "motion.is_reduced()" in source


@every_panel
def test_the_wheel_gives_no_focus_to_a_control(qtbot, page, kind):
    panel = made(qtbot, page, kind)
    for widget in (widget for base in WHEELED for widget in panel.findChildren(base)):
        assert isinstance(widget, Combo | Slider | SpinBox | QScrollBar)
        assert widget.focusPolicy() != Qt.FocusPolicy.WheelFocus


@every_panel
def test_a_click_gives_no_focus_to_a_button(qtbot, page, kind):
    panel = made(qtbot, page, kind)
    for button in panel.findChildren(QAbstractButton):
        assert not button.focusPolicy().value & Qt.FocusPolicy.ClickFocus.value, (
            button.text() or button.accessibleName()
        )


@pytest.mark.parametrize("tab", TITLES)
def test_a_click_gives_no_focus_to_a_button_of_the_window(open_window, tab):
    window = open_window(tab)
    for button in window.findChildren(QAbstractButton):
        assert not button.focusPolicy().value & Qt.FocusPolicy.ClickFocus.value, (
            button.text() or button.accessibleName()
        )


def test_space_steps_after_a_click_on_a_button(qtbot, window):
    panel = window.page.view.panel(TruthAndData)
    for _ in range(2):
        qtbot.mouseClick(panel.twenty, Qt.MouseButton.LeftButton)
    _, total = window.page.view.position
    commit(window, "Go back", window.page.store.document.step_to(0))
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Space)
    assert window.page.view.position == (1, total)


def value_of(control):
    return control.currentIndex() if isinstance(control, QComboBox) else control.value()


@pytest.mark.parametrize("make", [lambda: Combo("abc"), Slider, SpinBox], ids=["combo", "slider", "spin box"])
def test_the_wheel_scrolls_the_panel_unless_the_control_has_the_focus(qtbot, make):
    control, other = make(), Combo("abc")
    (control.setCurrentIndex if isinstance(control, QComboBox) else control.setValue)(1)
    control.setMinimumHeight(400)
    area = scrolling(control, other)
    qtbot.addWidget(area)
    area.resize(200, 150)
    with qtbot.waitActive(area):
        area.show()
        area.activateWindow()
    other.setFocus()
    before = value_of(control)
    turn_wheel(control)
    assert value_of(control) == before
    assert area.verticalScrollBar().value() > 0
    area.verticalScrollBar().setValue(0)
    control.setFocus()
    turn_wheel(control)
    assert value_of(control) != before


@pytest.mark.parametrize(
    "make", [lambda: CheckBox("A box"), Slider, TextList, ToolButton], ids=lambda make: make.__name__
)
def test_the_focus_of_a_control_is_seen(qtbot, make):
    area = scrolling(control := make(), Combo("abc"))
    control.setMinimumSize(80, 24)
    qtbot.addWidget(area)
    area.resize(200, 150)
    with qtbot.waitActive(area):
        area.show()
        area.activateWindow()
    for widget in (control, area):
        widget.setFocus()
        focused = widget.grab().toImage()
        widget.clearFocus()
        other = widget.grab().toImage()
        edge = [(x, 1) for x in range(2, 70, 4)]
        assert sum(focused.pixelColor(*at) != other.pixelColor(*at) for at in edge) > 12


def test_a_checked_button_has_a_line_of_the_colour_of_selections(qtbot):
    button = Button("Others to the image")
    qtbot.addWidget(button)
    button.setCheckable(True)
    colour, lines = button.palette().highlight().color(), []
    for checked in (False, True):
        button.setChecked(checked)
        picture = button.grab().toImage()
        across = range(picture.width() // 4, 3 * picture.width() // 4)
        lines.append([y for y in range(picture.height()) if all(picture.pixelColor(x, y) == colour for x in across)])
    assert [len(found) for found in lines] == [0, 2]


def test_the_text_of_a_narrow_check_box_has_several_lines(qtbot):
    box = CheckBox("Show unused observations")
    qtbot.addWidget(box)
    line = box.fontMetrics().height()
    assert box.minimumSizeHint().width() < box.sizeHint().width() * 0.7
    assert box.heightForWidth(box.sizeHint().width() + 10) < 2 * line
    assert box.heightForWidth(box.minimumSizeHint().width()) >= 2 * line


def test_boxes_to_tick_and_the_arrows_of_tabs_grow_with_the_text(qtbot):
    box, tabs = CheckBox("Show"), QTabBar()
    dress(tabs)
    metric = QStyle.PixelMetric.PM_TabBarScrollButtonWidth
    for widget in (box, tabs):
        qtbot.addWidget(widget)
    before = box.box.width(), tabs.style().pixelMetric(metric, None, tabs)
    for widget in (box, tabs):
        font = widget.font()
        font.setPointSizeF(3 * font.pointSizeF())
        widget.setFont(font)
    box.resize(box.sizeHint())
    assert box.box.width() > 2 * before[0] and box.rect().contains(box.box)
    assert tabs.style().pixelMetric(metric, None, tabs) > 2 * before[1]
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.box.center())
    assert box.isChecked()
