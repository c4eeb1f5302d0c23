"""Coverage: nominal for exact models, and of known size for misspecified ones."""

import threading

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import integrate, stats

from engine.derived import ANYWHERE, PENDING, Scheduler, resolve
from engine.regression import (
    Ellipse,
    GaussianBumps,
    GaussianNoise,
    Line,
    LinearModel,
    Polynomial,
    Source,
    StudentTNoise,
    UnknownNoise,
)
from engine.regression.coverage import (
    AGREES,
    BANDS,
    MOST,
    NORMAL,
    PLACES,
    CoverageSettings,
    Experiment,
    coverage,
    observed,
    promised,
)
from engine.regression.data.observations import Observations
from engine.regression.data.truths import Expression
from engine.regression.data.units import ORIGINAL
from engine.regression.document import Regression
from engine.regression.model.student_t_prediction import RobustPrediction

EXACT = {
    "line": LinearModel(),
    "ellipse": LinearModel(prior_shape=Ellipse(0.6, -0.6, 0.3, 0.1, 0.7)),
    "bumps": LinearModel(GaussianBumps(), noise=GaussianNoise(100.0)),
    "unknown noise": LinearModel(Polynomial(2), noise=UnknownNoise()),
}


def counted(document):
    return resolve(document, {coverage: ANYWHERE}).get(coverage)


def constant(beta, sigma=0.2, repeats=2000, **changes):
    """A constant true function with noise of σ = `sigma`, and a model of a constant with noise precision `beta`."""
    model = LinearModel(Polynomial(0), 1e-9, GaussianNoise(beta))
    settings = CoverageSettings("this truth", repeats, 8)
    return Regression(model, Source(Line(0.3, 0.0), sigma), settings=(settings,), **changes)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_an_exact_model_has_the_nominal_coverage_at_each_x_and_over_all_x(name):
    document = Regression(EXACT[name], settings=(CoverageSettings(repeats=1500, observations=5),))
    result = counted(document)
    df = 2 * 2.0 + 5
    stretch = np.sqrt(df / (df - 2))
    law, times = (stats.t(df), stretch) if name == "unknown noise" else (stats.norm, 1)
    expected = np.tile([law.cdf(m * times) - law.cdf(-m * times) for m in (1, 2)], 2)
    np.testing.assert_allclose(result.expected, expected, atol=1e-12)
    binomial = np.sqrt(expected * (1 - expected) / 1500)
    assert np.all(np.abs(result.held - expected[:, None]) < 4.5 * binomial[:, None])
    np.testing.assert_allclose(result.binomial, np.repeat(binomial[:, None], PLACES, axis=1), atol=1e-12)
    assert np.all(np.abs(result.counted - expected) < 4 * result.error)
    assert {result.verdict(band) for band in range(4)} == {AGREES}


@pytest.mark.slow
@pytest.mark.parametrize(("beta", "words"), [(100.0, "too narrow: 38."), (25.0, AGREES), (6.25, "too wide: 95.")])
def test_a_wrong_precision_changes_the_coverage_by_the_known_factor(beta, words):
    """Error and half-width are √(1 + 1/N) or √(1/N) times a standard deviation: σ for the error, 1/√β for the band."""
    result, ratio = counted(constant(beta)), 1 / (0.2 * np.sqrt(beta))
    fraction = np.tile([2 * stats.norm.cdf(m * ratio) - 1 for m in (1, 2)], 2)
    np.testing.assert_allclose(result.counted, fraction, atol=0.045)
    assert np.all(np.abs(result.counted - fraction) < 4 * result.error + 1e-3)
    assert words in result.verdict(0)
    assert words in result.verdict(2)


def test_a_line_fitted_to_a_sinusoid_is_too_narrow():
    truth = Source(Expression("sin(6.3*x)"), 0.05, 0, 1)
    result = counted(Regression(source=truth, settings=(CoverageSettings("this truth", 200, 30),)))
    assert "too narrow" in result.verdict(0)
    assert result.counted[0] < 0.2
    assert result.held[0].min() == 0
    assert result.held[0].max() > 0.2  # where the line crosses the sinusoid


@pytest.mark.slow
def test_the_standard_error_comes_from_whole_repeats():
    """The band of a constant contains it at every x or at none; the noise of new observations differs at each x."""
    result = counted(constant(25.0))
    fraction = result.counted[0]
    assert np.ptp(result.held[0]) == 0
    assert result.error[0] == pytest.approx(np.sqrt(fraction * (1 - fraction) / 2000), rel=1e-3)
    assert result.error[2] < result.error[0] / 2
    several = [counted(constant(25.0, repeats=100, seed=seed)) for seed in range(60)]
    scatter = np.std([one.counted for one in several], axis=0)
    np.testing.assert_allclose(np.mean([one.error for one in several], axis=0), scatter, rtol=0.4)


@pytest.mark.slow
def test_a_few_repeats_that_all_agree_are_not_significant():
    result = counted(constant(1e-3, repeats=10))
    np.testing.assert_array_equal(result.counted, 1)
    assert np.all(result.error > 0)
    assert result.verdict(1) == AGREES
    assert "too wide" in counted(constant(1e-3, repeats=400)).verdict(1)


def test_the_seed_decides_all_random_numbers():
    document = Regression(settings=(CoverageSettings(repeats=50),))

    def counted_with(seed):
        experiment = Experiment(document.model, document[CoverageSettings], document.source, ORIGINAL, seed, 3)
        *_, last = experiment.work.go()
        return last.held

    np.testing.assert_array_equal(counted_with(1), counted_with(1))
    assert not np.array_equal(counted_with(1), counted_with(2))


@pytest.mark.slow
def test_a_cancelled_count_leaves_no_thread_and_is_resumed_with_the_same_result():
    document = Regression(settings=(CoverageSettings(repeats=400, observations=4),), seed=77)
    whole = Experiment(document.model, document[CoverageSettings], document.source, ORIGINAL, 77, 4)
    *_, expected = whole.work.go()
    threads = threading.active_count()
    for _ in range(5):
        unfolding = Scheduler().unfold(document, {coverage: ANYWHERE})
        assert coverage not in next(unfolding)
        next(unfolding)
        unfolding.close()
    assert threading.active_count() == threads
    result = counted(document)
    assert result.repeats == 400
    for name in ("held", "counted", "error"):
        np.testing.assert_array_equal(getattr(result, name), getattr(expected, name))


@pytest.mark.slow
def test_intermediate_results_are_yielded_before_the_complete_one():
    document = Regression(LinearModel(noise=StudentTNoise()), settings=(CoverageSettings(repeats=10, observations=2),))
    experiment = Experiment(document.model, document[CoverageSettings], document.source, ORIGINAL, 5, 2)
    values = list(experiment.work.go())
    assert any(value is PENDING for value in values)
    repeats = [value.repeats for value in values if value is not PENDING]
    assert repeats == sorted(set(repeats))
    assert repeats[-1] == 10


def test_counts_are_cached_by_all_that_they_depend_on():
    document = Regression(settings=(CoverageSettings(repeats=20),)).with_drawn_points(3)
    result = counted(document)
    for same in (document, document.pin((0.1, 0.2)), document.move(0, 0.5, 0.5), document.observe(0, 0).remove(0)):
        assert counted(same) is result
    for other in (document.with_drawn_points(1), document.with_precisions(3.0, 25.0), replace(document, seed=2)):
        assert counted(other) is not result


def test_the_number_of_observations_in_a_repeat():
    assert observed(Regression()) == 1
    assert observed(Regression().with_drawn_points(7)) == 7
    assert observed(Regression().with_drawn_points(7).step_to(3)) == 3
    assert observed(Regression(observations=Observations(range(5000), range(5000)), step=5000)) == MOST
    assert observed(Regression(settings=(CoverageSettings(observations=12),)).with_drawn_points(7)) == 12
    assert counted(Regression(settings=(CoverageSettings(repeats=10, observations=12),))).observations == 12


@pytest.mark.slow
def test_units_do_not_change_the_counts():
    plain = constant(100.0, repeats=300).with_drawn_points(9)
    units = plain.standardised().units
    scaled = replace(
        plain.standardised(), model=LinearModel(Polynomial(0), 1e-9, GaussianNoise(100 * units.t_scale**2))
    )
    one, other = counted(plain), counted(scaled)
    assert not scaled.units.are_original
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.held, other.held)


def test_x_without_a_finite_true_function_are_not_counted():
    settings = CoverageSettings("this truth", 20, 5)
    result = counted(Regression(source=Source(Expression("log(x)")), settings=(settings,)))
    assert result.x.min() > 0
    assert np.isfinite(result.counted).all()
    assert counted(Regression(source=Source(Expression("log(-1 - x*x)")), settings=(settings,))) is None
    assert (
        counted(Regression(source=Source(Expression("log(x)")), settings=(CoverageSettings(repeats=20),))).x.min() == -1
    )


@pytest.mark.slow
def test_the_nominal_coverage_of_heavy_tails_is_the_integral_of_the_density():
    noise = StudentTNoise(df=3.0, scale=0.5)
    prediction = RobustPrediction(np.array([1.0, -2.0]), np.array([0.04, 0.5]), np.full(2, noise.variance), noise)
    rows = promised(prediction)
    np.testing.assert_allclose(rows[:2], np.repeat(NORMAL[:, None], 2, axis=1))
    deviations = np.sqrt(prediction.epistemic_variance), np.sqrt(prediction.variance)
    for i, (spread, total) in enumerate(zip(*deviations, strict=True)):
        for times in (1, 2):

            def held(f, half=times * total):
                law = stats.t(noise.df, scale=noise.scale)
                return law.cdf(half - f) - law.cdf(-half - f)

            fraction, _ = integrate.quad(lambda f, s=spread: held(f) * stats.norm(0, s).pdf(f), -8 * spread, 8 * spread)
            assert rows[times + 1, i] == pytest.approx(fraction, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", [LinearModel(noise=StudentTNoise()), LinearModel(Polynomial(4), noise=StudentTNoise())]
)
def test_coverage_works_for_every_method_of_the_posterior(model):
    result = counted(Regression(model, settings=(CoverageSettings(repeats=20, observations=6),)))
    assert result.held.shape == (len(BANDS), PLACES)
    assert np.all((result.counted > 0.3) & (result.counted <= 1))


def test_a_count_that_lacked_memory_is_made_again(monkeypatch):
    document, repeat = constant(25.0, repeats=10, seed=4711), Experiment._repeat

    def full(*_):
        raise MemoryError

    monkeypatch.setattr(Experiment, "_repeat", full)
    with pytest.raises(MemoryError):
        counted(document)
    monkeypatch.setattr(Experiment, "_repeat", repeat)
    assert counted(document).repeats == 10
