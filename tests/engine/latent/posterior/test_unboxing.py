"""Unboxing against closed forms where they exist, and against adaptive quadrature elsewhere."""

import numpy as np
import pytest
from scipy.integrate import cubature
from scipy.stats import multivariate_normal

from engine.derived import PENDING
from engine.latent.inputs.stroke import Stroke
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.observations.measurement import Pixels
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.latent.posterior.refinement import integrate, refine
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.unboxing import bounding, grid_posterior, unbox, unboxed
from engine.latent.vae import load_model
from tests.engine.latent.linear import LinearModel

STROKES = (Stroke(((0.1, 0.2, 0.5),), 0.1), Stroke(((0.5, 0.8, 0.5), (0.9, 0.8, 0.5)), 0.2))
LOOKS = [Full(), Half(), Half("right"), Brushed(STROKES), BlockAverage(2, 0.1), Blur(0.7, 0.1), GaussianNoise(0.3)]
every_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: type(look).__name__)


@pytest.fixture(scope="module", params=[0, 1], ids="model {}".format)
def linear(request):
    return LinearModel(request.param)


def shipped(name):
    """A shipped model, its lattice and its first test images."""
    vae = load_model(name)
    lattice = Lattice(vae)
    list(lattice.decode())
    return vae, lattice, vae.card.recipe.data.test().pixels[:40] / np.float32(255)


@pytest.fixture(scope="module")
def digits():
    return shipped("mnist")


@pytest.fixture(scope="module")
def faces():
    return shipped("faces")


def rows_of(look, x):
    """All measurements as one linear map with noise: its matrix, its values and its noise."""
    measurements = look.measure(x).measurements
    if isinstance(look, GaussianNoise):
        return np.eye(x.size), measurements[0].values, look.deviation
    if all(isinstance(measurement, Pixels) for measurement in measurements):
        index = np.concatenate([measurement.index for measurement in measurements])
        return np.eye(x.size)[index], np.concatenate([measurement.values for measurement in measurements]), 0.0
    dense = np.zeros((len(measurements[0].values), x.size))
    dense[measurements[0].rows, measurements[0].columns] = measurements[0].weights
    return dense, measurements[0].values, look.deviation


@pytest.mark.slow
@every_look
def test_a_linear_model_has_the_evidence_and_the_posterior_of_probabilistic_pca(linear, look):
    x = linear.image()
    mean, covariance, log_evidence = linear.posterior(*rows_of(look, x))
    found = unbox(linear.vae, x, look)
    assert found.log_evidence == pytest.approx(log_evidence, abs=1e-6)
    assert found.mass.mean == pytest.approx(mean, abs=1e-6)
    assert found.mass.covariance == pytest.approx(covariance, abs=1e-6)
    nodes = np.stack(np.meshgrid(found.axis, found.axis), axis=-1)
    expected = multivariate_normal(mean, covariance).logpdf(nodes)
    assert found.log_posterior == pytest.approx(expected, abs=1e-6)


@every_look
def test_a_linear_models_bound_and_both_divergences_have_closed_forms(linear, look):
    x = linear.image(2)
    mean, covariance, log_evidence = linear.posterior(*rows_of(look, x))
    found = unbox(linear.vae, x, look)
    q_mean, q_covariance = found.bound.mean, np.diag(found.bound.deviation**2)
    gap = divergence(q_mean, q_covariance, mean, covariance)
    assert found.gap == pytest.approx(gap, abs=1e-6)
    assert found.elbo == pytest.approx(log_evidence - gap, abs=1e-6)
    assert found.reverse == pytest.approx(divergence(mean, covariance, q_mean, q_covariance), abs=1e-6)
    assert found.bound.kl == pytest.approx(divergence(q_mean, q_covariance, np.zeros(2), np.eye(2)), abs=1e-9)


def divergence(mean, covariance, other_mean, other_covariance):
    """KL between two Gaussians (PRML, exercise 2.13)."""
    away, inverse = other_mean - mean, np.linalg.inv(other_covariance)
    volumes = np.linalg.slogdet(other_covariance)[1] - np.linalg.slogdet(covariance)[1]
    return 0.5 * (np.trace(inverse @ covariance) + away @ inverse @ away - 2 + volumes)


def test_strokes_one_by_one_give_the_posterior_of_all_at_once(linear):
    x = linear.image(3)
    after, together = unbox(linear.vae, x, Brushed(STROKES)), Brushed(STROKES).measure(x).measurements
    at_once = Pixels(
        *(np.concatenate([getattr(measurement, name) for measurement in together]) for name in ("index", "values"))
    )
    lattice = Lattice(linear.vae)
    list(lattice.decode())
    grid = grid_posterior(lattice, [at_once])
    assert after.log_posterior == pytest.approx(grid.log_density, abs=1e-9)
    assert sum(after.log_evidence_terms) == pytest.approx(grid.log_evidence, abs=1e-9)


def test_the_evidence_term_of_a_stroke_is_its_density_given_the_strokes_before(linear):
    x = linear.image(3)
    found = unbox(linear.vae, x, Brushed(STROKES))
    whole = linear.posterior(*rows_of(Brushed(STROKES), x))[2]
    first = linear.posterior(*rows_of(Brushed(STROKES[:1]), x))[2]
    assert found.log_evidence_terms == pytest.approx([first, whole - first], abs=1e-6)


def test_the_posterior_does_not_depend_on_the_order_of_strokes(linear):
    x = linear.image(4)
    one, other = (unbox(linear.vae, x, Brushed(order)) for order in (STROKES, STROKES[::-1]))
    assert one.log_posterior == pytest.approx(other.log_posterior, abs=1e-9)
    assert one.log_evidence_terms != pytest.approx(other.log_evidence_terms, abs=1e-3)


@pytest.mark.slow
def test_prior_times_likelihood_is_posterior_times_evidence(linear):
    found = unbox(linear.vae, linear.image(5), Brushed(STROKES))
    product = found.log_prior + found.log_likelihood
    assert product - found.log_evidence_terms[-1] == pytest.approx(found.log_posterior, abs=1e-9)


def test_a_wide_q_is_summed_over_the_lattice_and_a_narrow_q_over_its_own_nodes(linear):
    x = linear.image(6)
    lattice = Lattice(linear.vae)
    list(lattice.decode())
    seen = Full().measure(linear.vae.scored(x))
    grid = grid_posterior(lattice, seen.measurements)
    mean, covariance, log_evidence = linear.posterior(*rows_of(Full(), x))
    for deviation in ([0.8, 0.6], [0.9, 0.01], [0.003, 0.02]):
        q_mean, q_deviation = np.array([0.3, -0.4]), np.array(deviation)

        def score(z):
            return log_likelihoods(linear.vae, seen.measurements, z)

        *_, bound = bounding(grid, score, q_mean, q_deviation)
        gap = divergence(q_mean, np.diag(q_deviation**2), mean, covariance)
        assert bound.elbo == pytest.approx(log_evidence - gap, abs=1e-6)


@pytest.mark.proof
@pytest.mark.parametrize("model", ["digits", "faces"])
def test_the_evidence_is_the_bound_and_the_divergence_from_the_posterior(model, request):
    """The divergence is summed independently over a dense grid around q, with the model's own densities."""
    vae, lattice, images = request.getfixturevalue(model)
    for x in images[[0, 3, 9]]:
        seen = Full().measure(vae.scored(x))
        mean, deviation = (part[0] for part in vae.encode(x[None]))
        found = unboxed(vae, seen, grid_posterior(lattice, seen.measurements), mean, deviation)
        steps = np.linspace(-5, 5, 61)
        z = mean + deviation * np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        q = multivariate_normal(mean, np.diag(deviation**2))
        posterior = vae.log_likelihood(x, z) + multivariate_normal(np.zeros(2)).logpdf(z) - found.log_evidence
        shares = q.pdf(z) / q.pdf(z).sum()
        assert found.gap == pytest.approx(shares @ (q.logpdf(z) - posterior), abs=1.5e-3)
        assert found.log_evidence == pytest.approx(found.elbo + found.gap, abs=1e-12)
        assert found.gap > 0
        assert found.reverse > 0


@pytest.mark.slow
@pytest.mark.parametrize("i", [1, *(pytest.param(i, marks=pytest.mark.proof) for i in (7, 8))])
def test_the_evidence_of_a_digit_against_adaptive_quadrature(digits, i):
    vae, lattice, images = digits
    measurements = Full().measure(vae.scored(images[i])).measurements
    mass, log_evidence, error = integrate(
        grid_posterior(lattice, measurements), lambda z: log_likelihoods(vae, measurements, z)
    )
    held = mass.z[mass.shares > 1e-7]

    def density(z):
        return np.exp(
            log_likelihoods(vae, measurements, z) - 0.5 * np.sum(z**2, axis=1) - np.log(2 * np.pi) - log_evidence
        )

    whole = cubature(density, held.min(axis=0) - 0.01, held.max(axis=0) + 0.01, rtol=2e-4, rule="gk15")
    assert abs(np.log(whole.estimate)) < max(error, 1e-3)


@pytest.mark.proof
def test_the_error_of_the_lattice_is_bounded(digits):
    """The narrowest posteriors of digits are narrower than the lattice step; the stated error covers the difference."""
    vae, lattice, images = digits
    off = []
    for x in images[:25]:
        measurements = Full().measure(vae.scored(x)).measurements
        grid = grid_posterior(lattice, measurements)
        coarse, *_, fine = (
            found
            for found in refine(grid, lambda z, measurements=measurements: log_likelihoods(vae, measurements, z))
            if found is not PENDING
        )
        off.append(abs(coarse.log_evidence - fine.log_evidence))
        assert off[-1] <= coarse.error
        assert fine.error <= coarse.error
    assert np.median(off) < 0.2


@pytest.mark.proof
@pytest.mark.parametrize(
    ("look", "depth"), [(BlockAverage(4), 40), (Blur(), 25), (GaussianNoise(), 40), (SaltAndPepper(), 40)], ids=str
)
def test_interpolated_likelihoods_agree_with_exact_ones_where_the_posterior_is(digits, look, depth):
    """Check the nodes at most 40 nats below the maximum. The slow density of a blur is interpolated beyond 25 nats."""
    vae, lattice, images = digits
    (measurement,) = look.measure(vae.scored(images[4])).measurements
    found = lattice.log_likelihood(measurement)
    log_prior = -0.5 * (lattice.axis[:, None] ** 2 + lattice.axis**2)
    below = (found + log_prior).max() - (found + log_prior)
    rows, columns = np.nonzero(below < 40)
    chosen = np.random.default_rng(0).permutation(len(rows))[:200]
    rows, columns = rows[chosen], columns[chosen]
    z = np.column_stack([lattice.axis[columns], lattice.axis[rows]])
    off = found[rows, columns] - log_likelihoods(vae, [measurement], z)
    assert np.sum(below[rows, columns] < depth) > 30
    assert off[below[rows, columns] < depth] == pytest.approx(0, abs=0.05)
    assert off == pytest.approx(0, abs=3)  # so that their mass is negligible: e⁻²² of the highest node at most
    elsewhere = np.random.default_rng(1).uniform(-5, 5, (300, 2))
    others = log_likelihoods(vae, [measurement], elsewhere) - 0.5 * np.sum(elsewhere**2, axis=1)
    assert others.max() < (found + log_prior).max()


@pytest.mark.proof
def test_half_precision_changes_the_evidence_by_little(digits):
    vae, lattice, images = digits
    (measurement,) = Full().measure(vae.scored(images[2])).measurements
    found = lattice.log_likelihood(measurement)
    top = np.argsort(found, axis=None)[-500:]
    exact = vae.log_likelihood(images[2], lattice.latents(top))
    assert found.ravel()[top] == pytest.approx(exact, abs=0.02)
    assert np.mean(found.ravel()[top] - exact) == pytest.approx(0, abs=1e-3)


def test_mass_at_the_edge_makes_the_lattice_larger():
    model = LinearModel(0, reach=0.05)
    far = (model.w @ np.array([9.0, 1.0]) + model.b).reshape(model.vae.image_shape)
    model.sigma[:] = 0.02
    model.vae.networks.log_sigma.data[:] = np.log(0.02)
    found = unbox(model.vae, far, extent=6.0)
    mean, _, log_evidence = model.posterior(np.eye(6), far.ravel())
    assert mean.max() > 6
    assert found.axis[-1] == 12
    assert found.log_evidence == pytest.approx(log_evidence, abs=1e-6)
    assert found.mass.mean == pytest.approx(mean, abs=1e-6)


def test_decoding_continues_where_it_was_cancelled(linear):
    whole, piecewise = Lattice(linear.vae), Lattice(linear.vae)
    list(whole.decode())
    assert piecewise.stride == 0
    for step in piecewise.decode():
        assert step is PENDING
        if piecewise.stride == 4:
            break
    coarse = piecewise.log_likelihood(Full().measure(linear.image()).measurements[0])
    assert piecewise.part < 1
    list(piecewise.decode())
    fine = piecewise.log_likelihood(Full().measure(linear.image()).measurements[0])
    assert np.array_equal(fine, whole.log_likelihood(Full().measure(linear.image()).measurements[0]))
    assert coarse == pytest.approx(fine[::4, ::4], abs=1e-12)


@pytest.mark.slow
def test_the_lattice_takes_no_more_memory_than_its_limit(faces):
    _, lattice, _ = faces
    assert lattice.nbytes <= 256 << 20
    assert len(lattice.axis) < 301
