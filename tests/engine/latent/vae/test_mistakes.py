"""Common mistakes: the code on the screen computes the numbers beside it, and a mistake is trained as it says."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from msgspec.structs import replace
from torch.distributions import ContinuousBernoulli as Density

from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.training.common_mistakes import Terms, mistake_of, with_mistake, without_mistake
from engine.latent.training.runs import run_folder
from engine.latent.training.training import TrainingSettings
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, GreyBernoulli
from engine.latent.vae.mistakes import GREY, MISTAKES, kl_factor
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.elbo import kl_with_sigma
from engine.latent.vae.training.mistaken_losses import terms
from engine.latent.vae.training.training import Training
from tests.engine.latent.vae.tiny import FORM, SHAPE, tiny

N = 40
PIXELS = np.random.default_rng(5).integers(0, 256, (N, *SHAPE), np.uint8)
IMAGES = Images(PIXELS, np.zeros(N, np.uint8), ("x",))
BY_NAME = {mistake.name: mistake for mistake in MISTAKES}


def carried_out(line, **names):
    """Return the value of the name that one line of code assigns."""
    names |= {"bce": F.binary_cross_entropy, "sigmoid": torch.sigmoid, "ContinuousBernoulli": Density, "n": N}
    exec(line, names)
    return names[line.split(" = ")[0]]


def measured(likelihood):
    """Return the terms of a small model, and the tensors that the code on the screen uses."""
    networks = tiny(likelihood).networks
    x = torch.tensor(PIXELS).flatten(1) / 255
    if isinstance(likelihood, Bernoulli):
        x = (torch.tensor(PIXELS).flatten(1) > 127.5).float()
    with torch.inference_mode():
        mu, log_var = networks.encoder(x)
        noise = torch.randn(mu.shape, generator=torch.Generator().manual_seed(0))
        a = networks.decoder(mu + torch.exp(log_var / 2) * noise)
    found = Terms(*terms(networks, IMAGES), pixels=12, images=N)
    return found, {"x": x, "mu": mu, "log_var": log_var, "log_sigma": log_var / 2, "a": a, "p": torch.sigmoid(a)}


@pytest.mark.parametrize("name", ["mean over pixels, sum of KL", "mean over pixels and latents"])
def test_a_mean_over_pixels_prints_this(name):
    found, names = measured(Bernoulli())
    kl = carried_out(BY_NAME["σ instead of σ²"].right, **names)
    assert carried_out(BY_NAME[name].right, kl=kl, **names) == pytest.approx(found.loss, rel=1e-5)
    assert carried_out(BY_NAME[name].wrong, kl=kl, **names) == pytest.approx(found.printed(name), rel=1e-5)


@pytest.mark.parametrize("name", ["no ½ in the KL", "σ instead of σ²"])
def test_a_wrong_kl_prints_this(name):
    found, names = measured(ContinuousBernoulli())
    right, wrong = (carried_out(line, **names).sum(1).mean() for line in (BY_NAME[name].right, BY_NAME[name].wrong))
    assert right == pytest.approx(found.kl, rel=1e-5)
    assert found.fit + wrong == pytest.approx(found.printed(name), rel=1e-5)


def test_grey_values_in_the_bernoulli_formula_print_this():
    found, names = measured(ContinuousBernoulli())
    assert carried_out(BY_NAME[GREY].right, **names).mean() == pytest.approx(found.fit, rel=1e-4)
    found, names = measured(GreyBernoulli())
    assert carried_out(BY_NAME[GREY].wrong, **names).mean() + found.kl == pytest.approx(found.printed(GREY), rel=1e-5)
    x = np.clip(PIXELS.reshape(N, -1) / 255, 1e-12, 1 - 1e-12)
    least = -(x * np.log(x) + (1 - x) * np.log(1 - x)).sum(1).mean()
    assert found.least_bce == pytest.approx(least, rel=1e-5)
    assert found.bce > least


def test_the_term_with_sigma_at_numbers():
    """By hand, for μ = (½, 0) and σ = (½, 2): ½ (¼ + ½ − 1 − ln ½) + ½ (2 − 1 − ln 2)."""
    found = kl_with_sigma(torch.tensor([[0.5, 0.0]]), 2 * torch.log(torch.tensor([[0.5, 2.0]])))
    assert float(found) == pytest.approx(0.5 * (-0.25 + math.log(2)) + 0.5 * (1 - math.log(2)))


def trained(**changed):
    recipe = Recipe(architecture=FORM, epochs=2, batch=10, precision="float32", seed=4, **changed)
    training = Training(recipe, IMAGES)
    for _ in training:
        pass
    return torch.cat([weight.flatten() for weight in training.averaged.parameters()])


@pytest.mark.parametrize(("name", "factor"), list(zip(BY_NAME, (12, 6, 2), strict=False)))
def test_the_first_three_mistakes_are_another_weight_of_the_kl(name, factor):
    assert kl_factor(name, 12) == factor
    assert torch.equal(trained(mistake=name), trained(beta=factor))


def test_the_mistake_with_sigma_trains_other_weights_and_a_narrower_q():
    assert not torch.equal(trained(mistake="σ instead of σ²"), trained())


@pytest.mark.parametrize("name", BY_NAME)
def test_a_mistake_is_put_into_the_recipe_and_taken_out(name):
    with_it = with_mistake(Latent(), name)
    recipe = with_it[TrainingSettings].recipe
    assert mistake_of(recipe) == name
    assert run_folder(recipe) != run_folder(Recipe())
    without = without_mistake(with_it)[TrainingSettings].recipe
    assert mistake_of(without) == "none"
    assert without == replace(Recipe(), likelihood=ContinuousBernoulli() if name == GREY else Bernoulli())


def test_a_mistake_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="Invalid enum value"):
        with_mistake(Latent(), "no mistake")


def test_recipes_of_earlier_versions_have_no_mistake_and_their_folder():
    assert Recipe().mistake == "none"
    assert run_folder(Recipe()).name == run_folder(Recipe(mistake="none", kl_start=0.0)).name


def test_the_weight_of_the_kl_falls_from_its_start():
    recipe = Recipe(kl_start=30.0, kl_warm_up=10.0, beta=2.0)
    assert [recipe.kl_weight(epochs) for epochs in (0, 5, 10, 20)] == [30, 16, 2, 2]
    assert Recipe(kl_warm_up=4.0).kl_weight(1) == 0.25
