"""The shipped models of faces: their axes are the factors, and an attribute edit changes what its name says."""

import numpy as np
import pytest
from msgspec.structs import replace
from sklearn.linear_model import Ridge

from engine.latent.model import Embedding
from engine.latent.model_source import model_path
from engine.latent.plane.attribute_arithmetic import attributes, factors_at, matched
from engine.latent.training.models import read_card
from engine.latent.training.weight_of_the_kl import without_beta
from engine.latent.vae import load_model

BETAS = {"faces-6": 1, "faces-6-beta-2": 2, "faces-6-beta-4": 4, "faces-6-beta-16": 16}
EDITED = 200  # held-out faces
FRESH = 1500  # faces for the regression of factors on pixels


@pytest.mark.slow
def test_smile_and_turn_lie_on_the_axes():
    vae = load_model("smile-turn")
    test = vae.card.recipe.data.test()
    assert (len(test), test.factor_names) == (2000, ("smile", "head turn"))
    mean, _ = vae.encode(test.pixels / np.float32(255))
    correlation = np.corrcoef(mean.T, test.factors.T)[:2, 2:]
    assert np.all(np.diag(correlation) >= 0.95), correlation  # to the right: smile; upwards: turned right
    assert np.abs(correlation[[0, 1], [1, 0]]).max() <= 0.15, correlation


@pytest.mark.slow
def test_each_of_four_factors_has_a_latent_of_its_own():
    vae = load_model("faces-6")
    test = vae.card.recipe.data.test()
    mean, _ = vae.encode(test.pixels / np.float32(255))
    correlation = np.abs(np.corrcoef(mean.T, test.factors.T)[:6, 6:])
    assert test.factor_names == ("smile", "head turn", "glasses", "hair tone")
    assert correlation[:4].argmax(axis=0).tolist() == [2, 3, 0, 1] and np.all(correlation[:4].max(axis=0) > 0.7)


def test_a_larger_weight_of_the_kl_has_a_smaller_kl_and_reconstructs_worse():
    cards = [read_card(model_path(name)) for name in BETAS]
    recipes = [card.recipe for card in cards]
    assert [recipe.beta for recipe in recipes] == [*BETAS.values()]
    assert {without_beta(recipe) for recipe in recipes} == {recipes[0]}
    elbo = np.array([(card.test_elbo.kl, card.test_elbo.reconstruction) for card in cards])
    assert np.all(np.diff(elbo, axis=0) < 0)


@pytest.fixture(scope="module")
def colour():
    """The model of faces in colour, its encoded test images, and a regression of factors on pixels of fresh faces."""
    vae = load_model("colour-faces")
    data = vae.card.recipe.data
    test = data.test()
    mean, deviation = vae.encode(test.pixels / np.float32(255))
    embedding = Embedding(mean, deviation, test.labels, test.classes, test.factors, test.factor_names)
    fresh = replace(data, seed=77, training=FRESH, held_out=EDITED)
    train = fresh.train()
    told = Ridge(15.0).fit(train.pixels.reshape(FRESH, -1) / 255, train.factors)
    held = fresh.test()
    predicted = told.predict(held.pixels.reshape(EDITED, -1) / 255)
    assert np.all(1 - (predicted - held.factors).var(0) / held.factors.var(0) > 0.98)
    return vae, embedding, held, lambda images: told.predict(images.reshape(len(images), -1))


GLASSES = ("no glasses", "glasses")
SMILE = ("smile below its median", "smile above its median")
HAIR = ("hair tone below its median", "hair tone above its median")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "end", "keep"),
    [
        (*GLASSES[::-1], False),
        (*GLASSES[::-1], True),
        (*GLASSES, True),
        (*SMILE, False),
        (*SMILE, True),
        (*HAIR, True),
    ],
)
def test_an_edit_changes_its_factor_and_keeps_the_others(colour, start, end, keep):
    """At strength 1 the factor goes at least 80 % of the way; the others change by at most 15 % of their range.

    The edit from smile to no smile is not in the list: it goes 65 % of the way, as docs/models.md says.
    """
    vae, embedding, held, told = colour
    named = {attribute.name: attribute for attribute in attributes(embedding)}
    sides = before, after = named[start], named[end]
    factor = before.factor
    others = tuple(i for i in range(3) if i != factor)
    values = embedding.factors[:, factor]
    way = values[after.which].mean() - values[before.which].mean()
    middle = np.median(values) if "median" in start else 0.5
    chosen = held.pixels[(held.factors[:, factor] > middle) == (way < 0)] / np.float32(255)
    base, _ = vae.encode(chosen)
    means = [[side.mean for side in sides]] * len(base)
    if keep:
        means = [[matched(embedding, side, factors_at(embedding, z), others).mean for side in sides] for z in base]
    edited = base + np.diff(means, axis=1)[:, 0]
    change = told(vae.decode(edited)) - told(vae.decode(base))
    assert change[:, factor].mean() / way >= 0.8
    for other in others:
        assert np.abs(change[:, other]).mean() <= 0.15 * np.ptp(embedding.factors[:, other])
