"""What a page shows after a computation has failed."""

import pytest

from tests.gui.conftest import settle


class Broken:
    """A probe that cannot be answered."""

    def answer(self, document):
        raise MemoryError


@pytest.mark.slow
def test_a_probe_that_fails_is_reported_and_the_panels_stay(qtbot, open_window, monkeypatch):
    window = open_window()
    settle(qtbot, window)
    emptied, answers = [], []
    monkeypatch.setattr(window.page.view, "fail", emptied.append)
    monkeypatch.setattr(window.page.view, "reveal", answers.append)
    window.page.view.probed.emit(Broken())
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text.text().startswith("The computation has failed")
    assert emptied == []
    assert answers == [None]
    window.page.view.probed.emit(None)
