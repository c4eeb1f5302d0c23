"""Standardised x and t: the model agrees with that of a scaled copy of the data, and results are in original units."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from engine import session
from engine.derived import ANYWHERE, resolve
from engine.plane import Viewport
from engine.regression import GaussianNoise, LinearModel, Observations, Polynomial, Source
from engine.regression.data.truths import Cubic, Line, Sinusoid
from engine.regression.data.units import Units
from engine.regression.data_space import curves
from engine.regression.document import Regression
from engine.regression.evidence import log_evidence
from engine.regression.ledger import ledger
from engine.regression.predictive import predictive
from engine.regression.probes import DataPlace, WeightPlace
from engine.regression.samples import samples
from engine.regression.weight_space import true_weights

YEARS = np.arange(1900.0, 2021.0)
LEVELS = 288 + 0.008 * (YEARS - 1900) + 0.2 * np.sin(YEARS)
MODEL = LinearModel(Polynomial(3), 2.0, GaussianNoise(precision=4.0))
PLAIN = Regression(model=MODEL).imported(Observations(YEARS, LEVELS))
VIEW = Viewport(1890, 2030, 287, 290)
WANTED = {curves: VIEW, ledger: ANYWHERE, log_evidence: ANYWHERE}


@pytest.fixture(scope="module")
def scaled():
    """The data scaled by scikit-learn, and a document of these data without units."""
    scaler = StandardScaler().fit(np.column_stack([YEARS, LEVELS]))
    x, t = scaler.transform(np.column_stack([YEARS, LEVELS])).T
    return scaler, Regression(model=MODEL, observations=Observations(x, t), step=len(x))


def test_the_observations_do_not_change_and_the_original_units_are_restored_exactly():
    on = PLAIN.standardised()
    assert on.observations.x.tobytes() == YEARS.tobytes()
    assert on.in_original_units() == PLAIN
    assert on.observe(1950.5, 288.0).in_original_units() == PLAIN.observe(1950.5, 288.0)


def test_the_model_is_that_of_the_scaled_data(scaled):
    scaler, plain = scaled
    on, scene, other = PLAIN.standardised(), resolve(PLAIN.standardised(), WANTED), resolve(plain, WANTED)
    lines = scene.get(curves)
    np.testing.assert_allclose([on.units.x_shift, on.units.t_shift], scaler.mean_)
    np.testing.assert_allclose([on.units.x_scale, on.units.t_scale], scaler.scale_)
    assert scene.get(log_evidence) == pytest.approx(other.get(log_evidence))
    np.testing.assert_allclose(scene.get(ledger).surprise, other.get(ledger).surprise, atol=1e-9)
    x = (lines.x - scaler.mean_[0]) / scaler.scale_[0]
    prediction = MODEL.condition(plain.observations.x, plain.observations.t).predict(x)
    np.testing.assert_allclose(lines.mean, scaler.mean_[1] + scaler.scale_[1] * prediction.mean)
    np.testing.assert_allclose(lines.total, scaler.scale_[1] * np.sqrt(prediction.variance))
    low, high = lines.band
    np.testing.assert_allclose(high - low, 2 * lines.total)


def test_answers_are_in_original_units(scaled):
    scaler, plain = scaled
    on = PLAIN.standardised()
    answer = DataPlace(1950.0, 288.0).answer(on).slice
    x = (1950.0 - scaler.mean_[0]) / scaler.scale_[0]
    other = DataPlace(x, 0.0).answer(plain).slice
    assert answer.mean == pytest.approx(scaler.mean_[1] + scaler.scale_[1] * other.mean)
    assert answer.epistemic == pytest.approx(scaler.scale_[1] * other.epistemic)
    assert answer.noise == pytest.approx(scaler.scale_[1] * other.noise)
    assert answer.gain == pytest.approx(other.gain)
    assert np.trapezoid(answer.density, answer.t) == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(answer.t, scaler.mean_[1] + scaler.scale_[1] * other.t)
    line = Regression(observations=on.observations, step=on.step).standardised()
    x, t = WeightPlace(0.5, -2.0, low=1900, high=2000).answer(line).curve
    u = (x - scaler.mean_[0]) / scaler.scale_[0]
    np.testing.assert_allclose(t, scaler.mean_[1] + scaler.scale_[1] * (0.5 - 2.0 * u))


def test_pins_and_samples_are_in_original_units(scaled):
    scaler, _ = scaled
    on = Regression(observations=PLAIN.observations, step=121).standardised().pin((0.5, -2.0))
    scene = resolve(on, dict.fromkeys((curves, predictive, samples), VIEW))
    lines = scene.get(curves)
    u = (lines.x - scaler.mean_[0]) / scaler.scale_[0]
    np.testing.assert_allclose(lines.pins[0], scaler.mean_[1] + scaler.scale_[1] * (0.5 - 2.0 * u))
    assert np.all(np.abs(lines.samples - 288.5) < 1)
    np.testing.assert_allclose(scene.get(predictive).mean, lines.mean)
    np.testing.assert_allclose(scene.get(predictive).total, lines.total)
    np.testing.assert_allclose(scene.get(samples).mean, lines.mean)
    assert np.all(np.abs(scene.get(samples).frames - 288.5) < 1)


@pytest.mark.parametrize("truth", [Line(-0.3, 0.5), Cubic(1.0, -2.0, 0.5, 0.1)])
def test_the_cross_is_at_the_weights_of_the_true_function(truth):
    """Compared with a fit to points of the true function in the units of the model."""
    document = Regression(
        model=MODEL, source=Source(truth), observations=Observations([1, 4, 6.0], [3, 1, 7.0]), step=3
    )
    on = document.standardised()
    x = np.linspace(-2, 9, 30)
    fitted = np.polynomial.polynomial.polyfit(on.units.x_of_model(x), on.units.t_of_model(truth.at(x)), 3)
    np.testing.assert_allclose(true_weights(on), fitted, atol=1e-9)
    np.testing.assert_allclose(true_weights(document)[:2], truth.weights[:2])
    assert true_weights(msgspec.structs.replace(on, source=Source(Sinusoid()))) is None


def test_the_true_function_and_drawn_points_stay_in_original_units():
    document = Regression().with_drawn_points(20)
    on = document.standardised()
    assert on.with_drawn_points(5).observations == document.with_drawn_points(5).observations
    lines = curves(on, Viewport(-1, 1, -1, 1))
    np.testing.assert_array_equal(lines.truth, -0.3 + 0.5 * lines.x)


def test_equal_values_have_a_scale_of_one():
    units = Units.standard(np.full(7, 123456789.1), np.array([0.0, 2.0] * 3 + [1.0]))
    assert (units.x_scale, units.x_shift) == (1.0, pytest.approx(123456789.1))
    assert units.t_scale == pytest.approx(np.sqrt(6 / 7))


def test_values_far_away_do_not_overflow():
    """Squares of fifteenth powers stay finite."""
    document = Regression(LinearModel(Polynomial(15)), observations=Observations([0.0, 1e-8], [0.0, 1e-8]), step=2)
    lines = curves(document.standardised(), Viewport(-1e9, 1e9, -1, 1))
    assert np.all(np.isfinite(lines.mean)) and np.all(np.isfinite(lines.total))


numbers = st.floats(-1e3, 1e3)


@pytest.mark.slow
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=40), st.data())
def test_running_statistics_in_other_units_agree_with_new_observations(rows, data):
    units, basis, grown = Units(1.5, 2.0, -3.0, 0.25), Polynomial(2), Observations()
    for x, t in rows:
        grown = grown.append(x, t)
        if data.draw(st.booleans()):
            grown.through(units).statistics(basis)
        if data.draw(st.booleans()):
            grown.first(max(0, len(grown) - 1)).append(9.0, 9.0).through(units).statistics(basis)  # another branch
    n = data.draw(st.integers(0, len(rows)))
    x, t = np.array(rows[:n]).reshape(-1, 2).T
    new = Observations((x - 1.5) / 2.0, (t + 3.0) / 0.25)
    shared, expected = grown.first(n).through(units), new.statistics(basis).triangle
    assert shared == new
    running = shared.statistics(basis).triangle
    np.testing.assert_allclose(running.T @ running, expected.T @ expected, rtol=1e-9, atol=1e-6)


def test_importing_replaces_or_adds_and_standardises_again():
    on = PLAIN.standardised()
    replaced = on.imported(Observations([1.0, 2.0], [5.0, 9.0]))
    assert (replaced.step, replaced.units) == (2, Units(1.5, 0.5, 7.0, 2.0))
    added = PLAIN.step_to(3).imported(Observations([1.0], [5.0]), adding=True)
    assert (added.step, len(added.observations), added.observations.x[-1]) == (122, 122, 1.0)
    assert added.units == Units()
    assert PLAIN.home.left < 1900 < 2020 < PLAIN.home.right
    assert PLAIN.clear() == Regression(model=MODEL)


def test_without_observations_there_is_nothing_to_standardise_by():
    with pytest.raises(ValueError, match="No observations"):
        Regression().standardised()


def test_units_and_frame_are_saved_in_sessions_if_they_are_not_defaults():
    on = PLAIN.standardised()
    assert session.decode(session.encode(session.Session(on))).document == on
    plain = msgspec.json.decode(session.encode(session.Session(Regression())))
    assert not {"units", "frame"} & set(plain["document"])
    assert session.decode(msgspec.json.encode(plain)).document == Regression()


@pytest.mark.parametrize(
    "values", [[5.0], [5.0, 5.0], [0.0, 0.0], [1e9, -1e9], [1e9, np.nextafter(1e9, 0)], [0, 5e-324]]
)
def test_all_imported_values_lie_in_the_first_viewport(values):
    document = Regression().imported(Observations(values, values))
    home = document.home
    assert home.left < min(values) <= max(values) < home.right
    assert np.all(np.isfinite(curves(document, home).mean))
    assert np.all(np.isfinite(curves(document.standardised(), home).mean))
