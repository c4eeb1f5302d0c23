"""The values of the panels Predictive, Samples and Uncertainty budget."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats

from engine.plane import Viewport
from engine.regression import NOISES, GaussianBumps, GaussianNoise, LinearModel, Observations, Source
from engine.regression.data_space import DataSpaceSettings
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred
from engine.regression.predictive import ROWS, PredictiveSettings, predictive
from engine.regression.samples import DRAWS, FRAMES, SamplesSettings, closed_walk, samples
from engine.regression.uncertainty_budget import gains, sliced

X = np.arange(10) / 9
T = np.array([0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502])
SINUSOID = Regression(
    model=LinearModel(GaussianBumps()), observations=Observations(X, T), step=10, source=Source(low=0, high=1)
)
VIEW = Viewport(0.0, 1.0, -2.0, 2.0)
every_noise = pytest.mark.parametrize("kind", list(NOISES), ids=lambda kind: kind.__name__)


def test_the_bands_have_the_published_widths():
    result = predictive(SINUSOID, Viewport(0.25, 3.0, -2, 2))
    assert result.mean[0] == pytest.approx(1.050768309514, abs=1e-11)
    assert result.total[0] == pytest.approx(0.262318027790, abs=1e-11)
    assert result.epistemic[0] == pytest.approx(0.169737290256, abs=1e-11)
    assert result.total[-1] == pytest.approx(0.415946384109, abs=1e-11)
    assert result.density is None


def test_the_density_has_its_maximum_at_the_mean_and_the_predictive_width():
    shown = replace(SINUSOID, settings=(PredictiveSettings("density"), Display(show_truth=False)))
    result = predictive(shown, VIEW)
    assert result.truth is None
    assert result.density.image.max() == 255
    rows = np.argmax(result.density.image, axis=0)
    t = np.linspace(VIEW.bottom, VIEW.top, 2 * ROWS + 1)[1::2]
    np.testing.assert_allclose(t[rows], result.mean, atol=6 / ROWS)
    narrowest = np.argmin(result.total)
    column = result.density.image[:, narrowest] / 255
    expected = np.exp(-0.5 * ((t - result.mean[narrowest]) / result.total[narrowest]) ** 2)
    np.testing.assert_allclose(column, expected, atol=0.02)


def test_every_frame_of_the_walk_consists_of_independent_draws():
    normals = closed_walk(np.random.default_rng(0), 4000, 3)
    assert len(normals) == DRAWS * FRAMES
    for frame in (0, 7, FRAMES, 5 * FRAMES + 13):
        for i in range(3):
            assert stats.kstest(normals[frame, :, i], "norm").pvalue > 1e-4


def test_the_walk_is_smooth_and_closed():
    normals = closed_walk(np.random.default_rng(0), 5, 3)
    steps = np.abs(np.diff(np.concatenate([normals, normals[:1]]), axis=0))
    assert steps.max() < 0.5


@every_noise
def test_transported_normals_are_draws_from_the_posterior(kind):
    posterior = LinearModel(noise=kind()).condition([0.3, -0.5, 0.9], [0.1, -0.4, 0.6])
    rng = np.random.default_rng(1)
    one, other = posterior.transport(rng.standard_normal((20_000, 3))), posterior.sample(rng, 20_000)
    for i in range(2):
        assert stats.ks_2samp(one[:, i], other[:, i]).pvalue > 1e-4
    assert np.corrcoef(one.T)[0, 1] == pytest.approx(np.corrcoef(other.T)[0, 1], abs=0.05)


def test_samples_are_drawn_from_the_prior_if_it_is_chosen():
    many = DataSpaceSettings(samples=200), SamplesSettings("prior")
    result = samples(replace(SINUSOID, settings=many), VIEW)
    assert result.frames.shape == (DRAWS * FRAMES, 200, len(result.x))
    variance = inferred(SINUSOID.model, Observations()).predict(result.x).epistemic_variance
    np.testing.assert_allclose(result.frames.var(axis=(0, 1)), variance, rtol=0.15)
    np.testing.assert_array_equal(result.mean, 0)


@every_noise
def test_the_budget_adds_up_and_the_slice_is_a_density(kind):
    model = LinearModel(GaussianBumps(), noise=kind())
    budget = sliced(replace(SINUSOID, model=model), 0.3)
    mass = np.trapezoid(budget.density, budget.t)
    assert 0.98 < mass <= 1.001
    prediction = inferred(model, SINUSOID.observations).predict([0.3])
    assert budget.epistemic**2 + budget.noise**2 == pytest.approx(prediction.variance[0])
    assert budget.mean == pytest.approx(prediction.mean[0])


def test_the_information_gain_is_the_reduction_of_the_entropy():
    document = replace(SINUSOID, step=4)
    result, before = gains(document, VIEW), inferred(document.model, document.taken)
    for i in (0, 100, 256):
        after = before.update(float(result.x[i]), 17.0)  # any t gives the same reduction
        entropy = [0.5 * np.linalg.slogdet(density.weights.covariance)[1] for density in (before, after)]
        assert result.gain[i] == pytest.approx(entropy[0] - entropy[1], abs=1e-9)
    assert result.gain[np.searchsorted(result.x, result.best)] == result.gain.max()


def test_of_equally_informative_x_the_middle_is_chosen():
    flat = Regression(
        model=LinearModel(GaussianBumps(count=1, width=1000.0, low=-1.0, bias=False), 1.0, GaussianNoise(1.0))
    )
    assert gains(flat, VIEW).best == pytest.approx(0, abs=0.01)


def test_measuring_draws_from_the_true_function_and_is_reproducible():
    source = Source(noise=0.2)
    drawn = [replace(SINUSOID, source=source, seed=seed).measure(0.4).observations.t[-1] for seed in range(400)]
    standardised = (np.array(drawn) - (-0.3 + 0.5 * 0.4)) / 0.2
    assert stats.kstest(standardised, "norm").pvalue > 1e-4
    assert replace(SINUSOID, source=source, seed=3).measure(0.4).observations.t[-1] == drawn[3]
