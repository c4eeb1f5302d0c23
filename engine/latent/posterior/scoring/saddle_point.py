"""The saddle point approximation of the density of noisy weighted sums y = A x + ε of pixels that are not Gaussian.

Given z the pixels are independent and belong to an exponential family with logits η and log normaliser a(η). The
cumulant function of y is K(τ) = Σ_i [a(η_i + (Aᵀτ)_i) − a(η_i)] + s²‖τ‖²/2. With the tilt τ at which y is the mean,
∇K(τ) = y, ln p(y) ≈ K(τ) − τᵀy − ½ ln det ∇∇K(τ) − m/2 ln 2π (Daniels 1954; Barndorff-Nielsen & Cox 1979). It is
exact for Gaussian pixels. A joint normal density with the same means and covariances uses the variances of pixels
without the tilt: that of an improbable pixel is nearly 0, also where y shows that the pixel is ink.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
import torch
from torch import Tensor

from engine.latent.vae.networks.likelihood_densities import LN_2PI

STEPS = 30  # of Newton's method, at most
HALVINGS = 8  # of one step, at most


class Pixels(msgspec.Struct, frozen=True, eq=False):
    """The family of the pixels given z: the log normaliser, and mean and variance, of logits of any shape."""

    log_normaliser: Callable[[Tensor], Tensor]
    moments: Callable[[Tensor], tuple[Tensor, Tensor]]


class Sums(Protocol):
    """Weighted sums of pixels, with pixels (n, channels, h, w) and sums (n, channels, m)."""

    @property
    def target(self) -> Tensor:
        """The measured values y (channels, m)."""
        ...

    @property
    def noise(self) -> float:
        """The variance s² of the noise."""
        ...

    @property
    def enough(self) -> float:
        """Nats; Newton's method ends with a step that gains less."""
        ...

    def sums(self, pixels: Tensor) -> Tensor:
        """Return A x."""
        ...

    def spread(self, tilt: Tensor) -> Tensor:
        """Return Aᵀτ."""
        ...

    def solved(self, variance: Tensor, vector: Tensor) -> tuple[Tensor, Tensor]:
        """Return H⁻¹ v (n, channels, m) and ln det H (n, channels), where H = A diag(variance) Aᵀ + s² I."""
        ...


def log_density_at_saddle_point(sums: Sums, pixels: Pixels, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return ln p(y | z) (n,) in nats for logits (n, channels, h, w), and Aᵀτ, the tilt of each logit.

    Both can be differentiated with respect to the logits: after the search one Newton step depends on them.
    """
    with torch.no_grad():
        tilt = _searched(sums, pixels, logits.detach())
    mean, variance = pixels.moments(logits + sums.spread(tilt))
    slope = sums.sums(mean) + sums.noise * tilt - sums.target
    tilt = tilt - sums.solved(variance.detach(), slope)[0]
    tilted = logits + sums.spread(tilt)
    _, log_det = sums.solved(pixels.moments(tilted)[1], torch.zeros_like(tilt))
    value = _value(sums, pixels, logits, tilt) - pixels.log_normaliser(logits).sum((2, 3))
    return (value - 0.5 * (log_det + tilt.shape[2] * LN_2PI)).sum(1), tilted - logits


def _value(sums: Sums, pixels: Pixels, logits: Tensor, tilt: Tensor) -> Tensor:
    """K(τ) − τᵀy + Σ_i a(η_i) (n, channels), which is convex in τ and smallest at the saddle point."""
    tilted = pixels.log_normaliser(logits + sums.spread(tilt)).sum((2, 3))
    return tilted + (tilt * (0.5 * sums.noise * tilt - sums.target)).sum(2)


def _searched(sums: Sums, pixels: Pixels, logits: Tensor) -> Tensor:
    """Return tilts (n, channels, m) near the saddle points by Newton's method with halved steps."""
    found = logits.new_zeros(*logits.shape[:2], sums.target.shape[1])
    open_, tilt, value = torch.arange(len(logits)), found, _value(sums, pixels, logits, found)
    for _ in range(STEPS):
        mean, variance = pixels.moments(logits + sums.spread(tilt))
        slope = sums.sums(mean) + sums.noise * tilt - sums.target
        step = -sums.solved(variance, slope)[0]
        gain = -(slope * step).sum(2)
        far = gain.amax(1) > sums.enough
        found[open_[~far]] = tilt[~far]
        if not far.any():
            return found
        open_, logits, tilt, value = open_[far], logits[far], tilt[far], value[far]
        tilt, value = _lower(sums, pixels, logits, tilt, value, step[far], gain[far])
    found[open_] = tilt
    return found


def _lower(
    sums: Sums, pixels: Pixels, logits: Tensor, tilt: Tensor, value: Tensor, step: Tensor, gain: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the tilts after the longest steps, 1, ½, ¼ …, that lower the value, and the values."""
    length = torch.ones_like(value)
    for _ in range(HALVINGS):
        moved = tilt + length[..., None] * step
        lower = _value(sums, pixels, logits, moved)
        poor = ~(lower <= value - 1e-4 * length * gain)
        if not poor.any():
            break
        length = torch.where(poor, length / 2, length)
    return moved, lower
