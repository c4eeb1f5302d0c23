"""Completions: moments of pixels against closed forms and brute force, and laws of a document's completions."""

import numpy as np
import pytest

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.inputs.input import FromData
from engine.latent.inputs.stroke import Stroke
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.full import Full
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.half import Half
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.scoring.pixel_moments import Sums, moments
from engine.latent.posterior.unboxing import unbox
from engine.latent.unboxing import completions as module
from engine.latent.unboxing.completions import MOST, Completed, CompletionsSettings, coarsened, completions, moments_of
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.shared_posterior import lattice_of, seen_of, unboxing_of
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian
from engine.plane import Viewport
from engine.session import Session, decode, encode
from tests.engine.latent.linear import LinearModel
from tests.engine.latent.vae.tiny import tiny

ONCE = Viewport(0, 1, 0, 1, 1, 1)


def returned(work):
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def decoded(vae, size=301, extent=6.0):
    lattice = Lattice(vae, size, extent)
    list(lattice.decode())
    return lattice


def first_exact(steps):
    return next(found for found in steps if found is not PENDING and found.exact)


def told(document):
    return [found for found in completions(document, ONCE) if found is not PENDING]


# Mean and deviation


@pytest.mark.parametrize("reach", [0.35, 16.0], ids=["as broad as the lattice", "finer than it"])
@pytest.mark.parametrize("look", [Full(), Half("left")], ids=lambda look: type(look).__name__)
def test_a_linear_models_completions_have_closed_forms(reach, look):
    """x = Wz + b + noise with z ~ N(m, S): mean Wm + b, variances diag(W S Wᵀ) and σ²."""
    linear = LinearModel(reach=reach)
    (measurement,) = look.measure(linear.image()).measurements
    mean, covariance, _ = linear.posterior(np.eye(6)[measurement.index], measurement.values)
    unboxing = unbox(linear.vae, linear.image(), look)
    assert np.isclose(unboxing.mass.side[0], unboxing.axis[1] - unboxing.axis[0]) == (reach < 1)
    lattice = decoded(linear.vae, extent=float(unboxing.axis[-1]))
    found = returned(moments_of(unboxing.mass, lattice, linear.b + 0.1))
    between = np.einsum("pi,ij,pj->p", linear.w, covariance, linear.w)
    off = 1e-4 if reach < 1 else 1e-2  # cells are refined only as far as the log evidence needs
    assert np.abs(found.mean - linear.w @ mean - linear.b).max() < 1e-5 + off * np.sqrt(between.max())
    assert found.between == pytest.approx(between, rel=off)
    held = np.einsum("pi,ij,pj->p", linear.w, unboxing.mass.covariance, linear.w)
    assert found.between == pytest.approx(held, rel=1e-4)
    assert found.within == pytest.approx(linear.sigma**2)
    assert found.deviation(True) == pytest.approx(np.sqrt(found.between + linear.sigma**2))


@pytest.mark.parametrize(
    "likelihood", [Bernoulli(), ContinuousBernoulli(), Gaussian()], ids=lambda one: type(one).__name__
)
def test_moments_are_the_sums_over_all_cells(likelihood):
    vae = tiny(likelihood)
    rng = np.random.default_rng(6)
    z, shares = rng.normal(0, 1.5, (700, 2)), rng.dirichlet(np.ones(700))
    mean = vae.decode(z).reshape(700, -1).astype(float)
    expected = shares @ mean
    sums = Sums(vae, expected + 0.05)
    list(sums.over_latents(z, shares))
    found = sums.result
    assert found[0] == pytest.approx(expected, abs=1e-6)
    assert found[1] == pytest.approx(shares @ (mean - expected) ** 2, abs=1e-6)
    noise = mean * (1 - mean) if likelihood == Bernoulli() else moments(vae, z)[1]
    assert found[2] == pytest.approx(shares @ noise, abs=1e-6)


@pytest.mark.parametrize("likelihood", [Bernoulli(), Gaussian()], ids=lambda one: type(one).__name__)
def test_moments_from_the_lattice_equal_those_from_decoded_cells(likelihood):
    vae = tiny(likelihood)
    lattice, rng = decoded(vae, 41, 4.0), np.random.default_rng(5)
    shares = np.where(rng.random((41, 41)) < 0.3, rng.random((41, 41)), 0.0)
    shares[:, 30:] = 0
    shares /= shares.sum()
    rows, columns = np.nonzero(shares)
    z = np.column_stack([lattice.axis[columns], lattice.axis[rows]])
    middle = np.full(12, 0.4)
    held, live = Sums(vae, middle), Sums(vae, middle)
    list(held.over_lattice(lattice, shares))
    list(live.over_latents(z, shares[rows, columns]))
    for one, other in zip(held.result, live.result, strict=True):
        assert one == pytest.approx(other, abs=2e-6)


def test_a_pixel_that_hardly_varies_has_an_accurate_variance():
    """To first order the variance is that of J z."""
    vae, z = tiny(Bernoulli()), 1e-4 * np.random.default_rng(1).standard_normal((500, 2))
    sums = Sums(vae, moments(vae, np.zeros((1, 2)))[0][0].astype(float))
    list(sums.over_latents(z, np.full(500, 1 / 500)))
    slopes = vae.jacobian(np.zeros((1, 2)))[0]
    expected = np.sqrt(np.einsum("pi,ij,pj->p", slopes, np.cov(z.T, ddof=0), slopes))
    assert np.sqrt(sums.result[1]) == pytest.approx(expected, rel=0.02, abs=1e-7)


def broad_mass(n):
    """n × n cells of width 0.01 with a smooth density."""
    axis = 0.01 * (np.arange(n) - n / 2 + 0.5)
    z = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    shares = np.exp(-0.5 * ((z - 0.1) ** 2).sum(axis=1) / 0.2**2)
    return WeightedCells(z, np.full(n * n, 0.01), shares / shares.sum())


def test_too_many_cells_are_merged_and_keep_their_mean():
    mass = broad_mass(160)
    cells = coarsened(mass, 2000)
    assert 500 < len(cells.z) <= 2000
    assert cells.shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(cells.mean, mass.mean, atol=1e-5)
    np.testing.assert_allclose(cells.covariance, mass.covariance, atol=2 * cells.side[0] ** 2)


def test_cells_without_mass_are_not_decoded():
    mass = broad_mass(120)
    cells = coarsened(mass, MOST)
    assert len(cells.z) < len(mass.z)
    kept = {tuple(z) for z in cells.z}
    left = np.array([tuple(z) not in kept for z in mass.z])
    assert 0 < mass.shares[left].sum() <= 1e-6
    assert mass.shares[left].max() <= mass.shares[~left].min()


# Of a document


@pytest.fixture(scope="module")
def document():
    return Latent().with_input(FromData(7)).with_observation(Half("top"))


@pytest.fixture(scope="module")
def found(document):
    return told(document)


@pytest.mark.slow
def test_samples_come_first_and_then_the_mean_of_all(document):
    first, second, *_ = told(document.with_setting(CompletionsSettings(seed=4711)))  # not in the cache
    assert not first.exact
    assert len(first.ink) == len(first.z) == 24
    assert second.exact
    assert second.ink is first.ink
    rough, exact = first.mean / 254, second.mean / 254
    assert np.abs(rough - exact).max() > 0
    assert np.all(np.abs(rough - exact) < 5 * second.deviation / np.sqrt(24) + 0.02)


@pytest.mark.proof
def test_the_mean_agrees_with_that_of_many_samples(document, found):
    """Samples are computed independently of the mean."""
    many = [told(document.with_setting(CompletionsSettings(samples=96, seed=seed)))[0] for seed in range(2, 8)]
    ink = np.concatenate([each.ink for each in many]) / 254
    last = found[-1]
    error = last.deviation / np.sqrt(len(ink))
    assert np.all(np.abs(ink.mean(axis=0) - last.mean / 254) < 5 * error + 0.004)
    assert np.abs(ink.std(axis=0) - last.deviation).max() < 0.05


@pytest.mark.proof
def test_samples_have_the_distribution_of_the_posterior(document, found):
    unboxing = returned(unboxing_of(document))
    z = np.concatenate([told(document.with_setting(CompletionsSettings(96, seed)))[-1].z for seed in range(2, 8)])
    deviation = np.sqrt(np.diag(unboxing.mass.covariance))
    assert np.all(np.abs(z.mean(axis=0) - unboxing.mass.mean) < 5 * deviation / np.sqrt(len(z)))
    cells, near = unboxing.mass.z, unboxing.mass.side[0] / 2 * (1 + 1e-9)
    own = [np.flatnonzero(np.abs(cells - place).max(axis=1) <= near)[0] for place in z]
    for mode in found[-1].divided.modes:
        assert np.isin(own, mode.cells).mean() == pytest.approx(mode.share, abs=5 * np.sqrt(0.25 / len(z)))


def test_the_seed_decides_the_samples(document, found):
    again, other = (
        told(document.with_setting(chosen))[-1] for chosen in (CompletionsSettings(), CompletionsSettings().fresh())
    )
    np.testing.assert_array_equal(again.z, found[-1].z)
    assert not np.array_equal(other.z, again.z)
    np.testing.assert_allclose(other.mean.astype(int), again.mean.astype(int), atol=1)


@pytest.mark.slow
def test_completions_go_on_only_in_the_same_state_of_the_lattice():
    def steps(found):
        yield PENDING
        yield found

    key, one, other = object(), Completed("one"), Completed("other")
    cancelled = module._resumed(key, 0, steps(one))
    assert next(cancelled) is PENDING
    cancelled.close()
    assert list(module._resumed(key, 1, steps(other)))[-1] is other


@pytest.mark.proof
def test_completions_begin_again_after_the_lattice_has_dropped_outputs(document):
    lattice, right = lattice_of(document.loaded_model), first_exact(completions(document, ONCE))
    for cache in (module._latest, module._under_way):
        cache.clear()
    list(lattice.decode(lattice.nodes(2)))
    cancelled = completions(document, ONCE)
    next(found for found in cancelled if found is not PENDING)
    for _ in range(2):
        assert next(cancelled) is PENDING  # the sums over the outputs have begun
    cancelled.close()
    lattice.shrink()  # for another image
    again = first_exact(completions(document, ONCE))
    assert np.abs(again.mean.astype(float) - right.mean).max() <= 1


def test_completions_are_cached_and_do_not_depend_on_q(document):
    latest = told(document)[-1]
    moved = document.with_q(GaussianQ(1.0, 1.0, 0.3, 0.3))
    assert told(moved)[-1] is latest


def test_modes_and_encoder_have_the_log_likelihood_of_the_measurements(document, found):
    vae, seen, last = document.loaded_model.vae, seen_of(document), found[-1]
    mean = vae.encode(seen.pictures[1][None])[0][0]
    np.testing.assert_allclose(last.encoder.z, mean)
    assert not seen.pictures[1][14:].any()  # hidden pixels are 0
    for guess in (*last.peaks, last.encoder):
        assert guess.log_likelihood == pytest.approx(log_likelihoods(vae, seen.measurements, guess.z[None])[0])
        np.testing.assert_array_equal(guess.ink, document.loaded_model.decode(guess.z)[0])
    for guess, mode in zip(last.peaks, last.divided.modes, strict=True):
        np.testing.assert_array_equal(guess.z, mode.z)


@pytest.mark.slow
def test_observed_pixels_can_be_shown(document, found):
    shown = told(document.with_setting(CompletionsSettings(as_seen=True)))[-1]
    ink = 254 * seen_of(document).pictures[1][:14]
    for picture in (*shown.ink, shown.mean, shown.peaks[0].ink, shown.encoder.ink):
        np.testing.assert_array_equal(picture[:14], ink)
    np.testing.assert_array_equal(shown.ink[:, 14:], found[-1].ink[:, 14:])
    assert not shown.deviation[:14].any()
    np.testing.assert_array_equal(shown.deviation[14:], found[-1].deviation[14:])


@pytest.mark.slow
def test_only_exact_pixels_can_be_shown(document):
    averaged = document.with_observation(BlockAverage(7))
    plain = told(averaged)[-1]
    shown = told(averaged.with_setting(CompletionsSettings(as_seen=True)))[-1]
    assert not shown.whole
    np.testing.assert_array_equal(shown.mean, plain.mean)


def test_noise_increases_the_standard_deviation(document, found):
    """The total variance of a Bernoulli pixel is mean × (1 − mean)."""
    noisy, last = told(document.with_setting(CompletionsSettings(with_noise=True)))[-1], found[-1]
    assert np.all(noisy.deviation >= last.deviation)
    mean = last.mean / 254
    np.testing.assert_allclose(noisy.deviation**2, mean * (1 - mean), atol=0.003)


def test_without_measurements_completions_are_samples_of_the_prior(document):
    unseen = told(document.with_observation(Brushed((Stroke(((0.5, 0.5, 0.5),), 0.1),))).step_to(0))[-1]
    assert unseen.encoder is None
    assert unseen.log_evidence == 0
    (mode,) = unseen.divided.modes
    assert mode.share == pytest.approx(1)
    drawn = document.loaded_model.vae.decode(np.random.default_rng(0).standard_normal((2000, 2)))
    assert np.abs(unseen.mean / 254 - drawn.mean(axis=0)).max() < 5 * 0.5 / np.sqrt(2000)
    assert np.abs(unseen.deviation - drawn.std(axis=0)).max() < 0.05


def test_one_sentence_says_why_there_are_no_completions(document):
    assert [each.unavailable for each in told(Latent())] == [NO_IMAGE]
    (grey,) = told(document.with_observation(GreyFromColour()))
    assert "colour" in grey.unavailable


def test_the_settings_are_saved_in_a_session(document):
    chosen = document.with_setting(CompletionsSettings(48, 9, as_seen=True, with_noise=True))
    assert decode(encode(Session(chosen))).document == chosen
