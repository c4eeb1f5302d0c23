"""Tables: import of observations from files and the clipboard, and export of columns to files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.derived import Scene
from engine.files import why
from engine.regression import export
from engine.regression.data.observations import Observations
from engine.regression.data.reading.file_kinds import KINDS
from engine.regression.data_space import DataSpaceSettings
from gui.page.commands import Command, Key
from gui.page.controller import Controller
from gui.page.jobs import Failure, Latest
from gui.page.store import Edit
from gui.shell.export import write_file
from gui.widgets.file_dialogs import choose_to_open, choose_to_save

if TYPE_CHECKING:
    from engine.regression.data.reading.table_layout import Text
    from gui.importing.table_dialog import ImportDialog

WRITTEN = {".csv": "Table with commas", ".tsv": "Table with tabs", ".txt": "Text with tabs"}
NOTHING = "There is nothing to export: the page has no {} yet."


class Tables(Controller):
    """The controller of imports (with a dialog to choose the columns) and of exports of the page's data."""

    title = "Tables"
    opens = "table"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.scene: Scene | None = None
        self.dialog: ImportDialog | None = None
        self.files = Latest("export", parent=self)
        self.files.failed.connect(self._on_failed)

    def draw(self, scene: Scene) -> None:
        self.scene = scene

    # Import

    def import_observations(self) -> None:
        """Open a file dialog, and show the import dialog for the chosen file."""
        if path := choose_to_open(self.view, "table", "Import observations", KINDS):
            self.take_file(path)

    def paste_observations(self) -> None:
        """Show the import dialog for the text on the clipboard. Raises ValueError if there is no text."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            raise ValueError("The clipboard contains no text. Copy two columns of numbers first.")
        from engine.regression.data.reading.sources import Pasted  # imported here, because it delays the start

        self._show_dialog(Pasted(text))

    def take_file(self, path: Path) -> None:
        """Show the import dialog for a file."""
        from engine.regression.data.reading.sources import TextFile

        self._show_dialog(TextFile(path))

    def _show_dialog(self, source: Text) -> None:
        """Show the import dialog, or the reason why the text is not a table."""
        from engine.regression.data.reading.table_layout import sniffed
        from gui.importing.table_dialog import ImportDialog

        try:
            layout = sniffed(source)
        except (OSError, ValueError) as error:
            reason = str(error) if isinstance(error, ValueError) else f"It cannot be read: {why(error)}."
            self.refused.emit(f"{source.name} was not imported. {reason}")
            return
        self._close_dialog()
        self.dialog = dialog = ImportDialog(self.view, source, layout, present=len(self.document.observations))
        dialog.agreed.connect(self._on_agreed)
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _on_agreed(self, observations: Observations, adding: bool) -> None:
        assert self.dialog is not None
        imported = self.document.imported(observations, adding=adding, names=self.dialog.names)
        self.edited.emit(Edit("Import observations", imported))

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _on_finished(self) -> None:
        self.dialog = None

    # Export

    def export_observations(self) -> None:
        """Write the observations to a file."""
        self._export("observations", export.observations, len(self.document.observations))

    def export_ledger(self) -> None:
        """Write the rows of the ledger to a file."""
        self._export("ledger", export.ledger_rows, self.document.step)

    def export_predictive_curve(self) -> None:
        """Write the mean and its standard deviations to a file."""
        self._export("predictive curve", export.predictive_curve, 1)

    def export_samples(self) -> None:
        """Write the sample lines to a file."""
        self._export("samples", export.samples, self.document[DataSpaceSettings].samples)

    def _export(self, name: str, columns: Callable[[Scene], export.Columns], count: int) -> None:
        """Open a file dialog, and write the columns to the chosen file. Raises ValueError if `count` is 0."""
        if self.scene is None or not count:
            raise ValueError(NOTHING.format(name))
        from gui.figures.files import filters

        if path := choose_to_save(self.view, "table", f"Export {name}", f"{name}.csv", filters(WRITTEN)):
            self.files.submit(partial(_write, path, columns, self.scene))

    def _on_failed(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)

    def close(self) -> None:
        """Close the dialog without an import, and finish the exports that are running."""
        self._close_dialog()
        self.files.close()

    commands = (
        Command("Import observations…", "File", run=import_observations, keys="Ctrl+I", line=True,
                tip="Read observations from a table in a file"),
        Command("Paste observations…", "Edit", run=paste_observations, keys=Key.Paste, line=True,
                tip="Read observations from a table on the clipboard"),
        Command("Observations…", "File/Export", run=export_observations, tip="Write the observations as a table"),
        Command("Ledger…", "File/Export", run=export_ledger, tip="Write the rows of the ledger as a table"),
        Command("Predictive curve…", "File/Export", run=export_predictive_curve,
                tip="Write the predictive mean and its standard deviations as a table"),
        Command("Samples…", "File/Export", run=export_samples, tip="Write the sample lines as a table"),
    )  # fmt: skip


def _write(path: Path, columns: Callable[[Scene], export.Columns], scene: Scene) -> None:
    """Write the columns of a scene to a file, in the worker thread. Raises ValueError with a sentence."""
    from engine.regression.data.reading.table import written

    try:
        text = written(columns(scene))
        write_file(path, (text if path.suffix.lower() == ".csv" else text.replace(",", "\t")).encode())
    except OSError as error:
        raise ValueError(str(error)) from error
