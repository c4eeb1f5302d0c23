"""The density of a blurred image of pixels that are not Gaussian: one joint normal distribution of all its values.

y = A x + ε has the mean A μ and the covariance A diag(v) Aᵀ + s²I, where μ and v are the means and variances of the
pixels given z. The true density of blurred binary pixels is a sum of 2^784 normal densities, so that the joint normal
density is an approximation: its first two moments are exact (PRML, eq. 2.115, for the moments of a linear map).

A = A₁ ⊗ A₂ = (U₁ ⊗ U₂)(S₁ ⊗ S₂)(V₁ ⊗ V₂)ᵀ. The noise has the same covariance after the rotation by (U₁ ⊗ U₂)ᵀ. A blur
with a wide kernel has few singular values above the noise: these directions are jointly normal, and the values in the
other directions, in which the variances of the pixels hardly matter, are independent. For a narrow kernel the same
density is computed from the pixels that are uncertain given z (the matrix inversion lemma, PRML eq. C.7).
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
import torch
from torch import Tensor

from engine.latent.observations.measurement import Projection
from engine.latent.vae.networks.likelihood_densities import LN_2PI

STRONG = 0.5  # deviations of the noise: the smallest singular value of a direction with covariances
MOST = 200  # directions with covariances; if there are more, the sum is over pixels
MOST_PIXELS = 256  # the pixels with the largest variances; the variances of the others are taken as 0
CERTAIN = 1e-3  # the smallest variance that a pixel adds to the values, as a share of the variance of the noise


class Rotated(msgspec.Struct, frozen=True, eq=False):
    """A blur in the basis of its singular vectors: factors S Vᵀ of both sides, Uᵀy, and the strong directions.

    `sides` are (h, h) and (w, w), `target` (h, w, channels), `rows` and `columns` (r,) the strong directions.
    """

    sides: tuple[Tensor, Tensor]
    target: Tensor
    rows: Tensor
    columns: Tensor


def log_density_of_blur(measurement: Projection, mean: Tensor, variance: Tensor) -> Tensor:
    """Return ln N(y | Aμ, A diag(v) Aᵀ + s²I) (n,) in nats from means and variances of the pixels, each (n, pixels)."""
    if not measurement.factors:
        return _of_few_values(measurement, mean.double(), variance.double()).to(mean.dtype)
    rotated, noise = _rotated(measurement), measurement.deviation**2
    if len(rotated.rows) > MOST:
        return _over_pixels(measurement, mean.double(), variance.double()).to(mean.dtype)
    down, across = rotated.sides
    shape = (len(mean), len(down), len(across), -1)
    pixels, spreads = (values.double().reshape(shape).movedim(3, 1) for values in (mean, variance))
    off = rotated.target.movedim(2, 0) - down @ pixels @ across.T  # (n, channels, h, w)
    alone = down**2 @ spreads @ (across**2).T + noise
    rows, columns = rotated.rows, rotated.columns
    weak = torch.ones(alone.shape[2:], dtype=torch.bool)
    weak[rows, columns] = False
    total = -0.5 * (off**2 / alone + torch.log(alone) + LN_2PI)[..., weak].sum((1, 2))
    return (total + _together(off[..., rows, columns], _covariance(rotated, spreads), noise)).to(mean.dtype)


def _of_few_values(measurement: Projection, mean: Tensor, variance: Tensor) -> Tensor:
    """The density (n,) of sums without factors, whose covariances (m, m) are computed for each latent."""
    rows = torch.zeros(len(measurement.values), mean.shape[1], dtype=mean.dtype)
    rows[torch.from_numpy(measurement.rows), torch.from_numpy(measurement.columns)] = torch.from_numpy(
        measurement.weights
    )
    off = torch.from_numpy(measurement.values).double() - mean @ rows.T
    return _together(off[:, None], ((rows * variance[:, None]) @ rows.T)[:, None], measurement.deviation**2)


def _together(off: Tensor, covariance: Tensor, noise: float) -> Tensor:
    """ln N(off | 0, covariance + noise I) (n,), summed over channels, for `off` (n, channels, r)."""
    root = torch.linalg.cholesky(covariance + noise * torch.eye(off.shape[2], dtype=off.dtype))
    scaled = torch.linalg.solve_triangular(root, off[..., None], upper=False)[..., 0]
    logs = torch.log(torch.diagonal(root, dim1=-2, dim2=-1))
    total: Tensor = (-0.5 * scaled**2 - logs - 0.5 * LN_2PI).sum((1, 2))
    return total


def _covariance(rotated: Rotated, spreads: Tensor) -> Tensor:
    """The covariance (n, channels, r, r) of the strong directions from the variances (n, channels, h, w) of pixels.

    C[ab, cd] = Σ_ij B₁[a, i] B₁[c, i] v[i, j] B₂[b, j] B₂[d, j] is a product of three matrices of pairs (ac, ij, bd).
    """
    rows, columns = rotated.rows, rotated.columns
    (down, across), r = rotated.sides, (int(rows.max()) + 1, int(columns.max()) + 1)
    pairs = [(side[:k, None] * side[None, :k]).reshape(k * k, -1) for side, k in zip((down, across), r, strict=True)]
    products = (pairs[0] @ spreads @ pairs[1].T).flatten(2)  # (n, channels, ac × bd)
    place = (rows[:, None] * r[0] + rows) * r[1] ** 2 + columns[:, None] * r[1] + columns
    return products[..., place]


def _over_pixels(measurement: Projection, mean: Tensor, variance: Tensor) -> Tensor:
    """The density (n,) as above. With K = I + D½ AᵀA D½ / s², ln det C = m ln s² + ln det K and

    ρᵀC⁻¹ρ = ρᵀρ / s² − (D½Aᵀρ)ᵀ K⁻¹ (D½Aᵀρ) / s⁴, where D holds the variances of the pixels and ρ = y − Aμ.
    """
    down, across = (torch.from_numpy(side).double() for side in measurement.factors)
    noise, n, (h, w) = measurement.deviation**2, len(mean), (down.shape[1], across.shape[1])
    y = torch.from_numpy(measurement.values).double().reshape(h, w, -1).movedim(2, 0)
    pixels, spreads = (values.reshape(n, h, w, -1).movedim(3, 1) for values in (mean, variance))
    off = y - down @ pixels @ across.T
    inner = [side.T @ side for side in (down, across)]
    added = (spreads * torch.outer(*(torch.diagonal(each) for each in inner))).flatten(2) / noise
    count = int((added > CERTAIN).sum(2).max().clamp(1, MOST_PIXELS))
    which = added.detach().topk(count, dim=2).indices  # (n, channels, q)
    root_spread = spreads.flatten(2).gather(2, which).sqrt()
    row, column = which // w, which % w
    products = inner[0][row[..., None], row[..., None, :]] * inner[1][column[..., None], column[..., None, :]]
    scaled = products * root_spread[..., None] * root_spread[..., None, :] / noise
    root = torch.linalg.cholesky(scaled + torch.eye(count, dtype=scaled.dtype))
    back = (down.T @ off @ across).flatten(2).gather(2, which) * root_spread
    solved = torch.linalg.solve_triangular(root, back[..., None], upper=False)[..., 0]
    square = (off**2).sum((2, 3)) / noise - (solved**2).sum(2) / noise**2
    logs = torch.log(torch.diagonal(root, dim1=-2, dim2=-1)).sum(2)
    total: Tensor = (-0.5 * (square + h * w * (LN_2PI + math.log(noise))) - logs).sum(1)
    return total


@lru_cache(maxsize=4)
def _rotated(measurement: Projection) -> Rotated:
    with torch.inference_mode(False), torch.no_grad():  # a later call may need gradients
        (u, s, v), (u2, s2, v2) = (torch.linalg.svd(torch.from_numpy(side).double()) for side in measurement.factors)
        y = torch.from_numpy(measurement.values).double().reshape(len(u), len(u2), -1)
        target = torch.einsum("ia,ijc,jb->abc", u, y, u2)
        strength = s[:, None] * s2
        least = min(STRONG * measurement.deviation, float(strength.max()))
        rows, columns = torch.nonzero(strength >= least, as_tuple=True)
        return Rotated((s[:, None] * v, s2[:, None] * v2), target, rows, columns)
