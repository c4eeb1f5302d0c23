"""Playing: one observation more at every beat, until the end, or until somebody does something else."""

import pytest
from msgspec.structs import replace

from engine.lecture import steps
from tests.gui.conftest import settle

LINE = replace(steps()[3].document, step=0)


@pytest.fixture
def view(qtbot, window):
    window.page.view.edit("Line", LINE)
    settle(qtbot, window)
    return window.page.view


def beat(view):
    view.player.timeout.emit()


def icon(window):
    return window.actions_made.action("play").icon().pixmap(24).toImage()


def test_it_takes_one_more_at_every_beat_and_stops_at_the_end(qtbot, window, view):
    page, count, idle = window.page, window.page.store.stack.count(), icon(window)
    view.play()
    assert page.store.document.step == 1
    assert icon(window) != idle
    assert window.actions_made.action("play").text() == "Pause"
    for n in range(2, 20):
        beat(view)
        assert (page.store.document.step, view.player.isActive()) == (n, True)
    beat(view)
    assert (page.store.document.step, view.player.isActive()) == (20, False)
    assert icon(window) == idle
    assert page.store.stack.count() == count + 1
    page.store.stack.undo()
    assert page.store.document == LINE


def test_at_the_end_it_starts_again(window, view):
    view.step_last()
    view.play()
    assert window.page.store.document.step == 0
    beat(view)
    assert window.page.store.document.step == 1
    assert view.player.isActive()


def test_pressed_again_it_pauses_and_goes_on_from_there(window, view):
    action = window.actions_made.action("play")
    action.trigger()
    beat(view)
    action.trigger()
    assert not view.player.isActive()
    assert (window.page.store.document.step, action.text()) == (2, "Play")
    action.trigger()
    assert window.page.store.document.step == 3


@pytest.mark.parametrize("verb", ["draw_one", "step_back", "clear", "remove_latest"])
def test_any_edit_stops_it(view, verb):
    view.play()
    beat(view)
    getattr(view, verb)()
    assert not view.player.isActive()


def test_undo_stops_it(window, view):
    view.play()
    window.page.store.stack.undo()
    assert not view.player.isActive()


def test_leaving_the_page_stops_it(window, view):
    view.play()
    window.show_latent()
    assert not view.player.isActive()
    assert window.actions_made.action("play").text() == "Play"


def test_looking_about_does_not_stop_it(qtbot, window, view):
    view.play()
    view.docks["Ledger"].raise_()
    window.fit()
    settle(qtbot, window)
    assert view.player.isActive()


def test_it_goes_past_what_is_left_out(window, view):
    view.edit("Leave out", LINE.leave_out(1).leave_out(19))
    view.play()
    beat(view)
    assert window.page.store.document.step == 3
    for _ in range(17):
        beat(view)
    assert (window.page.store.document.step, view.player.isActive()) == (20, False)


def test_there_is_nothing_to_play_without_observations(window, view):
    view.clear()
    assert not window.actions_made.action("play").isEnabled()
