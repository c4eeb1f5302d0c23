"""The page: wires one view, one store and their two lines of work together."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.derived import Derived, Scheduler
from engine.document import Document
from engine.plane import Viewport
from gui.page.jobs import Failure, Latest
from gui.page.store import Store
from gui.page.view import View

PATIENCE = 0.004  # seconds that an edit lingers for a scene that is that quick to compute


class Page(QObject):
    """One page of the program; the same class for each."""

    failed = Signal(object)
    settled = Signal()

    def __init__(self, view: View, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.store = Store(document, self)
        self.scenes = Latest("scenes", parent=self, patience=PATIENCE)
        self.probes = Latest("probes", parent=self)
        self._scheduler = Scheduler()
        self._wanted_values: dict[Derived[Any], Viewport] = {}
        self._place: Any = None
        self._wanted = False
        view.edited.connect(self.store.commit)
        view.viewport_changed.connect(self._on_viewport_changed)
        view.outdated.connect(self._resolve)
        view.probed.connect(self._on_probed)
        view.echo(document)
        self.store.changed.connect(self._on_changed)
        self.scenes.progressed.connect(view.draw)
        self.scenes.delivered.connect(view.draw)
        self.probes.delivered.connect(self._on_answered)
        for line in (self.scenes, self.probes):
            line.failed.connect(self._on_failed)
            line.settled.connect(self._on_settled)

    @property
    def idle(self) -> bool:
        """Whether everything asked for has been shown."""
        return self.scenes.idle and self.probes.idle

    def open(self) -> None:
        """Start to resolve: called when the page is first seen."""
        if not self._wanted:
            self._wanted = True
            self._resolve()

    def close(self) -> None:
        """Abandon all work and join the threads."""
        self.view.leave()
        self.scenes.close()
        self.probes.close()

    def _resolve(self) -> None:
        if self._wanted:
            self.scenes.submit(partial(self._scheduler.unfold, self.store.document, dict(self._wanted_values)))

    def _on_changed(self, document: Document) -> None:
        self.view.echo(document)
        self._resolve()
        self._probe()

    def _on_viewport_changed(self, key: Derived[Any], viewport: Viewport | None) -> None:
        if viewport is None:
            if self._wanted_values.pop(key, None) is not None and not self.scenes.idle:
                self._resolve()  # a value that no panel wants any more is not finished
        elif self._wanted_values.get(key) != viewport:
            self._wanted_values[key] = viewport
            self._resolve()

    def _on_probed(self, place: Any) -> None:
        self._place = place
        if place is None:
            self.view.reveal(None)
        self._probe()

    def _probe(self) -> None:
        if self._wanted and self._place is not None:
            self.probes.submit(partial(self._place.answer, self.store.document))

    def _on_answered(self, answer: Any) -> None:
        """An answer that comes after the cursor has left is not shown."""
        if self._place is not None:
            self.view.reveal(answer)

    def _on_failed(self, failure: Failure) -> None:
        self.view.fail(failure)
        self.failed.emit(failure)

    def _on_settled(self) -> None:
        if self.idle:
            self.settled.emit()
