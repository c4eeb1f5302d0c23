"""The panel Observation, and the commands that look at the image in other ways, through the real window."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.observations.observation import OBSERVATIONS
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.part import meaning_of
from gui.latent.unboxing.observation import ObservationPanel
from tests.gui.conftest import settle

LEFT = Qt.MouseButton.LeftButton
CHOSEN = Latent().with_input(FromData(7))
LOOKS = {
    "look_brushed": Brushed(),
    "look_upper": Half("top"),
    "look_lower": Half("bottom"),
    "look_blocks": BlockAverage(),
    "look_blurred": Blur(),
    "look_noisy": GaussianNoise(),
    "look_peppered": SaltAndPepper(),
}


@pytest.fixture
def window(qtbot, open_window):
    window = open_window("unboxing")
    window.page.view.edit("Choose image", CHOSEN)
    settle(qtbot, window)
    return window


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def panel(page):
    return page.view.panel(ObservationPanel)


@pytest.mark.parametrize("verb", list(LOOKS))
def test_each_command_looks_as_it_says_and_is_undone(window, page, panel, verb):
    window.actions_made.action(verb, "latent").trigger()
    assert page.store.document.observation == LOOKS[verb]
    assert panel.meaning.text() == meaning_of(type(LOOKS[verb]))
    window.actions_made.action("look_whole", "latent").trigger()
    assert page.store.document.observation == Full()
    page.store.stack.undo()
    page.store.stack.undo()
    assert page.store.document == CHOSEN


def test_every_way_to_look_can_be_chosen_and_says_what_it_means(page, panel):
    editor = panel.form.editors["observation"]
    assert editor.kinds == list(OBSERVATIONS)
    for i, kind in enumerate(OBSERVATIONS):
        editor.combo.setCurrentIndex(i)
        editor.combo.activated.emit(i)
        assert isinstance(page.store.document.observation, kind)
        assert panel.meaning.text().endswith(".")


def test_a_value_is_typed_and_a_bad_one_is_explained(page, panel):
    page.view.look_blocks()
    line = panel.form.editors["observation"].forms[BlockAverage].editors["side"].line
    QTest.keyClicks(line, "\b")
    line.clear()
    QTest.keyClicks(line, "7")
    assert page.store.document.observation == BlockAverage(side=7)
    line.clear()
    QTest.keyClicks(line, "99")
    assert page.store.document.observation.side <= 16
    assert "2 to 16" in panel.form.editors["observation"].forms[BlockAverage].editors["side"].refusal.text()


def test_strokes_are_no_field_to_type_in(page, panel):
    page.view.look_brushed()
    assert panel.form.editors["observation"].forms[Brushed].editors == {}


def test_the_density_that_is_used_is_named(qtbot, window, page, panel):
    page.view.look_blurred()
    settle(qtbot, window)
    observation = page.store.document.observation
    likelihood = page.store.document.manifold.vae.card.recipe.likelihood
    assert observation.density(likelihood) in panel.density.text()
    assert str(likelihood) in panel.density.text()


@pytest.mark.parametrize("kind", [GaussianNoise, SaltAndPepper])
def test_fresh_noise_is_of_the_same_kind(qtbot, window, page, panel, kind):
    page.view.edit("Noise", CHOSEN.with_observation(kind()))
    assert panel.fresh.isVisible()
    QTest.mouseClick(panel.fresh, LEFT)
    observation = page.store.document.observation
    assert isinstance(observation, kind)
    assert observation.seed != kind().seed
    x = np.zeros((28, 28))
    assert not np.array_equal(observation.measure(x).pictures, kind().measure(x).pictures)
    page.store.stack.undo()
    assert page.store.document.observation == kind()


def test_there_is_no_noise_in_the_whole_image(window, page, panel):
    assert not panel.fresh.isVisible()
    page.view.fresh_noise()
    assert page.store.document == CHOSEN
    assert "no noise" in window.banner.text.text()
