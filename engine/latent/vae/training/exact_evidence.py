"""The exact evidence: ln p(x) of a batch of images, as a sum over one grid of latents, with its gradient.

With two latents ln p(x) = ln ∫ p(x|z) p(z) dz needs no encoder and no bound. One decode of the nodes serves all images
of a batch. The nodes are denser in the middle of the prior, and the whole grid is shifted at random in each step. The
sum is then an unbiased estimate of p(x), and a decoder cannot hide images between the nodes, because another shift has
nodes there. See docs/decisions/059. A fixed grid is the model of Bishop, Svensén & Williams 1998 (GTM).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.checkpoint import checkpoint

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.datasets.data_set import Images
from engine.latent.vae.networks.likelihood_densities import log_density, log_density_of_pairs, targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Elbo, Recipe
from engine.latent.vae.training.elbo import elbo, kl_to_prior

LARGEST = 2**24  # decoded values that are kept for the gradient; more are decoded a second time
TEST_BATCH, FINER = 250, 2  # images at a time, and nodes on each axis relative to the training, for a test
PART = 1024  # nodes whose likelihoods of all images are in the memory together
SINGLE, AROUND, DIVIDED = 0.3, 2, 4  # of ln p(x): a share of the posterior, cells on each side, parts of a cell
ROUNDING = 1e-5  # a smaller part of a sum in single precision is rounding
SPREAD = 1.5  # the standard deviation of the density of nodes; 1 would leave too few nodes far from the middle
MIDDLE = (0.5, 0.5)  # the shift with a node in the middle of each cell


def nodes(count: int, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Return latents z (count², 2) and the logarithms (count²,) of their shares of the prior N(0, I).

    z is SPREAD · Φ⁻¹ of a regular grid of the unit square, moved by `shift` (2,) in (0, 1) cells. For a uniform shift
    Σ share · f(z) is an unbiased estimate of E[f(z)]: in the unit square, the grid meets all places equally often.
    """
    steps = torch.arange(count, dtype=torch.float64)
    across, up = (steps + shift.double().cpu()[:, None]) / count
    z, log_shares = at_levels(across, up, count)
    return z.to(shift), log_shares.to(shift)


def at_levels(across: Tensor, up: Tensor, count: float) -> tuple[Tensor, Tensor]:
    """Return z (n·m, 2) at levels (n,) and (m,) in (0, 1), and ln shares (n·m,) of cells with the side 1/count.

    The share of a cell is p(z) divided by the density of nodes, N(0, SPREAD² I), times the area 1/count² of the cell.
    """
    tiny = torch.finfo(torch.float64).eps
    standard = torch.cartesian_prod(
        *(torch.special.ndtri(each.double().clamp(tiny, 1 - tiny)) for each in (across, up))
    )
    log_shares = 0.5 * (1 - SPREAD**2) * (standard**2).sum(1) + 2 * math.log(SPREAD / count)
    return SPREAD * standard, log_shares


def log_likelihoods(networks: Networks, x: Tensor, z: Tensor) -> Tensor:
    """Return ln p(x|z) (n, k) in nats of all targets x (n, pixels) at all latents z (k, 2).

    Latents whose decoded values would need too much memory are decoded in parts, and again for the gradient.
    """
    at_once = max(1, LARGEST // x.shape[1])
    if len(z) <= at_once or not torch.is_grad_enabled():
        return torch.cat([_scores(networks, x, part) for part in torch.split(z, at_once)], dim=1)
    parts = [checkpoint(_scores, networks, x, part, use_reentrant=False) for part in torch.split(z, at_once)]
    return torch.cat(parts, dim=1)


def _scores(networks: Networks, x: Tensor, z: Tensor) -> Tensor:
    out = networks.decoder(z)
    with torch.autocast(x.device.type, enabled=False):  # sums over pixels need more digits than bfloat16 has
        log_sigma = x.new_empty(0) if networks.log_sigma is None else networks.log_sigma.to(x.dtype)
        return log_density_of_pairs(networks.likelihood, out.to(x.dtype), x, log_sigma)


def terms(log_likelihood: Tensor, log_shares: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return E[ln p(x|z)] (n,) and KL (n,) of the exact posterior in nats, and its shares (n, k) at the nodes.

    ln p(x) = E[ln p(x|z)] − KL(p(z|x)‖p(z)), the ELBO without a gap. Only the difference of the two terms has the
    gradient: that of ln p(x), which is Σ p(z|x) ∇ ln p(x|z) (Fisher's identity).
    """
    joint = log_likelihood + log_shares
    log_evidence = torch.logsumexp(joint, dim=1)
    shares = torch.exp(joint.detach() - log_evidence.detach()[:, None])
    fit = (shares * log_likelihood).sum(1)
    return fit, fit - log_evidence, shares


def frozen_elbo(networks: Networks, x: Tensor, encoded: Tensor, noise: Tensor) -> Tensor:
    """Return the ELBO (n,) in nats as `elbo` does, but with a gradient for the encoder alone.

    For a given decoder ln p(x) is fixed. So this gradient is that of −KL(q‖p(z|x)): q is pulled to the exact posterior.
    """
    mean, log_variance = networks.encoder(encoded)
    weights = {name: weight.detach() for name, weight in networks.decoder.named_parameters()}
    out = functional_call(networks.decoder, weights, (mean + torch.exp(log_variance / 2) * noise,))
    log_sigma = x.new_empty(0) if networks.log_sigma is None else networks.log_sigma.detach().to(x.dtype)
    fit = log_density(networks.likelihood, out.to(x.dtype), x, log_sigma).sum(1)
    return fit - kl_to_prior(mean, log_variance)


class ExactEvidence(nn.Module):
    """The terms of ln p(x) on a shifted grid, and the loss of the encoder.

    The encoder follows the exact posteriors: it minimises KL(q‖p(z|x)). The decoder does not depend on it.
    """

    def __init__(self, networks: Networks, recipe: Recipe) -> None:
        super().__init__()
        self.networks = networks
        self.recipe = recipe

    def forward(
        self, labels: Tensor, epochs: float, x: Tensor, encoded: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return E[ln p(x|z)], KL, and KL minus the encoder's ELBO, each (n,) in nats, after a number of epochs.

        The first row of `noise` (n, 2) gives the shift: Φ of values from N(0, I) is uniform. The labels do not count.
        """
        z, log_shares = nodes(self.recipe.nodes(epochs), torch.special.ndtr(noise[0].double()).to(noise))
        fit, kl, _ = terms(log_likelihoods(self.networks, x, z), log_shares)
        return fit, kl, kl - frozen_elbo(self.networks, x, encoded, noise)


def evidence(networks: Networks, images: Images, count: int) -> Elbo:
    """Return the mean ln p(x) of images in nats, as E[ln p(x|z)] and KL of the posterior on a finer, fixed grid.

    The grid has FINER times `count` nodes on each axis. It is exact for posteriors that are wider than its cells.
    """
    fit = kl = 0.0
    with torch.inference_mode():
        z, log_shares = nodes(FINER * count, torch.tensor(MIDDLE))
        for start in range(0, len(images), TEST_BATCH):
            x = targets(networks.likelihood, torch.tensor(images.pixels[start : start + TEST_BATCH]))
            each, divergence, _ = terms(log_likelihoods(networks, x, z), log_shares)
            fit += float(each.double().sum())
            kl += float(divergence.double().sum())
    return Elbo(fit / len(images), kl / len(images))


def log_evidences(networks: Networks, images: Images, count: int) -> Iterator[Array | Pending]:
    """Yield ln p(x) (n,) of each image in nats, on a fixed grid of count² nodes, and PENDING before.

    Where one node has more than SINGLE of the posterior, which is then narrower than the grid, the cells around this
    node are divided into DIVIDED² parts. The mean of the encoder's q counts as a node as well: it finds a posterior
    that lies between all nodes.
    """
    z, log_shares = nodes(count, torch.tensor(MIDDLE))
    x = targets(networks.likelihood, torch.tensor(images.pixels))
    sums, highest = x.new_full((2, len(x)), -torch.inf)
    peaks = torch.zeros(len(x), dtype=torch.int64)
    for i, (part, shares) in enumerate(zip(torch.split(z, PART), torch.split(log_shares, PART), strict=True)):
        with torch.inference_mode():
            scores = log_likelihoods(networks, x, part) + shares
            sums = torch.logaddexp(sums, torch.logsumexp(scores, dim=1))
            high, place = scores.max(1)
            peaks = torch.where(high > highest, place + i * PART, peaks)
            highest = torch.maximum(highest, high)
        yield PENDING
    own, place = _at_means(networks, x, count)
    peaks, highest = torch.where(own > highest, place, peaks), torch.maximum(highest, own)
    found = sums.double().numpy().copy()
    for i in torch.nonzero(highest - sums > math.log(SINGLE))[:, 0].tolist():
        found[i] = _divided(networks, x[i : i + 1], float(found[i]), divmod(int(peaks[i]), count), count)
        yield PENDING
    yield found


def _at_means(networks: Networks, x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return ln p(x, cell of μ) (n,) in nats, with the density at the encoder's mean μ, and the number of the cell."""
    with torch.inference_mode():
        mean, _ = networks.encoder(x)
        levels = torch.special.ndtr(mean.double() / SPREAD)
        each = [at_levels(level[:1], level[1:], count)[1] for level in levels]
        cells = (levels * count).long().clamp(0, count - 1)
        return networks.log_likelihood(x, mean) + torch.cat(each).to(x), cells[:, 0] * count + cells[:, 1]


def _divided(networks: Networks, x: Tensor, whole: float, peak: tuple[int, int], count: int) -> float:
    """Return ln p(x) of one image x (1, pixels), with the cells within AROUND of the node `peak` summed finely.

    `whole` is the sum over all nodes; the cells that are divided are taken out of it.
    """

    def within(parts: int) -> float:
        edges = [(max(0, i - AROUND), min(count, i + AROUND + 1)) for i in peak]
        across, up = ((torch.arange(low * parts, high * parts) + 0.5) / (parts * count) for low, high in edges)
        z, log_shares = (each.to(x) for each in at_levels(across, up, parts * count))
        with torch.inference_mode():
            return float(torch.logsumexp(log_likelihoods(networks, x, z)[0].double() + log_shares, 0))

    beside = -math.expm1(min(0.0, within(1) - whole))  # the part of the sum in other cells
    fine = within(DIVIDED)
    return float(np.logaddexp(whole + math.log(beside), fine)) if beside > ROUNDING else fine


def elbos(networks: Networks, images: Images, samples: int) -> Array:
    """Return the ELBO (n,) of each image in nats, with a number of draws of z from q for each image."""
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        x = targets(networks.likelihood, torch.tensor(images.pixels))
        draws = (torch.randn(len(x), networks.latents, generator=generator) for _ in range(samples))
        sums = [fit - kl for fit, kl in (elbo(networks, x, x, noise) for noise in draws)]
    return torch.stack(sums).double().mean(0).numpy()
