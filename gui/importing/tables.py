"""Tables: how observations come into the Regression page from files and the clipboard, and columns out of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.regression.data.export import Columns
from engine.regression.data.table import written
from engine.regression.data.table_layout import Pasted, Text, TextFile, sniffed
from engine.regression.scene import Scene
from gui.importing.table_dialog import ImportDialog
from gui.page.jobs import Failure, Latest
from gui.shell.export import write_file

KINDS = "Tables (*.csv *.tsv *.txt);;All files (*)"


class Tables(QObject):
    """Asks for files, and shows the import dialog over the view."""

    agreed = Signal(object, bool)  # Observations to import, and whether they are added to the present ones
    refused = Signal(str)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.view = view
        self.dialog: ImportDialog | None = None
        self.files = Latest("export", parent=self)
        self.files.failed.connect(self._on_failed)

    def ask(self, present: int) -> None:
        """Ask for a file to import; `present` is how many observations there are, here and below."""
        name, _ = QFileDialog.getOpenFileName(self.view, "Import observations", "", KINDS)
        if name:
            self.take(TextFile(Path(name)), present)

    def paste(self, present: int) -> None:
        """Import what the clipboard holds."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self.take(Pasted(text), present)
        else:
            self.refused.emit("The clipboard holds no text. Copy two columns of numbers first.")

    def take(self, source: Text, present: int) -> None:
        """Show what there is to import, or say why there is nothing."""
        try:
            layout = sniffed(source)
        except (OSError, ValueError) as error:
            reason = f"{error.strerror}." if isinstance(error, OSError) else str(error)
            self.refused.emit(f"{source.name} was not imported. {reason}")
            return
        self._close_dialog()
        self.dialog = ImportDialog(self.view, source, layout, present=present)
        self.dialog.agreed.connect(self.agreed)
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    def export(self, name: str, columns: Callable[[Scene], Columns], scene: Scene) -> None:
        """Ask for a file and write columns of what is on the screen to it."""
        chosen, _ = QFileDialog.getSaveFileName(self.view, f"Export {name}", f"{name}.csv", KINDS)
        if chosen:
            self.files.submit(partial(_write, Path(chosen), columns, scene))

    def close(self) -> None:
        """Import nothing, and finish what is being written."""
        self._close_dialog()
        self.files.close()

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _on_finished(self) -> None:
        self.dialog = None

    def _on_failed(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)


def _write(path: Path, columns: Callable[[Scene], Columns], scene: Scene) -> None:
    """In the worker. Raises ValueError with a sentence."""
    try:
        write_file(path, written(columns(scene)).encode())
    except OSError as error:
        raise ValueError(str(error)) from error
