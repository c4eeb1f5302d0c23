"""Counts how often what is said of the exact posterior holds on test images: `python -m tests.bench.counting`.

`bounds MODEL COUNT` compares ln p(x) of Evaluation, and of the refinement of a selected image, with a sum over a fine
grid; `selected MODEL COUNT` does this for everything that the panels compute for an image, q* included. `outline MODEL
COUNT` measures the share of the posterior in the 95 % outline by four latents in each cell. 10,000 images of `mnist`
take `bounds` about twenty minutes of one core, 1,000 take `selected` half of this: run it with `nice`.

COUNT images are random ones. `--images 3,17,40-99` names them instead. With `--log FILE` the values of each image are
added to a file; a later call with the same file computes only the images that are not in it.
"""

import argparse
from functools import partial

import numpy as np

from engine.latent.observations.full import Full
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.unboxing import grid_posterior, unboxed
from engine.latent.unboxing.refined_density import RefinedDensity
from engine.latent.vae import load_model
from tests.bench.bounds import count_all, count_selected, logged


def outline(name, which, log):
    """Print the quantiles of the share of the posterior in the 95 % outline of test images `which`."""
    shares = logged(log, which, partial(_shares, name))[:, 0]
    print(f"{name}, {len(which)} images: {np.quantile(shares, [0, 0.1, 0.5, 0.9, 1]).round(4).tolist()}")
    for i, share in zip(which.tolist(), shares, strict=True):
        if abs(share - 0.95) > 0.01:
            print(f"  image {i} does not hold: {share:.4f}")


def _shares(name, which):
    """Yield each image and the share of its posterior in its outline."""
    vae = load_model(name)
    images = vae.card.recipe.data.test().pixels
    lattice = Lattice(vae)
    list(lattice.decode())
    places = np.array([[-0.25, -0.25], [0.25, -0.25], [-0.25, 0.25], [0.25, 0.25]])
    for i in which.tolist():
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
        yield [i], [[float(mass @ inside(curve, z) / mass.sum())]]


def inside(segments, z):
    """A mask (n,) of the latents z (n, 2) inside closed curves of segments (m, 4): an odd number lies to the right."""
    found = np.zeros(len(z), bool)
    for x0, y0, x1, y1 in segments[segments[:, 1] != segments[:, 3]]:
        crossed = (y0 > z[:, 1]) != (y1 > z[:, 1])
        found ^= crossed & (z[:, 0] < x0 + (z[:, 1] - y0) / (y1 - y0) * (x1 - x0))
    return found


def chosen(text):
    """The numbers (n,) in a text such as 3,17,40-99."""
    parts = [[int(end) for end in part.split("-")] for part in text.split(",")]
    return np.concatenate([np.arange(part[0], part[-1] + 1) for part in parts])


COUNTS = {"bounds": (count_all, 22), "selected": (count_selected, 23), "outline": (outline, 777)}  # and their seeds

if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m tests.bench.counting", description=__doc__.split("\n\n")[0])
    parser.add_argument("what", choices=COUNTS)
    parser.add_argument("model")
    parser.add_argument("count", type=int, nargs="?", default=200)
    parser.add_argument("--images", type=chosen)
    parser.add_argument("--log")
    given = parser.parse_args()
    count, seed = COUNTS[given.what]
    total = len(load_model(given.model).card.recipe.data.test().pixels)
    random = np.random.default_rng(seed).permutation(total)[: given.count]
    count(given.model, random if given.images is None else given.images, given.log)
