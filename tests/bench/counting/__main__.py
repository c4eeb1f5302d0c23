"""Counts how often what is said of the exact posterior holds on test images: `python -m tests.bench.counting`.

`bounds MODEL COUNT` compares ln p(x) of Evaluation, and of the refinement of a selected image, with a sum over a fine
grid; `selected MODEL COUNT` does this for everything that the panels compute for an image, q* included. `outline MODEL
COUNT` measures the share of the refined mass in the 95 % outline, and divides the cells on it into 16. 10,000 images of
`mnist` take `bounds` about twenty minutes of one core, 1,000 take `selected` half of this: run it with `nice`.

COUNT images are random ones. `--images 3,17,40-99` names them instead. With `--log FILE` the values of each image are
added to a file; a later call with the same file computes only the images that are not in it.
"""

import argparse
from functools import partial

import numpy as np

from engine.derived import Pending
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.posterior.refinement import integrate
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.unboxing.refined_density import RefinedDensity
from engine.latent.unboxing.shared_posterior import posterior, q_of
from tests.bench.counting.bounds import count_all, count_selected, logged


def outline(name, which, log):
    """Print the quantiles of the share of the posterior in the 95 % outline of test images `which`."""
    shares = logged(log, which, partial(_shares, name))[:, 0]
    print(f"{name}, {len(which)} images: {np.quantile(shares, [0, 0.1, 0.5, 0.9, 1]).round(4).tolist()}")
    for i, share in zip(which.tolist(), shares, strict=True):
        if abs(share - 0.95) > 0.01:
            print(f"  image {i} does not hold: {share:.4f}")


def _shares(name, which):
    """Yield each image and the share of its posterior in its outline."""
    for i in which.tolist():
        yield [i], [[_share(Latent(model=name, input=FromData(i)))]]


def _share(document):
    """The share of the refined mass in the outline; the decoder divides the cells through which the outline goes."""
    posteriors = (each for each in posterior(document) if not isinstance(each, Pending))
    grid, seen = next((each.grid, each.seen) for each in posteriors if each.part == 1)
    score = partial(log_likelihoods, document.loaded_model.vae, seen.measurements)
    mass, log_evidence, _ = integrate(grid, score, q_of(document)[0][None])
    curve = RefinedDensity(grid.axis, grid.log_density + grid.log_evidence - log_evidence, mass).outline(0.95)
    held = mass.shares > 1e-7
    z, side, shares = mass.z[held], mass.side[held], mass.shares[held]
    corners = inside(curve, _parts(z, side, 2).reshape(-1, 2)).reshape(len(z), -1)
    cut = corners.any(axis=1) & ~corners.all(axis=1)
    parts = _parts(z[cut], side[cut], 4).reshape(-1, 2)
    logs = (score(parts) - 0.5 * np.sum(parts**2, axis=1)).reshape(cut.sum(), -1)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    fractions = np.sum(weights * inside(curve, parts).reshape(weights.shape), axis=1) / weights.sum(axis=1)
    return float(shares[corners.all(axis=1)].sum() + shares[cut] @ fractions)


def _parts(z, side, count):
    """The centres (n, count², 2) of the parts of cells around z (n, 2)."""
    steps = (np.arange(count) - (count - 1) / 2) / count
    return z[:, None] + side[:, None, None] * np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


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
    total = len(Latent(model=given.model).loaded_model.vae.card.recipe.data.test().pixels)
    random = np.random.default_rng(seed).permutation(total)[: given.count]
    count(given.model, random if given.images is None else given.images, given.log)
