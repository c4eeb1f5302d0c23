"""The Latent document: which model's plane is explored, how it is laid out, and what is marked on it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.document import DOCUMENTS, Document, Viewports
from engine.gaussian import Array
from engine.latent.charts import Chart, Linear
from engine.latent.scene import Answer, LatentPlace, Scene, answer, resolve
from engine.part import Part

SHIPPED = "mnist"
Coordinate = Annotated[float, Meta(ge=-1e3, le=1e3)]


@DOCUMENTS.register
class Latent(Part, Document, frozen=True, tag=True):
    """Latent space: the decoded plane of a variational autoencoder."""

    model: Annotated[
        str, Meta(min_length=1, max_length=4096, title="Model", description="A shipped model's name, or a file.")
    ] = SHIPPED
    chart: Chart = Linear()
    show_digits: Annotated[
        bool, Meta(title="Show real digits", description="Where the 10,000 test digits land, by class.")
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

    def with_model(self, model: str) -> Latent:
        """Of another model: a shipped name or a file."""
        return replace(self, model=model)

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

    def probe(self, place: LatentPlace) -> Answer | None:
        """The picture at a place of the plane."""
        return answer(self, place)
