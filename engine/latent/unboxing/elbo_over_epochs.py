"""The identity ln p(x) = ELBO + gap of the image that is looked into, at each moment of the run that is looked at."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.observations.observation import Measurements
from engine.latent.posterior.grid_density import Belief, coarsely, weighing
from engine.latent.posterior.unboxing import WIDEST, believed, bound, bounding
from engine.latent.training.runs import checkpoint_path, checkpoints, identities_path
from engine.latent.unboxing.latent_space import NO_IMAGE, NOTHING_SEEN
from engine.latent.unboxing.shared_posterior import EXTENT, seen_of
from engine.latent.vae import load_model
from engine.part import encode_hook
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

SIZE = 101  # latents on a side of the lattice of each moment, which takes a fifth of a second
KEPT = 64  # images of one run
NOT_TRAINED = "This model was not trained here. Start a training, or open one in the panel Models."
Row = tuple[float, float, float, float]  # reconstruction, KL, ln p and its error, in nats
Rows = dict[int, Row]  # by step
Work = Generator[Pending, None, Row]
Key = tuple[Path, str, int]  # a run's file, an image's name, a step

_under_way: dict[Key, Work] = {}  # the one that was begun and abandoned, if any


class OverEpochs(msgspec.Struct, frozen=True, eq=False):
    """The encoder's bound on ln p of what was seen, called `symbol`, after `steps` (m,) of the `moments` that are kept.

    `reconstruction`, `kl`, `log_evidence` and its `error` are in nats, (m,).
    """

    symbol: str
    moments: tuple[int, ...]
    steps: Array
    reconstruction: Array
    kl: Array
    log_evidence: Array
    error: Array

    @property
    def elbo(self) -> Array:
        """The ELBO (m,)."""
        return self.reconstruction - self.kl

    @property
    def gap(self) -> Array:
        """What it lacks to ln p, (m,)."""
        return self.log_evidence - self.elbo


@derived(OverEpochs)  # not the last: while a model learns, the heatmaps would leave it no time
def elbo_over_epochs(document: Latent, _: Viewport) -> Generator[OverEpochs | str | Pending, None, None]:
    """Moment by moment, coarsely first; or one sentence that says why there are none."""
    if document.trained is None:
        yield NOT_TRAINED
        return
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        yield str(refusal)
        return
    if seen is None or not document.step:
        yield NO_IMAGE if seen is None else NOTHING_SEEN
        return
    recipe = document.trained.recipe
    path, image, all_of_them = identities_path(recipe), _image(document), checkpoints(recipe)
    rows = _read(path).get(image, {})
    yield _told(document, rows, all_of_them)
    left = [step for *whose, step in _under_way if whose == [path, image]]
    for step in (*left, *in_turn(all_of_them, document.trained.step)):
        if step in rows:
            continue
        try:
            rows[step] = yield from _going_on(
                (path, image, step), partial(_at, checkpoint_path(recipe, step), seen, document.step)
            )
        except ValueError:
            continue  # it was deleted meanwhile, or is damaged
        _write(path, image, rows)
        yield _told(document, rows, all_of_them)


def _going_on(key: Key, begin: Callable[[], Work]) -> Work:
    """Where it was abandoned: while a model learns there are new moments sooner than one of them is looked at."""
    if key not in _under_way:
        _under_way.clear()
        _under_way[key] = begin()
    work = _under_way[key]
    while True:
        try:
            value = next(work)
        except StopIteration as end:
            _under_way.clear()
            found: Row = end.value
            return found
        except Exception:
            _under_way.clear()
            raise
        yield value


def in_turn(steps: Sequence[int], first: int) -> list[int]:
    """All moments: the one that is looked at, the newest, the oldest, then those halfway between, ever closer."""
    found = [step for step in (first, *steps[-1:], *steps[:1]) if step in steps]
    stride = 1 << max(0, len(steps) - 1).bit_length()
    while stride:
        found += steps[::stride]
        stride //= 2
    return list(dict.fromkeys(found))


def _at(path: Path, seen: Measurements, n: int) -> Work:
    """By a lattice of its own, as fine as it takes only where the posterior is."""
    from engine.latent.posterior.scoring.lattice import log_likelihoods

    vae = load_model(str(path))
    score = partial(log_likelihoods, vae, seen.measurements[:n])
    belief = yield from _belief(vae, seen, n)
    weighed, (mean, deviation) = coarsely(belief), vae.encode(seen.pictures[n][None])
    for finer in weighing(belief, score):
        weighed = finer or weighed
        yield PENDING
    close = bound(score, mean[0], deviation[0])
    for closer in bounding(belief, score, mean[0], deviation[0]):
        close = closer or close
        yield PENDING
    return close.reconstruction, close.kl, weighed.log_evidence, weighed.error


def _belief(vae: VAE, seen: Measurements, n: int) -> Generator[Pending, None, Belief]:
    from engine.latent.posterior.scoring.lattice import Lattice

    extent, size = EXTENT, SIZE
    while True:
        lattice = Lattice(vae, size, extent)
        for _ in lattice.decode():
            yield PENDING
        belief = believed(lattice, seen.measurements[:n])
        if not belief.leaves or extent >= WIDEST:
            return belief
        extent, size = 2 * extent, 2 * size - 1


def _told(document: Latent, rows: Rows, all_of_them: Sequence[int]) -> OverEpochs:
    steps = sorted(step for step in rows if step in set(all_of_them))
    columns = np.array([rows[step] for step in steps]).reshape(-1, 4).T
    return OverEpochs(document.observation.symbol, tuple(all_of_them), np.array(steps), *columns)


def _image(document: Latent) -> str:
    """The name of what is looked at."""
    text = msgspec.json.encode((document.input, document.observation, document.step), enc_hook=encode_hook)
    return hashlib.sha256(text).hexdigest()[:16]


def _read(path: Path) -> dict[str, Rows]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Rows])
    except (OSError, msgspec.DecodeError):
        return {}


def _write(path: Path, image: str, rows: Rows) -> None:
    """Keep the rows of an image, at the end; without them they are computed again."""
    known = _read(path)
    known.pop(image, None)
    known = {**dict(list(known.items())[1 - KEPT :]), image: rows}
    fresh = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(msgspec.json.encode(known))
        fresh.replace(path)
