"""Sketches: geometry in closed form, and sketches along the skeletons of real digits."""

import numpy as np
import pytest

from engine import session
from engine.latent.datasets.data_set import DataSet
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.inputs.sketch import GRID, MOST, PIECE, Sketch, _canvas, _cover
from engine.latent.inputs.stroke import FIRM, WIDTHS, Stroke, half_width
from engine.latent.model import open_model

MEDIUM = WIDTHS["Medium"]


class Light(DataSet):
    """Images of light."""

    light = True


def drawn(*strokes, width=MEDIUM):
    """Return a sketch of strokes, each a list of (x, y)."""
    sketch = Sketch()
    for stroke in strokes:
        for i, place in enumerate(stroke):
            point = (*place, FIRM)
            sketch = sketch.go_on(point) if i else sketch.begin(point, width)
    return sketch


def thinned(ink):
    """Return the skeleton of ink (h, w) of booleans, one pixel wide (Zhang & Suen 1984)."""
    ink = np.pad(ink, 1).astype(int)
    while True:
        before = ink.copy()
        for odd in (0, 1):
            n = [np.roll(ink, s, (0, 1)) for s in
                 ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))]  # fmt: skip
            turns = sum((a == 0) & (b == 1) for a, b in zip(n, n[1:] + n[:1], strict=True))
            up, right, down, left = n[0], n[2], n[4], n[6]
            kept = (up * right * left, up * down * left) if odd else (up * right * down, right * down * left)
            gone = (ink == 1) & (turns == 1) & (sum(n) >= 2) & (sum(n) <= 6) & (kept[0] == 0) & (kept[1] == 0)
            ink = np.where(gone, 0, ink)
        if np.array_equal(ink, before):
            return ink[1:-1, 1:-1] == 1


def retraced(digit, scale, left, top):
    """Return a sketch along a digit's skeleton, with a stroke from each pixel to each neighbour."""
    skeleton = thinned(digit > 127.5)
    pixels = {tuple(at) for at in np.argwhere(skeleton)}
    pairs = [(at, (at[0] + i, at[1] + j)) for at in pixels for i, j in ((0, 1), (1, 0), (1, 1), (1, -1))]
    lines = [pair for pair in pairs if pair[1] in pixels]
    place = lambda at: (left + scale * at[1] / 28, top + scale * at[0] / 28)  # noqa: E731
    return drawn(*([place(a), place(b)] for a, b in lines), width=scale * 2.6 / 28)


def likeness(one, other):
    """Return the largest correlation of two images if one is moved by a pixel, because centring rounds."""
    moved = [np.roll(other, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return max(np.corrcoef(one.ravel(), there.ravel())[0, 1] for there in moved)


@pytest.fixture(scope="module")
def digits():
    """Return eight digits of each class."""
    test = Mnist().test()
    numbers = np.concatenate([np.flatnonzero(test.labels == label)[:8] for label in range(10)])
    return test.pixels[numbers], test.labels[numbers]


def voted(mean):
    """The commonest class among the 15 nearest test images."""
    landed = open_model("mnist").embedding
    nearest = np.argsort(np.hypot(*(landed.mean - mean).T))[:15]
    return np.bincount(landed.labels[nearest]).argmax()


@pytest.mark.slow
def test_retraced_digits_land_among_their_class(digits):
    vae, right, sure = open_model("mnist").vae, 0, 0
    for pixels, label in zip(*digits, strict=True):
        if voted(vae.encode(pixels[None] / np.float32(255))[0][0]) != label:
            continue  # the model misclassifies the digit itself
        sketch = retraced(pixels, 0.6, 0.3, 0.05).pixels(Mnist(), (28, 28))
        sure += 1
        right += voted(vae.encode(sketch[None] / np.float32(255))[0][0]) == label
    assert sure >= 55
    assert right / sure >= 0.85


@pytest.mark.slow
def test_retraced_digits_are_centred_and_as_large_as_mnist(digits):
    i = np.arange(28)
    for pixels in digits[0]:
        made = retraced(pixels, 0.5, 0.45, 0.4).pixels(Mnist(), (28, 28)).astype(float)
        assert abs(made.sum(1) @ i / made.sum() - 14) <= 0.51
        assert abs(made.sum(0) @ i / made.sum() - 14) <= 0.51
        assert max((made > 0).any(1).sum(), (made > 0).any(0).sum()) == 20


@pytest.mark.slow
def test_it_does_not_matter_where_and_how_large_one_draws(digits):
    for pixels in digits[0][::9]:
        one = retraced(pixels, 0.4, 0.05, 0.55).pixels(Mnist(), (28, 28)).astype(float)
        other = retraced(pixels, 0.9, 0.06, 0.04).pixels(Mnist(), (28, 28)).astype(float)
        assert likeness(one, other) > 0.93


@pytest.mark.parametrize("pressure", [0.1, 0.5, 1.0])
def test_the_area_of_a_stroke_is_that_of_its_capsule(pressure):
    sketch = Sketch().begin((0.3, 0.4, pressure), MEDIUM).go_on((0.7, 0.6, pressure))
    r, length = GRID * half_width(pressure, MEDIUM), GRID * np.hypot(0.4, 0.2)
    assert _canvas(sketch.strokes).sum() == pytest.approx(np.pi * r**2 + 2 * r * length, rel=0.01)
    dot = Sketch().begin((0.3, 0.4, pressure), MEDIUM)
    assert _canvas(dot.strokes).sum() == pytest.approx(np.pi * r**2, rel=0.02)


def test_a_stroke_that_grew_is_the_stroke_that_was_drawn_at_once():
    places = [(0.5 + 0.3 * np.cos(a), 0.5 + 0.2 * np.sin(2 * a)) for a in np.linspace(0, 6, 100)]
    sketch = Sketch()
    for i, place in enumerate(places):
        sketch = sketch.go_on((*place, FIRM)) if i else sketch.begin((*place, FIRM), MEDIUM)
        grown = _canvas(sketch.strokes)
    _canvas.cache_clear()
    _cover.cache_clear()
    np.testing.assert_array_equal(_canvas(sketch.strokes), grown)
    assert len(sketch.strokes) == 2
    assert max(len(stroke.points) for stroke in sketch.strokes) <= PIECE


def test_an_eraser_takes_ink_away_and_only_there():
    line = drawn([(0.1, 0.5), (0.9, 0.5)])
    wiped = line.begin((0.5, 0.3, FIRM), 0.2, erases=True).go_on((0.5, 0.7, FIRM))
    before, after = _canvas(line.strokes), _canvas(wiped.strokes)
    away = np.abs(np.arange(GRID) + 0.5 - GRID / 2) > 0.11 * GRID
    np.testing.assert_array_equal(after[:, away], before[:, away])
    assert not after[:, np.abs(np.arange(GRID) + 0.5 - GRID / 2) < 0.09 * GRID].any()


def test_light_is_the_whole_pad_black_on_white():
    sketch = drawn([(0.1, 0.25), (0.9, 0.25)])
    light = sketch.pixels(Light(), (32, 32, 3))
    assert light.shape == (32, 32, 3)
    assert light[7:9, 8:24].max() < 10
    assert light[20:].min() == 255
    np.testing.assert_array_equal(sketch.pixels(Light(), (32, 32)), light[..., 0])


def test_a_full_sketch_is_refused_and_a_resting_pen_draws_nothing():
    sketch = drawn(*([(0.5, 0.5)] for _ in range(MOST)))
    with pytest.raises(ValueError, match=r"The sketch is full: it has 256 strokes\."):
        sketch.begin((0.1, 0.1, FIRM), MEDIUM)
    assert sketch.go_on((0.502, 0.499, FIRM)) is sketch


def test_an_absurd_stroke_cannot_be_made():
    with pytest.raises(ValueError, match="Points"):
        Stroke(((0.5, 1.5, 0.5),))
    with pytest.raises(ValueError, match="Strokes"):
        Sketch((Stroke(((0.5, 0.5, 0.5),)),) * (MOST + 1))


def test_a_sketch_survives_its_session_file():
    document = Latent().with_input(drawn([(0.1, 0.5), (0.9, 0.5)], [(0.2, 0.2)]))
    assert session.decode(session.encode(session.Session(document))).document == document
