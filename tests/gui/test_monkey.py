"""Events at random: whatever is clicked, dragged, pressed or chosen, no error comes, and the window does not hang."""

import time

import pytest
from PySide6.QtWidgets import QWidget

from engine.latent.training.process import TrainingProcess
from engine.saving.own_models import open_work, save
from gui.pages import TITLES
from gui.shell import theme
from tests.gui.conftest import settle
from tests.gui.monkey import Monkey
from tests.proof.sizes import size

FEWER = {  # draws, nodes and images: the events matter here, and not the numbers
    "unboxing.estimating_ln_p_x.POOL": 2**11,
    "training.exact_evidence.NODES": 40,
    "training.exact_evidence.IMAGES": 50,
    "gan.scores.SCORED": 200,
}
LONGEST = 1.0  # seconds of computing in the GUI thread for one event
ENOUGH = 60.0  # seconds in which what can end has ended, or has begun at least
RESTING = 6.0  # seconds after each batch of a training, so that it leaves the time of the processor to the events


@pytest.fixture
def monkey_in(open_window, monkeypatch):
    for name, number in FEWER.items():
        monkeypatch.setattr(f"engine.latent.{name}", number)
    go = TrainingProcess.go
    monkeypatch.setattr(TrainingProcess, "go", lambda training, rest=0.0: go(training, max(rest, RESTING)))
    yield lambda tab, seed: Monkey(open_window(tab), seed)
    theme.apply("light", 1.0)


def rest(qtbot, window):
    """Wait until everything has been shown, or for a minute: the evidence of a model in training goes on and on."""
    end = time.monotonic() + ENOUGH
    qtbot.waitUntil(lambda: window.page.idle or time.monotonic() > end, timeout=600_000)


@pytest.mark.slow
def test_a_hundred_events(qtbot, monkey_in):
    monkey = monkey_in("regression", 1)
    monkey.play(100)
    settle(qtbot, monkey.window, 600)
    assert monkey.slowest < LONGEST, monkey.slowest_event


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(20))
def test_thousands_of_events(qtbot, monkey_in, seed):
    monkey = monkey_in(list(TITLES)[seed % len(TITLES)], seed)
    monkey.play(size("EVENTS"))
    rest(qtbot, monkey.window)
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
    rest(qtbot, window)
    assert monkey.slowest < LONGEST, monkey.slowest_event


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(2, 12))])
def test_documents_come_back_by_undo_and_by_file(qtbot, monkey_in, tmp_path, seed):
    """Commands at random change both documents. Undo of all is the start; save and open is the identity."""
    monkey = monkey_in("regression", seed)
    window = monkey.window
    window.stack.build_all()
    stores = [page.store for page in window.pages.values()]
    start = [store.document for store in stores]
    edits = [owned for owned in window.menus.commands if owned.command.edit is not None]
    for n in range(300):
        if n >= 60 and all(store.document != first for store, first in zip(stores, start, strict=True)):
            break
        owned = monkey.random.choice(edits)
        monkey.measure("command", lambda owned=owned: monkey.run(owned))
        if monkey.random.random() < 0.2:
            monkey.measure("undo", monkey.undo)
    last = [store.document for store in stores]
    assert all(before != after for before, after in zip(start, last, strict=True))
    save(tmp_path / "work.bayescape", window.session.work)
    opened = {type(document): document for document in open_work(tmp_path / "work.bayescape").documents}
    assert [opened[type(document)] for document in last] == last
    qtbot.waitUntil(lambda: window.page.idle, timeout=600_000)
    assert window.page.view.scene.document is window.page.store.document
    indices = [store.stack.index() for store in stores]  # some steps may be undone already
    for store in stores:
        store.stack.setIndex(0)
    assert [store.document for store in stores] == start
    for store, index in zip(stores, indices, strict=True):
        store.stack.setIndex(index)
    assert [store.document for store in stores] == last
