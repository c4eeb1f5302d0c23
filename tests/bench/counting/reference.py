"""The reference of ln p(x) for many images: sums over even grids of latents, without the program's own sums.

All images share the decoded latents, and each image counts only tiles of the plane that may hold its mass. The error of
a sum over a smooth density falls like exp(−2π² σ²/h²) with the distance h of its nodes (Trefethen & Weideman 2014, SIAM
Review 56). So the distance 0.01 suffices if the four sub-grids, each with 0.02, nearly agree. Images with narrower
posteriors are summed again with 0.005 and with 0.0025. Images whose density is not negligible at the edge of the plane
are summed again over wider planes.

The sub-grids may also agree by chance: for test image 452 of `mnist` they differ by 0.0001 nats, and their sum is 0.002
nats off. So an image whose stated error does not hold needs the finest sum.
"""

import math

import numpy as np
import torch

from engine.latent.posterior.grid_density import widened
from engine.latent.posterior.scoring.natural_parameters import log_normaliser, natural
from engine.latent.vae.networks.likelihood_densities import targets

REACH, WIDEST, FARTHER = 6.4, 25.6, 3.2  # half the sides of the first and of the widest plane, and their difference
SIDE, LARGER = 0.08, 0.64  # of a tile, and of the squares in which the coarse nodes are decoded
COARSE, FINE = 0.04, 0.01  # the distances of the nodes that find the mass, and of the first sum
FINER = (0.005, 0.0025)  # the distances of the sums of narrow posteriors
SHIFT = 0.3  # of the nodes in their cells, so that they are no nodes of the program
FAR, NEAR = 30.0, 14.0  # nats below an image's maximum, at which tiles are left out of the first and of finer sums
NARROW = 0.002  # nats between sub-grids; a larger difference asks for a finer sum
AT_ONCE = 256  # latents decoded at a time


@torch.inference_mode()
def reference(vae, images, widest=WIDEST, narrow=NARROW):
    """ln p(x) (n,) of images (n, h, w[, 3]) with pixels from 0 to 255, and the largest deviation of four sub-grids.

    The full sum is far more accurate than its sub-grids. The deviation is infinite if mass may lie beyond the plane
    with half the side `widest`. A deviation above `narrow` nats asks for a finer sum; with −1 all sums are the finest.
    For likelihoods without σ.
    """
    seen = targets(vae.networks.likelihood, torch.from_numpy(images.astype(np.float32)))
    x, _ = natural(vae, slice(None), seen.reshape(len(images), -1).float())
    reach, value, off, left = REACH, np.empty(len(x)), np.full(len(x), np.inf), np.arange(len(x))
    while len(left) and reach <= widest:
        value[left], off[left] = _within(vae, x[left], reach, narrow)
        left = left[np.isinf(off[left])]
        reach += FARTHER
    return value, off


def _within(vae, x, reach, narrow):
    """The sums (n,) of `reference` over ±reach, and their deviations (n,), infinite if mass may lie beyond the edge."""
    count, within = round(2 * reach / SIDE), round(LARGER / SIDE)
    along = SIDE * (np.arange(count) - count / 2)
    highest = np.empty((count, count, len(x)), np.float32)
    for row, column in np.ndindex(count // within, count // within):
        joint = _joint(vae, x, _nodes(along[[column * within, row * within]], LARGER, COARSE))
        most = joint.reshape(len(x), within, -1, within, joint.shape[1] // 2 // within**2).amax((2, 4))
        square = highest[row * within : (row + 1) * within, column * within : (column + 1) * within]
        square[:] = most.permute(1, 2, 0).numpy()
    held = highest > highest.max(axis=(0, 1)) - FAR
    held &= ~(held[[0, -1]].any(axis=(0, 1)) | held[:, [0, -1]].any(axis=(0, 1)))
    held = np.stack([widened(held[..., i]).ravel() for i in range(len(x))], axis=1)
    corners = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    value, off, highest = _sums(vae, x, corners, held, FINE)
    off[~held.any(axis=0)] = np.inf
    for step in FINER:
        again = np.flatnonzero((off > narrow) & np.isfinite(off))
        if len(again):
            held = highest[:, again] > highest[:, again].max(axis=0) - NEAR
            value[again], off[again], _ = _sums(vae, x[again], corners, held, step)
    return value, off


def _sums(vae, x, corners, held, step):
    """ln p(x) (n,), the deviation of its sub-grids (n,), and the maximum of each tile (tiles, n), in nats.

    `held` (tiles, n) says which tiles count for which image.
    """
    peak, sums = torch.full((len(x), 1), -math.inf), torch.zeros((len(x), 4), dtype=torch.double)
    highest, half = np.full(held.shape, -np.inf, np.float32), round(SIDE / step) // 2
    for tile in np.flatnonzero(held.any(axis=1)):
        which = torch.from_numpy(np.flatnonzero(held[tile]))
        joint = _joint(vae, x[which], _nodes(corners[tile], SIDE, step))
        most = joint.amax(1, keepdim=True)
        higher = torch.maximum(peak[which], most)
        shares = torch.exp(joint - higher).reshape(len(which), half, 2, half, 2).sum((1, 3)).reshape(-1, 4)
        sums[which] = sums[which] * torch.exp(peak[which] - higher).double() + shares.double()
        peak[which] = higher
        highest[tile, which.numpy()] = most[:, 0].numpy()
    whole = torch.log(sums.sum(1))
    off = (torch.log(4 * sums) - whole[:, None]).abs().amax(1)
    return (peak[:, 0].double() + whole + 2 * math.log(step)).numpy(), off.numpy(), highest


def _nodes(corner, side, step):
    """The latents (n, 2) of one tile, one in each of its cells."""
    along = step * (np.arange(round(side / step)) + SHIFT)
    return np.stack(np.meshgrid(corner[0] + along, corner[1] + along), axis=-1).reshape(-1, 2)


def _joint(vae, x, z):
    """ln p(x, z) (n, k) in nats of images as weights x (n, pixels), at latents z (k, 2)."""
    latents = torch.from_numpy(z).float()
    out = torch.cat([vae.networks.decoder(part) for part in torch.split(latents, AT_ONCE)]).T
    normaliser = log_normaliser(vae, slice(None), out).sum(0, dtype=torch.double)
    log_prior = torch.from_numpy(-0.5 * np.sum(z**2, axis=1) - math.log(2 * math.pi))
    return torch.addmm((log_prior - normaliser).float(), x, out)
