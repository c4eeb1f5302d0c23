"""Exports: named columns with the exact values of the page."""

import numpy as np
import pytest

from engine.derived import ANYWHERE, resolve
from engine.lecture import steps
from engine.plane import Viewport
from engine.regression import export
from engine.regression.data.reading.table import written
from engine.regression.data_space import curves
from engine.regression.evidence import log_evidence
from engine.regression.ledger import MOST, ledger

VIEW = {curves: Viewport(-1, 1, -2, 2)}


def read_back(columns):
    """The names and the columns of the file, read by numpy."""
    lines = written(columns).splitlines()
    return lines[0].split(","), np.loadtxt(lines[1:], delimiter=",", ndmin=2).T


@pytest.fixture(params=[False, True], ids=["original", "standardised"])
def document(request):
    step = steps()[3].document
    return step.standardised() if request.param else step


def test_observations_are_exported_in_original_units(document):
    waiting = document.step_to(5)
    names, (x, t) = read_back(export.observations(resolve(waiting, VIEW)))
    assert names == ["x", "t"]
    assert x.tobytes() == document.observations.x.tobytes()
    assert t.tobytes() == document.observations.t.tobytes()


def test_the_curve_is_the_prediction_with_its_standard_deviations(document):
    scene = resolve(document, VIEW)
    names, (x, mean, epistemic, noise, total) = read_back(export.predictive_curve(scene))
    assert names == ["x", "mean", "epistemic_sd", "noise_sd", "total_sd"]
    assert (x[0], x[-1]) == (-1, 1)
    units = document.units
    scaled = [(document.observations.x - units.x_shift) / units.x_scale]
    scaled.append((document.observations.t - units.t_shift) / units.t_scale)
    prediction = document.model.condition(*scaled).predict((x - units.x_shift) / units.x_scale)
    np.testing.assert_allclose(mean, units.t_shift + units.t_scale * prediction.mean)
    np.testing.assert_allclose(epistemic, units.t_scale * np.sqrt(prediction.epistemic_variance))
    np.testing.assert_allclose(noise, units.t_scale / np.sqrt(document.model.noise.precision))
    np.testing.assert_allclose(total**2, epistemic**2 + noise**2)
    assert mean.tobytes() == scene.get(curves).mean.tobytes()


def test_samples_are_the_visible_lines(document):
    scene = resolve(document, VIEW)
    names, (x, *lines) = read_back(export.samples(scene))
    assert names == ["x", *(f"sample_{i}" for i in range(1, 7))]
    assert np.array(lines).tobytes() == scene.get(curves).samples.tobytes()
    assert x.tobytes() == scene.get(curves).x.tobytes()


@pytest.mark.parametrize("wanted", [VIEW, {**VIEW, ledger: ANYWHERE}], ids=["hidden", "seen"])
def test_the_ledger_ends_with_the_log_evidence(document, wanted):
    scene = resolve(document.step_to(17), wanted)
    names, columns = read_back(export.ledger_rows(scene))
    assert names == ["n", "x", "t", "surprise_nats", "gained_nats", "log_evidence_nats"]
    assert columns[0].tolist() == list(range(1, 18))
    assert columns[1].tobytes() == document.observations.x[:17].tobytes()
    assert columns[5][-1] == pytest.approx(log_evidence(scene.document))
    np.testing.assert_allclose(columns[5], -np.cumsum(columns[3]))


def test_a_long_ledger_contains_the_latest_rows():
    document = steps()[3].document.with_drawn_points(MOST)
    _, columns = read_back(export.ledger_rows(resolve(document, VIEW)))
    assert columns[0].tolist() == list(range(21, 21 + MOST))
    assert columns[1].tobytes() == document.observations.x[20:].tobytes()
    assert written(export.ledger_rows(resolve(document, VIEW))).splitlines()[1].startswith("21,")


def test_without_visible_lines_the_first_viewport_is_exported(document):
    scene = resolve(document, {})
    x = export.predictive_curve(scene)["x"]
    assert (x[0], x[-1]) == (document.home.left, document.home.right)
    assert set(export.samples(scene)) == {"x", *(f"sample_{i}" for i in range(1, 7))}
