"""One pass through encoder and decoder, compared with the network's own encoding and decoding."""

import numpy as np
import pytest

from engine.derived import ANYWHERE
from engine.latent.document import SHIPPED, Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.encoder_and_decoder import (
    REACH,
    EncoderAndDecoderSettings,
    new_noise,
    one_pass,
    with_noise,
)
from engine.latent.inputs.input import FromData
from engine.latent.vae import load_model

DOCUMENT = Latent(input=FromData(7))


def test_z_is_mu_plus_sigma_times_epsilon_and_the_loss_has_two_terms():
    passed, vae = one_pass(DOCUMENT, ANYWHERE), load_model(SHIPPED)
    x = passed.image.pixels / np.float32(255)
    (mean,), (deviation,) = vae.encode(x[None])
    epsilon = DOCUMENT[EncoderAndDecoderSettings].epsilon
    np.testing.assert_allclose(passed.z, mean + deviation * epsilon, rtol=1e-6)
    probability = np.clip(vae.decode(passed.z[None])[0].astype(float), 1e-7, 1 - 1e-7)
    seen = vae.scored(x)
    by_hand = np.sum(seen * np.log(probability) + (1 - seen) * np.log1p(-probability))  # Bernoulli
    assert passed.log_likelihood == pytest.approx(by_hand, abs=0.05)
    kl = 0.5 * np.sum(mean**2 + deviation**2 - 1 - np.log(deviation**2))
    assert passed.kl == pytest.approx(kl, rel=1e-5)
    assert passed.elbo == pytest.approx(by_hand - kl, abs=0.05)
    others = mean + deviation * np.random.default_rng(9).standard_normal((1000, 2))
    probability = np.clip(vae.decode(others).astype(float), 1e-7, 1 - 1e-7)
    each = np.sum(seen * np.log(probability) + (1 - seen) * np.log1p(-probability), axis=(1, 2))
    assert passed.mean == pytest.approx(each.mean(), abs=5 * np.hypot(passed.error, each.std() / np.sqrt(1000)) + 0.05)


def test_epsilon_is_drawn_or_set_and_q_is_the_users():
    drawn = DOCUMENT[EncoderAndDecoderSettings].epsilon
    assert not np.array_equal(new_noise(DOCUMENT)[EncoderAndDecoderSettings].epsilon, drawn)
    moved = with_noise(DOCUMENT.with_q(GaussianQ(0.5, -0.25, 0.1, 0.2)), np.array([1.0, 99.0]))
    passed = one_pass(moved, ANYWHERE)
    np.testing.assert_allclose(passed.z, [0.6, -0.25 + 0.2 * REACH])
    assert new_noise(moved)[EncoderAndDecoderSettings].chosen is None
    assert one_pass(Latent(), ANYWHERE) == ""
