"""Generated images: latents that are drawn and decoded, images drawn from p(x|z), and their nearest training images.

E[x|z] is compared with all training images pixel by pixel. Its distance is compared with those of test images: a
generated image counts as near if it is nearer to a training image than most test images are. Then one of twenty test
images would count as near as well. Classes differ: a "1" has nearer neighbours than an "8".
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.datasets.data_set import DataSet, Images
from engine.latent.document import Latent
from engine.latent.gan.gan import gan_beside
from engine.latent.model import LoadedModel, Pixels8, as_shown
from engine.latent.plane.overlays.aggregate_posterior import Aggregate
from engine.latent.posterior.nearest import NearestImages, nearest_images
from engine.memo import Recent, Resumable, remember
from engine.part import Part
from engine.plane import Viewport

MOST = 24  # images at a time
HELD_OUT = 100  # test images whose distances are the reference
RARE = 0.05  # the fraction of test images that count as near
HOLE = 0.1  # a hole has less than this fraction of the prior mass; the decoder was hardly trained there
Source = Literal["prior p(z)", "aggregate posterior q̄(z)"]
Decoder = Literal["VAE", "GAN"]
PRIOR: Source = "prior p(z)"


@SETTINGS.register
class GeneratedImagesSettings(Part, Setting, frozen=True, tag=True):
    """Generated images: their number, and the density from which their latents are drawn."""

    source: Annotated[
        Source,
        Meta(
            title="z from",
            description="The prior, or the aggregate posterior: the mean of q(z|x) over the test images.",
        ),
    ] = PRIOR
    count: Annotated[int, Meta(ge=1, le=MOST, title="Images", description="The number of generated images.")] = 8
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="The same seed generates the same images.")
    ] = 1
    decoder: Annotated[
        Decoder,
        Meta(title="Images from", description="The decoder of the VAE, or the GAN beside it."),
    ] = "VAE"

    def fresh(self) -> GeneratedImagesSettings:
        """With new draws."""
        return replace(self, seed=(self.seed + 1) % 2**31)

    def latents(self, aggregate: Aggregate) -> Array:
        """Draw latents z (count, d). The first ones do not depend on the count."""
        noise = np.random.default_rng((self.seed, 0)).standard_normal((self.count, aggregate.mean.shape[1]))
        if self.source == PRIOR:
            return noise
        chosen = np.random.default_rng((self.seed, 1)).integers(len(aggregate.mean), size=self.count)
        return np.asarray(aggregate.mean[chosen] + aggregate.deviation[chosen] * noise)


def generate_again(document: Latent) -> Latent:
    """Return the document with new generated images."""
    return document.with_setting(document[GeneratedImagesSettings].fresh())


class Nearest(msgspec.Struct, frozen=True, eq=False):
    """The training images nearest to n images E[x|z]: positions (n,), classes, pixels (n, h, w[, 3]), distances (n,).

    A distance is ‖E[x|z] − x‖ over all pixels, with values from 0 to 1.
    """

    number: NDArray[np.intp]
    classes: tuple[str, ...]
    ink: Pixels8
    distance: Array


class Reference(msgspec.Struct, frozen=True):
    """The distances of some test `images` to their nearest training images: the median, and the RARE quantile `low`."""

    images: int
    median: float
    low: float


class Generated(msgspec.Struct, frozen=True, eq=False):
    """Latents z (n, d), with E[x|z] and one sample x ~ p(x|z) for each, (n, h, w[, 3]).

    `holes` (n,) says which z lie in holes of the aggregate posterior, and `hole_mass` is the prior mass of all holes.
    The nearest training images are computed later; `unavailable` is the reason if there are none. `likelihood` is the
    name of p(x|z). The images of a GAN are G(z); they are in `mean`, and `sampled` is the same. Holes are found for two
    `latents` only.
    """

    source: Source
    likelihood: str
    z: Array
    mean: Pixels8
    sampled: Pixels8
    holes: NDArray[np.bool_]
    hole_mass: float
    nearest: Nearest | None = None
    reference: Reference | None = None
    unavailable: str = ""
    decoder: Decoder = "VAE"
    latents: int = 2

    @property
    def near(self) -> NDArray[np.bool_]:
        """A mask (n,) of the images that are nearer to a training image than nearly all test images are."""
        if self.nearest is None or self.reference is None:
            return np.zeros(len(self.z), bool)
        return np.asarray(self.nearest.distance < self.reference.low)


@derived(Generated, last=True)
def generated_images(document: Latent, _: Viewport) -> Generator[Generated | Pending, None, None]:
    """Yield the images first, then also the nearest training images, then also the distances of test images."""
    gan = gan_beside(document) if document[GeneratedImagesSettings].decoder == "GAN" else None
    model, chosen = document.whole_model, document[GeneratedImagesSettings]
    owner = gan or model
    generated, means = remember(owner, chosen, lambda: _generated(model, chosen, gan))
    yield generated
    data = model.vae.card.recipe.data
    try:
        train = yield from data.train_in_steps()
        _check_shape(train, model)
    except (OSError, ValueError) as reason:
        yield replace(generated, unavailable=f"There are no training images to compare with. {reason}")
        return
    search = remember(owner, (chosen, "nearest"), lambda: Resumable(nearest_images(train.pixels, means)))
    generated = replace(generated, nearest=_nearest(train, (yield from search.result()), model.vae.light))
    yield generated
    yield replace(generated, reference=_reference((yield from _held_out(data).result())))


def _generated(
    model: LoadedModel, chosen: GeneratedImagesSettings, gan: LoadedModel | None
) -> tuple[Generated, NDArray[np.float32]]:
    from engine.latent.vae.networks.sampling import sample

    vae, embedding = model.vae, model.embedding
    aggregate = Aggregate(embedding.mean, embedding.deviation)
    z = chosen.latents(aggregate)
    if gan is None:
        means, sampled = vae.decode(z), sample(vae, z, np.random.default_rng((chosen.seed, 2)))
    else:
        means = sampled = gan.vae.decode(z)
    holes, mass = np.zeros(len(z), bool), 0.0
    if vae.latents == 2:  # with more latents the holes cannot be found on a grid
        holes, mass = aggregate.in_hole(z, HOLE), aggregate.holes(HOLE)
    shown = as_shown(means, vae.light), as_shown(np.clip(sampled, 0, 1), vae.light)
    decoder: Decoder = "VAE" if gan is None else "GAN"
    likelihood = type(vae.networks.likelihood).__name__
    made = Generated(chosen.source, likelihood, z, *shown, holes, mass, decoder=decoder, latents=vae.latents)
    return made, means


def _check_shape(train: Images, model: LoadedModel) -> None:
    if not len(train) or train.pixels.shape[1:] != tuple(model.vae.image_shape):
        raise ValueError("Their shape differs from that of the model's images.")


def _nearest(train: Images, nearest: NearestImages, light: bool) -> Nearest:
    number = nearest.number
    classes = tuple(train.classes[label] for label in train.labels[number])
    return Nearest(number, classes, as_shown(train.pixels[number] / np.float32(255), light), nearest.distance)


_known: Recent[DataSet, Resumable[NearestImages]] = Recent(1)


def _held_out(data: DataSet) -> Resumable[NearestImages]:
    """The search for test images, which is the same for every model and every checkpoint trained on the data."""

    def make() -> Resumable[NearestImages]:
        test = data.test().pixels
        chosen = test[np.linspace(0, len(test) - 1, min(HELD_OUT, len(test))).astype(int)]
        return Resumable(nearest_images(data.train().pixels, chosen / np.float32(255)))

    return _known.remember(data, make)


def _reference(nearest: NearestImages) -> Reference:
    low, median = np.quantile(nearest.distance, (RARE, 0.5))
    return Reference(len(nearest.distance), float(median), float(low))
