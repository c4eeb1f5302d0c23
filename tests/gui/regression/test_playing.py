"""Playing: one more observation at every tick of the timer, until the end or until another edit."""

import pytest
from msgspec.structs import replace

from engine.lecture import steps
from gui.page.stepper import PLAY, Stepper
from gui.plots.plot import Plot
from gui.regression.truth_and_data import DRAW_ONE
from tests.gui.acting import commit, run
from tests.gui.conftest import settle

LINE = replace(steps()[3].document, step=0)


@pytest.fixture
def view(qtbot, window):
    commit(window, "Line", LINE)
    settle(qtbot, window)
    return window.page.view


def player(view):
    return view.controller(Stepper).player


def beat(view):
    player(view).timeout.emit()


def icon(window):
    return window.menus.action(PLAY).icon().pixmap(24).toImage()


@pytest.mark.slow
def test_it_takes_one_more_at_every_beat_and_stops_at_the_end(qtbot, window, view):
    page, count, idle = window.page, window.page.store.stack.count(), icon(window)
    run(window, "Play")
    assert page.store.document.step == 1
    assert icon(window) != idle
    assert window.menus.action(PLAY).text() == "Pause"
    for n in range(2, 20):
        beat(view)
        assert (page.store.document.step, player(view).isActive()) == (n, True)
    beat(view)
    assert (page.store.document.step, player(view).isActive()) == (20, False)
    assert icon(window) == idle
    assert page.store.stack.count() == count + 1
    page.store.stack.undo()
    assert page.store.document == LINE


@pytest.mark.slow
def test_at_the_end_it_starts_again(window, view):
    run(window, "Last")
    run(window, "Play")
    assert window.page.store.document.step == 0
    beat(view)
    assert window.page.store.document.step == 1
    assert player(view).isActive()


@pytest.mark.slow
def test_a_second_trigger_pauses_and_a_third_resumes(window, view):
    action = window.menus.action(PLAY)
    action.trigger()
    beat(view)
    action.trigger()
    assert not player(view).isActive()
    assert (window.page.store.document.step, action.text()) == (2, "Play")
    action.trigger()
    assert window.page.store.document.step == 3


@pytest.mark.slow
@pytest.mark.parametrize("text", [DRAW_ONE.text, "Back", "Clear", "Remove the latest observation"])
def test_any_edit_stops_it(window, view, text):
    run(window, "Play")
    beat(view)
    run(window, text)
    assert not player(view).isActive()


@pytest.mark.slow
def test_undo_stops_it(window, view):
    run(window, "Play")
    window.page.store.stack.undo()
    assert not player(view).isActive()


@pytest.mark.slow
def test_leaving_the_page_stops_it(window, view):
    run(window, "Play")
    window.show_page("latent")
    assert not player(view).isActive()
    assert window.menus.action(PLAY).text() == "Play"


@pytest.mark.slow
def test_other_panels_and_zooming_do_not_stop_it(qtbot, window, view):
    run(window, "Play")
    view.docks["Ledger"].raise_()
    for plot in view.findChildren(Plot):
        plot.fit()
    settle(qtbot, window)
    assert player(view).isActive()


@pytest.mark.slow
def test_playing_skips_observations_that_are_left_out(window, view):
    commit(window, "Leave out", LINE.leave_out(1).leave_out(19))
    run(window, "Play")
    beat(view)
    assert window.page.store.document.step == 3
    for _ in range(17):
        beat(view)
    assert (window.page.store.document.step, player(view).isActive()) == (20, False)


@pytest.mark.slow
def test_there_is_nothing_to_play_without_observations(window, view):
    run(window, "Clear")
    assert not window.menus.action(PLAY).isEnabled()
