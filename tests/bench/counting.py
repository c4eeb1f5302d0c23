"""Counts how often the stated errors of the exact posterior hold on test images: `python -m tests.bench.counting`.

`bounds MODEL [COUNT]` compares ln p(x) of the panel Evaluation and of a selected image with a sum over an even grid of
1,041² latents, 0.0125 apart, over ±6.5. `outline MODEL COUNT` measures the share of the posterior in the 95 % outline
of random test images by four latents in each cell. It takes an hour for 10,000 images: run it with `nice`.
"""

import math
import sys
from functools import partial

import numpy as np
import torch

from engine.latent.observations.full import Full
from engine.latent.posterior.refinement import integrate
from engine.latent.posterior.scoring.at_latents import log_likelihoods
from engine.latent.posterior.scoring.batch_scores import scored
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.unboxing import grid_posterior, unboxed
from engine.latent.unboxing.evaluation import _evidence
from engine.latent.unboxing.refined_density import RefinedDensity
from engine.latent.vae import load_model
from engine.latent.vae.networks.likelihood_densities import log_density, targets

STEP, REACH = 0.0125, 6.5
AT_ONCE = 64


def result_of(steps):
    """Run a generator to its end and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def dense(vae, images):
    """ln p(x) (n,) by the sum over the even grid, and the largest deviation of its four sub-grids, in nats."""
    likelihood = vae.card.recipe.likelihood
    x = targets(likelihood, torch.from_numpy(images.astype(np.float32))).reshape(len(images), -1).float()
    axis = STEP * np.arange(-round(REACH / STEP), round(REACH / STEP) + 1)
    peak, sums = torch.full((len(x), 1), -math.inf), torch.zeros((len(x), 4), dtype=torch.double)
    nothing = torch.empty(0)
    with torch.inference_mode():
        for i, down in enumerate(axis.tolist()):
            for b in (0, 1):
                z = torch.tensor([[across, down] for across in axis[b::2].tolist()])
                out = torch.cat([vae.networks.decoder(part) for part in torch.split(z, 256)])
                base = log_density(likelihood, out, torch.zeros_like(out), nothing).sum(1)  # without the term x·η
                joint = torch.addmm(base - 0.5 * (z**2).sum(1) - math.log(2 * math.pi), x, out.T)
                higher = torch.maximum(peak, joint.amax(1, keepdim=True))
                sums *= torch.exp(peak - higher).double()
                sums[:, i % 2 * 2 + b] += torch.exp(joint - higher).sum(1).double()
                peak = higher
    whole = torch.log(sums.sum(1))
    error = (torch.log(4 * sums) - whole[:, None]).abs().amax(1)
    return (peak[:, 0].double() + whole + 2 * math.log(STEP)).numpy(), error.numpy()


def bounds(name, count=None):
    """Print how many stated errors of the first `count` test images hold; for likelihoods that are linear in x."""
    vae = load_model(name)
    images = vae.card.recipe.data.test().pixels[:count]
    exact, doubt = dense(vae, images)
    lattice, stated = Lattice(vae), []
    list(lattice.decode())
    for start in range(0, len(images), AT_ONCE):
        x = images[start : start + AT_ONCE] / np.float32(255)
        scores = result_of(scored(lattice, x))
        for i, mean in enumerate(vae.encode(x)[0]):
            score = partial(vae.log_likelihood, x[i])
            mass = integrate(scores.grid(i), score, mean[None])
            stated.append((*result_of(_evidence(scores, i, score, mean)), *mass[1:]))
    for title, (value, error) in zip(
        ("Evaluation", "a selected image"), np.array(stated).T.reshape(2, 2, -1), strict=True
    ):
        off = np.abs(value - exact)
        beyond = off - error - doubt**2
        print(f"{title}: {np.sum(beyond <= 0)} of {len(off)} within the stated error, {np.sum(beyond <= 1e-3)} within")
        print(
            f"  0.001 nats more; largest excess {max(beyond.max(), 0):.4f} nats for image {beyond.argmax()};", end=" "
        )
        print(f"mean error {np.mean(value - exact):+.4f} nats")


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
    {"bounds": bounds, "outline": outline}[what](model, *map(int, number))
