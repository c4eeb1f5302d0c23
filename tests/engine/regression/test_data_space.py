"""The curves of data space, and the crowd of observations."""

import numpy as np
from msgspec.structs import replace

from engine.derived import resolve
from engine.lecture import steps
from engine.plane import Viewport
from engine.regression import LinearModel, Observations, Polynomial
from engine.regression.data.observations import CROWD
from engine.regression.data_space import DataSpaceSettings, crowd, curves
from engine.regression.document import Regression

LINE = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)
VIEW = Viewport(-1, 1, -2, 2)


def drawn(document):
    return resolve(document, {curves: VIEW}).get(curves)


def test_the_band_is_what_its_name_says():
    for band, noise in (("predictive", 1), ("weights", 0)):
        for deviations in (1, 2):
            found = drawn(LINE.with_setting(DataSpaceSettings(band=band, deviations=deviations)))
            there = LINE.model.condition(LINE.observations.x, LINE.observations.t).predict(found.x)
            half = deviations * np.sqrt(there.epistemic_variance + noise * there.noise_variance)
            np.testing.assert_allclose(found.band[1] - found.mean, half)
            np.testing.assert_allclose(found.mean - found.band[0], half)
    assert drawn(Regression().with_setting(DataSpaceSettings(band="none"))).band is None


def test_samples_move_a_little_when_a_point_moves_a_little():
    near = LINE.move(0, 0.9 + 1e-6, 0.15)
    np.testing.assert_allclose(drawn(near).samples, drawn(LINE).samples, atol=1e-4)


def test_a_crowd_is_counted_in_cells():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (2, CROWD + 1))
    found = resolve(Regression(observations=Observations(x, t)), {crowd: VIEW}).get(crowd)
    counts, *_ = np.histogram2d(t, x, bins=256, range=[[-2, 2], [-1, 1]])
    np.testing.assert_allclose(found.image, np.floor(255 * counts / counts.max()), atol=1)
    assert crowd(LINE, VIEW) is None


def test_pinned_lines_run_where_their_weights_say():
    found = drawn(LINE.pin((0.1, -0.4)))
    np.testing.assert_allclose(found.pins, [0.1 - 0.4 * found.x])


def test_the_same_document_gives_the_same_sample_lines():
    one, other = (drawn(steps()[3].document).samples for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_a_single_weight_has_a_mean_and_no_pinned_line():
    found = drawn(replace(LINE.pin((0.1, 0.2)), model=LinearModel(Polynomial(0))))
    assert len(found.mean) == len(found.x)
    assert len(found.pins) == 0
