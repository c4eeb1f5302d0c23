"""A VAE whose posterior has a closed form: probabilistic PCA (Tipping & Bishop 1999; Bishop, PRML, section 12.2)."""

from copy import copy

import numpy as np
import torch

from engine.latent.vae.architectures.linear import Affine
from engine.latent.vae.likelihoods import LinearGaussian
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.sliced import sliced
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card, Elbo, Recipe

SHAPE = (2, 3)


class LinearModel:
    """x = Wz + b + noise, each pixel with its own σ: matrices in numpy beside the VAE in double precision."""

    def __init__(self, seed=0, shape=SHAPE, reach=0.35, latents=2):
        rng, pixels = np.random.default_rng(seed), int(np.prod(shape))
        self.w, self.b = rng.normal(0, reach, (pixels, latents)), rng.uniform(0.2, 0.8, pixels)
        self.sigma = np.exp(rng.uniform(-1.6, -0.9, pixels))
        torch.manual_seed(seed)
        networks = networks_for(Affine(), LinearGaussian(), shape, latents).double().eval()
        networks.decoder.weight.data = torch.from_numpy(self.w)
        networks.decoder.bias.data = torch.from_numpy(self.b)
        networks.log_sigma.data = torch.from_numpy(np.log(self.sigma))
        recipe = Recipe(architecture=Affine(), likelihood=LinearGaussian(), latents=latents)
        card = Card("linear", recipe, shape, 1, Elbo(0.0, 0.0), 10, "none", "nobody", 1.0, "a test")
        self.vae = VAE(card, networks)

    def image(self, seed=1):
        rng = np.random.default_rng(seed)
        z = rng.normal(0, 1, self.w.shape[1])
        x = self.w @ z + self.b + self.sigma * rng.standard_normal(len(self.b))
        return np.clip(x, 0, 1).reshape(self.vae.image_shape)

    def over(self, plane):
        """The model over a plane of its latents; the matrices are those of the two coordinates."""
        model, axes = copy(self), np.array(plane.axes)
        model.vae, model.w, model.b = sliced(self.vae, plane), self.w @ axes.T, self.b + self.w @ plane.origin
        return model

    def posterior(self, rows, values, noise=0.0):
        """Mean, covariance of z and ln p(values) given values = rows @ x + N(0, noise²)."""
        projected = rows @ self.w
        spread = (rows * self.sigma**2) @ rows.T + noise**2 * np.eye(len(rows))
        joint = projected @ projected.T + spread
        away = values - rows @ self.b
        gain = projected.T @ np.linalg.inv(joint)
        log_evidence = -0.5 * (away @ np.linalg.solve(joint, away) + np.linalg.slogdet(2 * np.pi * joint)[1])
        return gain @ away, np.eye(self.w.shape[1]) - gain @ projected, log_evidence
