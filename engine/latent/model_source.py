"""Model sources: where the model of a document comes from, and the files in which models and runs are stored."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from engine.latent.training.runs import checkpoint_path
from engine.latent.vae.recipe import Recipe
from engine.part import Part
from engine.resources import RESOURCES

SHIPPED = "mnist"
NameOrPath = Annotated[
    str, Meta(min_length=1, max_length=4096, title="Model", description="A shipped model's name, or a file.")
]


class Trained(Part, frozen=True, tag=True):
    """Trained: the model that a recipe has reached after so many training steps on this computer."""

    recipe: Recipe = Recipe()
    step: Annotated[int, Meta(ge=0, le=10**12, title="Step", description="Batches it has learnt from.")] = 0

    @property
    def path(self) -> str:
        """The file of the model."""
        return str(checkpoint_path(self.recipe, self.step))


ModelSource = NameOrPath | Trained


def model_path(source: str) -> Path:
    """The file of a shipped model, by its name, or of any other model, by its path."""
    return RESOURCES / "models" / f"{source}.safetensors" if source in shipped_models() else Path(source)


@cache
def shipped_models() -> tuple[str, ...]:
    """The names of the shipped models, in alphabetical order."""
    return tuple(sorted(path.stem for path in (RESOURCES / "models").glob("*.safetensors")))
