"""Counts the test images for which the stated error of ln p(x) holds, against the sums of `reference`."""

from functools import partial
from pathlib import Path

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
from tests.bench.counting.reference import REACH, reference

KEPT = 1 << 30  # bytes of decoded latents that are kept for the next images
BAND = 0.25  # the width of the bands of the plane in which images follow each other
BATCH = 64
PART, TOGETHER = 500, 10_000  # images between two entries of a log, and those whose sums share decoded latents


class Outputs:
    """The decoded lattice, and the decoder's outputs at the latents of refined cells, which images nearby share."""

    def __init__(self, vae):
        self.vae, self.lattice, self.places, self.next = vae, Lattice(vae), {}, 0
        list(self.lattice.decode())
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
                decoded = self.vae.networks.decoder(torch.from_numpy(z[new]).float())
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


def stated(vae, images, outputs=None):
    """What Evaluation and the refinement of a selected image state of images: ln p(x), error, twice, and ELBOs (n, 5).

    The refinement of a selected image starts from a completely decoded lattice here, and its q is not considered.
    `outputs` may be those of earlier images.
    """
    outputs, values = outputs or Outputs(vae), np.empty((len(images), 5))
    order, mean, deviation = _along(vae, images)
    for start in range(0, len(order), BATCH):
        now = order[start : start + BATCH]
        x = images[now] / np.float32(255)
        scores = result_of(scored(outputs.lattice, x))
        for i, k in enumerate(now.tolist()):
            grid, score = scores.grid(i), _remembered(partial(_score, vae, outputs, images[k]))
            if grid.touches_edge:
                grid = result_of(_wider(score, 2 * grid.axis[-1]))
            found = [whole(_integrals(refine(grid, score, mean[k][None], **way))) for way in ({"enough": ENOUGH}, {})]
            elbo = _elbo(partial(vae.log_likelihood, x[i]), mean[k], deviation[k])
            values[k] = *(part for each in found for part in (each.log_evidence, each.error)), elbo
    return values


def count_all(name, which, log):
    """Print how many errors of Evaluation and of selected images hold, for test images `which`, and the others."""
    vae = load_model(name)
    images = vae.card.recipe.data.test().pixels

    def sums(lacking):
        far = []  # images with mass near the edge of the first plane, which share a search of wider planes
        for part in np.array_split(lacking, -(-len(lacking) // TOGETHER)):
            values = np.column_stack(reference(vae, images[part], widest=REACH))
            ended = np.isfinite(values[:, 1])
            far.extend(part[~ended].tolist())
            yield part[ended], values[ended]
        if far:
            yield far, np.column_stack(reference(vae, images[far]))

    def said(lacking):
        order, outputs = lacking[_along(vae, images[lacking])[0]], Outputs(vae)
        for part in np.split(order, range(PART, len(order), PART)):
            yield part, stated(vae, images[part], outputs)

    def finest(lacking):
        for part in np.array_split(lacking, -(-len(lacking) // PART)):
            yield part, np.column_stack(reference(vae, images[part], narrow=-1))

    exact, doubt = logged(log and f"{log}.reference", which, sums).T
    *values, elbo = logged(log, which, said).T
    again = np.any([np.abs(values[k] - exact) > values[k + 1] for k in (0, 2)], axis=0)
    if again.any():
        exact[again], doubt[again] = logged(log and f"{log}.finest", which[again], finest).T
        print(f"{again.sum()} images are compared with finer sums as well")
    print(f"the reference: sub-grids at most {doubt.max():.1e} nats apart", flush=True)
    for title, value, error in (("Evaluation", *values[:2]), ("a selected image", *values[2:])):
        told(f"{name}, {title}", which, value - exact, error)
        print(f"  the ELBO of q is above ln p(x) + error for {np.sum(elbo > value + error)} images")


def count_selected(name, which, log):
    """Print how many errors hold, and the smallest gaps of q and of q*, as the panels compute them for one image."""
    vae = Latent(model=name).loaded_model.vae
    images = vae.card.recipe.data.test().pixels

    def rows(lacking):
        for part in np.split(lacking, range(PART, len(lacking), PART)):
            for i, exact in zip(part.tolist(), reference(vae, images[part])[0], strict=True):
                found = whole(_decompositions(Latent(model=name, input=FromData(i))))
                unboxing, best = found.unboxing, found.gap_parts.best
                highest = unboxing.log_evidence + unboxing.error
                gaps = [highest + q.error - q.elbo for q in (unboxing.bound, best)]
                yield [i], [[unboxing.log_evidence - exact, unboxing.error, *gaps]]

    off, error, *gaps = logged(log, which, rows).T
    told(f"{name}, selected", which, off, error)
    print(f"  the smallest gap plus errors: {gaps[0].min():.4f} nats of q, {gaps[1].min():.4f} of q*")


def logged(path, which, rows):
    """The values (n, k) of images `which` (n,): those in the file `path` (or None), and those that `rows` yields.

    `rows` yields parts of the images that are lacking, and their values. Each part is added to the file.
    """
    known = {}
    if path and Path(path).exists():
        known = {int(row[0]): row[1:] for row in np.loadtxt(path, ndmin=2)}
    lacking = np.array([i for i in which.tolist() if i not in known], int)
    for part, values in rows(lacking) if len(lacking) else ():
        if not len(part):
            continue
        known.update(zip(np.array(part).tolist(), np.array(values), strict=True))
        if path:
            with Path(path).open("a") as file:
                np.savetxt(file, np.column_stack([part, values]), fmt=["%d"] + ["%.6f"] * len(values[0]))
    return np.array([known[i] for i in which.tolist()])


def told(title, which, off, error):
    """Print how many of the errors (n,) are at least |off| (n,), in nats, how large they are, and the images beyond."""
    beyond = np.abs(off) - error
    print(f"{title}: {np.sum(beyond <= 0)} of {len(off)} hold; the largest excess {max(beyond.max(), 0):.4f} nats")
    print(f"  stated: mean {error.mean():.4f}, largest {error.max():.4f}; true: mean {off.mean():+.5f},", end=" ")
    print(f"largest {np.abs(off).max():.4f}, largest share of the stated error {np.max(np.abs(off) / error):.2f}")
    for k in np.flatnonzero(beyond > 0).tolist():
        print(f"  image {which[k]} does not hold: {off[k]:+.4f} nats off, stated {error[k]:.4f}")


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


def _remembered(score):
    """The same function of latents z (n, 2), which does not compute the values of the same z again."""
    known = {}

    def remembered(z):
        if (key := z.tobytes()) not in known:
            known[key] = score(z)
        return known[key].copy()

    return remembered


def _along(vae, images):
    """The order (n,) in which images follow each other in bands of the plane, and the mean and deviation of each q."""
    mean, deviation = (np.concatenate(parts) for parts in zip(*map(vae.encode, _batches(images)), strict=True))
    band = np.floor(mean[:, 1] / BAND)
    return np.lexsort((np.where(band % 2, -mean[:, 0], mean[:, 0]), band)), mean, deviation


def _batches(images):
    return (images[start : start + 512] / np.float32(255) for start in range(0, len(images), 512))


def _integrals(versions):
    return (each for each in versions if not isinstance(each, Pending))


def _decompositions(document):
    steps = elbo_decomposition(document, Viewport(0, 1, 0, 1, 1, 1))
    return (each for each in steps if isinstance(each, Decomposition))
