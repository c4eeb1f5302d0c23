"""The training uses the loss and the learning rate of its recipe."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.latent.vae.networks.likelihood_densities import targets
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.training import Training
from tests.engine.latent.vae import bars

SMALL = replace(bars.SMALL, precision="float32", kl_warm_up=0.0)
PER_EPOCH = 12  # batches of 50 in 600 images


def gradient(recipe, step=0):
    """Return the gradient of the loss of a new training at a step, by the names of the weights."""
    torch.set_num_threads(1)
    training = Training(recipe, recipe.data.train())
    training.step = step
    x = targets(recipe.likelihood, torch.tensor(training.images.pixels[: recipe.batch]))
    training._learn(x, torch.zeros(len(x), dtype=torch.int64))
    return {name: weight.grad.double() for name, weight in training.networks.named_parameters()}


def difference(one, other):
    return {name: one[name] - other[name] for name in one}


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.25, 7.0])
def test_beta_is_the_weight_of_the_kl(beta):
    without, once, often = (gradient(replace(SMALL, beta=value)) for value in (0.0, 1.0, beta))
    kl = difference(once, without)
    assert max(part.abs().max() for part in kl.values()) > 1e-4
    for name, change in difference(often, without).items():
        torch.testing.assert_close(change, beta * kl[name], rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "weight"), [(0, 0.0), (6, 1.0), (18, 3.0), (24, 4.0), (30, 4.0)])
def test_beta_rises_evenly_over_the_warm_up_and_stays(step, weight):
    """The weight of the KL rises from 0 to 4 over two epochs."""
    warming = replace(SMALL, beta=4.0, kl_warm_up=2.0)
    assert warming.kl_weight(step / PER_EPOCH) == pytest.approx(weight)
    found, expected = gradient(warming, step), gradient(replace(SMALL, beta=weight), step)
    for name, part in found.items():
        torch.testing.assert_close(part, expected[name], rtol=1e-4, atol=1e-7)


def test_without_further_words_the_loss_is_minus_the_elbo():
    assert [Recipe().kl_weight(epochs) for epochs in (0.0, 0.5, 20.0)] == [1.0] * 3


@pytest.mark.parametrize(("objective", "learns"), [("AE", False), ("VAE", True)])
def test_an_autoencoder_learns_nothing_of_a_variance(objective, learns):
    """Without noise and KL, the loss does not depend on the log variance, the encoder's last two outputs."""
    out = gradient(replace(SMALL, objective=objective, beta=3.0))["encoder.out.weight"]
    assert out[:2].abs().max() > 0
    assert bool(out[2:].any()) is learns


@pytest.mark.slow
def test_an_autoencoder_begins_with_the_same_weights_and_sees_the_same_batches():
    networks = [Training(recipe, recipe.data.train()) for recipe in (SMALL, SMALL.autoencoder())]
    one, other = (training.networks.state_dict() for training in networks)
    assert all(torch.equal(one[name], other[name]) for name in one)
    for training in networks:
        next(iter(training))
    assert torch.equal(networks[0].order, networks[1].order)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schedule", "share"),
    [
        ("cosine", lambda done: (1 + np.cos(np.pi * done)) / 2),
        ("linear", lambda done: 1 - done),
        ("constant", np.ones_like),
    ],
)
def test_the_learning_rate_rises_first_and_falls_as_the_schedule_says(schedule, share):
    """The learning rate rises from 0 over the first tenth of the 24 steps, which are two steps."""
    recipe = replace(SMALL, schedule=schedule, epochs=2)
    training = Training(recipe, recipe.data.train())
    rates = [training.optimiser.param_groups[0]["lr"] for _ in training]
    rise = np.array([0.5] + [1.0] * 23)
    np.testing.assert_allclose(rates, recipe.learning_rate * rise * share(np.arange(24) / 24), rtol=1e-12)


def test_the_exact_evidence_has_no_weight_of_the_kl_and_half_as_many_nodes_at_first():
    exact = replace(SMALL, objective="exact evidence", beta=3.0, kl_warm_up=2.0, grid=40)
    assert [exact.kl_weight(epochs) for epochs in (0.0, 1.0, 6.0)] == [1.0] * 3
    assert [exact.nodes(epochs) for epochs in (0.0, 3.0, 6.0)] == [20, 30, 40]
    assert replace(SMALL, grid=40).on_exact_evidence() == replace(exact, beta=1.0, kl_warm_up=0.0)
