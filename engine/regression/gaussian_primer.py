"""The Gaussian primer: what a normal density over a plane keeps of the points it is fitted to."""

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
FLAT = 1e-12  # of 1 − ρ²: a spread across the line below this is rounding
TINY = 1e-200  # a variance below this is none
WITHIN = tuple(float(-np.expm1(-(times**2) / 2)) for times in (1, 2))  # what 1σ and 2σ hold in two dimensions
SPREAD = np.linalg.cholesky(np.array([[1.0, 0.6], [0.6, 1.0]]))  # of the points that are drawn


@SETTINGS.register
class PrimerPoints(Part, Setting, frozen=True, tag=True):
    """Points of the Gaussian primer: the density is fitted to them."""

    points: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Meta(title="Points")] = ()


class Moments(msgspec.Struct, frozen=True):
    """The sufficient statistics of n points: five sums, exact, so that nothing is lost by adding and taking away."""

    n: int = 0
    x: Fraction = Fraction(0)
    y: Fraction = Fraction(0)
    xx: Fraction = Fraction(0)
    xy: Fraction = Fraction(0)
    yy: Fraction = Fraction(0)

    def after(self, point: tuple[float, float]) -> Moments:
        """With one more point: one addition to each sum."""
        return self._plus(point, 1)

    def without(self, point: tuple[float, float]) -> Moments:
        """With a point taken away that is among them."""
        return self._plus(point, -1)

    def _plus(self, point: tuple[float, float], sign: int) -> Moments:
        x, y = map(Fraction, point)
        products = (sign * x * x, sign * x * y, sign * y * y)
        sums = (self.xx + products[0], self.xy + products[1], self.yy + products[2])
        return Moments(self.n + sign, self.x + sign * x, self.y + sign * y, *sums)

    @property
    def mean(self) -> Array:
        """μ (2,) (PRML 2.121)."""
        return np.array([float(self.x / self.n), float(self.y / self.n)])

    @property
    def _scatter(self) -> tuple[Fraction, Fraction, Fraction]:
        """Σ(x − μ)², Σ(x − μ)(y − ν), Σ(y − ν)²."""
        n = self.n
        return self.xx - self.x * self.x / n, self.xy - self.x * self.y / n, self.yy - self.y * self.y / n

    def covariance(self, *, unbiased: bool = False) -> Array:
        """Σ (2, 2) by maximum likelihood, over n (PRML 2.122), or `unbiased`, over n − 1 (PRML 2.125)."""
        xx, xy, yy = (float(part / (self.n - unbiased)) for part in self._scatter)
        return np.array([[xx, xy], [xy, yy]])

    @property
    def correlation(self) -> float | None:
        """ρ, unless x or y does not vary."""
        xx, xy, yy = self._scatter if self.n else (Fraction(0),) * 3
        square = xx * yy
        return copysign(float(xy * xy / square) ** 0.5, xy) if square else None

    @property
    def unavailable(self) -> str:
        """Why there is no density, in a sentence; empty if there is one."""
        if self.n < 3:
            return ("Click here to make a point.", ONE, TWO)[self.n]
        xx, xy, yy = self._scatter
        if max(float(xx), float(yy)) / self.n < TINY:
            return SAME
        if min(float(xx), float(yy)) / self.n < TINY or float((xx * yy - xy * xy) / (xx * yy)) < FLAT:
            return LINE
        return ""

    @property
    def fit(self) -> Gaussian | None:
        """N(μ, Σ) by maximum likelihood."""
        return None if self.unavailable else Gaussian.from_moments(self.mean, self.covariance())

    @property
    def log_likelihood(self) -> float | None:
        """Σ ln N(p_i | μ, Σ) in nats, which at the maximum is −n(ln 2π + 1 + ½ ln|Σ|) (PRML 2.118)."""
        if self.unavailable:
            return None
        xx, xy, yy = self._scatter
        volume = log((xx * yy - xy * xy) / (xx * yy)) + log(xx / self.n) + log(yy / self.n)
        return -self.n * (LN_2PI + 1 + 0.5 * volume)


ONE = "One point does not scatter: its variance is zero, and there is no density yet. Click again."
TWO = "Two points lie on a line: across it the variance is zero, and there is no density yet. Click again."
SAME = "All points lie in one place: their variance is zero, and there is no density yet."
LINE = "All points lie on a line: across it the variance is zero, and there is no density yet."


class Primer(msgspec.Struct, frozen=True, eq=False):
    """The statistics of the points, and if there is one the fitted density and its ellipses (49, 2) at 1σ and 2σ."""

    moments: Moments
    density: Heatmap | None
    ellipses: tuple[Array, ...]


@derived(Primer)
def gaussian_primer(document: Regression, view: Viewport) -> Primer:
    """The fit by maximum likelihood to the document's points."""
    found = moments(document[PrimerPoints].points)
    fit = found.fit
    if fit is None:
        return Primer(found, None, ())
    view = view.cells(min(view.columns, MOST_CELLS), min(view.rows, MOST_CELLS))
    shade = fit.log_kernel_over(view.x, view.y)
    return Primer(found, heatmap(shade, view), tuple(fit.ellipse(share) for share in WITHIN))


_last: list[tuple[Points, Moments]] = [((), Moments())]


def moments(points: Points) -> Moments:
    """Of all points: from those known last, by what came and what went, if that is less than to start anew."""
    known, found = _last[0]
    come, gone = Counter(points), Counter(known)
    come, gone = come - gone, gone - come
    if come.total() + gone.total() > len(points):
        found, come, gone = Moments(), Counter(points), Counter()
    for point in come.elements():
        found = found.after(point)
    for point in gone.elements():
        found = found.without(point)
    _last[0] = (points, found)
    return found


def drawn(points: Points, seed: int, n: int) -> Points:
    """The points and `n` more, from a normal about 0 with deviations of 1 and correlation 0.6."""
    rng = np.random.default_rng([seed, len(points), 3])
    fresh: ArrayLike = rng.standard_normal((n, 2)) @ SPREAD.T
    return (*points, *((float(x), float(y)) for x, y in np.asarray(fresh).tolist()))
