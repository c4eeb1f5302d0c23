"""The job queue of a page: one worker thread and at most one waiting job."""

from __future__ import annotations

import sys
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
from engine.files import why
from engine.interruption import set_check

SWITCH = 0.0005  # seconds after which a thread hands over Python's interpreter lock if another one waits; usual: 0.005
BREATH = 0.002  # seconds of rest after a report; without it the GUI thread waits SWITCH for each call from Qt
STARVING = 0.1  # seconds in which each job was cancelled after its first report; then the next one goes on
FAULT = "An error has occurred in the program, and a result may be missing. You can continue to work."
Job = Callable[[], Any]
sys.setswitchinterval(SWITCH)  # a paint of several panels takes the lock dozens of times


@dataclass(frozen=True)
class Failure:
    """A failed computation: one sentence for the user, and the traceback."""

    reason: str
    details: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Build a Failure from an exception. Only a ValueError of this program has a sentence as its message."""
        return cls(_sentence(error), "".join(traceback.format_exception(error)))


def _sentence(error: BaseException) -> str:
    """Return what the user reads about an error: never the words of a library, which are no sentences."""
    text = str(error)
    if isinstance(error, ValueError) and text.endswith((".", "?")) and "`" not in text:
        return text
    if isinstance(error, (OSError, MemoryError)):
        return f"The computation has failed: {why(error)}."
    return FAULT


class _Cancelled:
    """The result of a cancelled job."""


class _Run:
    """A job that has begun."""

    def __init__(self) -> None:
        self.wake: threading.Event | None = None  # ends its rest; there while it rests
        self.is_dropped = False


class Latest(QObject):
    """Runs jobs one after the other in one thread. A newer job replaces the waiting job, never the running job.

    A job is a function. If it returns a generator, `progressed` reports each yielded value, except PENDING and the same
    object twice in a row, and `delivered` reports the returned value. The generator is cancelled at a `yield` if a
    newer job waits. Each job ends with exactly one of `delivered`, `failed` and `cancelled`. The next job starts after
    the GUI thread has taken the last result, so at most one result is in the event queue.

    If the last job reported its first result within `patience` (seconds), `submit` waits up to `patience` for the next
    one. The values shown at once and the computed values then reach the screen in one paint, and the two threads do not
    compete for the interpreter. After a slower job `submit` does not wait.

    After each report the worker rests, while the GUI thread paints. A newer job cancels a job that rests and begins at
    once, so it does not compete with it. If jobs come so fast that none has gone on after its rest for a while, one of
    them takes a step before it is cancelled: otherwise only first results would be seen.
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
        self._reported = threading.Event()  # set after the first report of the present job
        self._run = _Run()
        self._starved_since: float | None = None  # no job has gone on after its first report since then
        self._owns_thread = executor is None
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: Job | None = None
        self._running = False
        self._closed = False
        self._post: deque[tuple[_Run, str, object]] = deque()
        self._posted.connect(self._on_posted)

    @property
    def executor(self) -> Executor:
        """The thread of the jobs, for another line whose jobs must not run beside those of this line."""
        return self._executor

    @property
    def idle(self) -> bool:
        """Whether no job runs or waits."""
        return not self._running and self._waiting is None

    def submit(self, job: Job) -> None:
        """Run `job` as soon as possible. It replaces the waiting job."""
        if self._closed:
            return
        if self._running:
            replaced, self._waiting = self._waiting, job
            if replaced is not None:
                self.cancelled.emit()
            if not self._drop():
                return
            self._waiting = None
            self.cancelled.emit()
        self._running, self._run = True, _Run()
        self._reported.clear()
        self._executor.submit(self._work, job, self._run)
        if self._took < self._patience:
            self._reported.wait(self._patience)
            self._on_posted()

    def _drop(self) -> bool:
        """Cancel the running job if it rests and its report was taken; otherwise it ends at its next `yield`."""
        run = self._run
        if (wake := run.wake) is not None and not self._post and not self._is_starving():
            run.is_dropped = True
            wake.set()
        return run.is_dropped

    def wait(self, seconds: float) -> None:
        """Let the jobs of now end before the GUI thread goes on, but wait at most some seconds."""
        end = time.perf_counter() + seconds
        while not self.idle and (left := end - time.perf_counter()) > 0:
            self._reported.wait(left)
            self._on_posted()

    def stop(self) -> None:
        """Cancel all jobs, without waiting for the running job."""
        if self._closed:
            return
        self._closed, self._waiting = True, None
        if (wake := self._run.wake) is not None:
            wake.set()
        self._posted.disconnect(self._on_posted)

    def close(self, *, wait: bool = True) -> None:
        """Cancel all jobs and end the thread, unless it is the thread of another line; `wait` until it has ended."""
        self.stop()
        if self._owns_thread:
            self._executor.shutdown(wait=wait, cancel_futures=True)

    def _work(self, job: Job, run: _Run) -> None:
        """Run one job in the worker thread."""
        self._started = time.perf_counter()
        set_check(self._is_closed)
        try:
            result = job()
            outcome = self._exhaust(result, run) if isinstance(result, Generator) else result
        except BaseException as error:  # a job that never ends would leave all later ones waiting
            self._report(run, "failed", Failure.of(error))
        else:
            self._report(run, "cancelled" if isinstance(outcome, _Cancelled) else "delivered", outcome)

    def _is_closed(self) -> bool:
        return self._closed

    def _exhaust(self, results: Generator[Any, None, Any], run: _Run) -> Any:
        previous: object = self
        has_rested = False
        while True:
            try:
                result = next(results)
            except StopIteration as end:
                self._starved_since = None
                return end.value
            if has_rested:  # so this was a step after the first report
                self._starved_since = None
            if result is not PENDING and result is not previous:
                self._report(run, "progressed", result)  # even if a newer job waits, so that a drag shows results
                self._rest(run)
                has_rested = True
            previous = result
            is_replaced = self._waiting is not None and not (has_rested and self._is_starving())
            if run.is_dropped or is_replaced or self._closed:
                results.close()
                return _Cancelled()

    def _rest(self, run: _Run) -> None:
        """Leave the interpreter to the GUI thread, which paints the report."""
        is_quick = self._took < self._patience
        run.wake = threading.Event()
        run.wake.wait(max(BREATH, self._patience) if is_quick else BREATH)
        run.wake = None

    def _is_starving(self) -> bool:
        """Whether no job has gone on after its first report for a while. It begins now if it has not begun."""
        now = time.perf_counter()
        self._starved_since = self._starved_since or now
        return now - self._starved_since > STARVING

    def _report(self, run: _Run, event: str, value: object) -> None:
        if run.is_dropped:
            return
        if not self._reported.is_set():
            self._took = time.perf_counter() - self._started
        if not self._closed and shiboken6.isValid(self):
            self._post.append((run, event, value))
            self._posted.emit()
        self._reported.set()

    def _on_posted(self) -> None:
        """Emit the next report in the GUI thread. No report is left if `submit` has emitted it already."""
        if not self._post:
            return
        run, event, value = self._post.popleft()
        if run.is_dropped:
            return
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
