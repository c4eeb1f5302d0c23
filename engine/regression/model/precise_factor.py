"""The triangular factor of [Φ t] in multi-precision arithmetic, for features that are nearly dependent.

Double precision knows a singular value to 10⁻¹⁶ of the largest one. A cubic over the years 1990 … 2010 has singular
values in the ratio 10¹⁷, and its evidence depends on all of them. Here the Gram matrix is summed in integers, factored
with pivots, and only its factor is rounded: rows of very different length, each with all its digits. A Jacobi
decomposition keeps these digits (Drmač & Veselić 2008).
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.regression.model.basis import Basis

BITS = (192, 1024)  # of each feature; the second is for features like x¹⁵ of years
SPARE = 80  # bits that are left in the smallest pivot
DOUBTFUL = 1e-14  # singular values below this fraction of the largest may come from the rounding of x
CHANGED = 0.1  # of the logarithm of such a singular value
NOTHING = 1e-50  # a smaller squared singular value has no effect for any α above 10⁻¹² and β below 10²⁰
FAINT = 1e-50  # a smaller singular value has no effect for any α and β that a model can have
COST = 300_000  # the largest product of the observations and the squared number of weights


class Factor(msgspec.Struct, frozen=True, eq=False):
    """Φ and t in coordinates of the range of Φ, of rank r.

    `s` (r,) are the singular values of Φ, largest first, `c` (r,) the components of t along their left singular
    vectors, and `outside` the norm of the rest of t. The first `rank` singular values do not depend on the rounding of
    x; the others are there only because x = 1/9 is not a binary number.
    """

    s: Array
    c: Array
    outside: float
    rank: int


def is_affordable(n: int, size: int) -> bool:
    """Return whether `n` observations of `size` weights can be factored without a noticeable wait."""
    return n * size**2 <= COST


def factor(basis: Basis, x: Array, t: Array) -> Factor:
    """Return the factor of observations x, t (n,), with relative errors near 10⁻¹⁵ in every singular value.

    Singular values that no α and β in use can make effective may be missing.
    """
    s, c, outside = _factor(basis, x, t)
    rank = len(s)
    if rank and s[-1] < DOUBTFUL * s[0]:
        moved = _factor(basis, _in_the_last_place(x), t)[0]
        m = min(rank, len(moved))
        same = np.abs(np.log(moved[:m] / s[:m])) < CHANGED
        rank = m if np.all(same) else int(np.argmin(same))
    return Factor(s, c, outside, rank)


def _in_the_last_place(x: Array) -> Array:
    """Return x (n,), moved up or down at random by one unit in the last place; equal values stay equal."""
    values, places = np.unique(x, return_inverse=True)
    up = np.random.default_rng(0).random(len(values)) < 0.5
    return np.asarray(np.nextafter(values, np.where(up, np.inf, -np.inf))[places])


def _factor(basis: Basis, x: Array, t: Array) -> tuple[Array, Array, float]:
    """Return `s`, `c` and `outside` of the factor."""
    most, longest = min(basis.size, len(np.unique(x))), float(np.max(np.sum(basis.features(x) ** 2, axis=0)))
    for bits in BITS:
        rows, target, outside, separable = _triangle(basis, x, t, bits)
        if longest * 4.0 ** (SPARE - bits) < NOTHING or (separable and len(rows) >= most):
            break
    s, c = _decomposed(rows, target)
    effective = s > FAINT
    return s[effective], c[effective], float(np.hypot(outside, np.hypot.reduce(c[~effective], initial=0.0)))


def _triangle(basis: Basis, x: Array, t: Array, bits: int) -> tuple[Array, Array, float, bool]:
    """Return R (r, k) and q (r,) of the Cholesky factor of [Φ t]ᵀ[Φ t] with the largest pivot first, and its corner.

    The last value is whether no column vanished before the last pivot, so that every pivot was the largest.
    """
    from mpmath import MPContext  # imported here, because it delays the start

    mp = MPContext()  # its own precision, whatever other threads do
    mp.prec = 2 * bits + SPARE
    gram, k = _gram(mp, basis, x, t, bits), basis.size
    free, whole = list(range(k)), [gram[i][i] for i in range(k + 1)]
    nothing, complete = mp.ldexp(1, -2 * (bits - SPARE)), 0
    rows: list[dict[int, Any]] = []
    while free := [i for i in free if gram[i][i] > nothing * whole[i]]:
        complete = len(rows) + 1 if len(rows) + len(free) == k else complete
        pivot = max(free, key=lambda i: gram[i][i])
        free.remove(pivot)
        length = mp.sqrt(gram[pivot][pivot])
        row = {i: gram[pivot][i] / length for i in (*free, k)}
        for i in row:
            for j in row:
                if i <= j:
                    gram[i][j] = gram[j][i] = gram[i][j] - row[i] * row[j]
        rows.append(row | {pivot: length})
    corner = gram[k][k] if gram[k][k] > nothing * whole[k] else mp.zero
    table = np.array([[float(row.get(i, 0)) for i in range(k + 1)] for row in rows]).reshape(-1, k + 1)
    return table[:, :k], table[:, k], float(mp.sqrt(corner)), complete == len(rows)


def _gram(mp: Any, basis: Basis, x: Array, t: Array, bits: int) -> list[list[Any]]:
    """Return [Φ t]ᵀ[Φ t], summed in integers: each column is scaled by a power of two and rounded to `bits` bits."""
    rows = [[*basis.precise_features(xn, mp), mp.mpf(tn)] for xn, tn in zip(x.tolist(), t.tolist(), strict=True)]
    columns = list(zip(*rows, strict=True))
    shifts = [bits - mp.mag(max(map(abs, column))) if any(column) else 0 for column in columns]
    scaled = [[int(mp.ldexp(v, shift)) for v in column] for column, shift in zip(columns, shifts, strict=True)]
    table = np.array(scaled, object)
    sums = table @ table.T
    return [
        [mp.ldexp(mp.mpf(value), -shift - other) for value, other in zip(line, shifts, strict=True)]
        for line, shift in zip(sums.tolist(), shifts, strict=True)
    ]


def _decomposed(rows: Array, target: Array) -> tuple[Array, Array]:
    """Return s and Uᵀq (r,) of R = U S Vᵀ (r, k) and q (r,)."""
    from scipy.linalg.lapack import dgejsv  # imported here, because it delays the start

    if not len(rows):
        return np.empty(0), np.empty(0)
    scaled_s, _, left, work, _, failed = dgejsv(rows.T, joba=2, jobu=0, jobv=0, jobr=0)
    if failed:
        raise np.linalg.LinAlgError("The singular values did not converge.")
    return scaled_s * (work[0] / work[1]), np.asarray(left.T @ target)
