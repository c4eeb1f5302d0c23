"""The Latent document: the model, the selected image and its observation, q, and the pinned latents."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.caption import in_numbers, worded
from engine.document import DOCUMENTS, Document, Setting, canonical
from engine.gaussian import Array
from engine.latent.charts import Chart, Linear
from engine.latent.gaussian_q import GaussianQ
from engine.latent.inputs.input import Blank, Input, encoded_by
from engine.latent.model import LoadedModel, open_model
from engine.latent.model_source import SHIPPED, ModelSource, Trained, model_path
from engine.latent.observations.full import Full
from engine.latent.observations.observation import Observation
from engine.latent.slice import Slice
from engine.latent.sliced_model import over_plane
from engine.part import Part

Coordinate = Annotated[float, Meta(ge=-1e3, le=1e3)]
EMBEDDED = 2000  # test images that are encoded by each checkpoint of a training run


@DOCUMENTS.register
class Latent(Part, Document, frozen=True, tag=True):
    """Latent space: the decoded plane of a variational autoencoder, and the posterior of one image over it.

    The last `waiting` measurements of the observation are not taken into account. They are counted from the end, so
    that 0 suits every observation. `slice` is the plane of a model with more than two latents. `q` is the
    Gaussian that the user has set; None stands for the encoder's q. `given` is the class y that a conditional model is
    given, by its number; other models do not use it.
    """

    model: ModelSource = SHIPPED
    input: Input = Blank()
    observation: Observation = Full()
    waiting: Annotated[int, Meta(ge=0, le=10**6)] = 0
    q: GaussianQ | None = None
    given: Annotated[int, Meta(ge=0, le=255)] = 0
    chart: Chart = Linear()
    slice: Slice = Slice()
    pins: tuple[tuple[Coordinate, Coordinate], ...] = ()
    settings: tuple[Setting, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        msgspec.structs.force_setattr(self, "settings", canonical(self.settings))

    @property
    def loaded_model(self) -> LoadedModel:
        """The model over the plane, from the cache if it is loaded. Raises ValueError as `whole_model` does."""
        return over_plane(self.whole_model, self.slice, image_mean(self))

    @property
    def whole_model(self) -> LoadedModel:
        """The model with all its latents. Raises ValueError if it does not exist or is damaged."""
        if self.trained is None:
            return open_model(str(self.path), y=self.given)
        if not self.path.exists():
            raise ValueError("This model was not trained on this computer. Train its recipe first.")
        return open_model(str(self.path), EMBEDDED, self.given)

    @property
    def trained(self) -> Trained | None:
        """The checkpoint of a training run that is the model; None for a model from a file."""
        return self.model if isinstance(self.model, Trained) else None

    @property
    def path(self) -> Path:
        """The file of the model."""
        return Path(self.model.path) if isinstance(self.model, Trained) else model_path(self.model)

    def with_model(self, model: ModelSource) -> Latent:
        """With another model: a shipped name, a file, or a checkpoint of a training.

        The slice stays only among the checkpoints of one training.
        """
        same = isinstance(model, Trained) and isinstance(self.model, Trained) and model.recipe == self.model.recipe
        return replace(self, model=model, slice=self.slice if same else Slice())

    def with_slice(self, chosen: Slice) -> Latent:
        """With another plane of a model with more than two latents."""
        return replace(self, slice=chosen)

    def with_input(self, selected: Input) -> Latent:
        """With another image selected."""
        return replace(self, input=selected)

    def with_observation(self, observation: Observation) -> Latent:
        """With another observation of the image, all measurements taken into account."""
        return replace(self, observation=observation, waiting=0)

    def with_q(self, q: GaussianQ | None) -> Latent:
        """With q set by the user, or with the encoder's q (None)."""
        return replace(self, q=q)

    def with_given(self, y: int) -> Latent:
        """With another class y given to a conditional model; the q of the user belongs to the class and is dropped."""
        return replace(self, given=y, q=None)

    def with_chart(self, chart: Chart) -> Latent:
        """With the plane laid out by another chart."""
        return replace(self, chart=chart)

    @property
    def is_sliced(self) -> bool:
        """Whether the plane is a slice: the model has more than two latents. Loads the model."""
        return self.whole_model.latents > 2

    @property
    def steps(self) -> int:
        """The number of measurements of the image, the waiting ones included."""
        return self.observation.steps

    @property
    def step(self) -> int:
        """The number of measurements that are taken into account."""
        return max(0, self.steps - self.waiting)

    def step_to(self, n: int) -> Latent:
        """With the first `n` measurements taken into account, or all if there are fewer."""
        return replace(self, waiting=self.steps - min(max(n, 0), self.steps))

    def pin(self, z: tuple[float, float]) -> Latent:
        """With z pinned."""
        return replace(self, pins=(*self.pins, z))

    def move_pin(self, i: int, z: tuple[float, float]) -> Latent:
        """With pin `i` at z."""
        return replace(self, pins=(*self.pins[:i], z, *self.pins[i + 1 :]))

    def unpin(self, i: int) -> Latent:
        """Without pin `i`."""
        return replace(self, pins=self.pins[:i] + self.pins[i + 1 :])

    def latent_at(self, across: float, up: float) -> tuple[float, float]:
        """The latent at a position of the chart. Raises ValueError if the chart has no latent there."""
        places = np.array([across, up])
        if not self.chart.holds(places):
            raise ValueError("Positions outside the unit square of this chart have no latent.")
        z = self.chart.to_latent(places)
        return float(z[0]), float(z[1])

    @property
    def pin_places(self) -> Array:
        """The positions (n, 2) of the pins in the chart."""
        return self.chart.to_place(np.array(self.pins).reshape(-1, 2)) if self.pins else np.empty((0, 2))


def image_mean(document: Latent) -> Array | None:
    """Return the encoder mean (d,) of the selected image, if the plane goes through it; else None."""
    if document.slice.at_image and not isinstance(document.input, Blank):
        with suppress(ValueError):  # the panels give the reason why the model cannot encode the image
            return encoded_by(document.whole_model, document.input).mean
    return None


def symbol_of(document: Latent) -> str:
    """Return the symbol of the measurements in formulas over the plane: over a slice, the other latents are given."""
    return f"{document.observation.symbol}|others" if document.is_sliced else document.observation.symbol


@in_numbers.register
def _(document: Latent) -> str:
    name = worded(document.model) if isinstance(document.model, Trained) else f"Model {document.path.stem}"
    used = f"{document.step} of {document.steps} observations"
    seen, chart = f"observation: {worded(document.observation)}", f"chart: {worded(document.chart)}"
    if document.slice != Slice():
        chart = f"plane: {', '.join(document.slice.names)}; {chart}"
    return f"{name}; {worded(document.input)}; {seen}; {used}; {chart}."
