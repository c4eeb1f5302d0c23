"""Batch scores: ln p(x) of many images at once, by one matrix product with the outputs of a lattice.

A lattice of 301² nodes misses up to 1.6 nats of the narrowest posteriors, so that most images need refinement where
their posterior is. That refinement is in `engine.latent.unboxing.evaluation`.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.derived import PENDING, Pending
from engine.gaussian import LN_2PI, Array
from engine.latent.posterior.grid_density import GridDensity, prior
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.scoring.natural_parameters import natural
from engine.latent.vae.networks.likelihood_densities import targets

TILES = 4  # tiles scored between two yields, about 20 ms for 64 images


class BatchScores(msgspec.Struct, frozen=True, eq=False):
    """ln p(x) (n,) of n images in nats, and their errors (n,) by the four sub-grids, as in `grid_density`."""

    lattice: Lattice
    joint: Tensor  # ln p(x|z) + ln p(z) (n, size²) without `constant`, in the order of the lattice's columns
    constant: Tensor  # (n,)
    log_evidence: Array
    error: Array

    def grid(self, i: int) -> GridDensity:
        """The posterior of image `i` as a grid density."""
        log_evidence = float(self.log_evidence[i])
        columns = self.joint[i].double() + (self.constant[i] - log_evidence)
        axis = self.lattice.axis
        return GridDensity(axis, self.lattice.in_rows(columns.numpy()), None, prior(axis), log_evidence)


def scored(lattice: Lattice, x: NDArray[Any]) -> Generator[Pending, None, BatchScores]:
    """Return the scores of images x (n, h, w[, 3]), pixels in [0, 1]. The lattice must be completely decoded."""
    vae = lattice.vae
    seen = targets(vae.networks.likelihood, torch.from_numpy(np.asarray(x, np.float32)) * 255).to(lattice.own)
    weight, constant = natural(vae, slice(None), seen)
    joint = seen.new_empty((len(seen), len(lattice.axis) ** 2))
    quarters = torch.eye(4, dtype=lattice.own)[torch.from_numpy(lattice.quarters)]
    peak, sums = seen.new_full((len(seen), 1), -torch.inf), seen.new_zeros((len(seen), 4))
    for i, (tile, z, outputs, normaliser) in enumerate(lattice.tiles(seen.shape[1])):
        with torch.inference_mode():
            log_prior = torch.from_numpy(-0.5 * np.sum(z**2, axis=1) - LN_2PI).to(lattice.own)
            scores = torch.addmm(log_prior - normaliser, weight, outputs)
            joint[:, tile] = scores
            higher = torch.maximum(peak, scores.amax(1, keepdim=True))
            sums = sums * torch.exp(peak - higher) + scores.sub_(higher).exp_() @ quarters[tile]
            peak = higher
        if i % TILES == 0:
            yield PENDING
    area = 2 * math.log(lattice.axis[1] - lattice.axis[0])
    whole = torch.log(sums.sum(1, keepdim=True))
    error = (torch.log(4 * sums) - whole).abs().amax(1)
    log_evidence = (peak + whole).squeeze(1).double() + area + constant
    return BatchScores(lattice, joint, constant, log_evidence.numpy(), error.double().numpy())
