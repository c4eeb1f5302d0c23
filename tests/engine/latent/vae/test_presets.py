"""Recipes for the user's images: each training uses both axes and has a high ELBO on test images."""

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from sklearn.datasets import load_digits

from engine.latent.datasets.faces import Faces
from engine.latent.datasets.mnist import Mnist
from engine.latent.datasets.npz import NpzFile
from engine.latent.vae.architectures.convolutional import Convolutional
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli
from engine.latent.vae.networks.likelihood_densities import targets
from engine.latent.vae.presets import recipe_for
from engine.latent.vae.recipe import Jitter
from engine.latent.vae.training.diagnosis import diagnose
from engine.latent.vae.training.elbo import evaluate, health
from engine.latent.vae.training.training import Training

CASES = Path(__file__).resolve().parents[3] / "data" / "cases"
ENOUGH = 0.5  # nats of information on each axis


def blobs(n):
    """Return images of soft spots with random colours and positions."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:16, 0:16]
    away = [(x - a) ** 2 + (y - b) ** 2 for a, b in rng.uniform(4, 12, (n, 2))]
    spots = np.exp(-np.array(away) / 10)[..., None]
    return np.rint(255 * (0.8 * (1 - spots) + spots * rng.uniform(0, 1, (n, 1, 1, 3)))).astype(np.uint8)


@pytest.fixture
def own(tmp_path):
    def make(values, **arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return NpzFile(str(tmp_path / "own.npz"), values=values)

    digits, mnist = load_digits(), Mnist().train()
    return {
        "80 rings and bars": lambda: NpzFile(str(CASES / "i00_plain.npz")),
        "150 of MNIST": lambda: make("white ink on black", x=mnist.pixels[:150]),
        "values 0 to 16": lambda: replace(make("white ink on black", x=digits.images[:200]), stretch=True),
        "60 colours": lambda: make("light", x=blobs(60)),
        "120 greys": lambda: make("light", x=blobs(120)[..., 0]),
    }


def without_z(recipe, train, test):
    """Return the ELBO of the test images under the best model without z, fitted to the training images."""
    x, seen = (targets(recipe.likelihood, torch.tensor(images.pixels)) for images in (test, train))
    p = seen.mean(0).clamp(0.02, 0.98)
    grey = isinstance(recipe.likelihood, ContinuousBernoulli)
    pixels = (torch.distributions.ContinuousBernoulli if grey else torch.distributions.Bernoulli)(probs=p)
    return float(pixels.log_prob(x).sum(1).mean())


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        "80 rings and bars",
        *(
            pytest.param(kind, marks=pytest.mark.proof)
            for kind in ("150 of MNIST", "60 colours", "120 greys", "values 0 to 16")
        ),
    ],
)
def test_own_images_train_well_by_themselves(own, kind):
    recipe = recipe_for(own[kind]())
    train, test = recipe.data.train(), recipe.data.test()
    torch.set_num_threads(1)
    training = Training(recipe, train, test)
    for _ in training:
        pass
    found = health(training.model(), test)
    assert diagnose(found, training.history, training.step, training.steps) == ""
    assert (found.information > ENOUGH).all(), found.information
    held_out = evaluate(training.model(), recipe.likelihood, test, samples=4).total
    assert held_out > without_z(recipe, train, test) + 3
    assert training.steps < 4000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "shape", "values", "architecture", "likelihood", "batch"),
    [
        (2, (28, 28), "white ink on black", Mlp, Bernoulli, 1),
        (60, (28, 28), "white ink on black", Mlp, Bernoulli, 16),
        (1000, (28, 28), "black ink on white", Mlp, Bernoulli, 128),
        (5000, (9, 8), "white ink on black", ResidualMlp, Bernoulli, 256),
        (300, (28, 28), "light", Mlp, ContinuousBernoulli, 32),
        (300, (100, 90, 3), "light", Convolutional, ContinuousBernoulli, 32),
    ],
)
def test_the_number_and_kind_of_images_decide(tmp_path, n, shape, values, architecture, likelihood, batch):
    pixels = 255 * np.random.default_rng(0).integers(0, 2, (n, *shape)).astype(np.uint8)
    np.savez(tmp_path / "x.npz", x=pixels)
    recipe = recipe_for(NpzFile(str(tmp_path / "x.npz"), values=values))
    training = Training(recipe, recipe.data.train())
    assert (type(recipe.architecture), type(recipe.likelihood), recipe.batch) == (architecture, likelihood, batch)
    assert 300 <= training.steps < 6000
    assert (recipe.jitter != Jitter()) == (n < 2000 and values != "light")


@pytest.mark.slow
def test_the_shipped_data_sets_have_recipes_too():
    assert recipe_for(Mnist()).epochs < 30
    assert isinstance(recipe_for(Faces()).likelihood, ContinuousBernoulli)
