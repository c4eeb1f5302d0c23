"""The shipped models: the statements on their cards are true."""

import argparse
import re
import shlex

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.vae import load_model
from engine.latent.vae.cli.command import _recipe, arguments
from engine.latent.vae.training.elbo import evaluate
from engine.resources import RESOURCES

IMAGES = 2000


@pytest.fixture(scope="module")
def vae():
    return load_model(Latent().model)


every_file = pytest.mark.parametrize("file", sorted((RESOURCES / "models").glob("*")), ids=lambda file: file.stem)


@every_file
def test_the_file_is_small(file):
    assert file.suffix == ".safetensors"
    assert file.stat().st_size <= 12e6


def test_all_files_together_are_small():
    assert sum(file.stat().st_size for file in (RESOURCES / "models").glob("*")) < 40e6


@every_file
def test_the_command_in_the_documentation_has_the_recipe_of_the_card(file):
    text = (RESOURCES.parent / "docs" / "models.md").read_text(encoding="utf-8").replace("\\\n", " ")
    (command,) = re.findall(rf"^    python main.py train (.*--out resources/models/{file.name}.*)$", text, re.MULTILINE)
    parser = argparse.ArgumentParser()
    arguments(parser)
    assert _recipe(parser.parse_intermixed_args(shlex.split(command))) == load_model(file.stem).card.recipe


@pytest.mark.proof
@every_file
def test_what_a_card_says_was_measured_is_measured_again(file):
    """The ELBO is measured on the loaded file with the draws and seed of the card; large sets use fewer draws."""
    vae = load_model(file.stem)
    card, test = vae.card, vae.card.recipe.data.test()
    assert card.test_images == len(test)
    assert card.epochs == card.recipe.epochs
    assert card.shape == test.pixels.shape[1:]
    assert card.test_elbo.total == card.test_elbo.reconstruction - card.test_elbo.kl
    how = {"samples": card.test_samples, "seed": card.test_seed} if len(test) <= IMAGES else {"samples": 2}
    measured = evaluate(vae.networks, card.recipe.likelihood, test, **how)
    assert measured.total == pytest.approx(card.test_elbo.total, rel=1e-6 if len(test) <= IMAGES else 1e-3)


@pytest.mark.slow
def test_the_faces_axes_know_both_factors():
    """Smile and rotation can be predicted from z, by the neighbouring latents and not by a single axis."""
    vae, test = load_model("faces"), load_model("faces").card.recipe.data.test()
    mean, _ = vae.encode(test.pixels / np.float32(255))
    apart = np.hypot(*(mean[:, None] - mean[None]).T)
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1)[:, :5]
    for factor in test.factors.T:
        assert np.corrcoef(factor, factor[near].mean(axis=1))[0, 1] > 0.8


def test_the_card_says_how_good_it_is_and_how_it_was_made(vae):
    card = vae.card
    assert card.test_elbo.total > -126
    assert "CC BY-SA 3.0" in card.licence
    assert "LeCun" in card.attribution


@pytest.mark.slow
def test_the_elbo_of_the_card_is_that_of_the_file(vae):
    """The ELBO is computed from the model's outputs alone, for some images, and agrees within its standard error."""
    grey = Mnist().test().pixels[:: 10_000 // IMAGES]
    mean, deviation = vae.encode(grey / np.float32(255))
    z = mean + deviation * np.random.default_rng(0).standard_normal(mean.shape)
    with torch.inference_mode():
        logits = vae.networks.decoder(torch.tensor(z, dtype=torch.float32)).double()
    x = torch.tensor(grey.reshape(IMAGES, -1) > 127.5).double()
    fit = (x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)).sum(1).numpy()
    kl = 0.5 * np.sum(mean**2 + deviation**2 - 1 - 2 * np.log(deviation), axis=1)
    error = np.std(fit - kl) / np.sqrt(IMAGES)
    assert np.mean(fit - kl) == pytest.approx(vae.card.test_elbo.total, abs=4 * error)
    assert np.mean(kl) == pytest.approx(vae.card.test_elbo.kl, abs=0.2)


def test_the_decoder_draws_what_it_was_shown(vae):
    """The reconstruction of each digit has a far higher likelihood than the average image."""
    test = Mnist().test()
    x = test.pixels[:500] > 127.5
    mean, _ = vae.encode(test.pixels[:500] / np.float32(255))
    drawn = np.clip(vae.decode(mean), 1e-6, 1 - 1e-6)
    blank = np.clip((Mnist().train().pixels[:2000] > 127.5).mean(axis=0), 1e-6, 1 - 1e-6)
    fits = [np.where(x, np.log(p), np.log1p(-p)).sum((1, 2)).mean() for p in (drawn, blank)]
    assert fits[0] > fits[1] + 70
