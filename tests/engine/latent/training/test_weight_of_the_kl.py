"""Weight of the KL: the models of one recipe with different β are found, in order, with what their files say."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.latent.document import Latent
from engine.latent.model_source import model_path
from engine.latent.training import weight_of_the_kl
from engine.latent.training.models import Entry, read_card
from engine.latent.training.training import TrainingSettings
from engine.latent.training.weight_of_the_kl import NOT_LISTED, measured, trade_of, trades, with_larger_beta, with_row
from engine.latent.vae import load_model
from engine.latent.vae.recipe import Elbo

CARD = read_card(model_path("mnist-8"))
OPEN = Entry("shipped", "mnist-8", str(model_path("mnist-8")), CARD)


def entry(name, **changed):
    """Another model whose recipe has changed fields."""
    card = replace(CARD, recipe=replace(CARD.recipe, **changed), test_elbo=Elbo(-90.0, 6.0))
    return Entry("kept", name, f"/{name}.safetensors", card)


@pytest.fixture
def listed(monkeypatch):
    found = [
        entry("large", beta=8.0),
        OPEN,
        entry("small", beta=0.5, origin="0a"),
        entry("no", seed=9, beta=2.0),
    ]
    monkeypatch.setattr(weight_of_the_kl, "entries", lambda: found)
    return found


def test_the_models_that_differ_in_beta_only_are_in_the_order_of_beta(listed):
    found = next(trades(Latent(model="mnist-8")))
    assert [(row.entry.name, row.beta) for row in found.rows] == [("small", 0.5), ("mnist-8", 1.0), ("large", 8.0)]
    assert found.chosen == 1 and (found.rows[2].reconstruction, found.rows[2].kl) == (-90.0, 6.0)
    assert found.rows[1].unused is None and found.rows[1].gap is None
    elsewhere = next(trades(Latent(model="/elsewhere.safetensors")))
    assert elsewhere.rows == () and elsewhere.chosen == -1


def test_another_row_opens_its_model_and_keeps_the_plane(listed):
    found = next(trades(Latent(model="mnist-8")))
    document = Latent(model="mnist-8").with_slice(Latent().slice.of_latents(3, 5))
    opened = with_row(document, found.rows[2])
    assert opened.model == "/large.safetensors" and opened.slice == document.slice


def test_the_next_training_has_four_times_the_weight(listed):
    changed = with_larger_beta(Latent(model="mnist-8"))
    assert changed[TrainingSettings].recipe == replace(CARD.recipe, beta=4.0)
    for beta, larger in ((0.0, 1.0), (800.0, 1000.0)):  # without a weight to multiply, and at the largest one
        listed[1] = replace(OPEN, card=replace(CARD, recipe=replace(CARD.recipe, beta=beta)))
        assert with_larger_beta(Latent(model="mnist-8"))[TrainingSettings].recipe.beta == larger
    with pytest.raises(ValueError) as reason:
        with_larger_beta(Latent(model="/elsewhere.safetensors"))
    assert str(reason.value) == NOT_LISTED


def test_a_model_that_cannot_be_read_keeps_what_its_file_says(listed):
    row = next(trades(Latent(model="mnist-8"))).rows[0]
    assert measured(Latent(), row) == row


@pytest.mark.slow
def test_the_unused_latents_and_the_gap_of_a_row_are_those_of_its_own_model():
    """KL(q‖p) of each latent of faces-6, from the encoder alone; the open model is another one."""
    path = model_path("faces-6")
    row = measured(Latent(), trade_of(Entry("shipped", "faces-6", str(path), read_card(path))))
    vae = load_model("faces-6")
    mean, deviation = vae.encode(vae.card.recipe.data.test().pixels / np.float32(255))
    kl = np.mean((mean**2 + deviation**2 - 1) / 2 - np.log(deviation), axis=0)
    assert row.unused == sum(kl < 0.05) == 2
    assert row.gap == pytest.approx(0.29, abs=0.01)  # docs/models.md
    assert (row.beta, row.kl) == (1.0, pytest.approx(kl.sum(), abs=0.1))
