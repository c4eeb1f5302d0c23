"""Here: the latent that is looked into, of the image that is chosen, or else where the plane was clicked last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.latent.inputs.input import Blank, Encoded, encoded_by

if TYPE_CHECKING:
    from engine.latent.document import Latent


class Here(msgspec.Struct, frozen=True, eq=False):
    """A latent, in words, and the image it is the mean of, if it is one's."""

    z: tuple[float, float]
    name: str
    image: Encoded | None = None


def encoded(document: Latent) -> Encoded | None:
    """The subject of a document, seen by its model; None if there is none."""
    return None if isinstance(document.subject, Blank) else encoded_by(document.manifold, document.subject)


def subject_of(document: Latent) -> Encoded | None:
    """The image that is looked into; None if there is none, or none that the model can see."""
    try:
        return encoded(document)
    except ValueError:
        return None


def here(document: Latent) -> Here | None:
    """Of the image that is looked into, else of the last pin, else None."""
    image = subject_of(document)
    if image is not None:
        return Here((float(image.mean[0]), float(image.mean[1])), f"μ of {image.name}", image)
    if document.pins:
        return Here(document.pins[-1], f"pin {len(document.pins)}")
    return None
