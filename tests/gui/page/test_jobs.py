"""The job queue: one thread, at most one waiting job, and exactly one end for each job."""

import threading
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication

from engine.derived import PENDING
from engine.files import quoted, read_regular
from gui.page.jobs import FAULT, Failure, Latest


@pytest.fixture
def line(qtbot):
    queue = Latest("test")
    yield queue
    queue.close()


@pytest.fixture
def ends(line):
    """How each job ended, in order."""
    seen = []
    line.delivered.connect(lambda result: seen.append(("delivered", result)))
    line.failed.connect(lambda failure: seen.append(("failed", failure.reason)))
    line.cancelled.connect(lambda: seen.append(("cancelled", None)))
    line.progressed.connect(lambda result: seen.append(("progressed", result)))
    return seen


def settle(qtbot, line):
    qtbot.waitUntil(lambda: line.idle)


def test_jobs_run_in_a_worker_and_results_arrive_in_the_gui_thread(qtbot, line):
    arrived = []
    line.delivered.connect(lambda result: arrived.append((result, QThread.currentThread())))
    line.submit(threading.get_ident)
    settle(qtbot, line)
    ((worker, receiver),) = arrived
    assert worker != threading.get_ident()
    assert receiver == QApplication.instance().thread()


def test_a_newer_job_replaces_the_waiting_job_and_not_the_running_job(qtbot, line, ends):
    gate = threading.Event()
    line.submit(lambda: gate.wait(10) and "first")
    for i in range(100):
        line.submit(lambda i=i: i)
    gate.set()
    settle(qtbot, line)
    assert ends == [("cancelled", None)] * 99 + [("delivered", "first"), ("delivered", 99)]


@pytest.mark.slow
def test_every_job_ends_exactly_once(qtbot, line, ends):
    def raises():
        raise ValueError("no")

    jobs = [lambda: 1, raises, lambda: (i for i in ()), lambda: 2] * 20
    for i, job in enumerate(jobs):
        line.submit(job)
        if i % 3 == 0:
            settle(qtbot, line)
    settle(qtbot, line)
    assert len([end for end in ends if end[0] != "progressed"]) == len(jobs)


def test_a_generator_reports_progress_and_delivers_its_return_value(qtbot, line, ends):
    def steps():
        yield 1
        yield 2
        return 3

    with qtbot.waitSignals([line.progressed, line.progressed, line.delivered, line.settled], order="strict"):
        line.submit(steps)
    assert ends == [("progressed", 1), ("progressed", 2), ("delivered", 3)]


def test_the_same_object_twice_in_a_row_is_reported_once(qtbot, line, ends):
    one, other = [1], [1]

    def steps():
        yield from (None, one, one, other, other, one)
        return one

    line.submit(steps)
    settle(qtbot, line)
    assert [event for event, _ in ends] == ["progressed"] * 4 + ["delivered"]
    assert [value for _, value in ends] == [None, one, other, one, one]


def test_a_generator_is_cancelled_at_its_next_yield_if_a_newer_job_waits(qtbot, line, ends):
    closed, gate = [], threading.Event()

    def forever():
        try:
            for i in range(10**9):
                gate.set()
                time.sleep(0.001)
                yield i
        finally:
            closed.append(True)

    line.submit(forever)
    gate.wait(10)
    line.submit(lambda: "newer")
    settle(qtbot, line)
    assert closed == [True]
    assert [end for end in ends if end[0] != "progressed"] == [("cancelled", None), ("delivered", "newer")]


@pytest.mark.parametrize("kind", [ZeroDivisionError, SystemExit, BaseException])
def test_an_exception_becomes_a_sentence_and_the_next_job_runs(qtbot, line, ends, kind):
    def raises():
        raise kind("by nought")

    line.submit(raises)
    line.submit(lambda: "next")
    settle(qtbot, line)
    assert ends == [("failed", FAULT), ("delivered", "next")]


def errors():
    """Calls that fail with the words of a library, and the reasons that the user reads."""
    return {
        lambda: np.linalg.inv(np.zeros((2, 2))): FAULT,  # numpy's error is a ValueError
        lambda: np.zeros(2) + np.zeros(3): FAULT,
        lambda: msgspec.json.decode(b"[1]", type=dict): FAULT,
        lambda: b"\xff".decode(): FAULT,
        lambda: np.empty(2**60): FAULT,
        lambda: np.empty(2**46, np.uint8): "The computation has failed: there is not enough memory.",
        lambda: open("/nowhere/a"): "The computation has failed: it does not exist.",  # noqa: PTH123
        lambda: quoted(5): FAULT,
        lambda: read_regular(Path("/nowhere/a"), 1): "a cannot be read: it does not exist.",
    }


def test_the_reason_of_a_failure_is_a_sentence_and_never_has_the_words_of_a_library():
    for call, reason in errors().items():
        with pytest.raises(Exception) as caught:
            call()
        failure = Failure.of(caught.value)
        assert failure.reason == reason
        assert type(caught.value).__name__ in failure.details


def test_at_most_one_result_is_in_the_event_queue(qtbot, line):
    """A worker that is faster than the GUI thread does not fill the event queue."""
    ran = []

    def job(i):
        ran.append(i)
        return i

    for i in range(50):
        line.submit(lambda i=i: job(i))
        time.sleep(0.001)
    assert len(ran) <= 1
    settle(qtbot, line)
    assert ran[-1] == 49


def test_closing_joins_the_thread(qtbot):
    line = Latest("closing")
    line.submit(lambda: time.sleep(0.05))
    line.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("closing")]
    line.submit(lambda: 1)
    assert not line._executor._threads or line._executor._shutdown


def steps(name, taken):
    """A job that reports at once, and then takes steps for ever, which it counts."""

    def job():
        yield name
        while True:
            taken.append(name)
            time.sleep(0.001)
            yield PENDING

    return job


def test_a_newer_job_begins_at_once_if_the_running_one_rests(qtbot):
    line, ends, taken = Latest("resting", patience=5.0), [], []
    line.progressed.connect(lambda result: ends.append(("progressed", result)))
    line.cancelled.connect(lambda: ends.append(("cancelled", None)))
    line.submit(steps(1, taken))  # waits for the first report, after which the worker rests
    start = time.perf_counter()
    line.submit(steps(2, taken))
    assert ends == [("progressed", 1), ("cancelled", None), ("progressed", 2)]  # without the event loop
    assert time.perf_counter() - start < 4.0 and not taken
    line.stop()
    line.close()


def test_jobs_that_come_fast_let_one_go_on_now_and_then(qtbot, monkeypatch):
    monkeypatch.setattr("gui.page.jobs.STARVING", 0.05)
    line, taken, cancelled = Latest("fast", patience=0.01), [], []
    line.cancelled.connect(lambda: cancelled.append(1))
    end = time.perf_counter() + 1.0
    sent = 0
    while time.perf_counter() < end:
        line.submit(steps(sent, taken))
        sent += 1
        QApplication.processEvents()
    assert 3 <= len(set(taken)) < sent / 4, (taken, sent)
    line.stop()
    line.close()


def test_a_job_that_was_cancelled_in_its_rest_reports_nothing_more(qtbot):
    line, delivered = Latest("dropped", patience=1.0), []
    line.delivered.connect(delivered.append)

    def two_reports():
        yield "first"
        return "last"

    line.submit(two_reports)
    line.submit(lambda: "newer")
    settle(qtbot, line)
    assert delivered == ["newer"]
    line.close()
