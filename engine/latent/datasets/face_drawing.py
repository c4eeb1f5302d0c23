"""Drawings of faces from their factors; all features lie on a round head and move when the head rotates.

The edges are soft (see `canvas`), so that each factor changes every pixel smoothly.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.latent.datasets.canvas import Canvas, Values, Window, each

# Lengths are in half sides of the image, y down. Angles are in radians around the head's axis, from the face's centre.
HEAD, HEAD_DOWN = (0.57, 0.68), 0.0  # half axes
TURN = 0.38  # radians of rotation at a head turn of 1; with more, rotation would change far more pixels than a smile
EYES, EYES_DOWN = 0.44, 0.0
MOUTH_DOWN = 0.37

INK = (0.14, 0.11, 0.13)
WHITE = (1.0, 0.99, 0.97)
MOUTH = (0.42, 0.09, 0.12)
LIPS = np.array([0.62, 0.28, 0.28], np.float32)  # multiplies the colour of the skin
IRIS = (0.28, 0.33, 0.36)
SHIRT = (0.20, 0.42, 0.62)
SKINS = ((0.45, 0.29, 0.20), (0.86, 0.64, 0.49), (1.00, 0.88, 0.78))  # at −1, 0 and 1
HAIRS = ((0.10, 0.08, 0.09), (0.42, 0.23, 0.13), (0.94, 0.80, 0.47))
BACKGROUNDS = ((0.14, 0.24, 0.32), (0.52, 0.66, 0.68), (0.95, 0.95, 0.90))


def drawn(side: int, channels: int, factors: Mapping[str, ArrayLike]) -> NDArray[np.uint8]:
    """Draw n faces, (n, side, side) for 1 channel or (n, side, side, 3) for 3, with values from 0 to 255.

    Each factor is (n,), from −1 to 1; glasses are 0 or 1.
    """
    face = _Face.of(factors)
    canvas = Canvas(len(face.turn), side, channels)
    for paint in (_behind, _body, _head, _cheeks, _eyes, _nose, _mouth, _hair, _near_ear, _glasses):
        paint(canvas, face)
    return canvas.pixels()


class _Face(msgspec.Struct, frozen=True, eq=False):
    """The factors of n faces, each (n,): `turn` in radians, colours (n, 3) from 0 to 1, the others from −1 to 1."""

    turn: Values
    smile: Values
    opening: Values
    brow: Values
    glasses: Values
    length: Values
    skin: Values
    hair: Values
    background: Values

    @classmethod
    def of(cls, factors: Mapping[str, ArrayLike]) -> _Face:
        values = {name: np.asarray(value, np.float32) for name, value in factors.items()}
        return cls(
            turn=values["head turn"] * np.float32(TURN),
            smile=values["smile"],
            opening=values["eye opening"],
            brow=values["brow"],
            glasses=values["glasses"],
            length=values["hair length"],
            skin=_tone(SKINS, values["skin tone"]),
            hair=_tone(HAIRS, values["hair tone"]),
            background=_tone(BACKGROUNDS, values["background tone"]),
        )

    def at(self, angle: float, down: float) -> tuple[Values, Values]:
        """Return the x of a position on the head, and the factor by which the rotation narrows a feature, each (n,)."""
        radius = HEAD[0] * np.sqrt(1 - ((down - HEAD_DOWN) / HEAD[1]) ** 2)
        narrowing = np.maximum(np.cos(angle + self.turn) / np.cos(angle), np.float32(0.15))
        return np.asarray(radius * np.sin(angle + self.turn), np.float32), narrowing


def _tone(tones: tuple[tuple[float, ...], ...], values: Values) -> Values:
    """Interpolate `values` (n,) between the tones at −1, 0 and 1; returns colours (n, 3)."""
    return np.stack([np.interp(values, (-1, 0, 1), row) for row in zip(*tones, strict=True)], 1).astype(np.float32)


def _behind(canvas: Canvas, face: _Face) -> None:
    """Paint the background, which is lighter at the top, and the hair behind the head."""
    window = canvas.everywhere()
    window.paint(np.ones((1, 1, 1), np.float32), face.background)
    window.paint(0.10 - 0.10 * window.y, WHITE)
    long = (face.length + 1) / 2
    x, wide, bottom = -0.06 * np.sin(face.turn), HEAD[0] + 0.12 * long, 0.10 + 0.75 * long
    canvas.ellipse(x, -0.12, wide, 0.62, face.hair)
    high, window = (bottom + 0.10) / 2, canvas.window(x, (bottom - 0.10) / 2, wide, 0.5)
    window.paint(window.inside(_from_box(window, x, (bottom - 0.10) / 2, wide, high)), 0.92 * face.hair)


def _from_box(window: Window, x: Values, y: Values, a: Values, b: Values, *, corner: float = 0.12) -> Values:
    """Return the signed distance (n, h, w) to the edge of a box with round corners, centre x, y, half sizes a, b."""
    across, down = np.abs(window.x - each(x)) - each(a) + corner, np.abs(window.y - each(y)) - each(b) + corner
    outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    return np.asarray(outside + np.minimum(np.maximum(across, down), 0) - corner)


def _body(canvas: Canvas, face: _Face) -> None:
    canvas.ellipse(0, 1.17, 0.86, 0.44, SHIRT)
    canvas.ellipse(0, 0.62, 0.20, 0.24, 0.78 * face.skin)


def _head(canvas: Canvas, face: _Face) -> None:
    """Paint both ears and then the head, which is darker on the side that is turned away from the light."""
    for side in (-1, 1):
        _ear(canvas, face, side, np.ones_like(face.turn))
    window = canvas.window(0, HEAD_DOWN, *HEAD)
    covered = window.ellipse(0, HEAD_DOWN, *HEAD)
    window.paint(covered, face.skin)
    away = np.clip(-each(np.sin(face.turn)) * window.x / HEAD[0] * 1.1 - 0.05, 0, 0.5)
    window.paint(covered * away, 0.62 * face.skin)


def _ear(canvas: Canvas, face: _Face, side: int, opacity: Values) -> None:
    """Paint the ear on one side of the head (−1 left, 1 right) with an opacity (n,) from 0 to 1."""
    x = side * HEAD[0] * np.cos(face.turn)
    a = 0.08 + 0.05 * np.maximum(-side * np.sin(face.turn), 0)
    for size, colour in ((1.0, 0.93 * face.skin), (0.55, 0.72 * face.skin)):
        window = canvas.window(x, 0.06, a * size, 0.13 * size)
        window.paint(window.ellipse(x, 0.06, a * size, 0.13 * size) * each(opacity), colour)


def _near_ear(canvas: Canvas, face: _Face) -> None:
    """Paint the ear that the rotation brings to the front over the head."""
    for side in (-1, 1):
        _ear(canvas, face, side, np.clip(-5 * side * np.sin(face.turn), 0, 1))


def _cheeks(canvas: Canvas, face: _Face) -> None:
    blush = 0.85 * face.skin * np.array([1.08, 0.72, 0.70], np.float32)
    for side in (-1, 1):
        x, narrowing = face.at(side * 0.62, 0.20)
        y, a = 0.22 - 0.03 * face.smile, 0.12 * narrowing
        window = canvas.window(x, y, a, 0.08)
        window.paint(0.55 * np.clip(-window.from_ellipse(x, y, a, 0.08) / 0.07, 0, 1), blush)


def _eyes(canvas: Canvas, face: _Face) -> None:
    b = 0.086 + 0.074 * face.opening
    for side in (-1, 1):
        x, narrowing = face.at(side * EYES, EYES_DOWN)
        a = 0.145 * narrowing
        canvas.ellipse(x, EYES_DOWN - 0.006, a + 0.02, b + 0.026, INK)
        window = canvas.window(x, EYES_DOWN, a, b)
        white = window.ellipse(x, EYES_DOWN, a, b)
        window.paint(white, WHITE)
        look = x + 0.035 * np.sin(face.turn)
        for size, colour, up in ((0.092, IRIS, 0.0), (0.052, INK, 0.0), (0.024, WHITE, 0.035)):
            spot = window.ellipse(look - up, EYES_DOWN - up, size * narrowing**0.5, size)
            window.paint(white * spot, colour)
        _brow(canvas, face, side)


def _brow(canvas: Canvas, face: _Face, side: int) -> None:
    """Paint an eyebrow: raised and round at brow = 1, lowered and slanting towards the nose at −1."""
    x, narrowing = face.at(side * EYES, -0.25)
    half, y = 0.165 * narrowing, -0.25 - 0.06 * face.brow
    window = canvas.window(x, y, half, 0.12)
    u = (window.x - each(x)) / each(half)
    tilt, arch = each(0.065 * side * face.brow), each(0.030 + 0.015 * face.brow)
    distance = window.stroke(each(y) + tilt * u + arch * u**2, (tilt + 2 * arch * u) / each(half), 0.060)
    window.paint(window.inside(np.maximum(distance, (np.abs(u) - 1) * each(half))), 0.65 * face.hair)


def _nose(canvas: Canvas, face: _Face) -> None:
    x = 1.22 * face.at(0, 0.14)[0]  # the nose lies in front of the head, so it moves farther
    canvas.ellipse(x, 0.155, 0.068, 0.050, 0.76 * face.skin)
    canvas.ellipse(x - 0.01, 0.132, 0.055, 0.044, face.skin + 0.2 * (1 - face.skin))


def _mouth(canvas: Canvas, face: _Face) -> None:
    """Paint the mouth: a line whose ends rise with the smile, and that opens when the smile is wide."""
    x, narrowing = face.at(0, MOUTH_DOWN)
    half, open_by = (0.23 + 0.07 * face.smile) * narrowing, 0.24 * np.maximum(face.smile, 0) ** 1.3
    window = canvas.window(x, MOUTH_DOWN, half + 0.05, 0.26)
    u = (window.x - each(x)) / each(half)
    bend = each(-0.13 * face.smile)
    upper, slope = MOUTH_DOWN + bend * (u**2 - 0.45), 2 * bend * u / each(half)
    depth = each(open_by) * np.maximum(1 - u**2, 0)
    ends = (np.abs(u) - 1) * each(half)
    hole = np.maximum(np.maximum(upper - window.y, window.y - upper - depth) / np.sqrt(1 + slope**2), ends)
    window.paint(window.inside(hole), MOUTH)
    window.paint(window.inside(hole) * window.inside(window.y - upper - 0.5 * depth), WHITE)
    for line in (upper, upper + depth):
        away = np.hypot(window.stroke(line, slope, 0), np.maximum(ends, 0))  # with round ends
        window.paint(window.inside(away - 0.028), LIPS * face.skin)


def _hair(canvas: Canvas, face: _Face) -> None:
    """On the head above the hairline, which comes down at the temples."""
    a, b = HEAD[0] + 0.05, HEAD[1] + 0.05
    window = canvas.window(0, HEAD_DOWN, a, b)
    u = (window.x - each(0.8 * face.at(0, -0.3)[0])) / HEAD[0]
    line = np.minimum(-0.42 + 0.07 * u + 0.52 * u**4, 0.10)
    shape = window.ellipse(-0.03 * np.sin(face.turn), HEAD_DOWN - 0.02, a, b) * window.inside(window.y - line)
    window.paint(shape, face.hair)
    shine = window.ellipse(-0.12 + 0.25 * np.sin(face.turn), -0.57, 0.22, 0.05)
    window.paint(0.35 * shape * shine, face.hair + 0.5 * (1 - face.hair))


def _glasses(canvas: Canvas, face: _Face) -> None:
    if not face.glasses.any():
        return
    worn, y, reach = each(face.glasses), EYES_DOWN + 0.01, {}
    for side in (-1, 1):
        x, narrowing = face.at(side * EYES, EYES_DOWN)
        a = 0.215 * narrowing
        window = canvas.window(x, y, a + 0.03, 0.23)
        distance = window.from_ellipse(x, y, a, 0.20)
        window.paint(0.18 * window.inside(distance) * worn, WHITE)
        window.paint(window.inside(np.abs(distance) - 0.022) * worn, INK)
        reach[side] = x - side * a, x + side * a  # the inner and the outer end of a lens
    bars = [(reach[-1][0], reach[1][0])] + [(reach[s][1], s * HEAD[0] * np.cos(face.turn)) for s in (-1, 1)]
    for i, (start, end) in enumerate(bars):
        whole = np.ones_like(face.turn) if i == 0 else np.clip(0.5 - 5 * (2 * i - 3) * np.sin(face.turn), 0, 1)
        middle, half = (start + end) / 2, np.abs(end - start) / 2
        window = canvas.window(middle, y - 0.03, half, 0.03)
        bar = np.maximum(np.abs(window.y - y + 0.03) - 0.018, np.abs(window.x - each(middle)) - each(half))
        window.paint(window.inside(bar) * worn * each(whole), INK)
