"""Encoder and decoder: one pass through the VAE, x → q(z|x) → z = μ + σ ⊙ ε → x̂, and the terms of its loss."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, gaussian_q, kl_to_prior
from engine.latent.image.encoding import encoded
from engine.latent.image.reparameterisation import sample
from engine.latent.inputs.input import Encoded
from engine.latent.model import LoadedModel, Pixels8
from engine.part import Part
from engine.plane import Viewport

SAMPLES = 256  # samples of z for the mean of the loss, which take about 10 ms
REACH = 4.0  # the range of a dragged ε, from −REACH to REACH
Component = Annotated[float, Meta(ge=-REACH, le=REACH)]


@SETTINGS.register
class EncoderAndDecoderSettings(Part, Setting, frozen=True, tag=True):
    """Encoder and decoder: the noise ε, drawn with a random seed or set by the user."""

    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Random seed", description="The same seed draws the same ε.")
    ] = 1
    chosen: tuple[Component, Component] | None = None

    @property
    def epsilon(self) -> Array:
        """ε (2,): as the user has set it, else drawn from N(0, I)."""
        return np.array(self.chosen) if self.chosen else np.random.default_rng(self.seed).standard_normal(2)


class Passed(msgspec.Struct, frozen=True, eq=False):
    """One pass of an image x through encoder and decoder.

    `encoder` is the encoder's q, and `q` the one that is used. `z` (2,) = μ + σ ⊙ ε, and `ink` is the image decoded
    there. In nats: `log_likelihood` = ln p(x|z) of this one z, `kl` = KL(q‖p(z)), and `mean` ± `error` = E_q[ln p(x|z)]
    over SAMPLES other z. `sliced` says whether the plane is one of more than two latents, the others of which are
    fixed.
    """

    image: Encoded
    encoder: GaussianQ
    q: GaussianQ
    epsilon: Array
    z: Array
    ink: Pixels8
    log_likelihood: float
    kl: float
    mean: float
    error: float
    sliced: bool = False

    @property
    def elbo(self) -> float:
        """The estimate of the ELBO from this one ε; a training step maximises it (Kingma & Welling 2014, eq. 7)."""
        return self.log_likelihood - self.kl


def new_noise(document: Latent) -> Latent:
    """With a newly drawn ε."""
    settings = document[EncoderAndDecoderSettings]
    return document.with_setting(EncoderAndDecoderSettings(seed=(settings.seed + 1) % 2**31))


def with_noise(document: Latent, epsilon: Array) -> Latent:
    """With ε (2,), clipped to REACH."""
    across, up = (float(value) for value in np.clip(epsilon, -REACH, REACH))
    return document.with_setting(replace(document[EncoderAndDecoderSettings], chosen=(across, up)))


@derived(Passed)
def one_pass(document: Latent, _: Viewport) -> Passed | str:
    """The pass of the selected image; the reason if there is none, and "" if no image is selected."""
    try:
        image = encoded(document)
    except ValueError as error:
        return str(error)
    if image is None:
        return ""
    encoder = gaussian_q(image.mean, image.deviation)
    q, epsilon = document.q or encoder, document[EncoderAndDecoderSettings].epsilon
    z = sample(q.mean, q.deviation, epsilon)
    model, kl = document.loaded_model, kl_to_prior(q.mean, q.deviation)
    mean, spread, here = _scored(model, image, q, z)
    return Passed(image, encoder, q, epsilon, z, model.decode(z[None])[0], here, kl, mean, spread, document.is_sliced)


def _scored(model: LoadedModel, image: Encoded, q: GaussianQ, z: Array) -> tuple[float, float, float]:
    """The mean of ln p(x|z) under q, its standard error, and its value at one z, in nats."""
    noise = np.random.default_rng(0).standard_normal((SAMPLES, 2))
    positions = np.concatenate([z[None], sample(q.mean, q.deviation, noise)])
    scores = model.vae.log_likelihood(image.pixels / np.float32(255), positions)
    return float(scores[1:].mean()), float(scores[1:].std(ddof=1) / np.sqrt(SAMPLES)), float(scores[0])
