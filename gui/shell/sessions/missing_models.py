"""The offer for a model that a session needs and that is not on this computer: find it, or use another one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from gui.page.jobs import Latest
from gui.page.store import Edit
from gui.shell.page_stack import PageStack
from gui.widgets.file_dialogs import choose_to_open

if TYPE_CHECKING:
    from engine.saving.own_models import Missing
    from engine.saving.work import Work

FIND, SEARCH, SHIPPED_ONE = "Find the file…", "Search beside the session", "Use the shipped model"
MISSING = "The model {} of this session is not on this computer, or it was changed."
NOT_FOUND = "No such model is in the folder of the session or below it."
KINDS = "Models (*.safetensors)"


class MissingModels(QObject):
    """Looks for the models of a session in a thread of its own, and offers help for those that are missing."""

    refused = Signal(str)

    def __init__(self, window: QWidget, stack: PageStack) -> None:
        super().__init__(window)
        self.window_, self.stack = window, stack
        self._missing: Missing | None = None
        self._folder = Path()
        self.box: QMessageBox | None = None
        self._buttons: dict[str, QPushButton] = {}
        self.looking, self.searching = Latest("models", parent=self), Latest("search for models", parent=self)
        self.looking.delivered.connect(self._on_looked)
        self.searching.delivered.connect(self._on_searched)

    def look(self, work: Work, folder: Path) -> None:
        """Find out which models of a work are missing. `folder` is that of the session."""
        from engine.saving.own_models import missing_models  # imported here, because it delays the start

        self._folder = folder
        self.looking.submit(partial(missing_models, work))

    def _on_looked(self, missing: tuple[Missing, ...]) -> None:
        if missing:
            self._missing = missing[0]  # only the page Latent space has a model
            self._offer(MISSING.format(missing[0].name))

    def _offer(self, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Question, "Missing model", "", parent=self.window_)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        roles = (QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.ActionRole, QMessageBox.ButtonRole.YesRole)
        self._buttons = {
            name: box.addButton(name, role) for name, role in zip((FIND, SEARCH, SHIPPED_ONE), roles, strict=True)
        }
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(self._on_answered)
        self.box = box
        box.open()

    def _on_answered(self) -> None:
        box, self.box = self.box, None
        assert box is not None and self._missing is not None
        box.deleteLater()
        answer = next((name for name, button in self._buttons.items() if button is box.clickedButton()), "")
        if answer == FIND:
            if path := choose_to_open(self.window_, "model", "Find the model", KINDS):
                self._use(str(path.resolve()))
        elif answer == SEARCH:
            from engine.saving.own_models import search

            self.searching.submit(partial(search, self._folder, self._missing))
        elif answer == SHIPPED_ONE:
            from engine.latent.model_source import SHIPPED

            self._use(SHIPPED)

    def _on_searched(self, found: Path | None) -> None:
        if found is None:
            self._offer(NOT_FOUND)
        else:
            self._use(str(found.resolve()))

    def _use(self, source: str) -> None:
        """Replace the missing model, unless the user has opened another one meanwhile."""
        from engine.saving.own_models import own_model, with_source

        document = self.stack.page_in("latent").store.document
        if self._missing is not None and own_model(document) == self._missing.source:
            self.stack.commit(Edit("Replace the missing model", with_source(document, source)))

    def close(self) -> None:
        """Stop looking."""
        self.looking.close()
        self.searching.close()
