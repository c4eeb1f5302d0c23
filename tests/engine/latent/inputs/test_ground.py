"""The ground of a picture: the ink of a digit does not depend on the light on the paper."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from engine.latent.datasets.mnist import Mnist
from engine.latent.inputs.centring import strengthened
from engine.latent.inputs.ground import has_light_ground, ink_on_ground, without_specks
from engine.latent.inputs.pasted import Pasted
from engine.latent.vae import load_model

CASES = Path(__file__).resolve().parents[3] / "data" / "cases"
H, W, EACH = 300, 400, 7
Y, X = np.mgrid[0:H, 0:W]
SHADES = {
    "even": np.ones((H, W)),
    "dim": np.full((H, W), 0.4),
    "from the left": 0.35 + 0.65 * X / W,
    "from the right": 1 - 0.65 * X / W,
    "from the top": 0.3 + 0.7 * Y / H,
    "across": 0.3 + 0.35 * (X / W + Y / H),
    "vignette": 1 - 1.2 * (((X - W / 2) / W) ** 2 + ((Y - H / 2) / H) ** 2),
    "lamp": 0.4 + 0.6 * np.exp(-(((X - 100) / 120) ** 2 + ((Y - 80) / 120) ** 2)),
    "sharp shadow": np.where(X + 0.3 * Y < 220, 0.45, 1.0),
    "sharp level shadow": np.where(Y < 150, 0.5, 1.0),
    "shadow of a hand": 1 - 0.5 / (1 + np.exp(-(X - 250) / 15)),
}


def sheet(digit, shade, light):
    """Return a large picture of an MNIST digit on paper or on a board, in some light."""
    ink = np.zeros((H, W))
    ink[50 : 50 + 28 * EACH, 100 : 100 + 28 * EACH] = np.kron(digit, np.ones((EACH, EACH))) / 255
    picture = 0.92 * shade * (1 - 0.75 * ink) if light else (0.12 + 0.75 * ink) * shade
    grain = np.random.default_rng(0).normal(0, 0.02, picture.shape)
    return np.rint(255 * np.clip(picture + grain, 0, 1)).astype(np.uint8)


SHADOWS = {
    "none": SHADES["even"],
    "sharp": SHADES["sharp shadow"],
    "level": SHADES["sharp level shadow"],
    "oblique": np.where(X - 0.5 * Y < 120, 0.3, 1.0),
    "round": np.where((X - 330) ** 2 + (Y - 180) ** 2 < 150**2, 0.45, 1.0),
    "corner": np.where((X > 190) & (Y > 140), 0.45, 1.0),
}
# Digits drawn with a pen, as lines through points of a grid of 28×28.
PEN = {
    1: [(14, 4), (14, 24)],
    2: [(8, 9), (10, 5), (15, 4), (19, 7), (18, 12), (8, 24), (20, 24)],
    3: [(9, 6), (14, 4), (19, 7), (17, 12), (13, 13), (18, 15), (20, 19), (15, 24), (8, 22)],
    4: [(10, 4), (8, 14), (19, 14), (18, 5), (18, 24)],
    7: [(8, 5), (20, 5), (13, 24)],
    0: [(14, 4), (9, 9), (8, 17), (13, 24), (19, 19), (20, 10), (14, 4)],
}


def pen_sheet(digit, shade, width=4):
    """Return a large picture of a digit on paper in some light; the lines are `width` of 300 pixels wide."""
    drawn = Image.new("L", (W, H))
    points = [(100 + x * EACH, 50 + y * EACH) for x, y in PEN[digit]]
    ImageDraw.Draw(drawn).line(points, fill=255, width=width, joint="curve")
    ink = np.asarray(drawn.filter(ImageFilter.GaussianBlur(0.7)), float) / 255
    picture = 0.92 * shade * (1 - 0.75 * ink)
    grain = np.random.default_rng(digit).normal(0, 0.02, picture.shape)
    return np.rint(255 * np.clip(picture + grain, 0, 1)).astype(np.uint8)


@pytest.mark.slow
def test_a_thin_digit_is_the_same_digit_in_any_sharp_shadow():
    model, known = load_model("mnist"), Mnist().test().first(3000)
    means = model.encode(known.pixels / np.float32(255))[0]
    for name, shadow in SHADOWS.items():
        images = np.stack([made(pen_sheet(digit, shadow)) for digit in PEN])
        for digit, mean in zip(PEN, model.encode(images / 255)[0], strict=True):
            nearest = np.argsort(((means - mean) ** 2).sum(1))[:15]
            assert np.bincount(known.labels[nearest]).argmax() == digit, (name, digit)


# Shadows narrower than the broadest strokes: of a cable, a pencil, an arm, and one that ends beside the digit.
NARROW = {
    "cable": np.where(np.abs(Y - 180) < 8, 0.65, 1.0),
    "pencil": np.where(np.abs(0.8 * (X - 200) - 0.6 * (Y - 150)) < 15, 0.65, 1.0),
    "beside": np.where(np.abs(X - 300) < 22, 0.45, 1.0),
    "arm": np.where(np.abs(Y - 180) < 30, 0.45, 1.0),
    "finger": np.where((np.abs(Y - 150) < 22) & (X > 210), 0.45, 1.0),
    "dark cable": np.where(np.abs(X - 215) < 8, 0.3, 1.0),
    "dark finger": np.where((np.abs(Y - 150) < 50) & (X > 210), 0.3, 1.0),
}


@pytest.mark.parametrize("width", [8, 14])
@pytest.mark.parametrize("shadow", NARROW)
def test_a_narrow_shadow_that_reaches_the_edge_is_no_stroke(shadow, width):
    plain, found = (made(pen_sheet(3, shade, width)) for shade in (SHADES["even"], NARROW[shadow]))
    assert np.abs(box(found) - box(plain)).max() <= 2
    assert likeness(found, plain) > 0.85


def test_a_broad_part_of_a_digit_is_no_shadow():
    """A stroke twice as broad as the others does not reach the edge."""
    ink = np.zeros((96, 128), np.float32)
    ink[20:76, 40:45], ink[71:76, 40:80], ink[20:76, 80:96] = 1, 1, 1
    found = ink_on_ground(np.clip(0.9 - 0.7 * ink, 0, 1))[0]
    np.testing.assert_array_equal(found > 0.5, ink > 0.5)


def test_only_a_picture_that_is_reduced_gets_stronger_strokes():
    images = Mnist().test().pixels[:2000]
    strengths = np.median(np.sort(images.reshape(2000, -1))[:, -30:], axis=1)
    faint = images[np.argmin(strengths)]
    assert strengths.min() < 200
    for picture, expected in ((faint, strengths.min()), (np.kron(faint, np.ones((4, 4), np.uint8)), 255)):
        assert np.median(np.sort(made(picture), axis=None)[-30:]) == pytest.approx(expected, abs=10)


def test_the_strokes_of_a_reduced_digit_become_as_strong_as_those_of_mnist():
    ink = np.zeros((28, 28), np.float32)
    ink[14, 2:26], ink[15, 2:26] = 0.5, 0.25
    stronger = strengthened(ink)
    np.testing.assert_allclose(stronger[14, 2:26], 1)
    np.testing.assert_allclose(stronger[15, 2:26], 0.5)
    strong = Mnist().test().pixels[0] / np.float32(255)
    assert strengthened(strong) is strong


def made(picture):
    return Pasted.of(picture, "sheet").pixels(Mnist(), (28, 28)).astype(float)


def box(image):
    rows, columns = np.flatnonzero(image.max(1) > 40), np.flatnonzero(image.max(0) > 40)
    return np.array([rows[0], rows[-1], columns[0], columns[-1]])


def likeness(one, other):
    """Return the largest correlation of two images if one is moved by at most a pixel."""
    moved = [np.roll(one, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return max(np.corrcoef(image.ravel(), other.ravel())[0, 1] for image in moved)


@pytest.mark.slow
@pytest.mark.parametrize("shade", SHADES)
@pytest.mark.parametrize("light", [True, False], ids=["paper", "board"])
def test_a_sheet_in_any_light_shows_the_same_digit(shade, light):
    for digit in Mnist().test().pixels[:12]:
        picture = sheet(digit, SHADES[shade], light)
        plain, found = made(sheet(digit, SHADES["even"], True)), made(picture)
        assert np.abs(box(found) - box(plain)).max() <= 2
        assert likeness(found, plain) > 0.9
        assert has_light_ground(Pasted.of(picture, "").grey) is light


def photographed(name):
    return made(np.asarray(Image.open(CASES / name).convert("RGB")))


@pytest.mark.parametrize("name", ["p02_photo_shade_one_side.jpg", "p04_photo_lined_paper.jpg"])
def test_photographs_of_one_digit_are_the_same_image(name):
    plain, other = photographed("p01_photo_even_light.jpg"), photographed(name)
    assert np.abs(box(plain) - box(other)).max() <= 2
    assert likeness(plain, other) > 0.98
    mean = load_model("mnist").encode(np.stack([plain, other]) / 255)[0]
    assert np.linalg.norm(mean[0] - mean[1]) < 0.3


def test_an_even_ground_is_taken_away_exactly():
    ink = np.zeros((60, 80), np.float32)
    ink[20:40, 30:34] = 1
    for picture, light in ((1 - ink, True), (ink, False)):
        found, is_light = ink_on_ground(picture)
        assert is_light is light
        np.testing.assert_array_equal(found / found.max(), ink)


def test_grain_and_thin_rules_are_no_ink_but_pale_ends_of_a_stroke_are():
    ink = np.zeros((20, 20), np.float32)
    ink[2:18, 10] = np.linspace(0.2, 1, 16)
    ink[5, 2:6], ink[15, 3] = 0.4, 0.1
    kept = without_specks(ink)
    np.testing.assert_array_equal(kept[:, 10], ink[:, 10])
    assert not kept[:, :8].any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 3), (8, 8)])
def test_the_smallest_pictures_have_a_ground_too(shape):
    picture = np.full(shape, 0.5, np.float32)
    assert ink_on_ground(picture)[0].max() == pytest.approx(0, abs=1e-6)
