"""Networks with one narrow layer."""

import math

from engine.latent.vae.networks.networks import Networks, Posterior, stack


def build(form, shape):
    pixels = math.prod(shape)
    return Networks(Posterior(stack((pixels, form.width, 4), "tanh")), stack((2, form.width, pixels), "tanh"))
