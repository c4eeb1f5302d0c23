"""Trainings with more than two latents: they are numbered by their KL, resumed, and diagnosed."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.latent.vae.history import History
from engine.latent.vae.mistakes import kl_factor
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.training.diagnosis import diagnose
from engine.latent.vae.training.elbo import Health, evaluate, health
from engine.latent.vae.training.training import Training, finish
from tests.engine.latent.vae.bars import SMALL, drawn

FOUR = replace(SMALL, latents=4, epochs=6, beta=0.05)


def test_a_training_numbers_its_latents_by_their_kl_and_stays_the_same_model():
    training, test = Training(FOUR, drawn(600, 0)), drawn(120, 1)
    for _ in training:
        pass
    before = evaluate(training.model(), FOUR.likelihood, test, samples=64)
    networks, card = finish(training, "four")
    kl = health(networks, test).kl
    assert len(kl) == 4 and np.all(np.diff(kl) <= 0) and kl[0] > 0.2
    assert card.test_elbo.kl == pytest.approx(before.kl, rel=1e-2)
    assert card.test_elbo.total == pytest.approx(before.total, abs=0.1)
    vae = VAE(card, networks)
    x = test.pixels / np.float32(255)
    mean, deviation = vae.encode(x)
    assert vae.latents == 4 and mean.shape == deviation.shape == (120, 4)
    np.testing.assert_allclose(
        np.mean(mean**2 + deviation**2 - 1, axis=0) / 2 - np.log(deviation).mean(axis=0), kl, rtol=1e-3
    )
    continued = Training.restore(training.state(), drawn(600, 0), epochs=7)
    assert next(iter(continued)).step == training.steps + 1


def test_unused_latents_of_many_are_named():
    used = np.array([1.0, 0.5, 0.001, 0.02])
    sentence = diagnose(Health(used, used, False), History(), 1000, 2000)
    assert sentence == "Unused latents: z₂, z₃. The model uses 2 of its 4 latents."
    assert diagnose(Health(used[:2].repeat(2), used[:2].repeat(2), False), History(), 1000, 2000) == ""


def test_the_mistake_of_a_mean_over_latents_depends_on_their_number():
    assert kl_factor("mean over pixels and latents", 784) == 392
    assert kl_factor("mean over pixels and latents", 784, 8) == 98
