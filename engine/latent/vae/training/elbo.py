"""The evidence lower bound (ELBO), its two terms, and measures of the information in z, in nats."""

from __future__ import annotations

import msgspec
import torch
from torch import Tensor

from engine.gaussian import Array
from engine.latent.datasets.data_set import Images
from engine.latent.vae.likelihoods import Likelihood
from engine.latent.vae.mistakes import Name, kl_factor
from engine.latent.vae.networks.likelihood_densities import targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Elbo
from engine.latent.vae.training.given_class import labels_of

TEST_BATCH = 1000
SAMPLES, SEED = 16, 0  # draws of z for each test image, and their random seed, for the ELBO on a card


def kl_to_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(q‖p) (n,) in nats, for q = N(mean, exp(log_variance)), each (n, d), and p = N(0, I).

    Kingma & Welling 2014, appendix B: −½ Σ (1 + ln σ² − μ² − σ²).
    """
    return _kl_by_axis(mean, log_variance).sum(1)


def kl_with_sigma(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the KL term (n,) of the mistake “σ instead of σ²”: ½ Σ (μ² + σ − 1 − ln σ), in nats.

    It is 0 only for q = N(0, I), like the KL, but the variance counts about half.
    """
    return -0.5 * (1 + log_variance / 2 - mean**2 - (log_variance / 2).exp()).sum(1)


def _kl_by_axis(mean: Tensor, log_variance: Tensor) -> Tensor:
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp())


class Health(msgspec.Struct, frozen=True, eq=False):
    """The information in z about the test images: `kl` and `information` of each axis (d,), in nats per image.

    The information is ½ ln(1 + Var[μ] / E[σ²]), the capacity of a Gaussian channel with the variance of the means μ as
    signal and the mean variance of q as noise (Cover & Thomas 2006, eq. 9.17). It is 0 if q is equal for every image,
    for any KL. `blank` is true if all targets have the same value, so that the model cannot learn.
    """

    kl: Array
    information: Array
    blank: bool


def health(networks: Networks, images: Images) -> Health:
    """Measure the information in z about at most TEST_BATCH images."""
    with torch.inference_mode():
        x = targets(networks.likelihood, torch.tensor(images.pixels[:TEST_BATCH]))
        given = networks.given(labels_of(images)[:TEST_BATCH])
        mean, log_variance = (values.double() for values in given.encoder(x))
        kl = _kl_by_axis(mean, log_variance).mean(0)
        information = 0.5 * torch.log1p(mean.var(0, correction=0) / log_variance.exp().mean(0))
        blank = bool((x == x.flatten()[0]).all())
    return Health(kl.numpy(), information.numpy(), blank)


def reconstruction(networks: Networks, x: Tensor, z: Tensor) -> Tensor:
    """Return ln p_θ(x|z) (n,) in nats, for targets x (n, pixels) and latents z (n, d)."""
    return networks.log_likelihood(x, z)


def elbo(networks: Networks, x: Tensor, encoded: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Return reconstruction and KL, each (n,) in nats, with one sample z = μ + σ ⊙ noise, noise (n, d).

    Kingma & Welling 2014, eq. 10. The targets are x (n, pixels). The encoder's input is `encoded`: x or x with dropout.
    """
    mean, log_variance = networks.encoder(encoded)
    z = mean + torch.exp(log_variance / 2) * noise
    return reconstruction(networks, x, z), kl_to_prior(mean, log_variance)


def with_penalty(
    networks: Networks, mistake: Name, opening: tuple[float, float], x: Tensor, encoded: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return reconstruction and KL as `elbo` does, and the KL term that a recipe with a mistake has instead, (n,).

    `opening` are factors of μ and of σ on all axes but the first; they are 1 except at the beginning of some trainings.
    """
    mean, log_variance = networks.encoder(encoded)
    if opening != (1.0, 1.0):
        fit, kl = _partly_open(networks, opening, x, mean, log_variance, noise)
        return fit, kl, kl_factor(mistake, *_sizes(x, mean)) * kl
    z = mean + torch.exp(log_variance / 2) * noise
    kl = kl_to_prior(mean, log_variance)
    penalty = kl_with_sigma(mean, log_variance) if mistake == "σ instead of σ²" else kl
    return reconstruction(networks, x, z), kl, kl_factor(mistake, *_sizes(x, mean)) * penalty


def _sizes(x: Tensor, mean: Tensor) -> tuple[int, int]:
    """The numbers of pixels and of latents."""
    return x.shape[1], mean.shape[1]


def _partly_open(
    networks: Networks, opening: tuple[float, float], x: Tensor, mean: Tensor, log_variance: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """The terms while the axes after the first one open: factors multiply their μ, their σ and their KL."""
    means, spreads = (mean.new_tensor([1.0] + [factor] * (mean.shape[1] - 1)) for factor in opening)
    z = means * mean + spreads * torch.exp(log_variance / 2) * noise
    kl = (spreads * _kl_by_axis(mean, log_variance)).sum(1)
    return reconstruction(networks, x, z), kl


def evaluate(
    networks: Networks,
    likelihood: Likelihood,
    images: Images,
    *,
    samples: int = SAMPLES,
    seed: int = SEED,
    noise: float = 1.0,
) -> Elbo:
    """Return the average ELBO over `images`, in nats per image, with `samples` draws of z from q for each image.

    `noise` multiplies σ; at 0 z is the mean of q.
    """
    generator = torch.Generator().manual_seed(seed)
    fit = kl = 0.0
    with torch.inference_mode():
        for start in range(0, len(images), TEST_BATCH):
            x = targets(likelihood, torch.tensor(images.pixels[start : start + TEST_BATCH]))
            given = networks.given(labels_of(images)[start : start + TEST_BATCH])
            mean, log_variance = given.encoder(x)
            for _ in range(samples):
                z = mean + noise * torch.exp(log_variance / 2) * torch.randn(mean.shape, generator=generator)
                fit += float(reconstruction(given, x, z).double().sum()) / samples
            kl += float(kl_to_prior(mean, log_variance).double().sum())
    return Elbo(fit / len(images), kl / len(images))
