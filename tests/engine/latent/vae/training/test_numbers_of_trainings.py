"""Numbers of trainings against mpmath, exact fractions, finite differences and sums by hand."""

import zlib
from fractions import Fraction
from types import SimpleNamespace

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.training import weight_of_the_kl
from engine.latent.training.models import size_of
from engine.latent.training.training import with_recipe
from engine.latent.training.weight_of_the_kl import next_beta
from engine.latent.vae.gan.gan_worker import RECENT, present_gap
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.exact_evidence import SPREAD, at_levels, frozen_elbo
from engine.latent.vae.training.objectives import clipped_together
from engine.latent.vae.training.training import Training
from engine.latent.vae.training.training_state import weights_of
from tests.engine.latent.vae import bars
from tests.engine.latent.vae.gan.small import small
from tests.engine.latent.vae.tiny import FORM, SHAPE, tiny

LEVELS = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=3)


@pytest.fixture(autouse=True)
def precise():
    with mp.workdps(25):
        yield


@settings(max_examples=10)
@given(LEVELS, LEVELS, st.integers(2, 60))
def test_the_latents_at_levels_and_their_shares(across, up, count):
    """z = SPREAD Φ⁻¹(u), and the share is N(z | 0, I) / N(z | 0, SPREAD² I) / count²."""
    z, log_shares = at_levels(torch.tensor(across), torch.tensor(up), count)
    places = [(a, b) for a in across for b in up]
    spread = mp.mpf(SPREAD)
    for (a, b), found, log_share in zip(places, z.tolist(), log_shares.tolist(), strict=True):
        # torch.tensor rounds the levels to single precision
        right = [spread * mp.sqrt(2) * mp.erfinv(2 * mp.mpf(float(np.float32(u))) - 1) for u in (a, b)]
        assert found == pytest.approx([float(each) for each in right], rel=1e-9, abs=1e-9)
        ratio = mp.fsum(mp.log(mp.npdf(each, 0, 1)) - mp.log(mp.npdf(each, 0, spread)) for each in right)
        assert log_share == pytest.approx(float(ratio - 2 * mp.log(count)), rel=1e-9, abs=1e-9)


def test_the_frozen_elbo_is_the_elbo_and_its_gradient_is_for_the_encoder_alone():
    """Σ ln Bernoulli(x | σ(η)) − KL of one image by mpmath; the slope of one weight by a difference quotient."""
    networks = tiny(Bernoulli(), torch.double).networks
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.integers(0, 2, (1, 12))).double()
    noise = torch.tensor(rng.normal(size=(1, 2)))
    with torch.no_grad():
        mean, log_variance = networks.encoder(x)
        z = mean + torch.exp(log_variance / 2) * noise
        logits = networks.decoder(z)[0].tolist()
    fit = mp.fsum(-mp.log1p(mp.exp(-eta if bit else eta)) for eta, bit in zip(logits, x[0].tolist(), strict=True))
    pairs = zip(mean[0].tolist(), log_variance[0].tolist(), strict=True)
    kl = mp.fsum((mp.mpf(m) ** 2 + mp.exp(s) - 1 - mp.mpf(s)) / 2 for m, s in pairs)
    found = frozen_elbo(networks, x, x, noise)
    assert found.tolist() == pytest.approx([float(fit - kl)], rel=1e-10)
    for weight in networks.parameters():
        weight.grad = None
    found.sum().backward()
    assert all(weight.grad is None or not weight.grad.any() for weight in networks.decoder.parameters())
    weight = max(networks.encoder.parameters(), key=lambda each: float(each.grad.abs().max()))
    at, step, values = int(weight.grad.abs().argmax()), 1e-5, []
    with torch.no_grad():
        for sign in (1, -1):
            weight.view(-1)[at] += sign * step
            values.append(float(frozen_elbo(networks, x, x, noise)))
            weight.view(-1)[at] -= sign * step
    assert float(weight.grad.view(-1)[at]) == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-5)


def test_the_encoder_is_clipped_apart_on_the_exact_evidence_alone():
    networks = networks_for(FORM, Bernoulli(), SHAPE)
    (every,) = clipped_together(networks, Recipe())
    assert list(map(id, every)) == list(map(id, networks.parameters()))
    rest, encoder = clipped_together(networks, replace(bars.SMALL, objective="exact evidence"))
    assert {id(weight) for weight in encoder} == {id(weight) for weight in networks.encoder.parameters()}
    assert {id(weight) for weight in rest} == {id(weight) for weight in every} - {id(weight) for weight in encoder}
    assert sum(weight.numel() for weight in rest) > 0


def test_the_images_of_a_step_are_those_of_the_discriminators_steps():
    training = small(batch=20, discriminator_steps=3)
    assert training.recipe.images_per_step == 20 * 3
    assert replace(bars.SMALL, batch=50).images_per_step == 50


@settings(max_examples=10)
@given(st.floats(0, 1))
def test_the_fall_of_the_learning_rate(done):
    rates = {
        "cosine": float((1 + mp.cos(mp.pi * mp.mpf(done))) / 2),
        "linear": float(1 - Fraction(done)),
        "constant": 1,
    }
    for schedule, right in rates.items():
        assert replace(Recipe(), schedule=schedule).fall(done) == pytest.approx(right, abs=1e-15)


def test_the_checksum_of_the_images_is_that_of_their_pixels_and_of_given_classes():
    images = bars.drawn(30, 0)
    plain, small_gan = Training(bars.SMALL, images, images), small()
    assert plain.checksum == zlib.crc32(images.pixels.tobytes())
    assert small_gan.checksum == zlib.crc32(small_gan.images.pixels.tobytes())
    given = Training(replace(bars.SMALL, given_class=True), images, images)
    assert given.checksum == zlib.crc32(images.pixels.tobytes() + images.labels.tobytes())
    others = Images(images.pixels[::-1].copy(), images.labels, images.classes)
    assert Training(bars.SMALL, others, others).checksum != plain.checksum


@pytest.mark.slow  # the first optimiser of a process imports much
def test_the_weights_of_a_training_are_copies_with_the_state_of_adam():
    """After one step of Adam with the gradient g: exp_avg = (1 − β₁) g, exp_avg_sq = (1 − β₂) g², step = 1."""
    layer, averaged = torch.nn.Linear(2, 1, bias=False), torch.nn.Linear(2, 1, bias=False)
    optimiser = torch.optim.AdamW(layer.parameters(), betas=(0.75, 0.5))
    fresh = weights_of(layer, averaged, optimiser)
    assert not fresh["exp_avg.weight"].any() and float(fresh["step.weight"]) == 0
    layer.weight.grad = torch.tensor([[2.0, -4.0]])
    optimiser.step()
    found = weights_of(layer, averaged, optimiser)
    g = [Fraction(2), Fraction(-4)]
    assert found["exp_avg.weight"].tolist() == [[float(each / 4) for each in g]]
    assert found["exp_avg_sq.weight"].tolist() == [[float(each**2 / 2) for each in g]]
    assert float(found["step.weight"]) == 1
    assert torch.equal(found["averaged.weight"], averaged.weight)
    found["weights.weight"].zero_()
    assert layer.weight.any()  # the copy was changed, not the layer


def test_the_present_gap_is_the_mean_of_the_last_points():
    rows = np.arange(4 * (RECENT + 5), dtype=float).reshape(-1, 4)
    for table in (rows, rows[:3]):
        last = [Fraction(value) for value in table[-RECENT:, 3].tolist()]
        training = SimpleNamespace(history=SimpleNamespace(table=table))
        assert present_gap(training) == float(sum(last) / len(last))
    assert present_gap(SimpleNamespace(history=SimpleNamespace(table=rows[:0]))) == 0


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    for name, count in (("a", 0), ("b", 7), ("c", 4097)):
        (tmp_path / name).write_bytes(bytes(count))
    assert size_of(tmp_path) == 4104


def test_the_next_beta_of_a_row_is_that_of_a_recipe_which_differs_in_beta_alone():
    row = SimpleNamespace(entry=SimpleNamespace(card=SimpleNamespace(recipe=replace(Recipe(), beta=2.0))))
    assert next_beta(with_recipe(Latent(), replace(Recipe(), beta=8.0)), row) == 8
    assert next_beta(with_recipe(Latent(), replace(Recipe(), beta=2.0)), row) is None
    assert next_beta(with_recipe(Latent(), replace(Recipe(), beta=8.0, seed=1)), row) is None
    assert weight_of_the_kl.without_beta(row.entry.card.recipe).beta == 1
