"""The lattice: the decoder's outputs on a regular grid of latents, computed once for each model.

Every fourth node of a row is decoded first, so that heatmaps appear after a tenth of a second. Outputs are stored pixel
by pixel, in single precision if they fit into 256 MB, otherwise in half precision. In half precision the normalisers
are computed from the rounded outputs, so that the result is the likelihood of a decoder that rounds, 10⁻⁴ nats away.

All log likelihoods of pixels have the form x·η(z) − A(z) + h(x), in which only x·η(z) is new for a new image: it costs
the rows of its pixels that are not 0, and a brush stroke costs the pixels under it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from engine import threads
from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.observations.measurement import Measurement, Pixels
from engine.latent.posterior.grid_density import STRIDES, widened
from engine.latent.posterior.scoring.blurred_pixels import Rough
from engine.latent.posterior.scoring.measurement_densities import log_density, rough
from engine.latent.vae.likelihoods import ContinuousBernoulli, Gaussian
from engine.latent.vae.networks import likelihood_densities as densities
from engine.latent.vae.networks.likelihood_densities import LN_2PI, LOG_SIGMA
from engine.latent.vae.networks.vae import CHUNK, VAE

SIZE, EXTENT = 301, 6.0
LARGEST = 256 << 20  # bytes of stored outputs; the lattice is coarser if necessary
AT_ONCE = 64, 2048  # the fewest and the most latents that are decoded between two yields
QUICK = 0.04  # seconds between two yields, if the decoder is fast enough
FAR = (100.0, 50.0)  # nats below the maximum of the joint density, at which nodes of a finer stride are interpolated
FAR_IF_SLOW = (40.0, 25.0)  # the same for densities that are slow, whose coarse nodes are first scored roughly
SCORED = 4  # the cost of scoring one output with a density that is not linear in it, relative to a linear one
TILE = 2**20  # outputs scored at a time, so that they stay in the processor's cache
MASKS = 64  # sets of pixels whose normalisers are cached, 0.4 MB each


class Lattice:
    """`size`² latents over [−extent, extent]² with the decoder's output at each. It belongs to one thread.

    Decoding is resumable, but not by `Resumable`: many consumers read outputs while others are not decoded, at the
    stride that is complete.
    """

    def __init__(self, vae: VAE, size: int = SIZE, extent: float = EXTENT) -> None:
        pixels = int(np.prod(vae.image_shape))
        own = vae.precision
        dtype = own if _bytes(size, pixels, own) <= LARGEST else torch.half
        while _bytes(size, pixels, dtype) > LARGEST:
            size -= STRIDES[0]
        self.vae, self.extent, self.own = vae, extent, own
        self.axis: Array = np.linspace(-extent, extent, size)
        self._order, self._ends = _nested(size)
        self._place = np.argsort(self._order)
        self._outputs = torch.empty((pixels, size**2), dtype=dtype)
        self._whole = torch.empty(size**2, dtype=own)  # the normaliser of all pixels together
        self._decoded, self._at_once = 0, AT_ONCE[0]
        self._normalisers: OrderedDict[bytes, tuple[int, Tensor]] = OrderedDict()

    @property
    def part(self) -> float:
        """The fraction of nodes that are decoded, from 0 to 1."""
        return self._decoded / len(self._order)

    @property
    def stride(self) -> int:
        """The stride of the finest completely decoded sub-grid (4, 2 or 1); 0 if there is none."""
        return next((s for s, end in reversed(list(zip(STRIDES, self._ends, strict=True))) if self._decoded >= end), 0)

    def decode(self) -> Iterator[Pending]:
        """Decode the remaining nodes, coarse sub-grids first. A cancelled call is continued by the next one."""
        while self._decoded < len(self._order):
            start = time.perf_counter()
            end = min(self._decoded + self._at_once, next(end for end in self._ends if end > self._decoded))
            ends = np.linspace(self._decoded, end, threads.number() + 1).astype(int)
            list(_cores().map(self._decode, ends[:-1], ends[1:]))
            self._decoded = end
            share = QUICK / (time.perf_counter() - start)
            self._at_once = int(min(max(self._at_once * min(share, 2), AT_ONCE[0]), AT_ONCE[1]))
            yield PENDING

    def _decode(self, start: int, end: int) -> None:
        """Decode the columns from `start` to `end` on one core."""
        with torch.inference_mode():
            out = self.vae.networks.decoder(torch.from_numpy(self.latents(self._order[start:end])).to(self.own))
            stored = _stored(self.vae, out).to(dtype=self._outputs.dtype).T
            self._outputs[:, start:end] = stored
            self._whole[start:end] = _log_normaliser(self.vae, slice(None), stored.to(self.own)).sum(0)

    def latents(self, which: NDArray[np.intp]) -> Array:
        """The latents (n, 2) of nodes, which are numbered row by row from below."""
        size = len(self.axis)
        return np.column_stack([self.axis[which % size], self.axis[which // size]])

    def tiles(self, pixels: int) -> Iterator[tuple[slice, Array, Tensor, Tensor]]:
        """Yield all decoded nodes in tiles, whose size suits `pixels` values for each node.

        Each tile is its columns, their latents (k, 2), the outputs (pixels, k) and the normalisers A(z) (k,).
        """
        for tile in _tiles(0, self._decoded, pixels):
            yield tile, self.latents(self._order[tile]), self._outputs[:, tile].to(self.own), self._whole[tile]

    @property
    def quarters(self) -> NDArray[np.intp]:
        """The sub-grid (0 to 3) of each column, by whether the row and the column of its node are even or odd."""
        row, column = np.divmod(self._order, len(self.axis))
        return np.asarray(row % 2 * 2 + column % 2)

    def in_rows(self, columns: Array) -> Array:
        """Sort the values of all columns (size²,) into rows of nodes (size, size), from below."""
        whole = np.empty(len(self._order))
        whole[self._order] = columns
        return whole.reshape(len(self.axis), -1)

    def log_likelihood(self, measurement: Measurement) -> Array:
        """Return ln p(measurement | z) in nats at all nodes of the present stride, (rows, columns), from below."""
        scoring = self.scoring(measurement)
        while True:
            try:
                next(scoring)
            except StopIteration as end:
                log_likelihood: Array = end.value
                return log_likelihood

    def scoring(self, measurement: Measurement, stride: int = 0) -> Generator[Pending, None, Array]:
        """Return ln p(measurement | z) in nats at the nodes of a stride (0: the present one), as `log_likelihood`.

        A density that is not linear in the outputs is computed at every fourth node of a row. At finer nodes it is
        computed only where the joint density is within FAR nats of the maximum, and interpolated elsewhere. A slow
        density is replaced by a rough one where the joint density is low.
        """
        stride = stride or self.stride
        if isinstance(measurement, Pixels):
            columns = self._ends[STRIDES.index(stride)]
            whole = np.empty(len(self._order))
            with torch.inference_mode():
                whole[self._order[:columns]] = self._linear(measurement, columns).numpy()
            return whole.reshape(len(self.axis), -1)[::stride, ::stride]
        axis, quick = self.axis[:: STRIDES[0]], rough(measurement, self.vae.networks.likelihood)
        logs = np.empty((len(axis), len(axis)))
        yield from self._scored(quick or measurement, STRIDES[0], np.ones(logs.shape, bool), logs)
        if quick is not None:
            logs = yield from self._where_high(measurement, axis, logs)
        far = FAR if quick is None else FAR_IF_SLOW
        for finer, depth in zip(STRIDES[1 : STRIDES.index(stride) + 1], far, strict=False):
            near = np.zeros((2 * len(axis) - 1,) * 2, bool)
            near[::2, ::2] = _high(axis, logs, depth)
            near = widened(near)
            near[::2, ::2] = False
            axis, logs = self.axis[::finer], between(logs)
            yield from self._scored(measurement, finer, near, logs)
        return logs

    def _where_high(self, measurement: Measurement, axis: Array, quick: Array) -> Generator[Pending, None, Array]:
        """Score the coarse nodes whose joint density is high; elsewhere correct the rough scores by a constant."""
        logs, scored = quick.copy(), np.zeros(quick.shape, bool)
        while (near := _high(axis, logs, FAR_IF_SLOW[0]) & ~scored).any():
            yield from self._scored(measurement, STRIDES[0], near, logs)
            scored |= near
            logs[~scored] = quick[~scored] + np.median((logs - quick)[scored])
        return logs

    def _linear(self, measurement: Pixels, columns: int) -> Tensor:
        """x·η(z) − A(z) + h(x) of the pixels of a measurement, at the first columns (columns,)."""
        index, x = torch.from_numpy(measurement.index), torch.from_numpy(measurement.values).to(self.own)
        which = slice(None) if len(index) == len(self._outputs) else index
        weight, constant = natural(self.vae, which, x)
        total = -self._normaliser(which, columns) + constant
        used = weight.nonzero().flatten()
        if len(used) < len(index) // 2:  # pixels of value 0 add nothing
            for i in used.tolist():
                total.add_(self._outputs[index[i], :columns], alpha=float(weight[i]))
            return total
        for tile in _tiles(0, columns, len(index)):
            total[tile] += weight @ self._outputs[which, tile].to(self.own)
        return total

    def _normaliser(self, index: Tensor | slice, columns: int) -> Tensor:
        """The sum of the normalisers A(z) of some pixels, (columns,), from the cache as far as it is known."""
        if isinstance(index, slice):
            return self._whole[:columns].clone()
        key = index.numpy().tobytes()
        done, total = self._normalisers.get(key, (0, torch.empty(0, dtype=self.own)))
        pieces = [total]
        for tile in _tiles(done, columns, len(index)):
            outputs = self._outputs[index, tile].to(self.own)
            pieces += [_log_normaliser(self.vae, index, outputs).sum(0)]
        if columns > done:
            total = torch.cat(pieces)
            self._normalisers[key] = columns, total
        self._normalisers.move_to_end(key)
        if len(self._normalisers) > MASKS:
            self._normalisers.popitem(last=False)
        return total[:columns].clone()

    def _scored(
        self, measurement: Measurement | Rough, stride: int, selected: NDArray[np.bool_], logs: Array
    ) -> Iterator[Pending]:
        """Score the selected nodes (m, m) of a stride into `logs` (m, m)."""
        rows, columns = np.nonzero(selected)
        places = self._place[stride * (rows * len(self.axis) + columns)]
        for tile in _tiles(0, len(places), SCORED * len(self._outputs)):
            logs[rows[tile], columns[tile]] = self._score(measurement, places[tile])
            yield PENDING

    def _score(self, measurement: Measurement | Rough, places: NDArray[np.intp]) -> Array:
        """ln p(measurement | z) (k,) at columns (k,) of the outputs."""
        log_sigma = self.vae.networks.log_sigma
        sigma = torch.empty(0, dtype=self.own) if log_sigma is None else log_sigma.detach()
        with torch.inference_mode():
            out = self._outputs[:, torch.from_numpy(places)].to(self.own).T
            if isinstance(self.vae.networks.likelihood, Gaussian):
                out = densities.output_of(self.vae.networks.likelihood, out)
            logs: Array = log_density(measurement, self.vae.networks.likelihood, out, sigma).double().numpy()
        return logs


def _high(axis: Array, logs: Array, depth: float) -> NDArray[np.bool_]:
    """A mask (m, m) of the nodes whose joint density is within `depth` nats of the maximum, and of their neighbours."""
    joint = logs - 0.5 * (axis[:, None] ** 2 + axis**2)
    return widened(joint > joint.max() - depth)


def between(coarse: Array) -> Array:
    """Interpolate values (m, m) by parabolas to a grid of half the step, (2m − 1, 2m − 1)."""
    return _between(_between(coarse).T).T


def _between(values: Array) -> Array:
    """Interpolate each row. Of the two parabolas at a midpoint the flatter one is used (minmod), because of cliffs."""
    bend = np.pad(np.diff(values, n=2), ((0, 0), (1, 1)), mode="edge")
    left, right = bend[:, :-1], bend[:, 1:]
    flatter = np.where(left * right > 0, np.copysign(np.minimum(abs(left), abs(right)), left), 0.0)
    fine = np.empty((len(values), 2 * values.shape[1] - 1))
    fine[:, ::2] = values
    fine[:, 1::2] = (values[:, :-1] + values[:, 1:]) / 2 - flatter / 8
    return fine


def log_likelihoods(vae: VAE, measurements: Sequence[Measurement], z: Array) -> Array:
    """Return ln p(all measurements | z) (n,) in nats at any latents z (n, 2), which are decoded now."""
    return np.asarray(log_likelihood_terms(vae, measurements, z).sum(axis=1))


def log_likelihood_terms(vae: VAE, measurements: Sequence[Measurement], z: Array) -> Array:
    """Return ln p(measurement | z) (n, measurements) in nats at any latents z (n, 2), which are decoded now."""
    own, log_sigma = vae.precision, vae.networks.log_sigma
    sigma = torch.empty(0, dtype=own) if log_sigma is None else log_sigma.detach()
    terms = np.zeros((len(z), len(measurements)))
    with torch.inference_mode():
        for start in range(0, len(z), CHUNK):
            out = vae.networks.decoder(torch.from_numpy(z[start : start + CHUNK]).to(own))
            for i, measurement in enumerate(measurements):
                density = log_density(measurement, vae.networks.likelihood, out, sigma)
                terms[start : start + CHUNK, i] = density.numpy()
    return terms


def _bytes(size: int, pixels: int, dtype: torch.dtype) -> int:
    return size**2 * pixels * dtype.itemsize


def _nested(size: int) -> tuple[NDArray[np.intp], tuple[int, ...]]:
    """The order (size²,) in which nodes are decoded, and the number of nodes up to the end of each stride."""
    row, column = np.divmod(np.arange(size**2), size)
    level = np.full(size**2, len(STRIDES) - 1)
    for i, stride in reversed(list(enumerate(STRIDES))):
        level[(row % stride == 0) & (column % stride == 0)] = i
    ends = np.cumsum(np.bincount(level, minlength=len(STRIDES)))
    return np.argsort(level, kind="stable"), tuple(int(end) for end in ends)


def _stored(vae: VAE, out: Tensor) -> Tensor:
    """The quantity in which the log density is linear, except for its normaliser: the output, or a Gaussian's mean."""
    likelihood = vae.networks.likelihood
    return densities.mean_of(likelihood, out) if isinstance(likelihood, Gaussian) else out


def _tiles(start: int, end: int, pixels: int) -> Iterator[slice]:
    """The columns from `start` to `end` in slices of about TILE outputs."""
    step = max(64, TILE // max(1, pixels))
    return (slice(a, min(a + step, end)) for a in range(start, end, step))


def natural(vae: VAE, index: Tensor | slice, x: Tensor) -> tuple[Tensor, Tensor]:
    """The factors (…, k) of the stored outputs for pixels x (…, k), and the constant (…) that is added, in nats."""
    if not isinstance(vae.networks.likelihood, Gaussian):
        return x, x.new_zeros(x.shape[:-1])
    log_sigma = _log_sigma(vae, index)
    square = (x * torch.exp(-log_sigma)) ** 2
    constant = -(0.5 * square + log_sigma + 0.5 * LN_2PI).double().sum(-1)
    return x * torch.exp(-2 * log_sigma), constant


def _log_normaliser(vae: VAE, index: Tensor | slice, stored: Tensor) -> Tensor:
    """A(z) of each pixel, (k, n), from stored outputs (k, n)."""
    likelihood = vae.networks.likelihood
    if isinstance(likelihood, Gaussian):
        return 0.5 * (stored * torch.exp(-_log_sigma(vae, index))[:, None]) ** 2
    if isinstance(likelihood, ContinuousBernoulli):
        return densities.log_normaliser(stored)
    return F.softplus(stored)


def _log_sigma(vae: VAE, index: Tensor | slice) -> Tensor:
    assert vae.networks.log_sigma is not None
    return vae.networks.log_sigma.detach()[index].clamp(*LOG_SIGMA)


@cache
def _cores() -> ThreadPoolExecutor:
    """One thread for each core, each with its own matrix products; threads that share a product wait for each other."""
    return ThreadPoolExecutor(threads.number(), "lattice", initializer=lambda: torch.set_num_threads(1))
