"""The density of a blurred image of pixels that are not Gaussian, at the saddle point of all its values.

The true density of blurred binary pixels is a sum of 2^784 normal densities; see `saddle_point` for the approximation.

A = A₁ ⊗ A₂ = (U₁ ⊗ U₂)(S₁ ⊗ S₂)(V₁ ⊗ V₂)ᵀ. The noise has the same covariance after the rotation by (U₁ ⊗ U₂)ᵀ. A blur
with a wide kernel has few singular values above the noise: only the values in these directions are tilted. The values
in the other directions, in which the variances of the pixels hardly matter, are independent and normal, with the means
of the tilted pixels. For a narrow kernel the same density is computed from the pixels that are uncertain given z (the
matrix inversion lemma, PRML eq. C.7).
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
import torch
from torch import Tensor

from engine.latent.observations.measurement import Projection
from engine.latent.posterior.scoring.saddle_point import Pixels, log_density_at_saddle_point
from engine.latent.vae.networks.likelihood_densities import LN_2PI

STRONG = 1.0  # deviations of the noise: the smallest singular value of a direction that is tilted
MOST = 400  # tilted directions; if there are more, the sum is over pixels
ROUGH = 24  # tilted directions of a rough density in single precision, which is ten times as fast
ENOUGH = 2e-3, 0.1  # nats; Newton's method ends with a step that gains less, and for a rough density
MOST_PIXELS = 256  # the pixels with the largest variances; the others are taken as independent
HELD = 2**22  # entries of the matrices that are computed at a time, 32 MB
CERTAIN = 1e-3  # the smallest variance that a pixel adds to the values, as a share of the variance of the noise


class Directions(msgspec.Struct, frozen=True, eq=False):
    """A blur in the basis of its singular vectors: factors S Vᵀ of both sides, Uᵀy, and the strong directions.

    `sides` are (h, h) and (w, w), `rotated` (channels, h, w) all values, `rows` and `columns` (m,) the strong
    directions, and `target` (channels, m) their values. `pairs` are the products of two rows of each side, and `place`
    (m, m) the two pairs of each covariance.
    """

    sides: tuple[Tensor, Tensor]
    rotated: Tensor
    rows: Tensor
    columns: Tensor
    target: Tensor
    noise: float
    enough: float
    pairs: tuple[Tensor, Tensor]
    place: Tensor

    def sums(self, pixels: Tensor) -> Tensor:
        """Return the values (n, channels, m) in the strong directions."""
        down, across = self.sides
        return (down @ pixels @ across.T)[..., self.rows, self.columns]

    def spread(self, tilt: Tensor) -> Tensor:
        """Return Aᵀτ (n, channels, h, w) of a tilt of the strong directions."""
        down, across = self.sides
        size = int(self.rows.max()) + 1, int(self.columns.max()) + 1
        flat = tilt.new_zeros(*tilt.shape[:2], size[0] * size[1])
        flat = flat.index_copy(2, self.rows * size[1] + self.columns, tilt)
        return down[: size[0]].T @ flat.reshape(*flat.shape[:2], *size) @ across[: size[1]]

    def solved(self, variance: Tensor, vector: Tensor) -> tuple[Tensor, Tensor]:
        """Return H⁻¹v and ln det H, where H = A diag(variance) Aᵀ + s² I of the strong directions.

        H[ab, cd] = Σ_ij B₁[a, i] B₁[c, i] v[i, j] B₂[b, j] B₂[d, j] is a product of three matrices of pairs (ac, ij,
        bd).
        """
        products = (self.pairs[0] @ variance @ self.pairs[1].T).flatten(2)
        return _solved(products[..., self.place], self.noise, vector)


class Values(msgspec.Struct, frozen=True, eq=False):
    """All values of a blur with a narrow kernel. `factors` are (h, h) and (w, w), `target` (channels, h w)."""

    factors: tuple[Tensor, Tensor]
    target: Tensor
    noise: float
    enough: float

    def sums(self, pixels: Tensor) -> Tensor:
        """Return all values (n, channels, h w)."""
        down, across = self.factors
        return (down @ pixels @ across.T).flatten(2)

    def spread(self, tilt: Tensor) -> Tensor:
        """Return Aᵀτ (n, channels, h, w)."""
        down, across = self.factors
        return down.T @ tilt.reshape(*tilt.shape[:2], len(down), len(across)) @ across

    def solved(self, variance: Tensor, vector: Tensor) -> tuple[Tensor, Tensor]:
        """Return H⁻¹v and ln det H. With K = I + D½ AᵀA D½ / s², ln det H = m ln s² + ln det K and

        H⁻¹v = v / s² − A D½ K⁻¹ D½ Aᵀ v / s⁴, where D holds the variances of the pixels.
        """
        inner = [side.T @ side for side in self.factors]
        added = (variance * torch.outer(*(torch.diagonal(each) for each in inner))).flatten(2) / self.noise
        count = int((added > CERTAIN).sum(2).max().clamp(1, MOST_PIXELS))
        which = added.detach().topk(count, dim=2).indices  # (n, channels, q)
        root = variance.flatten(2).gather(2, which).sqrt()
        row, column = which // variance.shape[3], which % variance.shape[3]
        products = inner[0][row[..., None], row[..., None, :]] * inner[1][column[..., None], column[..., None, :]]
        scaled = products * root[..., None] * root[..., None, :] / self.noise
        back = self.spread(vector).flatten(2).gather(2, which) * root
        inside, log_det = _solved(scaled, 1.0, back)
        whole = torch.zeros_like(variance).flatten(2).scatter(2, which, inside * root).reshape(variance.shape)
        rest = torch.log1p(added.scatter(2, which, 0.0)).sum(2)
        log_det = log_det + rest + vector.shape[2] * math.log(self.noise)
        return vector / self.noise - self.sums(whole) / self.noise**2, log_det


class FewValues(msgspec.Struct, frozen=True, eq=False):
    """Sums without factors: `rows` (m, pixels), the weights of each value, and `target` (1, m)."""

    rows: Tensor
    target: Tensor
    noise: float
    enough: float

    def sums(self, pixels: Tensor) -> Tensor:
        """Return the values (n, 1, m) of pixels (n, 1, 1, pixels)."""
        return pixels[:, :, 0] @ self.rows.T

    def spread(self, tilt: Tensor) -> Tensor:
        """Return Aᵀτ (n, 1, 1, pixels)."""
        return (tilt @ self.rows)[:, :, None]

    def solved(self, variance: Tensor, vector: Tensor) -> tuple[Tensor, Tensor]:
        """Return H⁻¹v and ln det H."""
        return _solved((self.rows * variance) @ self.rows.T, self.noise, vector)


def _solved(covariance: Tensor, noise: float, vector: Tensor) -> tuple[Tensor, Tensor]:
    """Return H⁻¹v (n, channels, r) and ln det H (n, channels), where H = covariance + noise I."""
    whole = covariance + noise * torch.eye(vector.shape[2], dtype=vector.dtype)
    root = torch.linalg.cholesky(whole)
    log_det = 2 * torch.log(torch.diagonal(root, dim1=-2, dim2=-1)).sum(2)
    return torch.cholesky_solve(vector[..., None], root)[..., 0], log_det


class Rough(msgspec.Struct, frozen=True, eq=False):
    """A blur whose density is computed with few tilted directions, to find where the density is high."""

    measurement: Projection


def log_density_of_blur(measurement: Projection | Rough, pixels: Pixels, logits: Tensor) -> Tensor:
    """Return ln p(y | z) (n,) in nats from logits (n, pixels) at the saddle point."""
    if isinstance(measurement, Rough):
        measurement, most = measurement.measurement, ROUGH
    else:
        most = 0
    form = _form(measurement, most)
    size = min(form.target.shape[1], MOST_PIXELS) if isinstance(form, Values) else form.target.shape[1]
    chunks = torch.split(logits.to(form.target.dtype), max(1, HELD // (form.target.shape[0] * size**2)))
    return torch.cat([_of_chunk(form, measurement, pixels, chunk) for chunk in chunks]).to(logits.dtype)


def _of_chunk(form: Directions | Values | FewValues, measurement: Projection, pixels: Pixels, logits: Tensor) -> Tensor:
    """ln p(y | z) (n,) of a few latents."""
    if isinstance(form, FewValues):
        return log_density_at_saddle_point(form, pixels, logits[:, None, None])[0]
    h, w = (side.shape[1] for side in measurement.factors)
    image = logits.reshape(len(logits), h, w, -1).movedim(3, 1)
    total, tilt = log_density_at_saddle_point(form, pixels, image)
    return total + _weak(form, *pixels.moments(image + tilt)) if isinstance(form, Directions) else total


def _weak(form: Directions, mean: Tensor, variance: Tensor) -> Tensor:
    """ln p (n,) of the values in the weak directions, given the values in the strong ones, by the tilted pixels."""
    down, across = form.sides
    off = form.rotated - down @ mean @ across.T  # (n, channels, h, w)
    alone = down**2 @ variance @ (across**2).T + form.noise
    weak = torch.ones(alone.shape[2:], dtype=torch.bool)
    weak[form.rows, form.columns] = False
    logs: Tensor = (-0.5 * (off**2 / alone + torch.log(alone) + LN_2PI))[..., weak].sum((1, 2))
    return logs


@lru_cache(maxsize=4)
def _form(measurement: Projection, most: int = 0) -> Directions | Values | FewValues:
    """The fastest form of the sums of a measurement; if `most` is not 0, with at most so many tilted directions."""
    with torch.inference_mode(False), torch.no_grad():  # a later call may need gradients
        y, noise, enough = torch.from_numpy(measurement.values).double(), measurement.deviation**2, ENOUGH[most > 0]
        if not measurement.factors:
            rows = torch.zeros(len(y), int(measurement.columns.max()) + 1, dtype=y.dtype)
            where = torch.from_numpy(measurement.rows), torch.from_numpy(measurement.columns)
            rows[where] = torch.from_numpy(measurement.weights).double()
            return FewValues(rows, y[None], noise, enough)
        sides = [torch.from_numpy(side).double() for side in measurement.factors]
        (u, s, v), (u2, s2, v2) = (torch.linalg.svd(side) for side in sides)
        y = y.reshape(len(u), len(u2), -1)
        strength = s[:, None] * s2
        rows, columns = torch.nonzero(strength >= _least(strength, measurement.deviation, most), as_tuple=True)
        if len(rows) > MOST:
            return Values((sides[0], sides[1]), y.movedim(2, 0).flatten(1), noise, enough)
        rotated = torch.einsum("ia,ijc,jb->cab", u, y, u2)
        down, across = s[:, None] * v, s2[:, None] * v2
        (first, i), (second, j) = _pairs(down, rows), _pairs(across, columns)
        dtype = torch.float if most else torch.double
        down, across, rotated, first, second = (each.to(dtype) for each in (down, across, rotated, first, second))
        target, place = rotated[:, rows, columns], i * len(second) + j
        return Directions((down, across), rotated, rows, columns, target, noise, enough, (first, second), place)


def _least(strength: Tensor, deviation: float, most: int) -> float:
    """The smallest singular value that is tilted; one direction is tilted at least."""
    least = min(STRONG * deviation, float(strength.max()))
    return max(least, float(strength.flatten().topk(most).values[-1])) if 0 < most < strength.numel() else least


def _pairs(side: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
    """The products of rows a ≤ c of one side, (pairs, pixels), and the pair (m, m) of each two strong directions."""
    k = int(which.max()) + 1
    a, c = torch.triu_indices(k, k)
    number = torch.zeros(k, k, dtype=torch.long)
    number[a, c] = number[c, a] = torch.arange(len(a))
    return side[a] * side[c], number[which[:, None], which]
