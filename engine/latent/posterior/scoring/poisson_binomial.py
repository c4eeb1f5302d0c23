"""The Poisson–binomial distribution: noisy, weighted sums of binary pixels with different probabilities."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.observations.measurement import Projection
from engine.latent.vae.networks.likelihood_densities import LN_2PI

HELD = 2**18  # probabilities computed at a time, so that they stay in the processor's cache
LEAST = 1e-290  # smaller probabilities have lost digits in double precision
WHOLE = 1e-6  # the largest distance of a noiseless sum from a whole number of pixels
HALVINGS = 30  # bisection steps for the tilt
FEW = 4  # pixels of a sum with unequal weights, at most, whose 2^FEW patterns are enumerated
BEYOND = 40.0  # logits beyond the last pixel at which a tilt makes all pixels 1, to double precision


def equal(measurement: Projection) -> tuple[Tensor, Tensor] | None:
    """Return pixel indices (m, k) of each row, padded with −1, and its weight (m,); None if weights differ in a row."""
    rows, weights = torch.from_numpy(measurement.rows), torch.from_numpy(measurement.weights)
    counts = torch.bincount(rows, minlength=len(measurement.values))
    first = torch.cumsum(counts, 0) - counts
    each = weights[first]
    if not torch.equal(each[rows], weights):
        return None
    pixels = torch.full((len(counts), max(2, int(counts.max()))), -1)
    pixels[rows, torch.arange(len(rows)) - first[rows]] = torch.from_numpy(measurement.columns)
    return pixels, each


def patterns(measurement: Projection) -> tuple[Tensor, Tensor, Tensor] | None:
    """Return pixel indices (m, k) of each row, padded with −1, all patterns of k pixels (2^k, k), and their sums.

    The sums (2^k, m) have the weights of each row. None if a row has more than FEW pixels.
    """
    rows, weights = torch.from_numpy(measurement.rows), torch.from_numpy(measurement.weights)
    counts = torch.bincount(rows, minlength=len(measurement.values))
    k = int(counts.max())
    if k > FEW:
        return None
    place = torch.arange(len(rows)) - (torch.cumsum(counts, 0) - counts)[rows]
    pixels, weight = torch.full((len(counts), k), -1), torch.zeros(len(counts), k, dtype=torch.double)
    pixels[rows, place], weight[rows, place] = torch.from_numpy(measurement.columns), weights
    ink = (torch.arange(2**k)[:, None] >> torch.arange(k) & 1).double()
    return pixels, ink, ink @ weight.T


def of_patterns(measurement: Projection, out: Tensor, form: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Return ln p(y | z) (n,) in nats from logits (n, pixels), exactly, by the sum over all patterns b of each row.

    p(y | z) = Σ_b P(b) N(y | w·b, s²), or for s = 0 the probability mass; `form` is the result of `patterns`.
    """
    (pixels, ink, sums), y = form, torch.from_numpy(measurement.values)
    if measurement.deviation == 0:
        noise = torch.where((y - sums).abs() < WHOLE, 0.0, -math.inf).double()
    else:
        noise = -0.5 * ((y - sums) / measurement.deviation) ** 2 - math.log(measurement.deviation) - 0.5 * LN_2PI
    peak = noise.max(0).values.clamp_min(-torch.finfo(noise.dtype).max)  # summed apart, so that the rest is small
    near = (noise - peak).to(out.dtype)
    results = []
    for chunk in torch.split(out, HELD // out.shape[1] + 1):
        logits = F.pad(chunk, (0, 1), value=-BEYOND).T[pixels.T]  # (k, m, n); padded pixels have no weight
        terms = near[..., None] + torch.einsum("bk,kmn->bmn", ink.to(out.dtype), logits)
        results.append((torch.logsumexp(terms, 0) - F.softplus(logits).sum(0)).sum(0))
    return torch.cat(results) + float(peak.sum())


def of_sums(measurement: Projection, out: Tensor, form: tuple[Tensor, Tensor]) -> Tensor:
    """Return ln p(y | z) (n,) in nats from logits (n, pixels), exactly; `form` is the result of `equal`.

    p(y | z) = Σ_c P(c) N(y | c w, s²), where P is Poisson–binomial; for s = 0 it is the probability mass. Computed in
    double precision, so that a sum of sixteen unlikely pixels does not underflow.
    """
    (pixels, weight), y = form, torch.from_numpy(measurement.values)
    noise = _noise(y, weight, measurement.deviation, pixels.shape[1])
    peak = noise[:, : pixels.shape[1] + 1].max(1).values.clamp_min(-torch.finfo(noise.dtype).max)
    likely, results = (
        torch.exp((noise - peak[:, None]).clamp_max(0)),
        [],
    )  # counts above the number of pixels have P = 0
    for chunk in torch.split(out, HELD // out.shape[1] + 1):
        logits = F.pad(chunk, (0, 1), value=-math.inf).T[pixels.T].double()  # (k, m, n); padded pixels are 0
        total = _pairs(_polynomials(logits), likely)
        lost = total < LEAST
        logs = torch.log(torch.where(lost, 1.0, total)) + peak[:, None]
        if lost.any():
            row, latent = lost.nonzero(as_tuple=True)
            tilted = _tilted(logits[:, row, latent], noise[row], y[row], weight[row], measurement.deviation)
            logs = logs.index_put((row, latent), tilted)
        results.append(logs.sum(0))
    return torch.cat(results).to(out.dtype)


def _noise(y: Tensor, weight: Tensor, deviation: float, k: int) -> Tensor:
    """ln N(y | c w, s²) of each count c, (m, 2k + 1), which is the largest size of a product of polynomials."""
    counts = torch.arange(2 * k + 1, dtype=torch.double)
    if deviation == 0:
        whole = (y / weight)[:, None] - counts
        return torch.where(whole.abs() < WHOLE, 0.0, -math.inf).double()
    away = (y[:, None] - counts * weight[:, None]) / deviation
    return -0.5 * away**2 - math.log(deviation) - 0.5 * LN_2PI


def _polynomials(logits: Tensor) -> Tensor:
    """1 − p and p of each pixel, (k, m, 2, n): the coefficients of its probability generating function."""
    return torch.stack([torch.sigmoid(-logits), torch.sigmoid(logits)], dim=2)


def _pairs(sums: Tensor, likely: Tensor) -> Tensor:
    """Σ P(c) × likely(c) (m, n), given `likely` (m, counts): polynomials are multiplied in pairs down to two."""
    while len(sums) > 2:
        sums = _multiplied(sums)
    size = sums.shape[2]
    between = likely.unfold(1, size, 1)[:, :size].contiguous()  # likely(a + b)
    return (sums[0] * (between @ sums[1])).sum(1)


def _multiplied(sums: Tensor) -> Tensor:
    """Multiply polynomials in pairs, (k, m, size, n) -> (⌈k/2⌉, m, 2 size − 1, n)."""
    half, size = len(sums) // 2, sums.shape[2]
    left, right, rest = sums[:half], sums[half : 2 * half], sums[2 * half :]
    product = sums.new_zeros(half + len(rest), sums.shape[1], 2 * size - 1, sums.shape[3])
    for a in range(size):
        product[:half, :, a : a + size].addcmul_(left[:, :, a : a + 1], right)
    product[half:, :, :size] = rest
    return product


def _tilted(logits: Tensor, noise: Tensor, y: Tensor, weight: Tensor, deviation: float) -> Tensor:
    """ln p(y | z) (n,) for logits (k, n) and noise (n, counts), where plain probabilities underflow.

    If λ is added to all logits, P(c) becomes P(c) e^{λc} / E e^{λc}. λ is chosen at the saddle point, where the count
    with the largest weight is the mean (Daniels 1954), and its effect is divided out exactly.
    """
    results = []
    step = max(1, HELD // (len(logits) * noise.shape[1]) + 1)
    for start in range(0, logits.shape[1], step):
        at, chunk = slice(start, start + step), logits[:, start : start + step]
        tilt = _tilt(chunk.detach(), y[at], weight[at], deviation)
        sums = _polynomials((chunk + tilt)[:, None])
        while len(sums) > 1:
            sums = _multiplied(sums)
        counts = torch.arange(sums.shape[2], dtype=torch.double)[:, None]
        possible = sums[0, 0] > 0
        logs = torch.where(possible, torch.log(torch.where(possible, sums[0, 0], 1.0)), -math.inf)
        whole = torch.logsumexp(logs + noise[at].T[: len(counts)] - tilt * counts, 0)
        results.append(whole + (F.softplus(chunk + tilt) - F.softplus(chunk)).sum(0))
    return torch.cat(results)


def _tilt(logits: Tensor, y: Tensor, weight: Tensor, deviation: float) -> Tensor:
    """The root λ (n,) of λ s² / w + w Σ σ(η + λ) = y, by bisection."""
    reach = torch.where(torch.isfinite(logits), logits, 0.0).abs().max(0).values + BEYOND
    low, high = -reach, reach
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        more = deviation**2 * middle / weight + weight * torch.sigmoid(logits + middle).sum(0) > y
        low, high = torch.where(more, low, middle), torch.where(more, middle, high)
    return 0.5 * (low + high)
