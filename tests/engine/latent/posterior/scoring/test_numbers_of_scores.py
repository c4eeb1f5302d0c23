"""Numbers of the scores of measurements against mpmath, all binary images and dense matrices."""

from itertools import product

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.latent.observations.measurement import Projection
from engine.latent.posterior.scoring import blurred_pixels
from engine.latent.posterior.scoring.decoded_outputs import TILE, tile_width
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.scoring.natural_parameters import stored
from engine.latent.posterior.scoring.poisson_binomial import equal, of_patterns, of_sums, patterns
from engine.latent.posterior.scoring.saddle_point import Pixels, log_density_at_saddle_point
from engine.latent.vae.likelihoods import Bernoulli, Gaussian, LinearGaussian
from engine.plane import scratch
from tests.engine.latent.vae.tiny import SHAPE, tiny

FEW = settings(max_examples=10)
LOGITS = st.lists(st.floats(-6, 6), min_size=4, max_size=4)


@pytest.fixture(autouse=True)
def precise():
    with mp.workdps(25):
        yield


def over_all_images(logits, weights, y, deviation):
    """ln Σ_b P(b) N(y | w·b, s²), or the probability of y for s = 0, over all 2⁴ images b, by mpmath."""
    total = mp.mpf(0)
    for image in product((0, 1), repeat=len(logits)):
        ways = [1 / (1 + mp.exp(-mp.mpf(eta) if bit else mp.mpf(eta))) for eta, bit in zip(logits, image, strict=True)]
        away = mp.mpf(y) - mp.fsum(mp.mpf(w) * bit for w, bit in zip(weights, image, strict=True))
        if deviation:
            density = mp.exp(-(away**2) / (2 * mp.mpf(deviation) ** 2)) / (deviation * mp.sqrt(2 * mp.pi))
        else:
            density = mp.mpf(abs(away) < 1e-9)
        total += mp.fprod(ways) * density
    return float(mp.log(total)) if total else -np.inf


def sums_of(y, weights, deviation):
    """One weighted sum of four pixels."""
    rows, columns = np.zeros(4, np.intp), np.arange(4)
    return Projection(np.array([y], float), rows, columns, np.array(weights, float), deviation, True)


@FEW
@given(LOGITS, st.integers(0, 4), st.sampled_from([0.0, 0.05, 0.4]))
def test_a_sum_of_equal_weights_over_all_images(logits, count, deviation):
    y = 0.25 * count + deviation / 3
    measurement = sums_of(y, [0.25] * 4, deviation)
    exact = over_all_images(logits, [0.25] * 4, y, deviation)
    out = torch.tensor([logits], dtype=torch.double)
    found = of_sums(measurement, out, equal(measurement))
    assert found.tolist() == pytest.approx([exact], rel=1e-9, abs=1e-9)


@FEW
@given(LOGITS, st.lists(st.integers(1, 9), min_size=4, max_size=4), st.sampled_from([0.0, 0.05, 0.4]))
def test_a_sum_of_four_unequal_weights_over_all_images(logits, weights, deviation):
    y = weights[0] / 8 + weights[2] / 8 + deviation / 3
    measurement = sums_of(y, [w / 8 for w in weights], deviation)
    exact = over_all_images(logits, [w / 8 for w in weights], y, deviation)
    out = torch.tensor([logits], dtype=torch.double)
    assert of_patterns(measurement, out, patterns(measurement)).tolist() == pytest.approx([exact], rel=1e-9, abs=1e-9)


class Dense:
    """Sums y = A x + ε of pixels (n, 1, 1, k) with a dense matrix A (m, k)."""

    def __init__(self, matrix, y, noise, enough=1e-14):
        self.matrix, self.target = torch.tensor(matrix, dtype=torch.double), torch.tensor([y], dtype=torch.double)
        self.noise, self.enough = noise, enough

    def sums(self, pixels):
        return pixels[:, :, 0] @ self.matrix.T

    def spread(self, tilt):
        return (tilt @ self.matrix)[:, :, None]

    def solved(self, variance, vector):
        whole = torch.einsum("ik,nck,jk->ncij", self.matrix, variance[:, :, 0], self.matrix)
        whole = whole + self.noise * torch.eye(len(self.matrix), dtype=torch.double)
        return torch.linalg.solve(whole, vector), torch.logdet(whole)


BINARY = Pixels(
    torch.nn.functional.softplus,
    lambda eta: (torch.sigmoid(eta), torch.sigmoid(eta) * torch.sigmoid(-eta)),
)


@FEW
@given(LOGITS, st.lists(st.floats(0.2, 2), min_size=4, max_size=4), st.floats(-0.5, 4), st.floats(0.1, 1))
def test_the_density_at_the_saddle_point_by_a_search_of_mpmath(logits, weights, y, noise):
    """K(τ) = Σ a(η + wτ) − a(η) + s²τ²/2; ln p = K(τ) − τy − ½ ln K″(τ) − ½ ln 2π at K′(τ) = y (Daniels 1954)."""

    def log_normaliser(eta):
        return mp.log1p(mp.exp(eta))

    def slope(tau):
        return mp.fsum(w / (1 + mp.exp(-(eta + w * tau))) for eta, w in zip(logits, weights, strict=True)) + noise * tau

    tau = mp.findroot(lambda t: slope(t) - y, (-80, 80), solver="anderson", tol=1e-30)
    tilted = [eta + w * tau for eta, w in zip(logits, weights, strict=True)]
    shifts = [log_normaliser(a) - log_normaliser(b) for a, b in zip(tilted, logits, strict=True)]
    cumulant = mp.fsum(shifts) + noise * tau**2 / 2
    bend = noise + mp.fsum(w**2 / (2 + mp.exp(a) + mp.exp(-a)) for a, w in zip(tilted, weights, strict=True))
    exact = cumulant - tau * y - mp.log(bend) / 2 - mp.log(2 * mp.pi) / 2
    sums = Dense([weights], [y], noise)
    found, tilt = log_density_at_saddle_point(
        sums, BINARY, torch.tensor(logits, dtype=torch.double).reshape(1, 1, 1, 4)
    )
    assert found.tolist() == pytest.approx([float(exact)], rel=1e-7, abs=1e-7)
    assert tilt.flatten().tolist() == pytest.approx([float(w * tau) for w in weights], rel=1e-6, abs=1e-6)


def test_the_search_of_each_form_ends_at_a_stated_gain():
    measurement = sums_of(0.7, [0.1, 0.2, 0.3, 0.4], 0.1)
    assert (blurred_pixels._form(measurement).enough, blurred_pixels._form(measurement, 3).enough) == (
        blurred_pixels.ENOUGH
    )
    rough = Dense([[1.0] * 4], [2.5], 0.1, enough=np.inf)  # the search ends at once, and one step of Newton's follows
    exact = Dense([[1.0] * 4], [2.5], 0.1)
    logits = torch.full((1, 1, 1, 4), -4.0).double()
    near, far = (log_density_at_saddle_point(sums, BINARY, logits)[0] for sums in (exact, rough))
    assert abs(float(near - far)) > 0.1


@FEW
@given(st.integers(0, 2**22))
def test_a_tile_has_about_a_million_outputs_and_at_least_64_columns(pixels):
    width = tile_width(pixels)
    assert width == 64 or width * pixels <= TILE < (width + 1) * pixels or pixels == 0
    assert (tile_width(784), tile_width(2**20)) == (1337, 64)


def test_the_scores_of_a_whole_lattice_are_those_of_each_decoded_latent():
    """ln p(y | z) = Σ over all images at every node of stride 4, from logits that the networks decode node by node."""
    vae = tiny(Bernoulli(), torch.double)
    lattice = Lattice(vae, size=9, extent=2.0)
    for _ in lattice.decode():
        pass
    measurement = sums_of(0.8, [0.3, 0.4, 0.5, 0.6], 0.2)
    steps, coarse = lattice.scoring(measurement, 4), None
    try:
        while True:
            next(steps)
    except StopIteration as end:
        coarse = end.value
    assert coarse.shape == (3, 3)
    for (i, y), (j, x) in product(enumerate([-2.0, 0.0, 2.0]), repeat=2):
        with torch.no_grad():
            logits = vae.networks.decoder(torch.tensor([[x, y]], dtype=torch.double)).flatten().tolist()
        assert len(logits) == np.prod(SHAPE)
        exact = over_all_images(logits[:4], measurement.weights, 0.8, 0.2)
        assert coarse[i, j] == pytest.approx(exact, abs=2e-5)
    columns = [(int(row), int(column)) for row, column in zip(*np.divmod(lattice._nodes, 9), strict=True)]
    assert lattice.quarters.tolist() == [2 * (row % 2) + column % 2 for row, column in columns]
    assert len(set(columns)) == 81
    finest = lattice.log_likelihood(measurement)
    assert finest[::4, ::4] == pytest.approx(coarse)


@pytest.mark.parametrize(
    ("likelihood", "right"),
    [(Bernoulli(), float), (Gaussian(), lambda eta: 1 / (1 + mp.exp(-eta))), (LinearGaussian(), float)],
    ids=["Bernoulli", "Gaussian", "LinearGaussian"],
)
def test_the_stored_output_is_the_logit_or_the_mean_of_a_gaussian(likelihood, right):
    logits = [-40.0, -1.5, 0.0, 3.0]
    found = stored(tiny(likelihood, torch.double), torch.tensor([logits]).double())
    assert found[0].tolist() == pytest.approx([float(right(eta)) for eta in logits], rel=1e-12)


def test_scratch_memory_is_given_again_for_the_same_shape_alone():
    first = scratch(2, 3, 4)
    first[:] = 7
    assert scratch(2, 3, 4) is first
    assert scratch(2, 3, 5).shape == (2, 3, 5) and first.min() == 7  # another piece of memory
