"""The lattice: the decoder's outputs on a regular grid of latents, decoded once for each model, where they are needed.

Every fourth node of a row is decoded first, so that heatmaps appear after a tenth of a second. Finer nodes are decoded
where the posterior may be, which is less than a tenth of them for most images. Elsewhere log likelihoods are
interpolated. Outputs are stored in single precision if all of them would fit into 256 MB, otherwise in half precision.
In half precision the normalisers are computed from the rounded outputs, so that the result is the likelihood of a
decoder that rounds, 10⁻⁴ nats away.

All log likelihoods of pixels have the form x·η(z) − A(z) + h(x), in which only x·η(z) is new for a new image: it costs
the rows of its pixels that are not 0, and a brush stroke costs the pixels under it.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import threads
from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.cache_budget import KEPT_NODES, OUTPUTS
from engine.latent.observations.measurement import Measurement, Pixels
from engine.latent.posterior.grid_density import STRIDES
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.blurred_pixels import Rough
from engine.latent.posterior.scoring.cores import cores
from engine.latent.posterior.scoring.decoded_outputs import DecodedOutputs, tile_width
from engine.latent.posterior.scoring.measurement_densities import log_density, rough
from engine.latent.posterior.scoring.natural_parameters import log_normaliser, natural, stored
from engine.latent.posterior.scoring.nodes import between, high, joint, levels, next_to
from engine.latent.vae.likelihoods import Gaussian
from engine.latent.vae.networks import likelihood_densities as densities
from engine.latent.vae.networks.vae import VAE
from engine.memo import Recent

SIZE, EXTENT = 301, 6.0
MOST_NEAR = 0.14  # the part of all nodes that one posterior may need at stride 1: it fits beside all of stride 2
LIKELY = 4.5  # radius of the latents that are decoded at stride 2 when there is nothing else to do
AT_ONCE = 64, 2048  # the fewest and the most latents that are decoded between two yields
QUICK = 0.04  # seconds between two yields, if the decoder is fast enough
FAR = (100.0, 50.0)  # nats below the maximum of the joint density, at which nodes of a finer stride are interpolated
FAR_IF_SLOW = (40.0, 25.0)  # the same for densities that are slow, whose coarse nodes are first scored roughly
NEARER = (FAR[1], 30.0, 16.0)  # nats, in turn, if too many nodes of stride 1 are near
SCORED = 4  # the cost of scoring one output with a density that is not linear in it, relative to a linear one
MASKS, SCORES = 12, 64  # sets of pixels whose normalisers, and measurements whose scores are cached, 0.15 MB each


class Lattice:
    """`size`² latents over [−extent, extent]² with the decoder's output at some of them. It belongs to one thread.

    Nodes are numbered row by row from below. Decoding is resumable, but not by `Resumable`: many consumers read outputs
    while others are not decoded.
    """

    def __init__(self, vae: VAE, size: int = SIZE, extent: float = EXTENT) -> None:
        pixels = int(np.prod(vae.image_shape))
        own = vae.precision
        room = OUTPUTS // pixels
        dtype = own if size**2 * own.itemsize <= room else torch.half
        while size**2 * dtype.itemsize > room:
            size -= STRIDES[0]
        self.vae, self.extent, self.own = vae, extent, own
        self.axis: Array = np.linspace(-extent, extent, size)
        self._levels = levels(size)
        self._left = np.bincount(self._levels, minlength=len(STRIDES))  # the nodes of each level that are not decoded
        self._nodes = np.empty(size**2, np.intp)  # of the columns
        self._place = np.full(size**2, -1)  # the columns of the nodes
        self._outputs = DecodedOutputs(pixels, size**2, dtype)
        self._whole = torch.empty(size**2, dtype=own)  # the normaliser of all pixels together
        self._decoded, self._base, self._at_once = 0, 0, AT_ONCE[0]
        self._forgotten = 0  # times that columns were dropped
        self._normalisers: Recent[bytes, Tensor] = Recent(MASKS)
        self._scores: Recent[int, tuple[Measurement, Tensor]] = Recent(SCORES)
        self._coarse: Recent[int, tuple[Measurement, Array]] = Recent(SCORES)  # of densities that are not linear

    @property
    def part(self) -> float:
        """The fraction of nodes that are decoded, from 0 to 1."""
        return self._decoded / len(self._levels)

    @property
    def nbytes(self) -> int:
        """The memory of the stored outputs, in bytes."""
        return self._outputs.nbytes

    @property
    def stride(self) -> int:
        """The stride of the finest completely decoded sub-grid (4, 2 or 1); 0 if there is none."""
        found = 0
        for stride, left in zip(STRIDES, self._left, strict=True):
            if left:
                break
            found = stride
        return found

    def nodes(self, stride: int, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
        """The nodes of a stride, or those of them that a mask (rows, columns) selects."""
        numbers = np.arange(len(self._levels)).reshape(len(self.axis), -1)[::stride, ::stride]
        return np.asarray(numbers.ravel() if chosen is None else numbers[chosen])

    def lacking(self, nodes: NDArray[np.intp]) -> int:
        """How many of the nodes are not decoded."""
        return int(np.count_nonzero(self._place[nodes] < 0))

    @property
    def stamp(self) -> tuple[int, int]:
        """The present state, for `had`."""
        return self._forgotten, self._decoded

    def had(self, nodes: NDArray[np.intp], stamp: tuple[int, int]) -> bool:
        """Whether all of the nodes were decoded in an earlier state."""
        place = self._place[nodes]
        return stamp[0] == self._forgotten and bool(np.all((place >= 0) & (place < stamp[1])))

    def decode(self, nodes: NDArray[np.intp] | None = None) -> Iterator[Pending]:
        """Decode the given nodes, or all, coarse sub-grids first. A cancelled call is continued by the next one."""
        if nodes is None:
            for level in range(len(STRIDES)):
                yield from self.decode(np.flatnonzero(self._levels == level))
            return
        nodes = nodes[self._place[nodes] < 0]
        while len(nodes):
            start = time.perf_counter()
            now, nodes = nodes[: self._at_once], nodes[self._at_once :]
            now = now[self._place[now] < 0]  # another consumer may have decoded some meanwhile
            end = self._decoded + len(now)
            self._nodes[self._decoded : end] = now
            self._outputs.grow(end)
            ends = np.linspace(self._decoded, end, threads.number() + 1).astype(int)
            list(cores().map(self._decode, ends[:-1], ends[1:]))
            self._place[now] = np.arange(self._decoded, end)
            self._left -= np.bincount(self._levels[now], minlength=len(STRIDES))
            self._decoded = end
            share = QUICK / (time.perf_counter() - start)
            self._at_once = int(min(max(self._at_once * min(share, 2), AT_ONCE[0]), AT_ONCE[1]))
            yield PENDING

    def _decode(self, start: int, end: int) -> None:
        """Decode the columns from `start` to `end` on one core."""
        if start == end:
            return
        with torch.inference_mode():
            out = self.vae.networks.decoder(torch.from_numpy(self.latents(self._nodes[start:end])).to(self.own))
            kept = stored(self.vae, out).to(dtype=self._outputs.dtype).T
            self._outputs.put(start, kept)
            self._whole[start:end] = log_normaliser(self.vae, slice(None), kept.to(self.own)).sum(0)

    def decode_likely(self) -> Iterator[Pending]:
        """Decode what most images need, while there is nothing else to do: stride 2 where the prior is not small."""
        if self._base:
            return
        near = np.hypot(*self.latents(self.nodes(2)).T) <= LIKELY
        likely = np.union1d(self.nodes(STRIDES[0]), self.nodes(2)[near])
        self.make_room(likely)
        yield from self.decode(self.nodes(STRIDES[0]))  # every posterior begins with these
        yield from self.decode(likely)
        if self._decoded == len(likely):  # otherwise they are mixed with nodes that only some images need
            self._base = self._decoded

    def near(self, joint: Array, stride: int) -> NDArray[np.intp] | None:
        """The nodes of half the stride near nodes with a high joint log density (m, m); None if they are too many.

        They are too many if the density is so wide that the present stride shows it.
        """
        size, finer = len(self._levels), stride // 2
        if finer > 1:
            return self.nodes(finer, next_to(joint, FAR[0]))
        found = (self.nodes(finer, next_to(joint, far)) for far in NEARER)
        return next((nodes for nodes in found if len(nodes) <= MOST_NEAR * size), None)

    def make_room(self, nodes: NDArray[np.intp]) -> None:
        """Drop the nodes that only other images needed, if the given nodes do not fit besides."""
        lacking = self.lacking(nodes)
        if lacking and self._decoded + lacking > KEPT_NODES * len(self._levels):
            self.shrink()

    def shrink(self) -> None:
        """Drop the outputs of nodes that only some images need."""
        first = self._base or int(np.count_nonzero(self._levels == 0))
        if self._decoded <= first:
            return
        dropped = self._nodes[first : self._decoded]
        self._place[dropped] = -1
        self._left += np.bincount(self._levels[dropped], minlength=len(STRIDES))
        self._decoded, self._forgotten = first, self._forgotten + 1
        self._outputs.cut(first)
        self._normalisers.clear()
        self._scores.clear()

    def latents(self, which: NDArray[np.intp]) -> Array:
        """The latents (n, 2) of nodes, which are numbered row by row from below."""
        size = len(self.axis)
        return np.column_stack([self.axis[which % size], self.axis[which // size]])

    def tiles(self, pixels: int) -> Iterator[tuple[slice, Array, Tensor, Tensor]]:
        """Yield all decoded nodes in tiles, whose size suits `pixels` values for each node.

        Each tile is its columns, their latents (k, 2), the outputs (pixels, k) and the normalisers A(z) (k,).
        """
        for tile, outputs in self._outputs.tiles(0, self._decoded, tile_width(pixels)):
            yield tile, self.latents(self._nodes[tile]), outputs.to(self.own), self._whole[tile]

    @property
    def quarters(self) -> NDArray[np.intp]:
        """The sub-grid (0 to 3) of each column, by whether the row and the column of its node are even or odd."""
        row, column = np.divmod(self._nodes[: self._decoded], len(self.axis))
        return np.asarray(row % 2 * 2 + column % 2)

    def in_rows(self, columns: Array, stride: int = 1) -> Array:
        """Sort the values of all columns into rows (m, m) of the nodes of a stride, from below.

        At nodes that are not decoded they are interpolated.
        """
        place = self._place.reshape(len(self.axis), -1)
        step = max(self.stride, stride)
        rows = np.asarray(columns[place[::step, ::step]])
        while step > stride:
            step //= 2
            rows, at = between(rows), place[::step, ::step]
            known = at >= 0
            rows[known] = columns[at[known]]
        return rows

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

        The coarsest stride must be decoded. A density that is linear in the outputs is computed at all decoded nodes.
        Another one is computed at every fourth node of a row, and at finer nodes only where the joint density is within
        FAR nats of the maximum; if there is no room for the outputs there, they are decoded and not kept. Elsewhere the
        values are interpolated. A slow density is replaced by a rough one where the joint density is low.
        """
        stride = stride or self.stride
        if isinstance(measurement, Pixels):
            return self.in_rows(self.scores(measurement), stride).astype(float)
        axis, logs = self.axis[:: STRIDES[0]], (yield from self._coarse_scores(measurement))
        depths = FAR if rough(measurement, self.vae.networks.likelihood) is None else FAR_IF_SLOW
        for finer, far in zip(STRIDES[1 : STRIDES.index(stride) + 1], depths, strict=False):
            near = next_to(joint(axis, logs), far)
            near[::2, ::2] = False
            axis, logs = self.axis[::finer], between(logs)
            yield from self._scored(measurement, finer, near, logs)
        return logs

    def _coarse_scores(self, measurement: Measurement) -> Generator[Pending, None, Array]:
        """The scores of a measurement at the coarse nodes (m, m), from the cache where known."""
        if id(measurement) not in self._coarse:
            axis, quick = self.axis[:: STRIDES[0]], rough(measurement, self.vae.networks.likelihood)
            logs = np.empty((len(axis), len(axis)))
            yield from self._scored(quick or measurement, STRIDES[0], np.ones(logs.shape, bool), logs)
            if quick is not None:
                logs = yield from self._where_high(measurement, axis, logs)
            self._coarse[id(measurement)] = measurement, logs
        return self._coarse[id(measurement)][1]

    def _where_high(self, measurement: Measurement, axis: Array, quick: Array) -> Generator[Pending, None, Array]:
        """Score the coarse nodes whose joint density is high; elsewhere correct the rough scores by a constant."""
        logs, scored = quick.copy(), np.zeros(quick.shape, bool)
        while (near := high(joint(axis, logs), FAR_IF_SLOW[0]) & ~scored).any():
            yield from self._scored(measurement, STRIDES[0], near, logs)
            scored |= near
            logs[~scored] = quick[~scored] + np.median((logs - quick)[scored])
        return logs

    def scores(self, measurement: Measurement) -> Array:
        """x·η(z) − A(z) + h(x) of the pixels of a measurement, at all decoded columns, from the cache where known."""
        assert isinstance(measurement, Pixels)
        end = self._decoded
        _, known = self._scores.get(id(measurement), (measurement, torch.empty(0, dtype=self.own)))
        if len(known) < end:
            with torch.inference_mode():
                known = torch.cat([known, self._scores_of(measurement, len(known), end).to(self.own)])
        self._scores[id(measurement)] = measurement, known
        return np.asarray(known)

    def _scores_of(self, measurement: Pixels, start: int, end: int) -> Tensor:
        """The scores of a measurement at the columns from `start` to `end`."""
        index, x = torch.from_numpy(measurement.index), torch.from_numpy(measurement.values).to(self.own)
        which = slice(None) if len(index) == self._outputs.pixels else index
        weight, constant = natural(self.vae, which, x)
        total = -self._normaliser(which, end)[start:] + constant
        used = weight.nonzero().flatten()
        if len(used) < len(index) // 2:  # pixels of value 0 add nothing
            which, weight = index[used], weight[used]
        for tile, outputs in self._outputs.tiles(start, end, tile_width(len(weight))):
            total[tile.start - start : tile.stop - start] += weight @ outputs[which].to(self.own)
        return total

    def _normaliser(self, index: Tensor | slice, end: int) -> Tensor:
        """The sum of the normalisers A(z) of some pixels at the first columns, from the cache as far as it is known."""
        if isinstance(index, slice):
            return self._whole[:end]
        key = index.numpy().tobytes()
        known = self._normalisers.get(key, torch.empty(0, dtype=self.own))
        pieces = [known]
        for _, outputs in self._outputs.tiles(len(known), end, tile_width(len(index))):
            pieces += [log_normaliser(self.vae, index, outputs[index].to(self.own)).sum(0)]
        self._normalisers[key] = total = torch.cat(pieces) if len(pieces) > 1 else known
        return total[:end]

    def _scored(
        self, measurement: Measurement | Rough, stride: int, selected: NDArray[np.bool_], logs: Array
    ) -> Iterator[Pending]:
        """Score the selected nodes (m, m) of a stride into `logs` (m, m)."""
        rows, columns = np.nonzero(selected)
        nodes = stride * (rows * len(self.axis) + columns)
        self.make_room(nodes)
        if self._decoded + self.lacking(nodes) <= KEPT_NODES * len(self._levels):
            yield from self.decode(nodes)
        width = tile_width(SCORED * self._outputs.pixels)
        for start in range(0, len(nodes), width):
            tile = slice(start, start + width)
            logs[rows[tile], columns[tile]] = self._score(measurement, nodes[tile])
            yield PENDING

    def _score(self, measurement: Measurement | Rough, nodes: NDArray[np.intp]) -> Array:
        """ln p(measurement | z) (k,) at nodes (k,)."""
        places = self._place[nodes]
        if (places < 0).any():
            return log_likelihoods(self.vae, [measurement], self.latents(nodes))
        log_sigma = self.vae.networks.log_sigma
        sigma = torch.empty(0, dtype=self.own) if log_sigma is None else log_sigma.detach()
        with torch.inference_mode():
            out = self._outputs.at(torch.from_numpy(places)).to(self.own).T
            if isinstance(self.vae.networks.likelihood, Gaussian):
                out = densities.output_of(self.vae.networks.likelihood, out)
            logs: Array = log_density(measurement, self.vae.networks.likelihood, out, sigma).double().numpy()
        return logs
