"""Scroll areas: content that can be lower shrinks before the area scrolls."""

import gc
import weakref

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from gui.widgets.controls import Button, CheckBox
from gui.widgets.scrolling import Content, scrolling


class Tall(QWidget):
    """A widget that would like to be high, and can be low."""

    def sizeHint(self):  # noqa: N802
        return QSize(100, 500)

    def minimumSizeHint(self):  # noqa: N802
        return QSize(100, 50)


def test_content_has_its_least_height_before_the_area_scrolls(qtbot):
    area, content = QScrollArea(), Content()
    column = QVBoxLayout(content)
    column.addWidget(Tall())
    column.addWidget(CheckBox("A box, whose height depends on its width"))
    area.setWidget(content)
    area.setWidgetResizable(True)
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    QApplication.processEvents()
    assert area.verticalScrollBar().maximum() == 0
    area.resize(300, 60)
    QApplication.processEvents()
    assert area.verticalScrollBar().maximum() > 0


def test_the_control_with_the_focus_stays_in_sight_when_the_content_grows(qtbot):
    late, button = Tall(), Button("Below")
    late.setMinimumHeight(400)
    late.hide()
    area = scrolling(late, button)
    qtbot.addWidget(area)
    area.resize(300, 100)
    with qtbot.waitActive(area):
        area.show()
        area.activateWindow()
    button.setFocus()

    def is_seen():
        return area.viewport().rect().contains(button.mapTo(area.viewport(), button.rect().center()))

    assert is_seen()
    late.show()
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 300)
    qtbot.waitUntil(is_seen)


def test_a_scroll_area_without_a_parent_is_not_kept_alive(qtbot):
    area = scrolling(Tall())
    seen = weakref.ref(area)
    del area
    gc.collect()
    assert seen() is None
