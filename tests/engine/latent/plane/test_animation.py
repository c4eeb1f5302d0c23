"""Animations and strips, read back with Pillow."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from engine.latent.plane.animation import animation, coloured, enlarged, strip_png, strip_svg

RNG = np.random.default_rng(3)
GREY = np.repeat(RNG.integers(0, 255, (5, 6, 4, 1), np.uint8), 3, axis=3)
COLOUR = RNG.integers(0, 255, (40, 9, 7, 3), np.uint8)  # about 2500 colours
KINDS = ("gif", "png", "webp")


def read(content):
    with Image.open(io.BytesIO(content)) as image:
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
        return image.format.lower(), image.info, np.stack(frames)


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_is_exact_and_the_animation_repeats_endlessly(kind):
    name, info, frames = read(animation(GREY, kind, 80))
    assert name == kind
    assert info["loop"] == 0
    np.testing.assert_array_equal(frames, GREY)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_have_the_given_duration(kind):
    with Image.open(io.BytesIO(animation(GREY, kind, 80))) as image:
        for i in range(len(GREY)):
            image.seek(i)
            image.load()
            assert image.info["duration"] == 80


def test_many_colours_are_exact_except_in_a_gif_which_is_close():
    for kind in ("png", "webp"):
        np.testing.assert_array_equal(read(animation(COLOUR, kind, 40))[2], COLOUR)
    frames = read(animation(COLOUR, "gif", 40))[2]
    assert frames.shape == COLOUR.shape
    assert np.abs(frames.astype(int) - COLOUR).mean() < 20


@pytest.mark.parametrize("kind", KINDS)
def test_one_frame_is_an_image(kind):
    np.testing.assert_array_equal(read(animation(COLOUR[:1, :2, :2], kind, 40))[2], COLOUR[:1, :2, :2])


def test_ink_is_coloured_by_a_table_and_light_is_unchanged():
    table = RNG.integers(0, 256, (256, 3), np.uint8)
    ink = RNG.integers(0, 255, (2, 3, 4), np.uint8)
    made = coloured(ink, table)
    assert made.shape == (2, 3, 4, 3)
    np.testing.assert_array_equal(made[1, 2, 3], table[ink[1, 2, 3]])
    assert coloured(COLOUR, table) is COLOUR


def test_pixels_become_squares():
    made = enlarged(GREY, 10)
    assert made.shape == (5, 18, 12, 3)
    np.testing.assert_array_equal(made[:, 1::3, 2::3], GREY)
    np.testing.assert_array_equal(enlarged(GREY, 3), GREY)


@pytest.mark.parametrize(("n", "rows", "columns"), [(1, 1, 1), (5, 1, 5), (24, 1, 24), (30, 2, 24)])
def test_a_strip_has_the_frames_in_reading_order(n, rows, columns):
    frames = RNG.integers(0, 255, (n, 3, 4, 3), np.uint8)
    with Image.open(io.BytesIO(strip_png(frames))) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (3 * rows, 4 * columns, 4)
    for i in range(rows * columns):
        row, column = divmod(i, columns)
        cell = pixels[3 * row : 3 * row + 3, 4 * column : 4 * column + 4]
        assert np.all(cell[..., 3] == (255 if i < n else 0))
        if i < n:
            np.testing.assert_array_equal(cell[..., :3], frames[i])


def test_the_drawing_is_well_formed_and_contains_each_frame_exactly():
    import base64
    import xml.etree.ElementTree as Tree

    root = Tree.fromstring(strip_svg(GREY))
    images = [node for node in root if node.tag.endswith("image")]
    assert len(images) == len(GREY)
    for node, frame in zip(images, GREY, strict=True):
        content = node.get("{http://www.w3.org/1999/xlink}href").partition("base64,")[2]
        with Image.open(io.BytesIO(base64.b64decode(content))) as image:
            np.testing.assert_array_equal(np.asarray(image), frame)
    assert float(root.get("width")) >= max(float(node.get("x")) + float(node.get("width")) for node in images)
    assert float(root.get("height")) >= max(float(node.get("y")) + float(node.get("height")) for node in images)
