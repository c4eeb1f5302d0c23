"""Outlines: where q_φ(z|x) of an image lies on the plane as it is drawn."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.latent.inputs.input import Encoded

AROUND = np.linspace(0, 2 * np.pi, 181)  # so many corners that the polygon lacks a five-thousandth of the area


class Outlines(msgspec.Struct, frozen=True, eq=False):
    """The mean (2,), and the closed curves (n, 2) at one and two standard deviations, in the chart's coordinates.

    In two dimensions they hold 1 − exp(−k²/2) of q: 39.35 % and 86.47 %, not 68 and 95.
    """

    mean: Array
    one: Array
    two: Array


def outlines(image: Encoded, chart: Chart) -> Outlines:
    """μ + k σ ⊙ (cos, sin), laid out by the chart: what is an ellipse in z is a curve in u."""
    circle = np.column_stack([np.cos(AROUND), np.sin(AROUND)])
    one, two = (chart.to_place(image.mean + k * image.deviation * circle) for k in (1, 2))
    return Outlines(chart.to_place(image.mean), one, two)
