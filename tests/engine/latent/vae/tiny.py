"""Small networks with large random weights, so that tests can check every number."""

import torch

from engine.latent.datasets.mnist import Mnist
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card, Elbo, Recipe

SHAPE = (3, 4)
FORM = ResidualMlp(encoder_width=8, bottleneck=4, decoder_width=8, octaves=1)


def tiny(likelihood, dtype=torch.float, shape=SHAPE, data=Mnist(), seed=3, classes=()):  # noqa: B008
    """Return a model with a likelihood; its weights are large enough for its images to vary over the plane.

    With `classes` it is given the class, which changes its images and its q.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        networks = networks_for(FORM, likelihood, shape, classes=len(classes))
        with torch.no_grad():
            for weight in networks.decoder.parameters():
                weight.mul_(1.7)
            for weight in (networks.encoder_classes, networks.decoder_classes) if classes else ():
                weight.normal_()
    recipe = Recipe(data=data, architecture=FORM, likelihood=likelihood, given_class=bool(classes))
    card = Card("tiny", recipe, shape, 0, Elbo(-1.0, 0.0), 1, "", "", 0.0, "", classes=classes)
    return VAE(card, networks.to(dtype).eval()).given(0)
