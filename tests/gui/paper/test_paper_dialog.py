"""The dialogs for paper in the real window: the work goes on beside it, and can be cancelled."""

import pytest
from PySide6.QtWidgets import QFileDialog

from gui.paper.choices import BookChoices, kept
from gui.paper.dialog import PaperDialog
from tests.gui.acting import commit
from tests.gui.conftest import action
from tests.gui.paper.reading import page_sizes


def opened(window, text):
    """The dialog that a command opens."""
    action(window, text).trigger()
    return next(dialog for dialog in window.findChildren(PaperDialog) if dialog.isVisible())


def choose(monkeypatch, path):
    """Let the user choose a file."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


@pytest.mark.slow
def test_a_figure_of_ones_own_data_is_saved_while_the_window_lives(qtbot, monkeypatch, window, settings, tmp_path):
    before = window.page.store.document
    dialog = opened(window, "The book's figures…")
    assert dialog.words.text().endswith(
        "Figure 3.7 needs observations, and the page Regression has none. The figure shows the data of the lecture."
    )
    commit(window, "Draw", before.with_drawn_points(5))
    dialog.form.editors["size"].changed.emit("column, 84 mm", object())
    assert dialog.words.text().endswith("Bright is high, on a scale of each plane.")
    assert kept(settings, BookChoices).size == "column, 84 mm"
    choose(monkeypatch, tmp_path / "own.pdf")
    dialog.choose_file()
    assert not dialog.save.isEnabled()
    qtbot.waitUntil(dialog.save.isEnabled, timeout=30_000)
    assert dialog.words.text() == "own.pdf was saved."
    ((wide, _),) = page_sizes((tmp_path / "own.pdf").read_bytes())
    assert wide == pytest.approx(84, abs=0.1)
    assert window.page.store.document == before.with_drawn_points(5)  # the work has changed nothing


@pytest.mark.slow
def test_a_handout_is_cancelled_without_a_file(qtbot, monkeypatch, window, tmp_path):
    dialog = opened(window, "Handout of the lecture…")
    assert dialog.steps.itemText(1) == "Short lecture"
    choose(monkeypatch, tmp_path / "all.pdf")
    dialog.choose_file()
    qtbot.waitUntil(lambda: dialog.progress.isVisible(), timeout=30_000)
    dialog.progress.cancel.click()
    assert dialog.words.text() == "Cancelled. No file was written."
    assert dialog.save.isEnabled()
    choose(monkeypatch, tmp_path / "all.docx")
    dialog.choose_file()
    assert dialog.words.text() == "all.docx was not written: its name must end in .pdf."
    dialog.reject()
    assert not list(tmp_path.glob("all.*"))
