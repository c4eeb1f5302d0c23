"""Exports: images, animations and models are written to files of the user's choice in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.latent.plane.export_requests import CancelExport, Colours, Export, Making
from gui.page.controller import Controller
from gui.page.jobs import Failure, Latest
from gui.shell import theme
from gui.shell.export import write_file


class Exporter(Controller):
    """Asks for a file and writes what is made for it; a newer request replaces the one under way.

    Progress is shown by the `progress` of the panel that made the request, if it has one.
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
            self._tell("", None)  # of the export that this one replaces
            self.progress = getattr(panel, "progress", None)
            self.line.submit(partial(_written, path, partial(request.make, path.suffix.lower(), table())))
            self._tell(f"Writing {path.name}", 0.0)

    def _ask(self, export: Export) -> Path | None:
        """Ask for a file with an ending of these kinds. None if there is none."""
        offered = ";;".join(f"{words} (*{suffix})" for suffix, words in export.kinds.items())
        proposed = export.name + next(iter(export.kinds))
        chosen, _ = QFileDialog.getSaveFileName(self.view, export.title, proposed, offered)
        if chosen and Path(chosen).suffix.lower() not in export.kinds:
            one_of = " or ".join(export.kinds)
            self.refused.emit(f"{Path(chosen).name} was not written: its name must end in {one_of}.")
            return None
        return Path(chosen) if chosen else None

    def cancel(self) -> None:
        """Abandon the file that is being prepared."""
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
        self._tell(f"{name} is written." if name else "", None)

    def _on_failed(self, failure: Failure) -> None:
        self._tell("", None)
        self.refused.emit(failure.reason)

    def _on_cancelled(self) -> None:
        self._tell("", None)


def table() -> Colours:
    """The colours (256, 3) in which ink is shown now, 0–255."""
    packed = np.array(theme.ink_map(), np.uint32)[:, None]
    return (packed >> np.array([16, 8, 0], np.uint32) & 255).astype(np.uint8)


def _written(path: Path, making: Callable[[], Making]) -> Generator[tuple[str, float], None, str]:
    """In the worker: write the file, and yield its name and the fraction that is done. Raises ValueError."""
    for made in making():
        if isinstance(made, bytes):
            try:
                write_file(path, made)
            except OSError as error:
                raise ValueError(str(error)) from error
        else:
            yield path.name, made
    return path.name


def _nothing() -> None:
    """The job that replaces a cancelled one."""
