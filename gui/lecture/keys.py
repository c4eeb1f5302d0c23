"""The keys of a lecture, and the filter that gives them to the lecture whichever widget has the focus.

A presenter's remote control sends PgUp, PgDown, F5, Esc and the period. Spin boxes and lists accept such keys in
`ShortcutOverride`, before any action can have them. So the filter is installed on the application while a lecture runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from gui.lecture.sheet import Sheet
from gui.plots.plot import Plot

EDITORS = (QAbstractSpinBox, QComboBox, QLineEdit, QTextEdit, QPlainTextEdit)
LISTS = (QAbstractItemView, QTabBar)
KEYS_OF_FOCUS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_F6)
REASONS_OF_TAB = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


@dataclass(frozen=True, eq=False)
class LectureKey:
    """An action of the lecture with its keys.

    `where` is "always"; or "reading", while no editor and no list has the focus; or "pointing", while in addition no
    plot has it; or "pressing", as "reading" but not on a button, which Space presses. A button that has the focus only
    because the panel that had it was hidden is not pressed.
    """

    keys: str  # several are separated by "; "
    text: str
    run: Callable[[Any], None]  # of the lecture mode
    where: Literal["always", "reading", "pointing", "pressing"] = "reading"

    @property
    def sequences(self) -> tuple[str, ...]:
        """The keys, each as portable text."""
        return tuple(QKeySequence(key).toString() for key in self.keys.split("; "))


class LectureKeys(QObject):
    """Filters the key events of the application, and runs the actions of the lecture."""

    def __init__(self, window: QWidget, table: tuple[LectureKey, ...], run: Callable[[LectureKey], None]) -> None:
        super().__init__(window)
        self.window, self.run = window, run
        self.by_key = {key: entry for entry in table for key in entry.sequences}
        self._is_tabbing = False  # whether the last key moves the focus
        self._fallen: QObject | None = None  # the widget to which Qt has moved the focus by itself

    def install(self) -> None:
        """Begin to filter."""
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def remove(self) -> None:
        """Stop filtering."""
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
            self._fallen = watched if event.reason() in REASONS_OF_TAB and not self._is_tabbing else None
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(watched, QWidget):
            return False
        assert isinstance(event, QKeyEvent)
        self._is_tabbing = event.key() in KEYS_OF_FOCUS
        entry = self.entry(watched, event)
        if entry is None:
            return False
        event.accept()  # in ShortcutOverride: the key comes as a key press and not as a shortcut
        if kind == QEvent.Type.KeyPress:
            self.run(entry)
        return True

    def entry(self, focused: QWidget, event: QKeyEvent) -> LectureKey | None:
        """The action of a key for the widget with the focus; None if the key belongs to the widget."""
        if QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return None
        if focused.window().property("lecture") is not True:
            return None
        entry = self.by_key.get(_key(event))
        if entry is not None and entry.where == "pressing" and focused is self._fallen:
            return entry
        return entry if entry is not None and _is_free(entry, focused, event) else None


def _key(event: QKeyEvent) -> str:
    """The key of an event as portable text. The keypad counts as the main keys, and Shift does not change "."."""
    if event.text() == "." and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return "."
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(modifiers.value | event.key()).toString() if event.key() > 0 else ""


def _is_free(entry: LectureKey, focused: QWidget, event: QKeyEvent) -> bool:
    """Whether a key belongs to the lecture and not to the widget with the focus."""
    if entry.where == "always":
        return not (event.text() == "." and _is_typing(focused))
    if isinstance(focused, EDITORS + LISTS) or isinstance(focused.parentWidget(), EDITORS):
        return False
    if entry.where == "pressing":
        return not isinstance(focused, QAbstractButton)
    return entry.where == "reading" or not _is_in_plot(focused)


def _is_typing(focused: QWidget) -> bool:
    """Whether a number or a word is being typed: then the period is part of it, as in 0.5."""
    if isinstance(focused, QTextEdit | QPlainTextEdit):
        return True
    is_field = isinstance(focused, QAbstractSpinBox | QComboBox)
    line = focused.findChild(QLineEdit) if is_field else focused
    return isinstance(line, QLineEdit) and line.isModified()


def _is_in_plot(focused: QWidget) -> bool:
    return isinstance(focused, Plot | Sheet) or isinstance(focused.parentWidget(), Plot)
