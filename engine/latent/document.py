"""The Latent document: which model's plane is explored, how it is laid out, and what is marked on it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Annotated

import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.document import DOCUMENTS, Document, Viewports
from engine.gaussian import Array
from engine.latent.charts import Chart, Linear
from engine.latent.datasets.data_set import DataSet
from engine.latent.image import encoded_image  # noqa: F401  (to register what they have)
from engine.latent.image.gallery import Gallery
from engine.latent.image.reparameterisation import Reparameterisation
from engine.latent.inputs.input import Blank, Subject
from engine.latent.model import Manifold, open_manifold
from engine.latent.observations.full import Full
from engine.latent.observations.observation import Observation
from engine.latent.plane.any_resolution import AnyResolution
from engine.latent.plane.attribute_arithmetic import Arithmetic
from engine.latent.plane.overlays.overlay import Overlaid, Overlay
from engine.latent.plane.walk import Walk
from engine.latent.scene import Answer, LatentPlace, Scene, UnboxedPlace, answer, resolve
from engine.latent.training.runs import model_path, moment_path
from engine.latent.unboxing import elbo_decomposition as identity  # noqa: F401  (to register what they have)
from engine.latent.unboxing import latent_space as planes  # noqa: F401  (to register what they have)
from engine.latent.unboxing.completions import Completing
from engine.latent.unboxing.estimating_ln_p_x import Estimating
from engine.latent.unboxing.generated_images import Generating
from engine.latent.unboxing.latent_space import Scale
from engine.latent.unboxing.observed_image import SightPlace
from engine.latent.vae.recipe import Recipe
from engine.part import Part

SHIPPED = "mnist"
Coordinate = Annotated[float, Meta(ge=-1e3, le=1e3)]
EMBEDDED = 2000  # held-out images that are encoded at each moment of a run


class Trained(Part, frozen=True, tag=True):
    """Trained: what the workshop made of a recipe, after so many steps."""

    recipe: Recipe = Recipe()
    step: Annotated[int, Meta(ge=0, le=10**12, title="Step", description="Batches it has learnt from.")] = 0

    @property
    def path(self) -> str:
        """The file."""
        return str(moment_path(self.recipe, self.step))


@DOCUMENTS.register
class Latent(Part, Document, frozen=True, tag=True):
    """Latent space: the decoded plane of a variational autoencoder."""

    model: Annotated[
        str, Meta(min_length=1, max_length=4096, title="Model", description="A shipped model's name, or a file.")
    ] = SHIPPED
    trained: Trained | None = None  # goes before `model`
    recipe: Recipe = Recipe()  # what the workshop trains next
    beside: bool = False  # whether an autoencoder is trained beside
    subject: Subject = Blank()
    gallery: Gallery = Gallery()
    chart: Chart = Linear()
    show_digits: Annotated[
        bool, Meta(title="Show real images", description="Where held-out images land, by class.")
    ] = True
    hidden: tuple[Annotated[int, Meta(ge=0, le=255)], ...] = ()
    samples: Annotated[
        int,
        Meta(ge=0, le=400, title="Samples", description="How many latents are drawn from the prior p(z) = N(0, I)."),
    ] = 0
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Decides what is drawn: same seed, same samples.")
    ] = 1
    pins: tuple[tuple[Coordinate, Coordinate], ...] = ()
    overlay: Overlaid = Overlaid()
    trick: Reparameterisation = Reparameterisation()
    observation: Observation = Full()
    scale: Annotated[
        Scale, Meta(title="Heatmaps", description="The density itself, or its logarithm down to so many nats.")
    ] = "density"
    unseen: Annotated[int, Meta(ge=0, le=10**6)] = 0  # of its sights, the last ones
    estimating: Estimating = Estimating()
    generating: Generating = Generating()
    walk: Walk = Walk()
    arithmetic: Arithmetic = Arithmetic()
    any_resolution: AnyResolution = AnyResolution()
    completing: Completing = Completing()

    def pin(self, z: tuple[float, float]) -> Latent:
        """With the picture at z kept."""
        return replace(self, pins=(*self.pins, z))

    def move_pin(self, i: int, z: tuple[float, float]) -> Latent:
        """With pinned picture `i` elsewhere."""
        return replace(self, pins=(*self.pins[:i], z, *self.pins[i + 1 :]))

    def unpin(self, i: int) -> Latent:
        """Without pinned picture `i`."""
        return replace(self, pins=self.pins[:i] + self.pins[i + 1 :])

    def toggle(self, label: int) -> Latent:
        """With the class `label` hidden among the real digits, or shown again."""
        hidden = set(self.hidden) ^ {label}
        return replace(self, hidden=tuple(sorted(hidden)))

    def latent_at(self, across: float, up: float) -> tuple[float, float]:
        """z at a place of the plane as it is drawn. Raises ValueError where the chart has none."""
        places = np.array([across, up])
        if not self.chart.holds(places):
            raise ValueError("There is no latent outside the unit square of this chart.")
        z = self.chart.to_latent(places)
        return float(z[0]), float(z[1])

    @property
    def pin_places(self) -> Array:
        """Where the pinned pictures are on the plane as it is drawn, (n, 2)."""
        return self.chart.to_place(np.array(self.pins).reshape(-1, 2)) if self.pins else np.empty((0, 2))

    @property
    def waypoint_places(self) -> Array:
        """Where the walk's waypoints are on the plane as it is drawn, (n, 2)."""
        return self.chart.to_place(np.array(self.walk.waypoints).reshape(-1, 2))

    @property
    def manifold(self) -> Manifold:
        """The model's plane, loaded once. Raises ValueError, in one sentence, if there is no sound model."""
        if self.trained is None:
            return open_manifold(self.model)
        if not self.path.exists():
            raise ValueError("This model has not been trained on this computer: start the training of its recipe.")
        return open_manifold(self.trained.path, EMBEDDED)

    @property
    def path(self) -> Path:
        """The model's file."""
        return Path(self.trained.path) if self.trained else model_path(self.model)

    def with_model(self, model: str) -> Latent:
        """Of another model: a shipped name or a file."""
        return replace(self, model=model, trained=None)

    def with_trained(self, trained: Trained) -> Latent:
        """Of what the workshop has trained."""
        return replace(self, trained=trained)

    def with_beside(self, beside: bool) -> Latent:
        """With an autoencoder trained beside, or without."""
        return replace(self, beside=beside)

    def with_recipe(self, recipe: Recipe) -> Latent:
        """With another recipe to train next."""
        return replace(self, recipe=recipe)

    def with_data(self, data: DataSet) -> Latent:
        """With another data set to train on next."""
        return replace(self, recipe=replace(self.recipe, data=data))

    def with_subject(self, subject: Subject) -> Latent:
        """With another image to look into."""
        return replace(self, subject=subject)

    def with_overlay(self, kind: Overlay) -> Latent:
        """With something else laid over the plane."""
        return replace(self, overlay=replace(self.overlay, kind=kind))

    def with_trick(self, trick: Reparameterisation) -> Latent:
        """With other draws of ε, or another q to draw z from."""
        return replace(self, trick=trick)

    @property
    def step(self) -> int:
        """How many sights of the image are taken into account."""
        return max(0, self.observation.steps - self.unseen)

    def see_to(self, n: int) -> Latent:
        """With so many sights taken into account, as far as there are that many."""
        steps = self.observation.steps
        return replace(self, unseen=steps - min(max(n, 0), steps))

    def with_scale(self, scale: Scale) -> Latent:
        """With the heatmaps of prior, likelihood and posterior coloured otherwise."""
        return replace(self, scale=scale)

    def with_observation(self, observation: Observation) -> Latent:
        """With the image looked at otherwise, all of it that is seen then."""
        return replace(self, observation=observation, unseen=0)

    def with_estimating(self, estimating: Estimating) -> Latent:
        """With ln p(x) estimated from other draws."""
        return replace(self, estimating=estimating)

    def with_generating(self, generating: Generating) -> Latent:
        """With other pictures generated."""
        return replace(self, generating=generating)

    def with_gallery(self, gallery: Gallery) -> Latent:
        """With other images in the gallery."""
        return replace(self, gallery=gallery)

    def with_walk(self, walk: Walk) -> Latent:
        """With another walk."""
        return replace(self, walk=walk)

    def with_arithmetic(self, arithmetic: Arithmetic) -> Latent:
        """With another sum of attributes."""
        return replace(self, arithmetic=arithmetic)

    def with_any_resolution(self, any_resolution: AnyResolution) -> Latent:
        """Drawn with another number of pixels."""
        return replace(self, any_resolution=any_resolution)

    def with_completing(self, completing: Completing) -> Latent:
        """With other completions."""
        return replace(self, completing=completing)

    def with_chart(self, chart: Chart) -> Latent:
        """Laid out otherwise."""
        return replace(self, chart=chart)

    def with_digits(self, shown: bool) -> Latent:
        """With real images marked, or not."""
        return replace(self, show_digits=shown)

    def draw(self, n: int = 64) -> Latent:
        """With `n` fresh samples from the prior."""
        seed = (self.seed + 1) % 2**31 if self.samples else self.seed
        return replace(self, samples=n, seed=seed)

    def clear(self) -> Latent:
        """Without samples and pins."""
        return replace(self, samples=0, pins=())

    def resolve(self, viewports: Viewports) -> Generator[Scene, None, Scene]:
        """Scenes through the viewport "plane", in the chart's coordinates."""
        return resolve(self, viewports)

    def probe(self, place: LatentPlace | UnboxedPlace | SightPlace) -> Answer | None:
        """The picture at a place of the plane."""
        return answer(self, place)
