"""The strokes of a pen: points with a pressure, in a square of side 1."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from engine.part import Part

NEAR = 0.004  # of the square's side; a point closer than this to the last one is ignored
DIGITS = 4  # decimals of a point
FIRM = 0.5  # the pressure of a mouse, at which a pen has its nominal width
LONGEST = 10_000  # points of a stroke
WIDTHS = {"Thin": 0.05, "Medium": 0.08, "Thick": 0.12}  # of the square's side

Unit = Annotated[float, Meta(ge=0, le=1)]
Point = tuple[float, float, float]


class Stroke(Part, frozen=True, tag=True):
    """Stroke: points (x, y, pressure) of 0–1, y downwards, which draw ink or erase it."""

    points: Annotated[tuple[tuple[Unit, Unit, Unit], ...], Meta(min_length=1, max_length=LONGEST)]
    width: Annotated[float, Meta(ge=0.01, le=0.5)] = WIDTHS["Medium"]
    erases: bool = False

    @property
    def reach(self) -> list[float]:
        """Half the width at each point, in units of the square's side."""
        return [half_width(pressure, self.width) for _, _, pressure in self.points]


def half_width(pressure: float, width: float) -> float:
    """Return half the width of a pen: 0.4 to 1.6 times its nominal half width, increasing with the pressure."""
    return 0.5 * width * (0.4 + 1.2 * pressure)


def begun(point: Point, width: float, *, erases: bool = False) -> Stroke:
    """Return a stroke of a single point."""
    return Stroke((_rounded(point),), width, erases)


def gone_on(stroke: Stroke, point: Point) -> Stroke | None:
    """Return the stroke with one more point; None if the point is too close to the last one."""
    place, last = _rounded(point), stroke.points[-1]
    if max(abs(place[0] - last[0]), abs(place[1] - last[1])) < NEAR:
        return None
    return replace(stroke, points=(*stroke.points, place))


def _rounded(point: Point) -> Point:
    x, y, pressure = (round(min(max(float(value), 0.0), 1.0), DIGITS) for value in point)
    return x, y, pressure
