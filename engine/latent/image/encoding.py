"""The encoding of the selected image: its q_φ(z|x), and where this lies on the plane."""

from __future__ import annotations

import msgspec

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.image.q_outlines import Outlines, outlines
from engine.latent.inputs.input import Blank, Encoded, encoded_by
from engine.plane import Viewport


class Encoding(msgspec.Struct, frozen=True, eq=False):
    """The selected image, encoded, and the outlines of its q on the plane as it is drawn.

    Both are None if no image is selected, or if the model cannot encode it: `unavailable` is then the reason.
    """

    image: Encoded | None = None
    outlines: Outlines | None = None
    unavailable: str = ""


def encoded(document: Latent) -> Encoded | None:
    """The selected image, encoded; None if no image is selected. Raises ValueError if the model cannot encode it."""
    return None if isinstance(document.input, Blank) else encoded_by(document.manifold, document.input)


def encoded_or_none(document: Latent) -> Encoded | None:
    """The selected image, encoded; None if no image is selected or the model cannot encode it."""
    try:
        return encoded(document)
    except ValueError:
        return None


@derived(Encoding, first=True)
def encoding(document: Latent, _: Viewport) -> Encoding:
    """The selected image, encoded by the model of the document."""
    manifold = document.manifold  # a model that cannot be opened is an error of the whole page
    if isinstance(document.input, Blank):
        return Encoding()
    try:
        image = encoded_by(manifold, document.input)
    except ValueError as error:
        return Encoding(unavailable=str(error))
    return Encoding(image, outlines(image, document.chart))
