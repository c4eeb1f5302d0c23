"""Generated faces, drawn from random factors that are stored with the images.

The factors show what each latent axis represents. Each factor has random numbers of its own, so that switching one
factor on or off leaves the others unchanged. The range of the head's rotation is limited, because rotation changes the
most pixels and would otherwise occupy both latent axes.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from threading import Lock
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.latent.datasets.data_set import DATASETS, DataSet, Images
from engine.latent.datasets.face_drawing import drawn
from engine.latent.datasets.own_files import drained
from engine.latent.one_copy import one_copy
from engine.part import Part

CHUNK = 256  # faces drawn at a time
LOOKS = {"48×48 grey": (48, 48), "32×32 colour": (32, 32, 3)}
WORDS = {  # for each factor, the names of its values below and above 0; for glasses, of 0 and 1
    "smile": ("no smile", "smile"),
    "head turn": ("turned left", "turned right"),
    "eye opening": ("narrow eyes", "wide eyes"),
    "brow": ("lowered brows", "raised brows"),
    "glasses": ("no glasses", "glasses"),
    "hair length": ("short hair", "long hair"),
    "hair tone": ("dark hair", "fair hair"),
    "skin tone": ("dark skin", "fair skin"),
    "background tone": ("dark background", "light background"),
}
# The values of factors that do not vary; other factors are then 0.
FIXED = {"eye opening": 0.2, "hair length": -0.4, "hair tone": -0.5, "skin tone": 0.5, "background tone": 0.2}


def _factor(title: str, low: str, high: str) -> Meta:
    return Meta(title=title, description=f"Vary from {low} to {high}.")


@DATASETS.register
class Faces(Part, DataSet, frozen=True, tag=True):
    """Faces: drawn by the program from random factors that are known."""

    look: Annotated[
        Literal["48×48 grey", "32×32 colour"], Meta(title="Format", description="Size in pixels, and grey or colour.")
    ] = "48×48 grey"
    smile: Annotated[bool, _factor("Smile", "sad", "laughing")] = True
    head_turn: Annotated[bool, _factor("Head turn", "left", "right")] = True
    turn_range: Annotated[
        float, Meta(ge=0.05, le=1, title="Range of the turn", description="The largest head turn; 1 is 22°.")
    ] = 1.0
    eye_opening: Annotated[bool, _factor("Eye opening", "closed", "wide open")] = False
    brow: Annotated[bool, _factor("Brow", "lowered", "raised")] = False
    glasses: Annotated[bool, Meta(title="Glasses", description="Half of the faces have glasses.")] = False
    hair_length: Annotated[bool, _factor("Hair length", "short", "long")] = False
    hair_tone: Annotated[bool, _factor("Hair tone", "dark", "fair")] = False
    skin_tone: Annotated[bool, _factor("Skin tone", "dark", "fair")] = False
    background_tone: Annotated[bool, _factor("Background tone", "dark", "light")] = False
    training: Annotated[
        int, Meta(ge=100, le=100_000, title="Training faces", description="Number of training images.")
    ] = 20_000
    held_out: Annotated[int, Meta(ge=10, le=20_000, title="Test faces", description="Number of test images.")] = 2_000
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Random seed of the factors; same seed, same faces.")
    ] = 1

    light = True
    licence = "BSD-3-Clause"
    attribution = "Faces drawn by Bayescape"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.factors) < 2:
            raise ValueError("At least two factors must vary. Tick another factor first.")

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of the factors that vary in this data set."""
        return tuple(name for name in WORDS if getattr(self, name.replace(" ", "_")))

    @property
    def image_shape(self) -> tuple[int, ...]:
        return LOOKS[self.look]

    def train(self) -> Images:
        return drained(_faces(self, self.training, 0).draw())

    def train_in_steps(self) -> Generator[Pending, None, Images]:
        return _faces(self, self.training, 0).draw()

    def test(self) -> Images:
        return drained(_faces(self, self.held_out, 1).draw())


class _Faces:
    """n faces, drawn in chunks on demand; a later call of `draw` continues where an earlier call stopped."""

    def __init__(self, part: Faces, n: int, stream: int) -> None:
        self._values = {name: _values(part, name, n, stream) for name in WORDS}
        self._pixels = np.empty((n, *part.image_shape), np.uint8)
        self._drawn, self._turn = 0, Lock()
        factors = np.stack([self._values[name] for name in part.factors], 1)
        labels, classes = _labelled(part.factors, self._values)
        self._images = Images(self._pixels, labels, classes, factors, part.factors)

    def draw(self) -> Generator[Pending, None, Images]:
        """Draw the remaining faces, and yield Pending after each chunk; two threads draw alternate chunks."""
        while not self._draw_some():
            yield PENDING
        return self._images

    def _draw_some(self) -> bool:
        """Draw the next chunk of faces. Returns True if all faces had been drawn already."""
        side, channels = self._pixels.shape[1], 3 if self._pixels.ndim == 4 else 1
        with self._turn:
            if self._drawn >= len(self._pixels):
                return True
            chunk = slice(self._drawn, self._drawn + CHUNK)
            self._pixels[chunk] = drawn(side, channels, {name: value[chunk] for name, value in self._values.items()})
            self._drawn += CHUNK
            if self._drawn >= len(self._pixels):
                for array in (self._pixels, self._images.labels, self._images.factors):
                    array.setflags(write=False)
                self._pixels = one_copy(self._pixels)
                self._images = replace(self._images, pixels=self._pixels)
            return False


@lru_cache(maxsize=4)
def _faces(part: Faces, n: int, stream: int) -> _Faces:
    return _Faces(part, n, stream)


def _values(part: Faces, name: str, n: int, stream: int) -> NDArray[np.float64]:
    """Return one factor (n,) of all faces, from random numbers of its own, so that other factors do not change it."""
    if name not in part.factors:
        return np.full(n, FIXED.get(name, 0.0))
    rng = np.random.default_rng([part.seed, stream, list(WORDS).index(name)])
    if name == "glasses":
        return rng.integers(0, 2, n).astype(float)
    return (part.turn_range if name == "head turn" else 1.0) * rng.uniform(-1, 1, n)


def _labelled(
    factors: tuple[str, ...], values: dict[str, NDArray[np.float64]]
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return labels (n,) and classes, by the sign of the first factor and by glasses if glasses vary."""
    first = next(name for name in factors if name != "glasses")
    labels = (values[first] > 0).astype(np.uint8)
    classes: tuple[str, ...] = WORDS[first]
    if "glasses" in factors:
        labels = labels + 2 * values["glasses"].astype(np.uint8)
        classes = classes + tuple(f"{name}, glasses" for name in classes)
    return labels, classes
