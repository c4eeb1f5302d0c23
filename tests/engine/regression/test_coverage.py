"""Coverage: exact models keep their promise, wrong ones break it by what can be worked out by hand."""

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
    """A constant truth, and a model that knows it is one, sees it through noise, and thinks the noise has β."""
    model = LinearModel(Polynomial(0), 1e-9, GaussianNoise(beta))
    settings = CoverageSettings("this truth", repeats, 8)
    return Regression(model, Source(Line(0.3, 0.0), sigma), settings=(settings,), **changes)


@pytest.mark.parametrize("name", EXACT)
def test_a_right_model_keeps_its_promise_everywhere_and_on_the_whole(name):
    document = Regression(EXACT[name], settings=(CoverageSettings(repeats=1500, observations=5),))
    found = counted(document)
    df = 2 * 2.0 + 5
    stretch = np.sqrt(df / (df - 2))
    law, times = (stats.t(df), stretch) if name == "unknown noise" else (stats.norm, 1)
    expected = np.tile([law.cdf(m * times) - law.cdf(-m * times) for m in (1, 2)], 2)
    np.testing.assert_allclose(found.expected, expected, atol=1e-12)
    binomial = np.sqrt(expected * (1 - expected) / 1500)
    assert np.all(np.abs(found.held - expected[:, None]) < 4.5 * binomial[:, None])
    np.testing.assert_allclose(found.binomial, np.repeat(binomial[:, None], PLACES, axis=1), atol=1e-12)
    assert np.all(np.abs(found.counted - expected) < 4 * found.error)
    assert {found.verdict(band) for band in range(4)} == {"keeps its promise within its error"}


@pytest.mark.parametrize(("beta", "words"), [(100.0, "too narrow: 38."), (25.0, "keeps"), (6.25, "too wide: 95.")])
def test_a_wrong_precision_is_off_by_as_much_as_can_be_worked_out(beta, words):
    """Error and band are both √(1 + 1/N) or √(1/N) of a noise: of σ the one, of 1/√β the other."""
    found, ratio = counted(constant(beta)), 1 / (0.2 * np.sqrt(beta))
    share = np.tile([2 * stats.norm.cdf(m * ratio) - 1 for m in (1, 2)], 2)
    np.testing.assert_allclose(found.counted, share, atol=0.045)
    assert np.all(np.abs(found.counted - share) < 4 * found.error + 1e-3)
    assert words in found.verdict(0)
    assert words in found.verdict(2)


def test_a_line_through_a_sinusoid_is_found_out():
    truth = Source(Expression("sin(6.3*x)"), 0.05, 0, 1)
    found = counted(Regression(source=truth, settings=(CoverageSettings("this truth", 200, 30),)))
    assert "too narrow" in found.verdict(0)
    assert found.counted[0] < 0.2
    assert found.held[0].min() == 0
    assert found.held[0].max() > 0.2  # where the two cross


def test_the_error_is_that_of_repeats_and_not_of_places():
    """A constant is right everywhere or nowhere; fresh noise is drawn anew at each place."""
    found = counted(constant(25.0))
    share = found.counted[0]
    assert np.ptp(found.held[0]) == 0
    assert found.error[0] == pytest.approx(np.sqrt(share * (1 - share) / 2000), rel=1e-3)
    assert found.error[2] < found.error[0] / 2
    several = [counted(constant(25.0, repeats=100, seed=seed)) for seed in range(60)]
    scatter = np.std([one.counted for one in several], axis=0)
    np.testing.assert_allclose(np.mean([one.error for one in several], axis=0), scatter, rtol=0.4)


def test_repeats_that_all_agree_prove_little():
    found = counted(constant(1e-3, repeats=10))
    np.testing.assert_array_equal(found.counted, 1)
    assert np.all(found.error > 0)
    assert "keeps" in found.verdict(1)
    assert "too wide" in counted(constant(1e-3, repeats=400)).verdict(1)


def test_the_seed_decides_all():
    document = Regression(settings=(CoverageSettings(repeats=50),))

    def afresh(seed):
        made = Experiment(document.model, document[CoverageSettings], document.source, ORIGINAL, seed, 3)
        *_, last = made.unfold()
        return last.held

    np.testing.assert_array_equal(afresh(1), afresh(1))
    assert not np.array_equal(afresh(1), afresh(2))


def test_what_is_abandoned_leaves_nothing_and_goes_on_as_if_it_had_not_been():
    document = Regression(settings=(CoverageSettings(repeats=400, observations=4),), seed=77)
    whole = Experiment(document.model, document[CoverageSettings], document.source, ORIGINAL, 77, 4)
    *_, expected = whole.unfold()
    threads = threading.active_count()
    for _ in range(5):
        unfolding = Scheduler().unfold(document, {coverage: ANYWHERE})
        assert coverage not in next(unfolding)
        next(unfolding)
        unfolding.close()
    assert threading.active_count() == threads
    found = counted(document)
    assert found.repeats == 400
    for name in ("held", "counted", "error"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_it_says_how_far_it_is_and_ends_with_the_whole():
    document = Regression(LinearModel(noise=StudentTNoise()), settings=(CoverageSettings(repeats=10, observations=2),))
    made = Experiment(document.model, document[CoverageSettings], document.source, ORIGINAL, 5, 2)
    values = list(made.unfold())
    assert any(value is PENDING for value in values)
    repeats = [value.repeats for value in values if value is not PENDING]
    assert repeats == sorted(set(repeats))
    assert repeats[-1] == 10


def test_what_was_counted_is_remembered_whatever_else_changes():
    document = Regression(settings=(CoverageSettings(repeats=20),)).with_drawn_points(3)
    found = counted(document)
    for same in (document, document.pin((0.1, 0.2)), document.move(0, 0.5, 0.5), document.observe(0, 0).remove(0)):
        assert counted(same) is found
    for other in (document.with_drawn_points(1), document.with_precisions(3.0, 25.0), replace(document, seed=2)):
        assert counted(other) is not found


def test_the_number_of_observations():
    assert observed(Regression()) == 1
    assert observed(Regression().with_drawn_points(7)) == 7
    assert observed(Regression().with_drawn_points(7).step_to(3)) == 3
    assert observed(Regression(observations=Observations(range(5000), range(5000)), step=5000)) == MOST
    assert observed(Regression(settings=(CoverageSettings(observations=12),)).with_drawn_points(7)) == 12
    assert counted(Regression(settings=(CoverageSettings(repeats=10, observations=12),))).observations == 12


def test_units_change_no_count():
    plain = constant(100.0, repeats=300).with_drawn_points(9)
    units = plain.standardised().units
    scaled = replace(
        plain.standardised(), model=LinearModel(Polynomial(0), 1e-9, GaussianNoise(100 * units.t_scale**2))
    )
    one, other = counted(plain), counted(scaled)
    assert not scaled.units.are_original
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.held, other.held)


def test_where_the_truth_has_no_value_nothing_is_counted():
    settings = CoverageSettings("this truth", 20, 5)
    found = counted(Regression(source=Source(Expression("log(x)")), settings=(settings,)))
    assert found.x.min() > 0
    assert np.isfinite(found.counted).all()
    assert counted(Regression(source=Source(Expression("log(-1 - x*x)")), settings=(settings,))) is None
    assert (
        counted(Regression(source=Source(Expression("log(x)")), settings=(CoverageSettings(repeats=20),))).x.min() == -1
    )


def test_bands_of_heavy_tails_promise_what_their_density_holds():
    noise = StudentTNoise(df=3.0, scale=0.5)
    there = RobustPrediction(np.array([1.0, -2.0]), np.array([0.04, 0.5]), np.full(2, noise.variance), noise)
    rows = promised(there)
    np.testing.assert_allclose(rows[:2], np.repeat(NORMAL[:, None], 2, axis=1))
    for i, (spread, total) in enumerate(zip(np.sqrt(there.epistemic_variance), np.sqrt(there.variance), strict=True)):
        for times in (1, 2):

            def held(f, half=times * total):
                law = stats.t(noise.df, scale=noise.scale)
                return law.cdf(half - f) - law.cdf(-half - f)

            share, _ = integrate.quad(lambda f, s=spread: held(f) * stats.norm(0, s).pdf(f), -8 * spread, 8 * spread)
            assert rows[times + 1, i] == pytest.approx(share, abs=1e-5)


@pytest.mark.parametrize(
    "model", [LinearModel(noise=StudentTNoise()), LinearModel(Polynomial(4), noise=StudentTNoise())]
)
def test_every_way_to_the_posterior_can_be_counted(model):
    found = counted(Regression(model, settings=(CoverageSettings(repeats=20, observations=6),)))
    assert found.held.shape == (len(BANDS), PLACES)
    assert np.all((found.counted > 0.3) & (found.counted <= 1))
