"""ELBO over epochs: ln p(y) = ELBO + gap of the selected image at each checkpoint of the model's training.

The values are saved in a file by recipe, image and step. Each checkpoint has a lattice of its own, of 101² latents,
refined where the posterior is: a quarter of a second.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.derived import Pending, derived, last_of
from engine.files import written
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.observations.observation import Measurements
from engine.latent.posterior.grid_density import GridDensity
from engine.latent.posterior.refinement import refine
from engine.latent.posterior.unboxing import WIDEST, bounding, grid_posterior, with_mass_of_q
from engine.latent.training.runs import checkpoint_path, checkpoints, identities_path
from engine.latent.unboxing.intractable import too_many
from engine.latent.unboxing.latent_space import NO_IMAGE, nothing_observed
from engine.latent.unboxing.shared_posterior import EXTENT, seen_of
from engine.latent.vae import load_model
from engine.memo import Recent, Resumable
from engine.part import encode_hook
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

SIZE = 101  # latents on a side of the lattice of a checkpoint
KEPT = 64  # images in the file of one run
METHOD = b"2"  # the version of the computation; rows that an earlier version saved are not shown
NOT_TRAINED = "This model was not trained on this computer. Start a training, or open one in the panel Models."
Row = tuple[float, float, float, float]  # reconstruction, KL, log evidence and its error, in nats
Rows = dict[int, Row]  # by step
Key = tuple[Path, str, int]  # a run's file, an image's name, a step

_under_way: Recent[Key, Resumable[Row]] = Recent(1)  # the unfinished row, if any


class OverEpochs(msgspec.Struct, frozen=True, eq=False):
    """The ELBO of the encoder's q at `steps` (m,) of the `checkpoints`, for measurements with the given `symbol`.

    `reconstruction`, `kl`, `log_evidence` and its `error` are (m,), in nats.
    """

    symbol: str
    checkpoints: tuple[int, ...]
    steps: Array
    reconstruction: Array
    kl: Array
    log_evidence: Array
    error: Array

    @property
    def elbo(self) -> Array:
        """The ELBO (m,), in nats."""
        return self.reconstruction - self.kl

    @property
    def gap(self) -> Array:
        """The gap (m,), in nats."""
        return self.log_evidence - self.elbo


@derived(object)  # not `last`: during a training the heatmaps would leave it no time
def elbo_over_epochs(document: Latent, _: Viewport) -> Generator[OverEpochs | str | Pending, None, None]:
    """Yield the rows of more and more checkpoints; or one sentence, the reason why there are none."""
    if document.trained is None:
        yield NOT_TRAINED
        return
    if document.is_sliced:
        yield too_many(document.whole_model.latents)
        return
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        yield str(refusal)
        return
    if seen is None or not document.step:
        yield NO_IMAGE if seen is None else nothing_observed(document)
        return
    recipe = document.trained.recipe
    path, image, saved = identities_path(recipe), _image(document), checkpoints(recipe)
    rows = _read(path).get(image, {})
    yield _over_epochs(document, rows, saved)
    unfinished = [step for *whose, step in _under_way if whose == [path, image]]
    for step in (*unfinished, *in_turn(saved, document.trained.step)):
        if step in rows:
            continue
        begin = partial(_row, checkpoint_path(recipe, step), seen, document.step, document.given)
        try:
            rows[step] = yield from _resumed((path, image, step), begin)
        except ValueError:
            continue  # the checkpoint was deleted meanwhile, or is damaged
        _write(path, image, rows)
        yield _over_epochs(document, rows, saved)


def _resumed(key: Key, begin: Callable[[], Generator[Pending, None, Row]]) -> Generator[Pending, None, Row]:
    """Continue an unfinished row: during a training, new checkpoints cancel the job before one row is complete."""
    work = _under_way.remember(key, lambda: Resumable(begin()))
    try:
        return (yield from work.result())
    except Exception:
        _under_way.clear()
        raise


def in_turn(steps: Sequence[int], first: int) -> list[int]:
    """Return all steps in a useful order: `first`, the newest, the oldest, then those halfway between, and so on."""
    order = [step for step in (first, *steps[-1:], *steps[:1]) if step in steps]
    stride = 1 << max(0, len(steps) - 1).bit_length()
    while stride:
        order += steps[::stride]
        stride //= 2
    return list(dict.fromkeys(order))


def _row(path: Path, seen: Measurements, n: int, y: int) -> Generator[Pending, None, Row]:
    """Compute the row of one checkpoint, which is given the class y if it is conditional.

    Its lattice is refined where the posterior is.
    """
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    vae = load_model(str(path)).given(y)
    score = partial(log_likelihoods, vae, seen.measurements[:n])
    grid = yield from _grid_posterior(vae, seen, n)
    mean, deviation = vae.encode(seen.pictures[n][None])
    integral = yield from last_of(refine(grid, score, mean))
    bound = yield from last_of(bounding(grid, score, mean[0], deviation[0]))
    integral = yield from with_mass_of_q(grid, score, bound, integral)
    return float(bound.reconstruction), float(bound.kl), float(integral.log_evidence), float(integral.error)


def _grid_posterior(vae: VAE, seen: Measurements, n: int) -> Generator[Pending, None, GridDensity]:
    from engine.latent.posterior.scoring.lattice import Lattice

    extent, size = EXTENT, SIZE
    while True:
        lattice = Lattice(vae, size, extent)
        yield from lattice.decode()
        grid = grid_posterior(lattice, seen.measurements[:n])
        if not grid.touches_edge or extent >= WIDEST:
            return grid
        extent, size = 2 * extent, 2 * size - 1


def _over_epochs(document: Latent, rows: Rows, saved: Sequence[int]) -> OverEpochs:
    steps = sorted(step for step in rows if step in set(saved))
    columns = np.array([rows[step] for step in steps]).reshape(-1, 4).T
    return OverEpochs(document.observation.symbol, tuple(saved), np.array(steps), *columns)


def _image(document: Latent) -> str:
    """A hash of the image, its observation, the step and the class that is given."""
    given = (document.given,) if document.given else ()
    text = msgspec.json.encode((document.input, document.observation, document.step, *given), enc_hook=encode_hook)
    return hashlib.sha256(METHOD + text).hexdigest()[:16]


def _read(path: Path) -> dict[str, Rows]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Rows])
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def _write(path: Path, image: str, rows: Rows) -> None:
    """Save the rows of an image as the last of the file; rows that cannot be saved are computed again later."""
    images = _read(path)
    images.pop(image, None)
    images = {**dict(list(images.items())[1 - KEPT :]), image: rows}
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with written(path) as file:
            file.write(msgspec.json.encode(images))
