"""The panel ELBO over epochs in the real window: its values, opening a checkpoint by a click, and its empty states."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, FromData
from engine.latent.model_source import Trained
from engine.latent.training.folders import keep_in
from engine.latent.training.runs import checkpoint_path, run_folder
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import save_model
from gui.latent.unboxing.elbo_over_epochs import NOT_TRAINED, ElboOverEpochs
from tests.engine.latent.vae.tiny import tiny
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit

STEPS = (0, 40, 90)


@pytest.fixture
def window(open_window):
    return open_window("unboxing")


@pytest.fixture
def panel(qtbot, window):
    panel = window.page.view.bring(ElboOverEpochs)
    settle(qtbot, window)
    return panel


@pytest.fixture
def trained(qtbot, window, panel, tmp_path):
    """Return a document whose model is the last of three checkpoints of a run."""
    keep_in(tmp_path / "runs")
    models = [tiny(Bernoulli(), torch.float, shape=(28, 28), seed=step) for step in STEPS]
    recipe = models[0].card.recipe
    run_folder(recipe).mkdir(parents=True)
    for step, vae in zip(STEPS, models, strict=True):
        save_model(checkpoint_path(recipe, step), vae.networks, vae.card)
    document = Latent(input=FromData(5)).with_model(Trained(recipe, 90))
    edit(window, document)
    settle(qtbot, window)
    return document


@pytest.mark.slow
def test_the_empty_state_without_a_training(panel):
    assert panel.notice.text() == NOT_TRAINED
    assert not panel.levels.isVisible()


@pytest.mark.proof
def test_the_values_of_every_checkpoint_add_up(panel, trained):
    assert tuple(panel.epochs.steps) == STEPS
    assert panel.epochs.log_evidence == pytest.approx(panel.epochs.reconstruction - panel.epochs.kl + panel.epochs.gap)
    assert np.all(panel.epochs.gap > -0.02)
    assert not panel.progress.isVisible()


@pytest.mark.proof
def test_a_click_opens_the_nearest_checkpoint(qtbot, window, hand, panel, trained):
    view = panel.levels.shown
    hand(panel.levels).click(47.0, (view.bottom + view.top) / 2)
    settle(qtbot, window)
    assert window.page.store.document == trained.with_model(replace(trained.trained, step=40))
    assert panel.levels.now.straight[0, 0] == 40


@pytest.mark.proof
def test_the_empty_state_without_an_image(qtbot, window, panel, trained):
    change(window, Latent.with_input, Blank())
    settle(qtbot, window)
    assert panel.notice.text() == NO_IMAGE
