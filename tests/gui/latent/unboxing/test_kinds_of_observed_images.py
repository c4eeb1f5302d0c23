"""The panel Observed image with every kind of image and of observation."""

import numpy as np
import pytest
import torch

from engine.latent.datasets.faces import Faces
from engine.latent.document import Latent
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.pixel_noise import GaussianNoise
from engine.latent.unboxing.brushing import WIDTHS
from engine.latent.unboxing.observation import observe
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.checkpoint import rounded, save_model
from engine.latent.vae.recipe import Card, Elbo, Recipe
from engine.part import title_of
from gui.latent.unboxing.observation import ObservationPanel
from gui.latent.unboxing.observed_image import ObservedImage
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit, run
from tests.gui.latent.brush import LINE, brush, document, scored, under
from tests.gui.latent.unboxing.conftest import CHOSEN

GREY = next(command for command in ObservationPanel.commands if command.text == title_of(GreyFromColour))


def coloured(folder):
    """Return the path of a small untrained model of coloured images."""
    torch.manual_seed(0)
    form, shape = ResidualMlp(encoder_width=8, bottleneck=4, decoder_width=16, octaves=1), (32, 32, 3)
    recipe = Recipe(data=Faces(look="32×32 colour", held_out=60, training=100), architecture=form)
    networks = rounded(networks_for(form, recipe.likelihood, shape))
    card = Card("coloured", recipe, shape, 1, Elbo(-200.0, 5.0), 60, "none", "nobody", 1.0, "a test")
    save_model(folder / "coloured.safetensors", networks, card)
    return str(folder / "coloured.safetensors")


@pytest.fixture
def panel(page):
    return page.view.panel(ObservedImage)


@pytest.mark.proof
def test_brushing_over_images_of_light(qtbot, window, page, panel):
    edit(window, CHOSEN.with_model("faces"))
    settle(qtbot, window)
    brush(panel)
    settle(qtbot, window)
    assert panel.image.known.shape == (48, 48)
    known = panel.image.known
    expected = np.rint(254 * scored(page))[known]
    assert np.abs(panel.image.seen[known].astype(int) - expected[:, None]).max() <= 1
    inside, unsure = under(LINE, WIDTHS["Medium"], (48, 48))
    np.testing.assert_array_equal(known[~unsure], inside[~unsure])


@pytest.mark.proof
def test_brushing_over_coloured_images_and_observing_their_luma(qtbot, window, page, panel, tmp_path):
    edit(window, CHOSEN.with_model(coloured(tmp_path)))
    settle(qtbot, window)
    brush(panel)
    settle(qtbot, window)
    x, known = scored(page), panel.image.known
    assert known.shape == (32, 32)
    assert np.abs(panel.image.seen[known] - 254 * x[known]).max() <= 1
    run(window, GREY)
    settle(qtbot, window)
    assert isinstance(document(page).observation, GreyFromColour)
    luma = 254 * (x @ np.array([0.299, 0.587, 0.114]))
    assert np.abs(panel.image.seen - luma[..., None]).max() <= 1


@pytest.mark.slow
def test_luma_is_refused_for_grey_images(qtbot, window, page, panel):
    run(window, GREY)
    assert document(page) == CHOSEN
    assert "needs coloured images" in window.banner.text.text()
    edit(window, CHOSEN.with_observation(GreyFromColour()))
    settle(qtbot, window)
    assert "needs coloured images" in panel.notice.text()
    assert panel.notice.isVisible()


@pytest.mark.proof
def test_block_averages_are_shown_as_blocks(qtbot, window, page, panel):
    change(window, observe, BlockAverage())
    settle(qtbot, window)
    assert document(page).observation == BlockAverage()
    blocks = scored(page).reshape(7, 4, 7, 4).mean(axis=(1, 3)).repeat(4, axis=0).repeat(4, axis=1)
    assert np.abs(panel.image.seen - 254 * blocks).max() <= 1
    assert panel.image.known.all()
    assert panel.seen_words.text() == "observed: 49 measured numbers"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (Latent().observation, "784 pixels"),
        (GaussianNoise(), "784 noisy pixels"),
        pytest.param(Blur(), "784 measured numbers", marks=pytest.mark.proof),
    ],
    ids=["whole", "noise", "blur"],
)
def test_the_number_of_measurements_is_written(qtbot, window, page, panel, observation, words):
    edit(window, CHOSEN.with_observation(observation))
    settle(qtbot, window)
    assert panel.seen_words.text() == f"observed: {words}"
