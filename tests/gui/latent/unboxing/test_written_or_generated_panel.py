"""The panel Written or generated: marks by mouse and keyboard, the answer, and “Neither!”."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.latent.unboxing.written_or_generated import WrittenOrGeneratedSettings
from gui.latent.unboxing.written_or_generated import ANSWER, WrittenOrGenerated
from gui.page.store import Edit
from tests.gui.conftest import settle
from tests.gui.latent.acting import run


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.mark.slow
def test_images_are_marked_and_the_answer_is_shown(qtbot, window):
    panel, store = window.page.view.bring(WrittenOrGenerated), window.page.store
    settle(qtbot, window)
    rows = panel.rows
    qtbot.mouseClick(rows, Qt.MouseButton.LeftButton, pos=rows.square(2, 0).center())
    rows.setFocus()
    qtbot.keyClick(rows, Qt.Key.Key_Right)
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    votes = store.document[WrittenOrGeneratedSettings].votes
    assert 2 in votes
    assert [i for i, words in enumerate(rows.words) if words[1]] == [*votes]
    run(window, ANSWER)
    settle(qtbot, window)
    right = sum((i in votes) == truth for i, truth in enumerate(panel.quiz.written))
    assert panel.words.text() == f"3 of 8 were written by a person. {right} of 8 marks are right."
    assert len(rows.rows) == 2
    np.testing.assert_array_equal(rows.marked, panel.quiz.written)
    store.stack.undo()
    settle(qtbot, window)
    assert len(rows.rows) == 1
    store.commit(replace_in(store.document, written=0, answered=True))
    settle(qtbot, window)
    assert panel.words.text().startswith("Neither! All 8 images were generated.")


def replace_in(document, **changes):
    """The edit that changes the settings of the quiz."""
    chosen = replace(document[WrittenOrGeneratedSettings], **changes)
    return Edit("Change", document.with_setting(chosen))
