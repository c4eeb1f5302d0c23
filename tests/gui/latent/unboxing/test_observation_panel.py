"""The panel Observation and its commands, in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.half import Half
from engine.latent.observations.observation import OBSERVATIONS
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.latent.unboxing.observation import APPROXIMATE, NO_NOISE, observe
from engine.part import meaning_of, title_of
from gui.latent.unboxing.latent_space import Likelihood, Posterior, Prior
from gui.latent.unboxing.observation import NEW_NOISE, ObservationPanel
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit, run
from tests.gui.latent.unboxing.conftest import CHOSEN

LEFT = Qt.MouseButton.LeftButton
KINDS = [kind for kind in OBSERVATIONS if kind not in (Full, GreyFromColour)]
BY_TEXT = {title_of(kind): kind() for kind in KINDS} | {"Upper half": Half("top"), "Lower half": Half("bottom")}
COMMANDS = {command.text: command for command in ObservationPanel.commands}


@pytest.fixture
def panel(page):
    return page.view.panel(ObservationPanel)


@pytest.mark.proof
@pytest.mark.parametrize("text", list(BY_TEXT))
def test_each_command_chooses_its_observation_and_is_undone(window, page, panel, text):
    window.menus.action(COMMANDS[text]).trigger()
    assert page.store.document.observation == BY_TEXT[text]
    assert COMMANDS[text].checked(page.store.document)
    assert panel.meaning.text() == meaning_of(type(BY_TEXT[text]))
    window.menus.action(COMMANDS[title_of(Full)]).trigger()
    assert page.store.document.observation == Full()
    assert not COMMANDS[text].checked(page.store.document)
    page.store.stack.undo()
    page.store.stack.undo()
    assert page.store.document == CHOSEN


@pytest.mark.slow
def test_every_kind_of_observation_can_be_chosen_and_has_a_meaning(page, panel):
    editor = panel.form.editors["observation"]
    assert editor.kinds == list(OBSERVATIONS)
    for i, kind in enumerate(OBSERVATIONS):
        editor.combo.setCurrentIndex(i)
        editor.combo.activated.emit(i)
        assert isinstance(page.store.document.observation, kind)
        assert panel.meaning.text().endswith(".")


@pytest.mark.slow
def test_a_value_is_typed_and_an_invalid_one_is_explained(window, page, panel):
    change(window, observe, BlockAverage())
    line = panel.form.editors["observation"].forms[BlockAverage].editors["side"].line
    QTest.keyClicks(line, "\b")
    line.clear()
    QTest.keyClicks(line, "7")
    assert page.store.document.observation == BlockAverage(side=7)
    line.clear()
    QTest.keyClicks(line, "99")
    assert page.store.document.observation.side <= 16
    assert "2 to 16" in panel.form.editors["observation"].forms[BlockAverage].editors["side"].refusal.text()


@pytest.mark.slow
def test_strokes_have_no_field(window, panel):
    change(window, observe, Brushed())
    assert panel.form.editors["observation"].forms[Brushed].editors == {}


@pytest.mark.proof
def test_the_likelihood_is_named(qtbot, window, page, panel):
    change(window, observe, Blur(8.0))
    settle(qtbot, window)
    observation = page.store.document.observation
    likelihood = page.store.document.loaded_model.vae.card.recipe.likelihood
    assert observation.density(likelihood) in panel.density.text()
    assert str(likelihood) in panel.density.text()


@pytest.mark.proof
def test_numbers_from_an_approximate_likelihood_are_marked(qtbot, window, page, panel):
    prior, likelihood, posterior = (page.view.panel(kind) for kind in (Prior, Likelihood, Posterior))
    for observation, marked in ((Blur(8.0), True), (BlockAverage(14), False)):
        edit(window, CHOSEN.with_observation(observation))
        settle(qtbot, window)
        planes = posterior.planes
        assert APPROXIMATE not in prior.caption(planes.prior)
        assert (APPROXIMATE in likelihood.caption(planes.likelihood)) == marked
        assert (APPROXIMATE in posterior.caption(planes.posterior)) == marked
        text = page.view.docks["ELBO decomposition"].titleBarWidget().caption.text()
        assert (APPROXIMATE in text) == marked


@pytest.mark.slow
@pytest.mark.parametrize("kind", [GaussianNoise, SaltAndPepper])
def test_new_noise_is_of_the_same_kind(qtbot, window, page, panel, kind):
    edit(window, CHOSEN.with_observation(kind()))
    assert panel.new.isVisible()
    QTest.mouseClick(panel.new, LEFT)
    observation = page.store.document.observation
    assert isinstance(observation, kind)
    assert observation.seed != kind().seed
    x = np.zeros((28, 28))
    assert not np.array_equal(observation.measure(x).pictures, kind().measure(x).pictures)
    page.store.stack.undo()
    assert page.store.document.observation == kind()


@pytest.mark.slow
def test_there_is_no_noise_in_the_whole_image(window, page, panel):
    assert not panel.new.isVisible()
    run(window, NEW_NOISE)
    assert page.store.document == CHOSEN
    assert window.banner.text.text() == NO_NOISE
