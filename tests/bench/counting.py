"""Counts how often what is said of the exact posterior holds on test images: `python -m tests.bench.counting`.

`bounds MODEL COUNT` compares ln p(x) of Evaluation, and of the refinement of a selected image, with a sum over a fine
grid; `selected MODEL COUNT` does this for everything that the panels compute for an image, q* included. `outline MODEL
COUNT` measures the share of the posterior in the 95 % outline by four latents in each cell. 10,000 images of `mnist`
take `bounds` about ten minutes of one core, 1,000 take `selected` as long: run it with `nice`.
"""

import sys

import numpy as np

from engine.latent.observations.full import Full
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.unboxing import grid_posterior, unboxed
from engine.latent.unboxing.refined_density import RefinedDensity
from engine.latent.vae import load_model
from tests.bench.bounds import count_all, count_selected


def outline(name, count):
    """Print the quantiles of the share of the posterior in the 95 % outline of random test images."""
    vae, shares = load_model(name), []
    images = vae.card.recipe.data.test().pixels
    lattice = Lattice(vae)
    list(lattice.decode())
    places = np.array([[-0.25, -0.25], [0.25, -0.25], [-0.25, 0.25], [0.25, 0.25]])
    for i in np.random.default_rng(777).choice(len(images), count, replace=False).tolist():
        x = images[i] / np.float32(255)
        seen = Full().measure(vae.scored(x))
        q = (part[0] for part in vae.encode(x[None]))
        unboxing = unboxed(vae, seen, grid_posterior(lattice, seen.measurements), *q)
        curve = RefinedDensity(unboxing.axis, unboxing.log_posterior, unboxing.mass).outline(0.95)
        held = unboxing.mass.shares > 1e-6
        side = unboxing.mass.side[held]
        z = (unboxing.mass.z[held, None] + side[:, None, None] * places).reshape(-1, 2)
        logs = log_likelihoods(vae, seen.measurements, z) - 0.5 * np.sum(z**2, axis=1)
        mass = np.exp(logs - logs.max()) * np.repeat(side, 4) ** 2
        shares.append(float(mass @ inside(curve, z) / mass.sum()))
        print(f"{len(shares)}: image {i} {shares[-1]:.4f}", flush=True)
    print(f"{name}, {count} images: {np.quantile(shares, [0, 0.1, 0.5, 0.9, 1]).round(4).tolist()}")


def inside(segments, z):
    """A mask (n,) of the latents z (n, 2) inside closed curves of segments (m, 4): an odd number lies to the right."""
    found = np.zeros(len(z), bool)
    for x0, y0, x1, y1 in segments[segments[:, 1] != segments[:, 3]]:
        crossed = (y0 > z[:, 1]) != (y1 > z[:, 1])
        found ^= crossed & (z[:, 0] < x0 + (z[:, 1] - y0) / (y1 - y0) * (x1 - x0))
    return found


if __name__ == "__main__":
    what, model, *number = sys.argv[1:]
    {"bounds": count_all, "selected": count_selected, "outline": outline}[what](model, *map(int, number))
