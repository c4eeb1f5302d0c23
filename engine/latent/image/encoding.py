"""The encoding of the selected image: its q_φ(z|x), and the outlines of q on the plane."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from engine.derived import derived
from engine.latent.charts import Chart
from engine.latent.document import Latent
from engine.latent.image.q_outlines import Outlines, outlines
from engine.latent.inputs.input import Blank, Encoded, Input, encoded_by
from engine.latent.model import LoadedModel
from engine.latent.sliced_model import whole_of
from engine.plane import Viewport


class Encoding(msgspec.Struct, frozen=True, eq=False):
    """The encoded selected image, and the outlines of its q in the chart.

    For more than two latents the image is encoded with all, and the outlines are those on the plane.
    Both are None if no image is selected, or if the model cannot encode it; `unavailable` is then the reason.
    """

    image: Encoded | None = None
    outlines: Outlines | None = None
    unavailable: str = ""


def encoded(document: Latent) -> Encoded | None:
    """Encode the selected image; None if no image is selected. Raises ValueError if the model cannot encode it."""
    return None if isinstance(document.input, Blank) else encoded_by(document.loaded_model, document.input)


def encoded_or_none(document: Latent) -> Encoded | None:
    """Encode the selected image; None if no image is selected or the model cannot encode it."""
    try:
        return encoded(document)
    except ValueError:
        return None


@derived(Encoding, first=True)
def encoding(document: Latent, _: Viewport) -> Encoding:
    """Encode the selected image with the model of the document."""
    return _encoding(document.loaded_model, document.input, document.chart)


@lru_cache(maxsize=16)
def _encoding(model: LoadedModel, selected: Input, chart: Chart) -> Encoding:
    """Cached because most edits change none of the arguments, and an identical value is not drawn again."""
    if isinstance(selected, Blank):
        return Encoding()
    try:
        image, on_plane = encoded_by(whole_of(model), selected), encoded_by(model, selected)
    except ValueError as error:
        return Encoding(unavailable=str(error))
    return Encoding(image, outlines(on_plane, chart))
