"""The page, which connects one view, one store, one queue of scenes and one queue of probes.

When a viewport is withdrawn while a scene is computed, the job starts again without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.derived import Derived, Scheduler, Wanted
from engine.document import Document
from engine.lecture.ahead import Ahead
from engine.plane import Viewport
from gui.page.jobs import Failure, Latest
from gui.page.store import Store
from gui.page.view import View

PATIENCE = 0.004  # seconds that an edit waits for a scene if the last scene was computed as fast


class Page(QObject):
    """A page of the program: its view, its store and its computations."""

    failed = Signal(object)
    recovered = Signal(object)  # a Failure, when the computation that failed has succeeded or is not needed any more
    settled = Signal()

    def __init__(self, view: View, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.store = Store(document, self)
        self.scenes = Latest("scenes", parent=self, patience=PATIENCE)
        self.probes = Latest("probes", parent=self)
        self._scheduler, self.ahead = Scheduler(), Ahead()
        self._wanted_values: dict[Derived[Any], Viewport] = {}
        self._place: Any = None
        self._failures: dict[QObject, Failure] = {}  # the last one of each line of jobs
        self._is_open = False
        self._is_held = self._is_asked = False
        view.edited.connect(self.store.commit)
        view.viewport_changed.connect(self._on_viewport_changed)
        view.outdated.connect(self._on_outdated)
        view.probed.connect(self._on_probed)
        view.echo(document)
        self.store.changed.connect(self._on_changed)
        self.scenes.progressed.connect(view.draw)
        self.scenes.delivered.connect(view.draw)
        self.probes.delivered.connect(self._on_answered)
        for line in (self.scenes, self.probes):
            line.failed.connect(self._on_failed)
            line.delivered.connect(self._on_delivered)
            line.settled.connect(self._on_settled)

    @property
    def idle(self) -> bool:
        """Whether all requested values have been shown."""
        return self.scenes.idle and self.probes.idle

    @property
    def wanted(self) -> Wanted:
        """The values that the visible panels need, with their viewports."""
        return dict(self._wanted_values)

    def open(self) -> None:
        """Start the computations. The window calls this when the page is first shown."""
        if not self._is_open:
            self._is_open = True
            self._resolve()

    def new_line(self, name: str) -> Latest:
        """A queue for other values of this page, in the thread of the scenes: only that thread may compute them."""
        return Latest(name, self.scenes.executor, parent=self)

    def close(self) -> None:
        """Cancel all computations and join the threads."""
        self.view.leave()
        for line in self.findChildren(Latest):
            if line not in (self.scenes, self.probes):
                line.close()
        self.probes.stop()  # a job of one line may wait for a job of the other
        self.scenes.close()
        self.probes.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Compute once after the block, and after all blocks around it, what several changes in it ask for."""
        around, self._is_held = self._is_held, True
        if not around:
            self._is_asked = False
        try:
            yield
        finally:
            self._is_held = around
        if self._is_asked and not around:
            self._resolve()

    def _resolve(self) -> None:
        self._is_asked = True
        if self._is_open and not self._is_held:
            document, wanted = self.store.document, dict(self._wanted_values)
            self.scenes.submit(partial(self._scheduler.unfold, document, wanted, self.ahead.ready(document, wanted)))

    def _on_changed(self, document: Document) -> None:
        self.view.echo(document)
        self._resolve()
        self._probe()

    def _on_outdated(self) -> None:
        self.ahead.forget()
        self._resolve()
        if self._place is None:
            self._recover(self.probes)
        self._probe()

    def _on_viewport_changed(self, key: Derived[Any], viewport: Viewport | None) -> None:
        if viewport is None:
            if self._wanted_values.pop(key, None) is not None and not self.scenes.idle:
                self._resolve()  # cancel the computation of a value that no panel needs any more
        elif self._wanted_values.get(key) != viewport:
            self._wanted_values[key] = viewport
            self._resolve()

    def _on_probed(self, place: Any) -> None:
        self._place = place
        if place is None:
            self.view.reveal(None)
        self._probe()

    def _probe(self) -> None:
        if self._is_open and self._place is not None:
            self.probes.submit(partial(self._place.answer, self.store.document))

    def _on_answered(self, answer: Any) -> None:
        """Show an answer, unless the cursor has left."""
        if self._place is not None:
            self.view.reveal(answer)

    def _on_delivered(self, _: Any) -> None:
        self._recover(self.sender())

    def _recover(self, line: QObject) -> None:
        if (failure := self._failures.pop(line, None)) is not None:
            self.recovered.emit(failure)

    def _on_failed(self, failure: Failure) -> None:
        self._failures[self.sender()] = failure
        if self.sender() is self.scenes:
            self.view.fail(failure)
        else:  # the panels are right, only the answer is missing
            self.view.reveal(None)
        self.failed.emit(failure)

    def _on_settled(self) -> None:
        if self.idle:
            self.settled.emit()
