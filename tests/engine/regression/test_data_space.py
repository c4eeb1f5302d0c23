"""The curves of data space, and the heatmap of many observations."""

from types import SimpleNamespace

import numpy as np
from msgspec.structs import replace

from engine.derived import resolve
from engine.lecture import steps
from engine.plane import Viewport
from engine.regression import LinearModel, Observations, Polynomial
from engine.regression.data.observations import CROWD
from engine.regression.data_space import DataSpaceSettings, crowd, curves
from engine.regression.document import Regression
from engine.regression.own_data import fitting

LINE = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)
VIEW = Viewport(-1, 1, -2, 2)


def drawn(document):
    return resolve(document, {curves: VIEW}).get(curves)


def test_the_band_has_the_width_of_its_kind():
    for band, noise in (("predictive", 1), ("weights", 0)):
        for deviations in (1, 2):
            shown = drawn(LINE.with_setting(DataSpaceSettings(band=band, deviations=deviations)))
            prediction = LINE.model.condition(LINE.observations.x, LINE.observations.t).predict(shown.x)
            half = deviations * np.sqrt(prediction.epistemic_variance + noise * prediction.noise_variance)
            np.testing.assert_allclose(shown.band[1] - shown.mean, half)
            np.testing.assert_allclose(shown.mean - shown.band[0], half)
    assert drawn(Regression().with_setting(DataSpaceSettings(band="none"))).band is None


def test_samples_depend_continuously_on_the_observations():
    near = LINE.move(0, 0.9 + 1e-6, 0.15)
    np.testing.assert_allclose(drawn(near).samples, drawn(LINE).samples, atol=1e-4)


def test_many_observations_are_counted_in_cells():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (2, CROWD + 1))
    shown = resolve(Regression(observations=Observations(x, t)), {crowd: VIEW}).get(crowd)
    counts, *_ = np.histogram2d(t, x, bins=256, range=[[-2, 2], [-1, 1]])
    np.testing.assert_allclose(shown.image, np.floor(255 * counts / counts.max()), atol=1)
    assert crowd(LINE, VIEW) is None


def test_pinned_lines_have_their_weights():
    shown = drawn(LINE.pin((0.1, -0.4)))
    np.testing.assert_allclose(shown.pins, [0.1 - 0.4 * shown.x])


def test_the_same_document_gives_the_same_sample_lines():
    one, other = (drawn(steps()[3].document).samples for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_a_model_with_one_weight_has_a_mean_and_no_pinned_line():
    shown = drawn(replace(LINE.pin((0.1, 0.2)), model=LinearModel(Polynomial(0))))
    assert len(shown.mean) == len(shown.x)
    assert len(shown.pins) == 0


def test_observations_beyond_the_first_viewport_fit_with_room_at_the_edges_that_they_widen():
    """The room is 3 % of the first viewport, here 0.09 of x and 0.12 of t; the other edges stay."""
    shown = SimpleNamespace(home=Viewport(1, 4, 6, 10), observations=Observations([2.0, 5.0], [7.0, 1.0]))
    view = fitting(shown)
    np.testing.assert_allclose((view.left, view.right, view.bottom, view.top), (1.0, 5.09, 0.88, 10.0))
