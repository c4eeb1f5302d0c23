"""The panel Steps: the sections and steps of the lecture, with marks for seen, changed and unavailable steps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QPalette
from PySide6.QtWidgets import QDockWidget, QTreeWidget, QTreeWidgetItem, QWidget

from gui.lecture.player import Player

SEEN, CHANGED, PRESENT = "✓", "•", "▸"
STEP = Qt.ItemDataRole.UserRole


class Steps(QDockWidget):
    """A list of the steps below their sections. Enter or a click shows a step."""

    chosen = Signal(int)  # the position of a step, from 0

    def __init__(self, player: Player, window: QWidget) -> None:
        super().__init__("Steps", window)
        self.player = player
        self.setObjectName("lecture steps")
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setMinimumWidth(38 * self.fontMetrics().averageCharWidth())
        self.tree.setAccessibleName("Steps of the lecture")
        self.tree.itemActivated.connect(self._on_chosen)
        self.tree.itemClicked.connect(self._on_chosen)
        self.setWidget(self.tree)
        player.moved.connect(self.refresh)
        self._items: list[QTreeWidgetItem] = []

    def fill(self) -> None:
        """List the steps of the player's course."""
        self.tree.clear()
        self._items = []
        course = self.player.course
        sections: dict[str, QTreeWidgetItem] = {}
        minutes = {s.title: s.minutes for s in course.lecture.head.sections} if course else {}
        for n, step in enumerate(course.steps if course else (), 1):
            if step.section not in sections:
                planned = f", {minutes[step.section]:g} min" if minutes.get(step.section) else ""
                sections[step.section] = self._head(f"{step.section or 'Steps'}{planned}")
            item = QTreeWidgetItem(sections[step.section], [f"{n}  {step.title}"])
            item.setData(0, STEP, n - 1)
            item.setToolTip(0, (course.unavailable.get(step.id) if course else "") or step.text)
            self._items.append(item)
        self.tree.expandAll()
        self.refresh()

    def _head(self, text: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.tree, [text])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = self.tree.font()
        font.setBold(True)
        item.setFont(0, font)
        return item

    def refresh(self) -> None:
        """Update the marks, and select the present step."""
        course = self.player.course
        if course is None or len(self._items) != len(course.steps) or self.isHidden():
            return
        pale = QBrush(self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text))
        plain = QBrush(self.palette().color(QPalette.ColorRole.Text))
        for index, (item, step) in enumerate(zip(self._items, course.steps, strict=True)):
            present = index == course.index
            changed = self.player.changed if present else step.id in course.left
            mark = PRESENT if present else (SEEN if step.id in course.seen else "")
            item.setText(0, f"{index + 1}  {step.title} {mark}{CHANGED if changed else ''}".rstrip())
            item.setForeground(0, pale if step.id in course.unavailable else plain)
        self.tree.setCurrentItem(self._items[course.index])

    def _on_chosen(self, item: QTreeWidgetItem) -> None:
        index = item.data(0, STEP)
        if isinstance(index, int):
            self.chosen.emit(index)
