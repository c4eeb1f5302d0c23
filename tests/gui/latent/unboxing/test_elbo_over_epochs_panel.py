"""Over epochs through the real window: a moment is one click away, and without a training it says what to do."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.document import Latent, Trained
from engine.latent.inputs.input import FromData
from engine.latent.training.runs import keep_in, moment_path, run_folder
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import save_model
from gui.latent.unboxing.elbo_over_epochs import NOT_TRAINED, OverEpochs
from tests.engine.latent.vae.tiny import tiny
from tests.gui.conftest import settle

STEPS = (0, 40, 90)


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def panel(qtbot, window):
    window.page.view.show_over_epochs()
    settle(qtbot, window)
    return window.page.view.panel(OverEpochs)


@pytest.fixture
def trained(qtbot, window, panel, tmp_path):
    """A document of a run with three moments."""
    keep_in(tmp_path / "runs")
    made = [tiny(Bernoulli(), torch.float, shape=(28, 28), seed=step) for step in STEPS]
    recipe = made[0].card.recipe
    run_folder(recipe).mkdir(parents=True)
    for step, vae in zip(STEPS, made, strict=True):
        save_model(moment_path(recipe, step), vae.networks, vae.card)
    document = Latent(input=FromData(5)).with_trained(Trained(recipe, 90))
    window.page.view.edit("Train", document)
    settle(qtbot, window)
    return document


def test_without_a_training_it_says_what_to_do(panel):
    assert panel.notice.text() == NOT_TRAINED
    assert not panel.levels.isVisible()


def test_every_moment_is_there_and_adds_up(panel, trained):
    assert tuple(panel.found.steps) == STEPS
    assert panel.found.log_evidence == pytest.approx(panel.found.reconstruction - panel.found.kl + panel.found.gap)
    assert np.all(panel.found.gap > -0.02)
    assert not panel.progress.isVisible()


def test_a_click_goes_to_the_nearest_moment(qtbot, window, hand, panel, trained):
    view = panel.levels.shown
    hand(panel.levels).click(47.0, (view.bottom + view.top) / 2)
    settle(qtbot, window)
    assert window.page.store.document == replace(trained, trained=replace(trained.trained, step=40))
    assert panel.levels.now.straight[0, 0] == 40


def test_without_an_image_it_says_what_to_do(qtbot, window, panel, trained):
    window.page.view.clear_subject()
    settle(qtbot, window)
    assert "Gallery" in panel.notice.text()
