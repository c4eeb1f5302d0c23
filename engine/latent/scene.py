"""The Latent scene: everything the page draws, and the answer to what is under the cursor."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.document import Viewports
from engine.gaussian import LN_2PI, Array
from engine.latent.charts import Chart, Linear
from engine.latent.image.current_latent import encoded
from engine.latent.image.q_outlines import Outlines, outlines
from engine.latent.inputs.input import Encoded
from engine.latent.model import Embedding, Ink, Manifold, Mosaic
from engine.latent.pictures import PICTURES
from engine.latent.training import autoencoder as beside  # noqa: F401  (they have pictures)
from engine.latent.training import training as learning  # noqa: F401  (they have pictures)
from engine.latent.unboxing import elbo_over_epochs as over_epochs  # noqa: F401  (they have pictures)
from engine.latent.unboxing import evaluation as test_images  # noqa: F401  (they have pictures)
from engine.latent.unboxing import ledger  # noqa: F401  (they have pictures)
from engine.latent.unboxing.observed_image import SightPlace
from engine.latent.unboxing.shared_posterior import bayes_at
from engine.plane import Bayes

if TYPE_CHECKING:
    from engine.latent.document import Latent
    from engine.latent.vae.recipe import Card


class LatentPlace(msgspec.Struct, frozen=True):
    """A place on the plane as it is drawn: z itself, or Φ(z) in the equal-probability chart."""

    across: float
    up: float


class UnboxedPlace(msgspec.Struct, frozen=True):
    """A place in the plane of latents of the three heatmaps: z itself, in any chart."""

    across: float
    up: float


class Pictures(msgspec.Struct, frozen=True, eq=False):
    """Decoded pictures as they are shown, their latents z (n, 2) and places on the plane (n, 2)."""

    z: Array
    places: Array
    ink: Ink


class Scene(msgspec.Struct, frozen=True, eq=False):
    """All that the Latent page draws. The later fields are None until they are ready.

    `pictures` has what single panels draw, by their names, of those that somebody looks at. `lacking` says why there
    is no subject though one is chosen.
    """

    document: Latent
    card: Card
    mosaic: Mosaic
    subject: Encoded | None = None
    lacking: str = ""
    outlines: Outlines | None = None  # of the subject's q_φ(z|x)
    pins: Pictures | None = None
    samples: Pictures | None = None
    embedding: Embedding | None = None
    landed: Array | None = None  # where the held-out images land, on the plane as it is drawn, (n, 2)
    deviation: NDArray[np.float32] | None = None  # the learned σ of each pixel, where there is one
    pictures: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, eq=False):
    """What is at a place: z, the decoded picture as it is shown, ln p(z) in nats, and the nearest real image.

    `drawn` says what the picture is of: probabilities or means. In the three heatmaps Bayes' rule comes with it, as
    soon as the evidence is known.
    """

    place: LatentPlace | UnboxedPlace
    z: tuple[float, float]
    ink: Ink
    log_prior: float
    nearest: str
    distance: float
    drawn: str
    bayes: Bayes | None = None


def resolve(document: Latent, viewports: Viewports) -> Generator[Scene, None, Scene]:
    """The subject, ever more of the mosaic, then the pictures, then where real images land."""
    manifold = document.manifold
    vae = manifold.vae
    deviation = vae.pixel_deviation
    subject, lacking = _subject(document)
    outlined = outlines(subject, document.chart) if subject else None
    viewport = viewports.get("plane", document.chart.home)
    for mosaic in manifold.mosaics(document.chart, viewport):
        scene = Scene(document, vae.card, mosaic, subject, lacking, outlined, deviation=deviation)
        # What follows at once needs no scene before it: each one costs a hand that draws two milliseconds.
        if not (mosaic.complete and manifold.is_embedded and not document.samples and not document.pins):
            yield scene
    drawn = np.random.default_rng(document.seed).standard_normal((document.samples, 2))
    scene = replace(
        scene,
        pins=_pictures(document, manifold, np.array(document.pins).reshape(-1, 2)),
        samples=_pictures(document, manifold, drawn),
    )
    if not manifold.is_embedded:
        yield scene
    embedding = manifold.embedding
    scene = replace(scene, embedding=embedding, landed=document.chart.to_place(embedding.mean))
    return (yield from PICTURES.unfold(scene, viewports))


def answer(document: Latent, place: LatentPlace | UnboxedPlace | SightPlace) -> Answer | None:
    """What the model decodes at `place`; None where the chart has no latent, and of what was seen."""
    if isinstance(place, SightPlace):
        return None
    if isinstance(place, UnboxedPlace):
        found = _answered(document.manifold, Linear(), LatentPlace(place.across, place.up))
        return replace(found, place=place, bayes=bayes_at(document, np.array([[place.across, place.up]])))
    places = np.array([[place.across, place.up]])
    if not document.chart.holds(places)[0]:
        return None
    return _answered(document.manifold, document.chart, place)


@lru_cache(maxsize=1)
def _answered(manifold: Manifold, chart: Chart, place: LatentPlace) -> Answer:
    """Asked again after every edit, most of which change nothing about it."""
    z = chart.to_latent(np.array([[place.across, place.up]]))
    embedding = manifold.embedding
    away = np.hypot(*(embedding.mean - z).T)
    nearest = int(np.argmin(away))
    log_prior = float(-0.5 * np.sum(z**2) - LN_2PI)
    label = embedding.classes[embedding.labels[nearest]]
    drawn, ink = manifold.vae.card.recipe.likelihood.drawn, manifold.decode(z)[0]
    return Answer(place, (z[0, 0], z[0, 1]), ink, log_prior, label, float(away[nearest]), drawn)


def _subject(document: Latent) -> tuple[Encoded | None, str]:
    """A subject that this model cannot see is no reason not to show its plane."""
    try:
        return encoded(document), ""
    except ValueError as error:
        return None, str(error)


def _pictures(document: Latent, manifold: Manifold, z: Array) -> Pictures:
    return Pictures(z, document.chart.to_place(z), manifold.decode(z))
