"""The Gaussian primer: the maximum-likelihood Gaussian of points in a plane, from five sums over the points.

The sums are exact fractions. Floating-point sums of squares lose the variance of points far from 0, and a point that is
added and removed leaves a remainder. Exact sums do not depend on the order, so the sums of one scene follow from those
of the previous one by the points that changed. See docs/decisions/031.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import copysign, log
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import LN_2PI, Array, Gaussian
from engine.part import Part
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.document import Coordinate, Regression
from engine.regression.weight_space import MOST_CELLS

Points = tuple[tuple[float, float], ...]
HOME = Viewport(-3.0, 3.0, -2.5, 2.5)
FLAT = 1e-12  # a smaller 1 − ρ² is rounding: the points lie on a line
TINY = 1e-200  # a smaller variance counts as zero
WITHIN = tuple(float(-np.expm1(-(times**2) / 2)) for times in (1, 2))  # probability within 1σ and 2σ in two dimensions
SPREAD = np.linalg.cholesky(np.array([[1.0, 0.6], [0.6, 1.0]]))  # of drawn points: a root of their covariance


@SETTINGS.register
class PrimerPoints(Part, Setting, frozen=True, tag=True):
    """Points of the Gaussian primer: the Gaussian is fitted to these points."""

    points: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Meta(title="Points")] = ()


class Moments(msgspec.Struct, frozen=True):
    """The sufficient statistics of n points: five exact sums."""

    n: int = 0
    x: Fraction = Fraction(0)
    y: Fraction = Fraction(0)
    xx: Fraction = Fraction(0)
    xy: Fraction = Fraction(0)
    yy: Fraction = Fraction(0)

    def after(self, point: tuple[float, float]) -> Moments:
        """With one more point, which adds one term to each sum."""
        return self._plus(point, 1)

    def without(self, point: tuple[float, float]) -> Moments:
        """With one of the points removed."""
        return self._plus(point, -1)

    def _plus(self, point: tuple[float, float], sign: int) -> Moments:
        x, y = map(Fraction, point)
        products = (sign * x * x, sign * x * y, sign * y * y)
        sums = (self.xx + products[0], self.xy + products[1], self.yy + products[2])
        return Moments(self.n + sign, self.x + sign * x, self.y + sign * y, *sums)

    @property
    def mean(self) -> Array:
        """The mean μ (2,) (PRML eq. 2.121)."""
        return np.array([float(self.x / self.n), float(self.y / self.n)])

    @property
    def _scatter(self) -> tuple[Fraction, Fraction, Fraction]:
        """Σ(x − x̄)², Σ(x − x̄)(y − ȳ), Σ(y − ȳ)², with (x̄, ȳ) = μ."""
        n = self.n
        return self.xx - self.x * self.x / n, self.xy - self.x * self.y / n, self.yy - self.y * self.y / n

    def covariance(self, *, unbiased: bool = False) -> Array:
        """The covariance Σ (2, 2) by maximum likelihood (PRML eq. 2.122), or the unbiased one (PRML eq. 2.125)."""
        xx, xy, yy = (float(total / (self.n - unbiased)) for total in self._scatter)
        return np.array([[xx, xy], [xy, yy]])

    @property
    def correlation(self) -> float | None:
        """The correlation ρ; None if x or y is constant."""
        xx, xy, yy = self._scatter if self.n else (Fraction(0),) * 3
        square = xx * yy
        return copysign(float(xy * xy / square) ** 0.5, xy) if square else None

    @property
    def unavailable(self) -> str:
        """The reason why no Gaussian can be fitted, in one or two sentences; empty if one can."""
        if self.n < 3:
            return (EMPTY, ONE, TWO)[self.n]
        xx, xy, yy = self._scatter
        if max(float(xx), float(yy)) / self.n < TINY:
            return SAME
        if min(float(xx), float(yy)) / self.n < TINY or float((xx * yy - xy * xy) / (xx * yy)) < FLAT:
            return LINE
        return ""

    @property
    def fit(self) -> Gaussian | None:
        """N(μ, Σ) by maximum likelihood; None if `unavailable`."""
        return None if self.unavailable else Gaussian.from_moments(self.mean, self.covariance())

    @property
    def log_likelihood(self) -> float | None:
        """The maximum log likelihood −n(ln 2π + 1 + ½ ln|Σ|), in nats (PRML eq. 2.118); None if `unavailable`."""
        if self.unavailable:
            return None
        xx, xy, yy = self._scatter
        volume = log((xx * yy - xy * xy) / (xx * yy)) + log(xx / self.n) + log(yy / self.n)
        return -self.n * (LN_2PI + 1 + 0.5 * volume)


EMPTY = "No points yet. Click here, or press Enter, to add one."
ONE = "One point has zero variance, so there is no density yet. Add two more points."
TWO = "Two points lie on a line, so the covariance is singular. Add one more point."
SAME = "All points are at one position: the variance is zero. Add points elsewhere."
LINE = "All points lie on a line, so the covariance is singular. Add a point off the line."


class Primer(msgspec.Struct, frozen=True, eq=False):
    """The sums over the points, the fitted density over the viewport, and its ellipses (181, 2) at 1σ and 2σ.

    Without a fit, `density` is None and `ellipses` is empty.
    """

    moments: Moments
    density: Heatmap | None
    ellipses: tuple[Array, ...]


@derived(Primer)
def gaussian_primer(document: Regression, view: Viewport) -> Primer:
    """The fit by maximum likelihood to the points of the document."""
    sums = moments(document[PrimerPoints].points)
    fit = sums.fit
    if fit is None:
        return Primer(sums, None, ())
    view = view.cells(min(view.columns, MOST_CELLS), min(view.rows, MOST_CELLS))
    shade = fit.log_kernel_over(view.x, view.y)
    return Primer(sums, heatmap(shade, view), tuple(fit.ellipse(mass) for mass in WITHIN))


_last: list[tuple[Points, Moments]] = [((), Moments())]


def moments(points: Points) -> Moments:
    """Return the sums over `points`.

    The sums of the previous call are updated by the points that were added and removed, if this takes fewer additions
    than to sum over all points.
    """
    previous, sums = _last[0]
    now, before = Counter(points), Counter(previous)
    added, removed = now - before, before - now
    if added.total() + removed.total() > len(points):
        sums, added, removed = Moments(), now, Counter()
    for point in added.elements():
        sums = sums.after(point)
    for point in removed.elements():
        sums = sums.without(point)
    _last[0] = (points, sums)
    return sums


def drawn(points: Points, seed: int, n: int) -> Points:
    """Return the points and `n` more, from a Gaussian with mean 0, standard deviations 1 and correlation 0.6."""
    rng = np.random.default_rng([seed, len(points), 3])
    new: ArrayLike = rng.standard_normal((n, 2)) @ SPREAD.T
    return (*points, *((float(x), float(y)) for x, y in np.asarray(new).tolist()))
