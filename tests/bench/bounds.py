"""Counts the test images for which the stated error of ln p(x) holds, against the sums of `reference`."""

from functools import partial

import numpy as np
import torch

from engine.derived import Pending, whole
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.posterior.refinement import refine
from engine.latent.posterior.scoring.batch_scores import scored
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.unboxing.elbo_decomposition import Decomposition, elbo_decomposition
from engine.latent.unboxing.evaluation import ENOUGH, _elbo, _wider
from engine.latent.vae import load_model
from engine.latent.vae.networks.likelihood_densities import log_density, targets
from engine.plane import Viewport
from tests.bench.reference import reference

SEED = 22
KEPT = 1 << 30  # bytes of decoded latents that are kept for the next images
BAND = 0.25  # the width of the bands of the plane in which images follow each other
BATCH = 64


class Outputs:
    """The decoder's outputs at the latents of refined cells, which images at the same place share."""

    def __init__(self, vae):
        self.vae, self.places, self.next = vae, {}, 0
        pixels = int(np.prod(vae.image_shape))
        self.rows = torch.empty((KEPT // (4 * pixels), pixels))
        self.owners = np.zeros(len(self.rows), np.int64)

    def at(self, z):
        """The outputs (n, pixels) at latents z (n, 2)."""
        across, up = np.rint(z * 1e6).astype(np.int64).T
        keys = across * 10**8 + up
        rows = np.array([self.places.get(key, -1) for key in keys.tolist()])
        new = np.flatnonzero(rows < 0)
        found = self.rows[rows]
        if len(new):
            with torch.inference_mode():
                parts = torch.split(torch.from_numpy(z[new]).float(), BATCH)
                decoded = torch.cat([self.vae.networks.decoder(part) for part in parts])
            found[new] = decoded.clone()
            self._keep(keys[new], decoded)
        return found

    def _keep(self, keys, decoded):
        start = self.next if self.next + len(keys) <= len(self.rows) else 0
        self.next = start + len(keys)
        for old in self.owners[start : self.next].tolist():
            self.places.pop(old, None)
        self.rows[start : self.next], self.owners[start : self.next] = decoded, keys
        self.places.update(zip(keys.tolist(), range(start, self.next), strict=True))


def stated(vae, images):
    """What Evaluation and the refinement of a selected image state of images: ln p(x), error, twice, and ELBOs (n, 5).

    The refinement of a selected image starts from a completely decoded lattice here, and its q is not considered.
    """
    mean, deviation = (np.concatenate(parts) for parts in zip(*map(vae.encode, _batches(images)), strict=True))
    band = np.floor(mean[:, 1] / BAND)
    order = np.lexsort((np.where(band % 2, -mean[:, 0], mean[:, 0]), band))
    lattice, outputs, values = Lattice(vae), Outputs(vae), np.empty((len(images), 5))
    list(lattice.decode())
    for start in range(0, len(order), BATCH):
        now = order[start : start + BATCH]
        x = images[now] / np.float32(255)
        scores = result_of(scored(lattice, x))
        for i, k in enumerate(now.tolist()):
            grid, score = scores.grid(i), partial(_score, vae, outputs, images[k])
            if grid.touches_edge:
                grid = result_of(_wider(score, 2 * grid.axis[-1]))
            found = [whole(_integrals(refine(grid, score, mean[k][None], **way))) for way in ({"enough": ENOUGH}, {})]
            elbo = _elbo(partial(vae.log_likelihood, x[i]), mean[k], deviation[k])
            values[k] = *(part for each in found for part in (each.log_evidence, each.error)), elbo
    return values


def count_all(name, count):
    """Print how many errors of Evaluation and of selected images hold, for random test images."""
    vae = load_model(name)
    images = vae.card.recipe.data.test().pixels
    images = images[np.random.default_rng(SEED).permutation(len(images))[:count]]
    exact, doubt = reference(vae, images)
    print(f"the reference: sub-grids at most {doubt.max():.1e} nats apart", flush=True)
    values = stated(vae, images)
    for title, value, error in (("Evaluation", *values.T[:2]), ("a selected image", *values.T[2:4])):
        told(f"{name}, {title}", value - exact, error)
        print(f"  the ELBO of q is above ln p(x) + error for {np.sum(values[:, 4] > value + error)} images")


def count_selected(name, count):
    """Print how many errors hold, and the smallest gaps of q and of q*, as the panels compute them for one image."""
    document = Latent(model=name)
    vae = document.loaded_model.vae
    images = vae.card.recipe.data.test().pixels
    which = np.random.default_rng(SEED + 1).permutation(len(images))[:count]
    exact, _ = reference(vae, images[which])
    off, error, gaps = np.empty(count), np.empty(count), np.empty((count, 2))
    for k, i in enumerate(which.tolist()):
        found = whole(_decompositions(Latent(model=name, input=FromData(i))))
        unboxing, best = found.unboxing, found.gap_parts.best
        off[k], error[k] = unboxing.log_evidence - exact[k], unboxing.error
        gaps[k] = [unboxing.log_evidence + unboxing.error + q.error - q.elbo for q in (unboxing.bound, best)]
    told(f"{name}, selected", off, error)
    print(f"  the smallest gap plus errors: {gaps[:, 0].min():.4f} nats of q, {gaps[:, 1].min():.4f} of q*")


def told(title, off, error):
    """Print how many of the errors (n,) are at least |off| (n,), in nats, and how large they are."""
    beyond = np.abs(off) - error
    print(f"{title}: {np.sum(beyond <= 0)} of {len(off)} hold; the largest excess {max(beyond.max(), 0):.4f} nats")
    print(f"  stated: mean {error.mean():.4f}, largest {error.max():.4f}; true: mean {off.mean():+.5f},", end=" ")
    print(f"largest {np.abs(off).max():.4f}, largest share of the stated error {np.max(np.abs(off) / error):.2f}")


def result_of(steps):
    """Run a generator to its end and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def _score(vae, outputs, image, z):
    """ln p(x|z) (n,) like `VAE.log_likelihood`, from outputs that are kept."""
    likelihood, nothing = vae.networks.likelihood, torch.empty(0)
    x = targets(likelihood, torch.from_numpy(image[None])).expand(len(z), -1)
    return log_density(likelihood, outputs.at(z), x, nothing).sum(1).double().numpy()


def _batches(images):
    return (images[start : start + 512] / np.float32(255) for start in range(0, len(images), 512))


def _integrals(versions):
    return (each for each in versions if not isinstance(each, Pending))


def _decompositions(document):
    steps = elbo_decomposition(document, Viewport(0, 1, 0, 1, 1, 1))
    return (each for each in steps if isinstance(each, Decomposition))
