"""Laws of every observation of an image."""

import msgspec
import numpy as np
import pytest

from engine.latent.inputs.stroke import Stroke
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.blur import Blur
from engine.latent.observations.brushed import MOST, Brushed, under
from engine.latent.observations.full import Full
from engine.latent.observations.grey_from_colour import GreyFromColour
from engine.latent.observations.half import Half
from engine.latent.observations.measurement import NoisyPixels, Pixels, Projection
from engine.latent.observations.observation import OBSERVATIONS
from engine.latent.observations.pixel_noise import GaussianNoise, SaltAndPepper
from engine.part import encode_hook

STROKES = (
    Stroke(((0.1, 0.1, 0.5), (0.8, 0.2, 0.5)), 0.2),
    Stroke(((0.5, 0.0, 0.5), (0.5, 0.9, 0.5)), 0.1),
    Stroke(((0.12, 0.1, 0.5),), 0.05),  # which reveals no new pixel
)
SHAPES = [(28, 28), (5, 7), (6, 6, 3)]


def examples():
    for kind in OBSERVATIONS:
        yield Brushed(STROKES) if kind is Brushed else kind()


every_observation = pytest.mark.parametrize("observation", list(examples()), ids=lambda o: type(o).__name__)
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def image(shape, seed=0):
    return np.random.default_rng(seed).random(shape)


every_case = pytest.mark.parametrize(
    ("observation", "shape"),
    [(o, shape) for o in examples() for shape in SHAPES if len(shape) == 3 or not isinstance(o, GreyFromColour)],
    ids=lambda value: str(value) if isinstance(value, tuple) else type(value).__name__,
)


@every_case
def test_a_picture_and_a_mask_after_every_step(observation, shape):
    found = observation.measure(image(shape))
    steps = observation.steps
    assert len(found.measurements) == steps
    assert found.pictures.shape == (steps + 1, *shape)
    assert found.known.shape == (steps + 1, *shape[:2])
    assert 0 <= found.pictures.min() <= found.pictures.max() <= 1
    assert not found.known[0].any()
    assert not found.pictures[0].any()
    assert not found.pictures[~found.known].any()
    assert (found.known[1:] >= found.known[:-1]).all()


@every_observation
def test_measuring_twice_gives_equal_measurements(observation):
    one, other = (observation.measure(image((6, 6, 3))) for _ in range(2))
    assert np.array_equal(one.pictures, other.pictures)
    for a, b in zip(one.measurements, other.measurements, strict=True):
        assert np.array_equal(a.values, b.values)


@every_observation
def test_an_observation_is_saved_and_opened_unchanged(observation):
    plain = msgspec.json.decode(msgspec.json.encode(observation, enc_hook=encode_hook))
    assert OBSERVATIONS.decode(plain) == observation


@every_case
def test_the_measurements_are_pixels_or_weighted_sums_of_the_image(observation, shape):
    x = image(shape)
    for measurement in observation.measure(x).measurements:
        if isinstance(measurement, Pixels):
            assert np.array_equal(measurement.values, x.ravel()[measurement.index])
            assert (np.diff(measurement.index) > 0).all()
        elif isinstance(measurement, Projection):
            dense = np.zeros((len(measurement.values), x.size))
            dense[measurement.rows, measurement.columns] = measurement.weights
            assert measurement.values == pytest.approx(dense @ x.ravel())
            assert dense.sum(axis=1) == pytest.approx(1)
            assert (np.diff(measurement.rows) >= 0).all()
            assert measurement.disjoint == ((dense != 0).sum(axis=0).max() <= 1)
        else:
            assert isinstance(measurement, NoisyPixels)
            assert len(measurement.values) == x.size


@every_shape
def test_strokes_show_each_pixel_once_and_all_of_them_together(shape):
    x = image(shape)
    found = Brushed(STROKES).measure(x)
    shown = np.concatenate([measurement.index for measurement in found.measurements])
    assert len(np.unique(shown)) == len(shown)
    together = np.zeros(shape[:2], bool)
    for stroke in STROKES:
        together |= under(stroke, shape)
    channels = x.size // together.size
    assert sorted(shown) == np.flatnonzero(np.repeat(together, channels)).tolist()
    assert np.array_equal(found.known[-1], together)


def test_the_first_strokes_show_what_they_show_with_all_of_them():
    x = image((28, 28))
    whole, first = Brushed(STROKES).measure(x), Brushed(STROKES).first(2).measure(x)
    assert np.array_equal(first.pictures, whole.pictures[:3])


def test_a_stroke_shows_what_lies_within_half_its_width():
    mask = under(Stroke(((0.5, 0.5, 0.5),), 0.3), (10, 10))
    rows, columns = np.nonzero(mask)
    away = np.hypot((columns + 0.5) / 10 - 0.5, (rows + 0.5) / 10 - 0.5)
    assert away.max() <= 0.15
    assert mask.sum() == 4


def test_a_stroke_is_as_wide_as_the_pen_was_pressed_along_the_way():
    mask = under(Stroke(((0.1, 0.5, 0.0), (0.9, 0.5, 1.0)), 0.2), (100, 100))
    rows, columns = np.nonzero(mask)
    wide = np.bincount(columns, minlength=100) / 100
    x = (np.arange(10, 90) + 0.5) / 100
    expected = 0.2 * (0.4 + 1.2 * (x - 0.1) / 0.8)  # from 0.4 to 1.6 times its width
    assert wide[10:90] == pytest.approx(expected, abs=0.021)
    assert abs(rows - 49.5).max() / 100 <= 0.16


def test_the_thinnest_stroke_shows_the_pixel_it_is_in():
    assert np.argwhere(under(Stroke(((0.99, 0.0, 0.0),), 0.01), (28, 28))).tolist() == [[0, 27]]


@pytest.mark.parametrize("which", ["top", "bottom", "left", "right"])
def test_two_halves_are_the_whole(which):
    other = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}[which]
    x = image((5, 7))
    index = [Half(half).measure(x).measurements[0].index for half in (which, other)]
    assert sorted(np.concatenate(index)) == list(range(35))
    first = np.unravel_index(Half(which).measure(x).measurements[0].index[0], (5, 7))
    assert first == {"top": (0, 0), "left": (0, 0), "bottom": (2, 0), "right": (0, 3)}[which]


def test_averages_are_of_whole_blocks_and_of_what_is_left_at_the_edge():
    x = np.arange(12.0).reshape(3, 4) / 12
    (measurement,) = BlockAverage(side=2).measure(x).measurements
    expected = [x[:2, :2].mean(), x[:2, 2:].mean(), x[2:, :2].mean(), x[2:, 2:].mean()]
    assert measurement.values == pytest.approx(expected)


def test_a_blur_keeps_an_even_picture_and_spreads_a_point_evenly():
    assert Blur().measure(np.full((9, 9), 0.7)).measurements[0].values == pytest.approx(0.7)
    point = np.zeros((21, 21))
    point[10, 10] = 1
    spot = Blur(width=1.5).measure(point).pictures[1]
    assert spot == pytest.approx(spot.T)
    assert spot[10, 11] / spot[10, 10] == pytest.approx(np.exp(-0.5 / 1.5**2))


@pytest.mark.parametrize("shape", [(4, 6), (5, 3, 3)], ids=str)
def test_a_blur_is_the_product_of_what_it_does_along_both_sides(shape):
    (measurement,) = Blur(width=0.8).measure(image(shape)).measurements
    dense = np.zeros((len(measurement.values),) * 2)
    dense[measurement.rows, measurement.columns] = measurement.weights
    down, across = measurement.factors
    channels = dense.shape[0] // (shape[0] * shape[1])
    assert dense == pytest.approx(np.kron(np.kron(down, across), np.eye(channels)))


def test_noise_is_as_large_as_it_says():
    x = np.full((100, 100), 0.5)
    errors = GaussianNoise(deviation=0.3).measure(x).measurements[0].values - 0.5
    assert errors.std() == pytest.approx(0.3, rel=0.03)
    ink = (image((100, 100)) > 0.5).astype(float)
    salted = SaltAndPepper(rate=0.4).measure(ink).measurements[0].values.reshape(100, 100)
    assert set(np.unique(salted)) == {0.0, 1.0}
    assert (salted != ink).mean() == pytest.approx(0.2, abs=0.02)
    assert len(np.unique(SaltAndPepper(rate=0.4).measure(image((100, 100))).measurements[0].values)) > 9000


def test_another_seed_is_other_noise():
    x = image((6, 6))
    assert not np.array_equal(GaussianNoise(seed=1).measure(x).pictures, GaussianNoise(seed=2).measure(x).pictures)


def test_grey_is_the_luma_and_grey_images_are_refused():
    (measurement,) = GreyFromColour().measure(np.array([[[1.0, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 1, 1]]])).measurements
    assert measurement.values == pytest.approx([0.299, 0.587, 0.114, 1.0])
    with pytest.raises(ValueError, match="needs coloured images"):
        GreyFromColour().measure(np.zeros((4, 4)))


def test_brushing_is_refused_above_the_most_strokes():
    brushed = Brushed().begin((0.2, 0.3, 0.5), 0.1).go_on((0.5, 0.5, 0.5))
    assert brushed.strokes[0].points == ((0.2, 0.3, 0.5), (0.5, 0.5, 0.5))
    assert brushed.go_on((0.501, 0.501, 0.5)) is brushed
    assert brushed.without(0) == Brushed()
    with pytest.raises(ValueError, match="Undo some of them"):
        Brushed(STROKES[:1] * MOST).begin((0, 0, 0.5), 0.1)


def test_strokes_can_change_places():
    brushed = Brushed(STROKES).reorder(0, 2)
    assert brushed.strokes == (STROKES[1], STROKES[2], STROKES[0])


def test_the_whole_image_is_all_of_its_pixels():
    (measurement,) = Full().measure(image((4, 4))).measurements
    assert measurement.index.tolist() == list(range(16))
