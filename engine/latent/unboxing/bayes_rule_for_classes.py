"""Bayes' rule for classes: p(y | observed) of a conditional VAE, from the exact ln p(observed | y) of every class.

p(y|x) ∝ p(x|y) p(y) with p(x|y) = ∫ p(x|z, y) p(z) dz (Bishop, PRML, eq. 1.12 and 4.57: a generative classifier). Each
integral is a sum over a lattice of the class, which is refined where the posterior p(z|x, y) is. The lattices are
coarse, so that those of all classes fit into the memory of one fine lattice; the sums are as accurate after the
refinement. The first sums use every fourth node of a row, then every second one. All nodes of all classes take two
seconds to decode, so the other nodes are decoded only near those where the posterior of the class is not negligible.
The most probable classes are refined first. Classes that are FAR below the best one are not refined: their
probability is less than 10⁻¹¹ anyway.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived, last_of, whole
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.observations.full import Full
from engine.latent.observations.measurement import Measurement
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.plane.classes import NO_CLASSES, label_of
from engine.latent.posterior.grid_density import STRIDES, GridDensity, log_sum, prior
from engine.latent.posterior.refinement import refine
from engine.latent.posterior.unboxing import WIDEST
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.shared_posterior import seen_of
from engine.memo import Recent, Resumable
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice
    from engine.latent.vae.networks.vae import VAE

SIZE, EXTENT = 65, 5.0  # of the lattice of each class: 13 MB for images of 28×28 pixels
FAR = 60.0  # nats below the best class, from which a class is not refined: the coarse sums are at most 33 nats off
COARSE = 0.9  # of the progress is every second node of a row
WORKS = 16  # observed images whose results are cached
NOT_KNOWN = "The probabilities of the classes are not known yet. Select an image, and wait until all is decoded."


@SETTINGS.register
class ClassPrior(Part, Setting, frozen=True, tag=True):
    """Bayes' rule for classes: the prior of the classes."""

    prior: Annotated[
        Literal["equal", "as in training"],
        Meta(title="Prior p(y)", description="Equal for all classes, or their shares of the training images."),
    ] = "equal"


class Evidences(msgspec.Struct, frozen=True, eq=False):
    """ln p(observed | y) (k,) of every class y and the errors (k,), in nats; `refined` (k,) says which are final.

    `part` is the decoded fraction of the nodes that are needed. The sums use every `stride`-th node of a row; while
    `stride` is 0 there are no numbers.
    """

    part: float
    log_evidence: Array
    error: Array
    refined: NDArray[np.bool_]
    stride: int = 1

    @property
    def far(self) -> NDArray[np.bool_]:
        """A mask (k,) of the classes that are not refined, because they are FAR below the best one."""
        return np.asarray(~self.refined & (self.log_evidence < self.log_evidence.max() - FAR))


class ClassPosterior(msgspec.Struct, frozen=True, eq=False):
    """The prior and the posterior (k,) of the classes; `unavailable` is the reason if there are none.

    `label` is the class of the selected image, if the data set knows it, and `given` the class of the plane.
    """

    unavailable: str = ""
    classes: tuple[str, ...] = ()
    evidences: Evidences | None = None
    prior: Array = msgspec.field(default_factory=lambda: np.empty(0))
    label: int | None = None
    given: int = 0

    @property
    def posterior(self) -> Array:
        """p(y | observed) (k,), or the prior as long as no evidence is known."""
        if self.evidences is None or not self.evidences.stride:
            return self.prior
        return posterior_of(self.evidences.log_evidence, self.prior)

    @property
    def log_evidence(self) -> float:
        """ln p(observed) = ln Σ p(observed|y) p(y), in nats."""
        assert self.evidences is not None
        return log_sum(self.evidences.log_evidence + np.log(np.maximum(self.prior, 1e-300)))


def posterior_of(log_evidence: Array, prior: Array) -> Array:
    """Return p(y|x) (k,) from ln p(x|y) (k,) in nats and p(y) (k,)."""
    logs = log_evidence + np.log(np.maximum(prior, 1e-300))
    return np.asarray(np.exp(logs - log_sum(logs)))


_lattices: Recent[str, list[Lattice]] = Recent(1)
_works: Recent[object, Resumable[Evidences]] = Recent(WORKS)


@derived(ClassPosterior)
def class_posterior(document: Latent, _: Viewport) -> Generator[ClassPosterior | Pending, None, None]:
    """Yield the posterior of the classes with increasing accuracy."""
    model = document.loaded_model
    if not model.vae.classes:
        yield ClassPosterior(NO_CLASSES)
        return
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        yield ClassPosterior(str(refusal))
        return
    if seen is None:
        yield ClassPosterior(NO_IMAGE)
        return
    first = ClassPosterior(
        classes=model.vae.classes, prior=class_prior(document), label=label_of(document), given=model.vae.y
    )
    if not document.step:
        zeros = np.zeros(len(model.vae.classes))
        yield replace(first, evidences=Evidences(1.0, zeros, zeros, zeros == 0))
        return
    key = str(document.path), document.input, document.observation.first(document.step), document.step
    work = _works.remember(key, lambda: Resumable(_evidences(document, seen)))
    for better in work.go():
        yield better if isinstance(better, Pending) else replace(first, evidences=better)


def class_prior(document: Latent) -> Array:
    """Return p(y) (k,) as the document says. The shares of the classes are those of the training images."""
    vae = document.loaded_model.vae
    if document[ClassPrior].prior == "equal":
        return np.full(len(vae.classes), 1 / len(vae.classes))
    counts = np.bincount(vae.card.recipe.data.train().labels, minlength=len(vae.classes))
    return np.asarray(counts / counts.sum())


def _evidences(document: Latent, seen: Measurements) -> Generator[Evidences | Pending, None, None]:
    vae, path = document.loaded_model.vae, str(document.path)
    lattices = _lattices.remember(path, lambda: lattices_of(vae))
    yield from evidences(lattices, seen, document.step)


def lattices_of(vae: VAE) -> list[Lattice]:
    """Return the coarse lattice of each class of a conditional VAE, which are not decoded yet."""
    from engine.latent.posterior.scoring.lattice import Lattice

    return [Lattice(vae.given(y), SIZE, EXTENT) for y in range(len(vae.classes))]


def evidences(lattices: Sequence[Lattice], seen: Measurements, step: int) -> Generator[Evidences | Pending, None, None]:
    """Yield ln p(first `step` measurements | y) of every class, first on coarse lattices, then refined in turn."""
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    measurements, k = seen.measurements[:step], len(lattices)
    result = Evidences(0.0, np.zeros(k), np.full(k, np.inf), np.zeros(k, bool), 0)
    grids: list[GridDensity] = []
    first = sum(lattice.lacking(lattice.nodes(2)) for lattice in lattices)
    for stride in STRIDES if first else STRIDES[1:]:
        needed = [lattice.nodes(stride) for lattice in lattices]
        if stride == 1:
            needed = [_near(lattice, grid) for lattice, grid in zip(lattices, grids, strict=True)]
        begin, end = (COARSE, 1.0) if stride == 1 else (0.0, COARSE)
        for lattice, nodes in zip(lattices, needed, strict=True):
            for _ in lattice.decode(nodes):
                yield replace(result, part=_part_of(lattices, begin, end, needed if stride == 1 else None))
        grids = []
        for lattice in lattices:
            grids.append((yield from _grid(lattice, measurements, stride)))
            yield PENDING
        logs = np.array([grid.log_evidence for grid in grids])
        part = 1.0 if stride == 1 else _part_of(lattices, begin, end)
        result = replace(result, part=part, log_evidence=logs, stride=stride)
        yield result
    for y in np.argsort(-result.log_evidence):
        if result.far[y]:
            continue
        vae = lattices[y].vae
        score = partial(log_likelihoods, vae, measurements)
        grid = yield from _wide_enough(lattices[y], grids[y], measurements)
        last = yield from last_of(refine(grid, score, vae.encode(seen.pictures[step][None])[0]))
        logs, error, refined = result.log_evidence.copy(), result.error.copy(), result.refined.copy()
        logs[y], error[y], refined[y] = last.log_evidence, last.error, True
        result = Evidences(1.0, logs, error, refined)
        yield result


def _near(lattice: Lattice, grid: GridDensity) -> NDArray[np.intp]:
    """Return the nodes near which the posterior on every second node is not negligible; all if they are many."""
    near = lattice.near(grid.log_density, 2)
    return lattice.nodes(1) if near is None else near


def _part_of(
    lattices: Sequence[Lattice], begin: float, end: float, needed: Sequence[NDArray[np.intp]] | None = None
) -> float:
    """Return the progress from `begin` to `end`: the decoded fraction of `needed`, by default every second node."""
    nodes = [lattice.nodes(2) for lattice in lattices] if needed is None else needed
    lacking = sum(lattice.lacking(each) for lattice, each in zip(lattices, nodes, strict=True))
    return min(0.999, begin + (end - begin) * (1 - lacking / max(1, sum(map(len, nodes)))))


def _grid(lattice: Lattice, measurements: Sequence[Measurement], stride: int) -> Generator[Pending, None, GridDensity]:
    """Return the posterior on the nodes of a stride of a lattice, which are decoded."""
    grid = prior(lattice.axis[::stride])
    for measurement in measurements:
        grid = grid.update((yield from lattice.scoring(measurement, stride)))
    return grid


def _wide_enough(
    lattice: Lattice, grid: GridDensity, measurements: Sequence[Measurement]
) -> Generator[Pending, None, GridDensity]:
    """Return a posterior, or that on a wider and coarser lattice if mass touches its edge."""
    from engine.latent.posterior.scoring.lattice import Lattice

    while grid.touches_edge and lattice.extent < WIDEST:
        lattice = Lattice(lattice.vae, SIZE, 2 * lattice.extent)
        yield from lattice.decode()
        grid = yield from _grid(lattice, measurements, 1)
    return grid


def log_evidence_by_class(vae: VAE, image: NDArray[Any], observation: Observation | None = None) -> Array:
    """Return ln p(observed | y) (k,) in nats of every class of a conditional VAE, for an image (h, w[, 3]) in [0, 1].

    The default observation is Full(). Raises ValueError if the observation cannot be applied to the image, or if the
    VAE is not given the class.
    """
    if not vae.classes:
        raise ValueError(NO_CLASSES)
    seen = (observation or Full()).measure(vae.scored(image))
    steps = evidences(lattices_of(vae), seen, len(seen.measurements))
    return whole(better for better in steps if not isinstance(better, Pending)).log_evidence


def with_most_probable_class(document: Latent) -> Latent:
    """Return the document with the most probable class given. Raises ValueError until the probabilities are known."""
    key = str(document.path), document.input, document.observation.first(document.step), document.step
    work = None if isinstance(document.input, Blank) or not document.step else _works.get(key)
    best = work.best if work else None
    if best is None or best.stride != 1:
        raise ValueError(NOT_KNOWN)
    return document.with_given(int(np.argmax(posterior_of(best.log_evidence, class_prior(document)))))
