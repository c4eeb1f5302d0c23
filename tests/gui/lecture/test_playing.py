"""Playing a lecture: the next step is computed ahead, and stepping through the lecture leaves nothing behind."""

import gc
import threading

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.lecture.lecture import Lecture
from engine.regression.probes import ObservationPlace
from gui.regression.weight_space import Posterior
from tests.bench import lecture as bench
from tests.gui.lecture.pressing import FEW, WHOLE, step, wait


def wait_ahead(window):
    """Wait until the present step is shown and the next one is computed."""
    wait(window)
    for _ in range(1000):
        if window.lecture.player.ahead.idle and window.page.idle:
            return
        QTest.qWait(10)


def test_the_next_step_is_shown_with_what_was_computed_ahead(window):
    player = window.lecture.player
    player.find("line-1")
    window.lecture.desk.predict.reveal()
    wait_ahead(window)
    player.find("line-0")
    wait_ahead(window)
    page = window.page
    document = player.course.upcoming(page.store.document)[1].document
    wanted = player.ahead._views[page.view.name, player.course.lecture.step("line-1").show]  # seen just before
    ready = dict(page.ahead.ready(document, wanted))
    assert ready.keys() == wanted.keys()
    player.forward()
    wait(window)
    assert step(window) == "line-1"
    assert all(page.view.scene.get(key) is ready[key] for key in ready)


def test_it_is_given_up_while_something_else_is_computed_and_when_the_lecture_ends(window):
    player, page = window.lecture.player, window.page
    wait_ahead(window)
    assert not player.ahead._is_given_up()
    hold = threading.Event()
    page.scenes.submit(lambda: page.view.scene if hold.wait(10) else None)
    assert player.ahead._is_given_up()
    hold.set()
    wait_ahead(window)
    assert not player.ahead._is_given_up()
    player.leave()
    player.ahead.begin()
    assert player.ahead.idle


def test_a_step_shows_no_mark_of_the_probe_and_the_selection_of_the_step_before(window):
    view, readout = window.page.view, window.status.readout
    panel = view.panel(Posterior)
    panel.probed.emit(panel.place_at(0.1, 0.2))
    view.select(ObservationPlace(0))
    panel.probed.emit(panel.place_at(0.1, 0.2))
    wait(window)
    assert readout.text() and view.selection is not None and len(panel.plot.here.places)
    window.lecture.player.find("line-1")
    wait(window)
    assert not readout.text() and view.selection is None and not len(panel.plot.here.places)
    view.select(ObservationPlace(0))
    window.lecture.player.leave()
    assert view.selection is None


def left(window, passes):
    """Widgets and threads that some passes leave."""
    before = bench.counts()
    for _ in range(passes):
        bench.quick_pass(window)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return len(QApplication.allWidgets()) - before[0], threading.active_count() - before[1]


@pytest.mark.slow
def test_stepping_through_leaves_nothing_behind(window):
    window.lecture.open(Lecture(WHOLE.head, tuple(map(WHOLE.step, ("line-0", "line-1", "sinusoid-1")))))
    bench.quick_pass(window)
    assert left(window, 2) == (0, 0)


def test_a_step_shows_its_region_and_the_user_finds_the_own_viewport_again(window):
    player = window.lecture.player
    player.leave()
    wait(window)
    plot = window.page.view.panel(Posterior).plot
    plot.zoom(0.5)
    before = plot.shown
    window.lecture.open(FEW, at="line-20")
    wait(window)
    left, right, bottom, top = WHOLE.step("line-20").look["weights"]
    shown = plot.shown
    assert shown.left <= left + 1e-9 and right - 1e-9 <= shown.right
    assert shown.bottom <= bottom + 1e-9 and top - 1e-9 <= shown.top
    spare = (right - left) / (shown.right - shown.left), (top - bottom) / (shown.top - shown.bottom)
    assert max(spare) == pytest.approx(1)  # as large as the plot allows
    player.leave()
    wait(window)
    after = plot.shown
    assert (after.left, after.top) == pytest.approx((before.left, before.top))
