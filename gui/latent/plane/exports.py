"""Exports: saves images, animations and models to files that the user chooses, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from gui.figures.files import filters
from gui.latent.plane.export_requests import CancelExport, Colours, Export, Making
from gui.page.controller import Controller
from gui.page.jobs import Failure, Latest
from gui.shell import theme
from gui.shell.export import write_file
from gui.widgets.file_dialogs import choose_to_save


class Exporter(Controller):
    """Opens a file dialog for each request and writes the file; a new request replaces the running one.

    The attribute `progress` of the panel that sent the request, if it has one, shows the progress.
    """

    title = "Exports"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.progress: Any = None
        self.line = Latest("export", parent=self)
        self.line.progressed.connect(self._on_progressed)
        self.line.delivered.connect(self._on_delivered)
        self.line.failed.connect(self._on_failed)
        self.line.cancelled.connect(self._on_cancelled)

    def accepts(self, request: Any) -> bool:
        return isinstance(request, Export | CancelExport)

    def take(self, request: Any, panel: Any) -> None:
        if isinstance(request, CancelExport):
            self.cancel()
        elif (path := self._ask(request)) is not None:
            self._tell("", None)  # clears the progress of the export that this one replaces
            self.progress = getattr(panel, "progress", None)
            self.line.submit(partial(_written, path, partial(request.make, path.suffix.lower(), table())))
            self._tell(f"Writing {path.name}", 0.0)

    def _ask(self, export: Export) -> Path | None:
        """Return the path that the user chooses; None if the dialog was cancelled."""
        proposed = export.name + next(iter(export.kinds))
        return choose_to_save(self.view, export.purpose, export.title, proposed, filters(export.kinds))

    def cancel(self) -> None:
        """Cancel the export that is running, if any."""
        if not self.line.idle:
            self.line.submit(_nothing)

    def close(self) -> None:
        self.line.close()

    def _tell(self, words: str, fraction: float | None) -> None:
        if self.progress is not None:
            self.progress.tell(words, fraction)

    def _on_progressed(self, progress: tuple[str, float]) -> None:
        name, fraction = progress
        self._tell(f"Writing {name}", fraction)

    def _on_delivered(self, name: str | None) -> None:
        self._tell(f"{name} was saved." if name else "", None)

    def _on_failed(self, failure: Failure) -> None:
        self._tell("", None)
        self.refused.emit(failure.reason)

    def _on_cancelled(self) -> None:
        self._tell("", None)


def table() -> Colours:
    """Return the colour (256, 3), 0–255, in which each value of ink is shown under the present theme."""
    packed = np.array(theme.ink_map(), np.uint32)[:, None]
    return (packed >> np.array([16, 8, 0], np.uint32) & 255).astype(np.uint8)


def _written(path: Path, making: Callable[[], Making]) -> Generator[tuple[str, float], None, str]:
    """Yield the name of the file and the fraction done, and write the file, in the worker thread.

    Raises ValueError if the file cannot be written.
    """
    for item in making():
        if isinstance(item, bytes):
            try:
                write_file(path, item)
            except OSError as error:
                raise ValueError(str(error)) from error
        else:
            yield path.name, item
    return path.name


def _nothing() -> None:
    """Do nothing: the job that replaces a cancelled one."""
