"""Events at random: whatever is clicked, dragged, pressed or chosen, no error comes, and the window does not hang."""

import pytest
from PySide6.QtWidgets import QWidget

from gui.pages import TITLES
from gui.shell import theme
from tests.gui.conftest import settle
from tests.gui.monkey import Monkey

LONGEST = 1.0  # seconds of computing in the GUI thread for one event


@pytest.fixture
def monkey_in(open_window, monkeypatch):
    monkeypatch.setattr("engine.latent.unboxing.estimating_ln_p_x.POOL", 2**11)  # fewer draws take less time
    yield lambda tab, seed: Monkey(open_window(tab), seed)
    theme.apply("light", 1.0)


@pytest.mark.slow
def test_a_hundred_events(qtbot, monkey_in):
    monkey = monkey_in("regression", 1)
    monkey.play(100)
    settle(qtbot, monkey.window)
    assert monkey.slowest < LONGEST, monkey.slowest_event


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(20))
def test_five_thousand_events(qtbot, monkey_in, seed):
    monkey = monkey_in(list(TITLES)[seed % len(TITLES)], seed)
    monkey.play(5000)
    settle(qtbot, monkey.window)
    assert monkey.slowest < LONGEST, monkey.slowest_event


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("tab", TITLES)
def test_each_command_and_each_widget_once(qtbot, monkey_in, tab):
    monkey = monkey_in(tab, 0)
    window = monkey.window
    for owned in list(window.menus.commands):
        if not owned.command.text.startswith(("Quit", "Close", "Full screen")):
            monkey.measure("command", lambda owned=owned: monkey.run(owned))
    window.stack.bring(tab)
    for kind in window.page.view.kinds:
        if kind.place_in(window.page.view.arrangement) is not None:
            panel = window.page.view.bring(kind)
            for widget in panel.findChildren(QWidget):
                monkey.measure("click", lambda widget=widget: monkey.click_on(widget))
    settle(qtbot, window)
    assert monkey.slowest < LONGEST, monkey.slowest_event
