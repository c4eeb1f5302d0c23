"""Scroll areas come to rest, whatever their content does when its width changes."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from gui.page.panel_area import PanelArea
from gui.widgets.scrolling import CalmArea, scrolling
from tests.gui.shell.small_pages import Small

ROOT = Path(__file__).resolve().parents[3]


class Part(QWidget):
    """A part that is high where it is wide, as one is that has its words beside it there."""

    def resizeEvent(self, event):  # noqa: N802
        super().resizeEvent(event)
        self.setMinimumHeight(400 if self.width() > 190 else 50)


class Panel(Small):
    """A panel with such a part."""

    title = "Restless"

    def __init__(self):
        super().__init__()
        self.layout().addWidget(Part())


def calm():
    area, inside = CalmArea(), QWidget()
    QVBoxLayout(inside).addWidget(Part())
    area.setWidgetResizable(True)
    area.setWidget(inside)
    return area


@pytest.mark.parametrize("make", [calm, lambda: scrolling(Part()), lambda: PanelArea(Panel())])
def test_content_that_is_higher_where_it_is_wide_lets_the_area_rest(qtbot, make):
    area = make()
    assert isinstance(area, QScrollArea)
    qtbot.addWidget(area)
    area.show()
    for width in range(150, 260, 3):
        area.resize(width, 150)
        QApplication.processEvents()
    assert area.size() == QSize(258, 150)
    assert area.widget().height() >= 150  # the part is there, and the program too


def test_no_scroll_area_of_the_program_is_a_plain_one():
    made = re.compile(r"\bQScrollArea\(\)|class \w+\(QScrollArea\)")
    plain = [path.name for path in (ROOT / "gui").rglob("*.py") if made.search(path.read_text(encoding="utf-8"))]
    assert plain == ["scrolling.py"]  # the base of all others
