"""Garbage is collected in the GUI thread alone: a widget that is destroyed in another thread crashes the program."""

import gc
import threading
import weakref

import pytest

from gui.garbage import Garbage


class Cycle:
    """An object that only the collection of garbage frees, as it frees a panel without a parent."""

    def __init__(self, threads):
        self.own = self
        weakref.finalize(self, lambda: threads.append(threading.current_thread()))


@pytest.fixture
def garbage():
    gc.enable()  # as in the program before it starts
    collector = Garbage()
    yield collector
    collector.end()
    gc.disable()  # as in all tests of widgets


def make_cycles(n=20_000):
    """Make so many objects that Python would collect garbage several times."""
    for _ in range(n):
        each = []
        each.append(each)


def test_a_cycle_of_the_gui_thread_is_freed_in_it_and_not_in_a_busy_worker(qtbot, garbage):
    threads = []
    Cycle(threads)
    worker = threading.Thread(target=make_cycles)
    worker.start()
    worker.join()
    assert threads == []
    qtbot.waitUntil(lambda: bool(threads), timeout=3000)
    assert threads == [threading.main_thread()]


def test_afterwards_python_collects_by_itself_again(garbage):
    threads = []
    garbage.end()
    Cycle(threads)
    worker = threading.Thread(target=make_cycles)
    worker.start()
    worker.join()
    assert threads == [worker]
