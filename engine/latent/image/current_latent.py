"""The current latent: the encoder mean of the selected image, or else the latest pin."""

from __future__ import annotations

import msgspec

from engine.latent.document import Latent
from engine.latent.image.encoding import encoded_or_none
from engine.latent.inputs.input import Encoded


class CurrentLatent(msgspec.Struct, frozen=True, eq=False):
    """A latent z, its name for display, and the image whose encoder mean it is, if any."""

    z: tuple[float, float]
    name: str
    image: Encoded | None = None


def current_latent(document: Latent) -> CurrentLatent | None:
    """The encoder mean of the selected image, else the latest pin, else None."""
    image = encoded_or_none(document)
    if image is not None:
        return CurrentLatent((float(image.mean[0]), float(image.mean[1])), f"μ of {image.name}", image)
    if document.pins:
        return CurrentLatent(document.pins[-1], f"pin {len(document.pins)}")
    return None
