"""The panel Translation in the real window: from no pairs to a turned plane, by its buttons and its slider."""

import pytest

from engine.latent.observations.half import Half
from engine.latent.unboxing.translation import NO_PAIRS, NOT_LEFT, TranslationSettings
from gui.latent.unboxing.translation import Translation
from tests.gui.conftest import settle


@pytest.mark.slow
def test_the_panel_leads_to_pairs_and_the_slider_turns_the_plane_of_b(qtbot, open_window):
    window = open_window("unboxing")
    page = window.page
    panel = page.view.bring(Translation)
    settle(qtbot, window)
    assert panel.notice.text() == NO_PAIRS
    panel.notice.button.click()
    settle(qtbot, window)
    assert page.store.document.model == "pairs"
    page.view.bring(Translation)
    settle(qtbot, window)
    assert panel.notice.text() == NOT_LEFT
    panel.notice.button.click()
    settle(qtbot, window)
    page.view.bring(Translation)
    settle(qtbot, window)
    document = page.store.document
    assert (document.observation, document.step) == (Half("left"), 1)
    assert not panel.notice.text()
    straight, above = panel.numbers.text(), panel.samples.above
    below = panel.samples.below
    panel.slider.setValue(90)
    panel.slider.setValue(120)
    settle(qtbot, window)
    assert page.store.document[TranslationSettings].angle == 120
    assert panel.form.editors["angle"].line.text() == "120"
    assert (panel.samples.above == above).all()
    assert (panel.samples.below != below).any()
    a, b = panel.numbers.text().split(" at every angle")
    assert a == straight.split(" at every angle")[0]
    assert b != straight.split(" at every angle")[1]
    page.store.stack.undo()  # both moves of the slider
    assert page.store.document[TranslationSettings].angle == 0
