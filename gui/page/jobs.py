"""Latest: one worker thread and a waiting line of length one."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from engine.derived import PENDING

BREATH = 0.002  # seconds left to the thread of the screen, which else waits five milliseconds for the interpreter
Job = Callable[[], Any]


@dataclass(frozen=True)
class Failure:
    """Why something went wrong: one sentence for people, and the whole story."""

    reason: str
    details: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """From an exception. A ValueError of ours is a sentence already; anything else says its kind as well."""
        reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        return cls(reason, "".join(traceback.format_exception(error)))


class _Cancelled:
    """What a job that was abandoned ends with."""


class Latest(QObject):
    """Runs jobs one after the other in one thread; a newer job replaces the one that waits, never the one that runs.

    A job is a function. If it returns a generator, each value that this yields is reported by `progressed`, unless it
    is PENDING or the same again, and the value that it returns by `delivered`; it is cancelled at a `yield` once a
    newer job waits. Exactly one of delivered, failed and cancelled ends each job. The next job starts when the last
    result has been taken, so at most one is under way.

    With `patience` (seconds), `submit` lingers so long for a job whose predecessor was that quick: its first result
    then meets the screen in the same paint as what was shown at once, and the two threads do not fight for the
    interpreter meanwhile.
    """

    progressed = Signal(object)
    delivered = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    settled = Signal()
    _posted = Signal()

    def __init__(
        self, name: str, executor: Executor | None = None, parent: QObject | None = None, *, patience: float = 0.0
    ) -> None:
        super().__init__(parent)
        self._patience, self._took, self._started = patience, 0.0, 0.0
        self._reported = threading.Event()  # whether the job has reported anything yet
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: Job | None = None
        self._running = False
        self._closed = False
        self._post: deque[tuple[str, object]] = deque()
        self._posted.connect(self._on_posted)

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self._running and self._waiting is None

    def submit(self, job: Job) -> None:
        """Run `job` as soon as possible, instead of the one that waits."""
        if self._closed:
            return
        if self._running:
            replaced, self._waiting = self._waiting, job
            if replaced is not None:
                self.cancelled.emit()
            return
        self._running = True
        self._reported.clear()
        self._executor.submit(self._work, job)
        if self._took < self._patience:
            self._reported.wait(self._patience)
            self._on_posted()

    def close(self) -> None:
        """Abandon everything and join the thread."""
        if self._closed:
            return
        self._closed, self._waiting = True, None
        self._posted.disconnect(self._on_posted)
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _work(self, job: Job) -> None:
        """In the worker."""
        self._started = time.perf_counter()
        try:
            result = job()
            outcome = self._exhaust(result) if isinstance(result, Generator) else result
        except Exception as error:
            self._report("failed", Failure.of(error))
        else:
            self._report("cancelled" if isinstance(outcome, _Cancelled) else "delivered", outcome)

    def _exhaust(self, results: Generator[Any, None, Any]) -> Any:
        known: object = self
        while True:
            try:
                result = next(results)
            except StopIteration as end:
                return end.value
            if result is not PENDING and result is not known:
                self._report("progressed", result)  # also the last one: a hand that never rests would starve the screen
                time.sleep(BREATH)
            known = result
            if self._waiting is not None or self._closed:
                results.close()
                return _Cancelled()

    def _report(self, event: str, value: object) -> None:
        if not self._reported.is_set():
            self._took = time.perf_counter() - self._started
        if not self._closed and shiboken6.isValid(self):
            self._post.append((event, value))
            self._posted.emit()
        self._reported.set()

    def _on_posted(self) -> None:
        """In the GUI thread, once for each report; what `submit` has taken already is not there any more."""
        if not self._post:
            return
        event, value = self._post.popleft()
        self._running = event == "progressed"
        if event == "cancelled":
            self.cancelled.emit()
        else:
            {"progressed": self.progressed, "delivered": self.delivered, "failed": self.failed}[event].emit(value)
        if not self._running:
            self._next()

    def _next(self) -> None:
        if self._waiting is not None:
            job, self._waiting = self._waiting, None
            self.submit(job)
        else:
            self.settled.emit()
