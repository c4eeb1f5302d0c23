"""Model sources: the origin of a document's model (a shipped name, a file or a checkpoint), and its file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from engine.latent.training.runs import nearest_checkpoint
from engine.latent.vae.recipe import Recipe
from engine.part import Part
from engine.resources import RESOURCES

SHIPPED = "mnist"
NameOrPath = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4096,
        title="Model",
        description="A shipped model, by its name, or a file, by its path.",
    ),
]


class Trained(Part, frozen=True, tag=True):
    """Trained: the model of a recipe after some training steps on this computer."""

    recipe: Recipe = Recipe()
    step: Annotated[int, Meta(ge=0, le=10**12, title="Step", description="The number of training batches so far.")] = 0

    @property
    def path(self) -> str:
        """The path of the model's file, or of the nearest checkpoint if this one was deleted to save disk space."""
        return str(nearest_checkpoint(self.recipe, self.step))


ModelSource = NameOrPath | Trained


def model_path(source: str) -> Path:
    """Return the file of a model, given the name of a shipped model or a path."""
    return RESOURCES / "models" / f"{source}.safetensors" if source in shipped_models() else Path(source)


@cache
def shipped_models() -> tuple[str, ...]:
    """The names of the shipped models, in alphabetical order."""
    return tuple(sorted(path.stem for path in (RESOURCES / "models").glob("*.safetensors")))
