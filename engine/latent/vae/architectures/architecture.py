"""The family of architectures of an encoder and a decoder, declared without torch."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from engine.part import Family

Size = Annotated[int, Meta(ge=1, le=4096)]
Activation = Literal["ReLU", "GELU", "tanh"]


class Architecture:
    """The architecture of an encoder and a decoder, for images of any shape. Abstract: register a final `Part`.

    The function `build` in the module of the same name in `engine.latent.vae.networks` creates the networks.
    """

    __slots__ = ()


ARCHITECTURES = Family(Architecture, home="engine.latent.vae.architectures")
