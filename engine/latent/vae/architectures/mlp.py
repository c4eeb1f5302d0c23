"""The architecture of plain fully connected networks."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.latent.vae.architectures.architecture import ARCHITECTURES, Activation, Architecture, Size
from engine.part import Part


@ARCHITECTURES.register(order=2)
class Mlp(Part, Architecture, frozen=True, tag=True):
    """MLP: fully connected layers; the decoder has the encoder's layers in reverse order.

    One layer of 400 units with ReLU is the network of PyTorch's VAE example.
    """

    widths: Annotated[
        tuple[Size, ...],
        Meta(
            min_length=1,
            max_length=8,
            title="Widths",
            description="Units in each layer of the encoder; the decoder has the reverse order.",
        ),
    ] = (400,)
    activation: Annotated[
        Activation, Meta(title="Activation", description="The nonlinear function after each layer.")
    ] = "ReLU"
