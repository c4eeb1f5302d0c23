"""The family of architectures: the forms that a pair of networks can have. Without torch."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from engine.part import Family

Size = Annotated[int, Meta(ge=1, le=4096)]
Activation = Literal["ReLU", "GELU", "tanh"]


class Architecture:
    """The form of a pair of networks, for pictures of any shape. Abstract: register a final `Part`.

    Its networks are made by the function `build` of the module of the same name in `engine.latent.vae.networks`.
    """

    __slots__ = ()


ARCHITECTURES = Family(Architecture, home="engine.latent.vae.architectures")
