"""The offer after a crash: what the windows showed that did not close, with time, page and a small image."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidgetItem, QVBoxLayout, QWidget

from engine.files import quoted
from engine.saving.journal import LeftBehind
from gui.pages import TITLES
from gui.widgets.controls import Button, TextList
from gui.widgets.dates import date_text
from gui.widgets.question import ask

WORDS = "Bayescape ended before this work was saved. You can restore it. No file is changed until you save."
DELETE = "Delete this work? This cannot be undone."


class RecoveryOffer(QDialog):
    """Shows what can be restored. What is neither restored nor deleted is offered again at the next start."""

    chosen = Signal(object)  # a LeftBehind, to be restored

    def __init__(self, found: list[LeftBehind], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Restore unsaved work")
        self.found = found
        self.list = TextList()
        self.list.setAccessibleName("Unsaved work")
        self.list.setIconSize(QSize(192, 120))
        self.list.setTabKeyNavigation(False)
        for left in found:
            QListWidgetItem(_picture(left.thumbnail), in_words(left), self.list)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self._on_restore)
        words = QLabel(WORDS)
        words.setWordWrap(True)
        column = QVBoxLayout(self)
        for widget in (words, self.list, self._buttons()):
            column.addWidget(widget)
        self.resize(560, 400)
        self.finished.connect(self.release)

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox()
        roles = QDialogButtonBox.ButtonRole
        self.restores, self.deletes, self.waits = Button("Restore"), Button("Delete…"), Button("Not now")
        for button, role in (
            (self.restores, roles.AcceptRole),
            (self.deletes, roles.DestructiveRole),
            (self.waits, roles.RejectRole),
        ):
            box.addButton(button, role)
        self.restores.setDefault(True)
        self.restores.clicked.connect(self._on_restore)
        self.deletes.clicked.connect(self._on_delete)
        self.waits.clicked.connect(self.reject)
        return box

    def _on_restore(self) -> None:
        left = self.found.pop(self.list.currentRow())
        self.chosen.emit(left)
        self.accept()

    def _on_delete(self) -> None:
        ask(self, "Delete", DELETE, partial(self._delete, self.list.currentRow()))

    def _delete(self, row: int) -> None:
        self.found.pop(row).remove()
        self.list.takeItem(row)
        if not self.found:
            self.reject()

    def release(self) -> None:
        """Let other windows offer what is left."""
        for left in self.found:
            left.release()
        self.found.clear()


def in_words(left: LeftBehind) -> str:
    """The file, the page and the time of what can be restored, in lines."""
    snapshot = left.snapshot
    name = quoted(Path(snapshot.file).name) if snapshot.file else "Without a file"
    return f"{name}\n{TITLES.get(snapshot.front, 'Regression')}\n{date_text(snapshot.time)}"


def _picture(thumbnail: bytes) -> QIcon:
    pixmap = QPixmap()
    if not thumbnail or not pixmap.loadFromData(thumbnail, "PNG"):
        pixmap = QPixmap(192, 120)
        pixmap.fill(Qt.GlobalColor.transparent)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # otherwise the selection tints it
    return icon
