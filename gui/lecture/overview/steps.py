"""The panel Steps: the sections and steps of the lecture with pictures, and the tools that edit them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QFont, QIcon, QPalette
from PySide6.QtWidgets import QDockWidget, QGridLayout, QHBoxLayout, QLabel, QTreeWidgetItem, QVBoxLayout, QWidget

from engine.lecture.lecture import Step
from gui.lecture.authoring.author import Author
from gui.lecture.overview.step_tree import ID, SECTION, STEP, StepTree
from gui.lecture.overview.thumbnails import Thumbnails
from gui.lecture.player import Player
from gui.widgets.bold import embolden
from gui.widgets.controls import Button, CheckBox

WIDEST = 340  # pixels of the list, so that the panels keep their room if the text is large
SEEN, DONE, CHANGED, PRESENT = "✓", "✓ tried", "•", "▸"
TOOLS: tuple[tuple[str, str, Callable[[Author], None]], ...] = (
    ("Add…", "Add a step after this one, as the screen shows it", Author.add),
    ("Duplicate", "Add a copy of this step after it", Author.duplicate),
    ("Words…", "Edit words, equation, try, goal, question and veils", Author.edit_words),
    ("Update", "Let this step show the document and the panels of the screen", Author.update),
    ("Viewports", "Let this step show the plots in the viewports of the screen", Author.look),
    ("Add build", "Add what you have changed as the next build of this step", Author.build),
    ("Split", "Show what this step changes one after the other, as builds", Author.split),
    ("Remove", "Remove this step from the lecture; the file does not change", Author.remove),
    ("Earlier", "Move this step towards the start (Alt+Up in the list)", Author.earlier),
    ("Later", "Move this step towards the end (Alt+Down in the list)", Author.later),
)


class Steps(QDockWidget):
    """A list of the steps below their sections. Enter or a click shows a step. In edit mode steps can be moved."""

    chosen = Signal(int)  # the position of a step, from 0
    edited = Signal(object)  # a function of the author

    def __init__(self, player: Player, window: QWidget) -> None:
        super().__init__("Steps", window)
        self.player = player
        self.setObjectName("lecture steps")
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self.tree, self.thumbnails = StepTree(), Thumbnails(player)
        self.tree.setMinimumWidth(min(44 * self.fontMetrics().averageCharWidth(), WIDEST))
        self.progress = QLabel()
        self.editing, self.tools = CheckBox("Edit the lecture"), QWidget()
        self.editing.setToolTip("Show the tools that edit steps, and let steps be dragged to other places")
        self.tool_actions: dict[Button, Callable[[Author], None]] = {}
        self._lay_out()
        self.tree.itemActivated.connect(self._on_chosen)
        self.tree.itemClicked.connect(self._on_chosen)
        self.tree.dropped.connect(self._on_dropped)
        self.tree.shifted.connect(self._on_shifted)
        self.editing.toggled.connect(self._on_editing)
        self.thumbnails.made.connect(self._on_made)
        player.moved.connect(self.refresh)
        self._items: list[QTreeWidgetItem] = []

    def _lay_out(self) -> None:
        grid = QGridLayout(self.tools)
        grid.setContentsMargins(0, 0, 0, 0)
        for n, (text, tip, action) in enumerate(TOOLS):
            button = Button(text)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.clicked.connect(self._on_tool)
            self.tool_actions[button] = action
            grid.addWidget(button, n // 2, n % 2)
        self.tools.hide()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(4, 4, 4, 4)
        for widget in (self.progress, self.editing, self.tools, self.tree):
            column.addWidget(widget)
        self.setWidget(content)
        self.setTitleBarWidget(self._title_bar())

    def _title_bar(self) -> QWidget:
        """The title with a button that closes the panel. The title of Qt does not grow with the text."""
        bar, title, close = QWidget(), QLabel("Steps"), Button("×")
        embolden(title)
        row = QHBoxLayout(bar)
        row.setContentsMargins(6, 2, 4, 2)
        row.addWidget(title, 1)
        row.addWidget(close)
        close.setToolTip("Close the panel Steps (O)")
        close.setAccessibleName("Close the panel Steps")
        close.setFlat(True)
        close.clicked.connect(self.hide)
        return bar

    def fill(self) -> None:
        """List the steps of the player's course."""
        scrolled = self.tree.verticalScrollBar().value()
        self.tree.clear()
        self._items = []
        course = self.player.course
        heading: QTreeWidgetItem | None = None
        for n, step in enumerate(course.steps if course else (), 1):
            if heading is None or heading.data(0, SECTION) != step.section:
                heading = self._head(step)
            item = QTreeWidgetItem(heading, [f"{n}  {step.title}"])
            item.setData(0, STEP, n - 1)
            item.setData(0, ID, step.id)
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
            item.setToolTip(0, (course.unavailable.get(step.id) if course else "") or step.text)
            self._items.append(item)
            self._picture(n - 1)
        self.tree.expandAll()
        self.refresh()
        self.tree.verticalScrollBar().setValue(scrolled)  # an edit leaves the list where it is
        self._go_to_present()

    def _go_to_present(self) -> None:
        """Scroll so that the present step is in sight."""
        if (item := self.tree.currentItem()) is not None:
            self.tree.scrollToItem(item)

    def _head(self, step: Step) -> QTreeWidgetItem:
        """The heading of a section, with its planned minutes."""
        assert self.player.course is not None
        head = self.player.course.lecture.head
        minutes = next((section.minutes for section in head.sections if section.title == step.section), 0)
        text = f"{step.section or 'Steps'}{f', {minutes:g} min' if minutes else ''}"
        item = QTreeWidgetItem(self.tree, [text])
        item.setData(0, SECTION, step.section)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDropEnabled)
        font = QFont()
        font.setResolveMask(0)  # only the weight, so that the size follows the text size
        font.setBold(True)
        item.setFont(0, font)
        return item

    def _picture(self, index: int) -> None:
        course, item = self.player.course, self._items[index]
        if course is not None:  # it may have other steps than the list, which is filled when it is shown
            picture = self.thumbnails.of(course.lecture.head.title, item.data(0, ID), index + 1)
            icon = QIcon(picture)
            icon.addPixmap(picture, QIcon.Mode.Selected)  # not tinted
            item.setIcon(0, icon)

    def _on_made(self, id_: str) -> None:
        for index, item in enumerate(self._items):
            if item.data(0, ID) == id_:
                self._picture(index)

    def refresh(self) -> None:
        """Update the marks, and select the present step."""
        course = self.player.course
        if course is None or len(self._items) != len(course.steps) or self.isHidden():
            return
        pale = QBrush(self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text))
        plain = QBrush(self.palette().color(QPalette.ColorRole.Text))
        for index, (item, step) in enumerate(zip(self._items, course.steps, strict=True)):
            present = index == course.index
            changed = self.player.changed if present else step.id in course.left or step.id in course.memory.marks
            seen = SEEN if step.id in course.seen else ""
            marks = (
                PRESENT if present else "",
                DONE if step.id in course.memory.done else seen if not present else "",
                CHANGED if changed else "",
            )
            item.setText(0, "  ".join([f"{index + 1}  {step.title}", *filter(None, marks)]))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, self._named(index, step, changed=changed))
            item.setForeground(0, pale if step.id in course.unavailable else plain)
        self.tree.setCurrentItem(self._items[course.index])
        ids = {step.id for step in course.steps}
        seen_of, tried = len(ids & course.seen), len(ids & course.memory.done)
        self.progress.setText(f"{seen_of} of {len(ids)} steps seen, {tried} tried")

    def _named(self, index: int, step: Step, *, changed: bool) -> str:
        """A step with its marks in words, for a screen reader."""
        course = self.player.course
        assert course is not None
        facts = (
            ("present", index == course.index),
            ("seen", step.id in course.seen),
            ("tried", step.id in course.memory.done),
            ("changed", changed),
            ("cannot be shown", step.id in course.unavailable),
        )
        return ", ".join([f"Step {index + 1}, {step.title}", *(word for word, holds in facts if holds)])

    def _on_chosen(self, item: QTreeWidgetItem) -> None:
        index = item.data(0, STEP)
        if isinstance(index, int):
            self.chosen.emit(index)

    # Editing

    def _on_editing(self, on: bool) -> None:
        """Show or hide the tools of the author."""
        self.tools.setVisible(on)
        self.tree.let_move(on)
        QTimer.singleShot(0, self, self._go_to_present)  # the list has its new height then

    def _on_tool(self) -> None:
        button = self.sender()
        assert isinstance(button, Button)
        self.edited.emit(self.tool_actions[button])

    def _on_dropped(self, id_: str, before: str, section: str) -> None:
        self.edited.emit(partial(Author.place, id_=id_, before=before, section=section))

    def _on_shifted(self, by: int) -> None:
        self.edited.emit(Author.earlier if by < 0 else Author.later)
        self.tree.setFocus()
