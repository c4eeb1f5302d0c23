"""Scroll areas: content that can be lower shrinks before the area scrolls."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from gui.widgets.controls import CheckBox
from gui.widgets.scrolling import Content


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
