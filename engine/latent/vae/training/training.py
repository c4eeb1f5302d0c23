"""The training of a VAE: an iterator that trains on one batch at each step and can be paused, stopped or saved between.

The test ELBO on a card is measured with the weights rounded to half precision, so that it agrees with the file.
"""

from __future__ import annotations

import math
import platform
import time
import zlib
from collections.abc import Iterator
from copy import deepcopy
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor

from engine.files import quoted
from engine.latent.datasets.data_set import Images
from engine.latent.vae.history import HELD_OUT, History, Progress
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.checkpoint import rounded
from engine.latent.vae.networks.likelihood_densities import targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.networks.turning import ordered, turned
from engine.latent.vae.recipe import Card, Elbo, Jitter, Recipe
from engine.latent.vae.training.augmentation import augmented
from engine.latent.vae.training.batches import Batches
from engine.latent.vae.training.data_parallel import DataParallel
from engine.latent.vae.training.elbo import SAMPLES, SEED, evaluate, health
from engine.latent.vae.training.exact_evidence import evidence
from engine.latent.vae.training.given_class import given_classes, labels_of
from engine.latent.vae.training.objectives import Descent, clipped_together
from engine.latent.vae.training.optimiser import AdamW, groups, limit
from engine.latent.vae.training.teacher import begin
from engine.latent.vae.training.training_state import Position, State, put_weights, read_state, weights_of, write_state

WARM_UP = 300  # steps in which the learning rate rises from 0
LARGEST_GRADIENT = 100.0
BETAS = (0.9, 0.99)


class DivergedError(ArithmeticError):
    """The loss or its gradient is not finite. The weights are those before this step."""


class Training:
    """A training in progress. Each iteration trains on one batch and yields a Progress; `averaged` is the model.

    A training that is not iterated is paused; iterating again resumes it. `Training.restore` continues from `state()`
    to bit-identical weights, on the same device with the same number of threads. Several processes, each with its
    `share` of every batch, use the same batches and noise. Iterating can raise DivergedError; the training can still
    be saved then.
    """

    def __init__(
        self,
        recipe: Recipe,
        images: Images,
        held_out: Images | None = None,
        *,
        device: torch.device | str = "cpu",
        share: DataParallel = DataParallel(),  # noqa: B008  (immutable)
    ) -> None:
        self.recipe = recipe
        self.images = images
        self.classes = given_classes(recipe, images)
        self._labels = labels_of(images) if self.classes else torch.zeros(recipe.batch, dtype=torch.int64)
        self.held_out = held_out and _some(held_out)
        self.device = torch.device(device)
        self.is_prepared = recipe.jitter == Jitter() and self.device.type == "cpu"  # no batch has targets of its own
        prepare = partial(targets, recipe.likelihood) if self.is_prepared else None
        self.batches = Batches(images.pixels, recipe.batch, prepare)
        self.share = share
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(recipe.seed)
            shape = images.pixels.shape[1:]
            parts = recipe.architecture, recipe.likelihood, shape, recipe.latents, len(self.classes)
            self.networks = networks_for(*parts)
        begin(self.networks, recipe)
        self.networks.to(self.device)
        self.averaged = deepcopy(self.networks).eval()
        self.weights: list[Tensor] = list(self.networks.parameters())
        self.averages: list[Tensor] = list(self.averaged.parameters())
        self.clipped = clipped_together(self.networks, recipe)
        self.descend = Descent(self.networks, recipe, share, self.device)
        self.generator = torch.Generator().manual_seed(recipe.seed + 1)
        self.optimiser = AdamW(groups(self.networks, recipe.weight_decay), recipe.learning_rate, BETAS, fused=True)
        self.per_epoch = max(1, len(images) // recipe.batch)
        self.steps = recipe.epochs * self.per_epoch
        self.step = 0
        self.order = torch.empty(0, dtype=torch.int64)  # order of the images in this epoch
        self.sums = (0.0, 0.0)  # sums of reconstruction and KL over this epoch's batches
        self.seconds = 0.0
        self.history = History()
        self.stopped = self._stop_requested = False
        self.remarks: tuple[str, ...] = ()  # facts about the origin of the weights that are not in the recipe

    def __iter__(self) -> Iterator[Progress]:
        while self.step < self.steps and not self.stopped:
            yield self._advance()

    def stop(self) -> None:
        """Stop all processes of this training after the present batch; a signal handler may call this."""
        self._stop_requested = True

    def _advance(self) -> Progress:
        """Train on the next batch, and return the progress."""
        started = time.perf_counter()
        epoch, done = divmod(self.step, self.per_epoch)
        if done == 0:
            self.order = torch.randperm(len(self.images), generator=self.generator)
            self.sums = (0.0, 0.0)
        of_batch = slice(done * self.recipe.batch, (done + 1) * self.recipe.batch)
        labels = self._labels[self.order[of_batch]] if self.classes else self._labels
        batch = self._learn(self.batches.of(self.order, done).to(self.device), labels.to(self.device))
        self.sums = (self.sums[0] + batch.reconstruction, self.sums[1] + batch.kl)
        average = Elbo(self.sums[0] / (done + 1), self.sums[1] / (done + 1))
        held_out = self._held_out() if done + 1 == self.per_epoch else None
        self.seconds += time.perf_counter() - started
        seen = self.step * min(self.recipe.batch, len(self.images))
        progress = Progress(self.step, self.steps, epoch, self.per_epoch, batch, average, held_out, seen, self.seconds)
        self.history.take(progress)
        return progress

    def _learn(self, images: Tensor, labels: Tensor) -> Elbo:
        """Take one AdamW step that increases the ELBO of images; this process uses its share.

        `images` are their targets (n, pixels) if these are prepared, else grey values (n, h, w[, 3]). The classes
        `labels` (n,) count only if the networks are given the class.
        """
        x = images if self.is_prepared else self._targets(images)
        encoded = self._dropped(x)
        noise = torch.randn(len(x), self.recipe.latents, generator=self.generator).to(self.device) * self.recipe.noise
        self._set_learning_rate()
        epochs = self.step / self.per_epoch
        fit, kl = self.descend(epochs, labels, x, encoded, noise)
        terms = self._agreed(fit, kl, len(x), limit(self.clipped, LARGEST_GRADIENT))
        self.optimiser.step()
        self.step += 1
        self._average()
        return terms

    def _agreed(self, fit: Tensor, kl: Tensor, n: int, gradient: Tensor) -> Elbo:
        """Sum the ELBO of the batch and the requests to stop over all processes. Raises DivergedError."""
        if self.share.processes == 1:
            self.stopped = self._stop_requested
            reconstruction, divergence, size = torch.stack([fit.sum(), kl.sum(), gradient]).tolist()
        else:
            requested = torch.tensor(float(self._stop_requested), device=self.device)
            sums = self.share.summed(torch.stack([fit.sum(), kl.sum(), requested]))
            reconstruction, divergence, requests, size = torch.cat([sums, gradient.reshape(1).to(sums)]).tolist()
            self.stopped = requests > 0
        if not (math.isfinite(reconstruction) and math.isfinite(divergence) and math.isfinite(size)):
            raise DivergedError(
                f"Training diverged at step {self.step + 1}: the loss or its gradient is not a finite number. "
                "Start again with a lower learning rate."
            )
        return Elbo(reconstruction / n, divergence / n)

    def _targets(self, pixels: Tensor) -> Tensor:
        jitter, likelihood = self.recipe.jitter, self.recipe.likelihood
        if jitter == Jitter():
            return targets(likelihood, pixels)
        strength = 1 - jitter.fade * self.step / self.steps
        return targets(likelihood, augmented(pixels, jitter, self.generator, strength))

    def _dropped(self, x: Tensor) -> Tensor:
        """Return the encoder's input for targets x (n, pixels): random pixels are 0, and the others are scaled up."""
        dropout = self.recipe.input_dropout
        if not dropout:
            return x
        mask = torch.rand(x.shape, generator=self.generator)
        torch.ge(mask, dropout, out=mask)  # a mask of floats in the same memory is three times as fast as booleans
        return mask.to(self.device).mul_(x).div_(1 - dropout)

    def _set_learning_rate(self) -> None:
        """Set the learning rate, which rises during the first steps and then follows the recipe's schedule."""
        rise = min(1.0, (self.step + 1) / min(WARM_UP, max(1, self.steps // 10)))
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * rise * self.recipe.fall(self.step / self.steps)

    def _average(self) -> None:
        decay = min(self.recipe.averaging, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.weights, 1 - decay)

    def _held_out(self) -> Elbo | None:
        """Return the ELBO of at most HELD_OUT test images with one draw of z each, within a few tenths of a nat.

        A training on the exact evidence has no bound: the terms are those of ln p(x).
        """
        if self.held_out is None or not len(self.held_out):
            return None
        if self.recipe.is_exact:
            return evidence(self.model(), self.held_out, self.recipe.grid)
        return evaluate(self.model(), self.recipe.likelihood, self.held_out, samples=1, noise=self.recipe.noise)

    def model(self) -> Networks:
        """Return the averaged networks on the CPU, which are the present model; a copy only on another device."""
        return self.averaged if self.device.type == "cpu" else deepcopy(self.averaged).cpu()

    @cached_property
    def checksum(self) -> int:
        """The CRC-32 of the training images' pixels, and of their classes if the networks are given the class.

        A state can only be resumed with the same images.
        """
        pixels = zlib.crc32(np.ascontiguousarray(self.images.pixels).data)
        return zlib.crc32(np.ascontiguousarray(self.images.labels).data, pixels) if self.classes else pixels

    def state(self) -> State:
        """Return everything that is needed to resume this training, as copies."""
        history = self.history
        position = Position(
            recipe=self.recipe,
            shape=self.images.pixels.shape,
            checksum=self.checksum,
            step=self.step,
            sums=self.sums,
            seconds=self.seconds,
            stride=history.stride,
            pending=history.pending,
            remarks=self.remarks,
            classes=self.classes,
        )
        return State(position, self.tensors())

    def tensors(self) -> dict[str, Tensor]:
        """Return copies of the tensors of the state, by name."""
        tensors = weights_of(self.networks, self.averaged, self.optimiser)
        tensors |= {"generator": self.generator.get_state(), "order": self.order.to(torch.int32)}
        curves = {"epochs": torch.from_numpy(self.history.table), "curve": torch.from_numpy(self.history.curve)}
        return tensors | curves

    @classmethod
    def restore(
        cls, state: State, images: Images, held_out: Images | None = None, *, epochs: int | None = None, **how: Any
    ) -> Training:
        """Return a training that continues from `state` as if without interruption; `how` is as for `Training`.

        `epochs` can extend the training. Learning rate and augmentation are then those of a training with this number
        of epochs. Raises ValueError, in one sentence, if the state is not valid or belongs to other images.
        """
        position = state.position
        recipe = position.recipe if epochs is None else replace(position.recipe, epochs=epochs)
        training = cls(recipe, images, held_out, **how)
        if position.shape != images.pixels.shape or position.checksum != training.checksum:
            raise ValueError("The training images have changed since this training began.")
        if not 0 <= position.step <= training.steps:
            done = position.step // training.per_epoch
            raise ValueError(f"{done} epochs are done. Choose more epochs than that, not {recipe.epochs}.")
        training.load(state)
        if recipe != position.recipe:
            raised = f"epochs raised from {position.recipe.epochs} to {recipe.epochs} at step {position.step}"
            training.remarks = (*position.remarks, raised)
        return training

    def load(self, state: State) -> None:
        """Load a state. Raises ValueError, in one sentence, if its tensors do not fit this training."""
        position, tensors = state.position, state.tensors
        state.check(self.tensors())
        put_weights(tensors, self.networks, self.averaged, self.optimiser)
        try:
            self.generator.set_state(tensors["generator"])
        except RuntimeError as error:
            raise ValueError("the state of its random generator is not valid.") from error
        self.order = tensors["order"].long()
        self.step, self.sums, self.seconds = position.step, position.sums, position.seconds
        self.remarks = position.remarks
        curves = (tensors["epochs"].numpy(), tensors["curve"].numpy())
        self.history = History.from_arrays(*curves, position.stride, position.pending)


def save_state(path: Path, training: Training) -> None:
    """Write the training state for `load_state`; the file is complete or not written. Raises OSError."""
    write_state(path, training.state())


def load_state(
    path: Path, images: Images | None = None, held_out: Images | None = None, *, epochs: int | None = None, **how: Any
) -> Training:
    """Load a training from a file to resume it; its data set is read again unless `images` are given.

    `epochs` and `how` are those of `Training.restore`. Raises ValueError, in one sentence, if the file is not valid or
    its images cannot be read.
    """
    state = read_state(path)
    data = state.position.recipe.data
    if images is None:
        images, held_out = data.train(), data.test()
    try:
        return Training.restore(state, images, held_out, epochs=epochs, **how)
    except ValueError as error:
        raise ValueError(f"{quoted(path.name)} cannot be continued: {error}") from error


def finish(training: Training, name: str, *, most: int | None = None, samples: int = SAMPLES) -> tuple[Networks, Card]:
    """Return the averaged networks, rounded to half precision, and their card with the ELBO on the test images.

    At most the first `most` test images are used, with `samples` draws of z each.
    """
    recipe = training.recipe
    networks = rounded(deepcopy(training.model())).eval()
    if recipe.rotation or recipe.mirror:
        turned(networks, recipe.rotation, mirror=recipe.mirror)
    test = recipe.data.test()
    if recipe.latents > 2:
        ordered(networks, np.argsort(-health(networks, test).kl, kind="stable"))
    test = test if most is None else test.first(most)
    measured = evaluate(networks, recipe.likelihood, test, samples=samples, noise=recipe.noise)
    return networks, card_of(training, name, measured, len(test), samples=samples)


def card_of(training: Training, name: str, measured: Elbo, images: int, *, samples: int = SAMPLES) -> Card:
    """Return the card of a checkpoint of this training, with the ELBO `measured` on a number of test images."""
    recipe = training.recipe
    made_with = f"torch {torch.__version__}, Python {platform.python_version()}, {torch.get_num_threads()} thread(s)"
    return Card(
        name=name,
        recipe=recipe,
        shape=training.images.pixels.shape[1:],
        epochs=training.step // training.per_epoch,
        test_elbo=measured,
        test_images=images,
        licence=recipe.data.licence,
        attribution=recipe.data.attribution,
        seconds=round(training.seconds, 1),
        made_with="; ".join([made_with, *training.remarks]),
        test_samples=samples,
        test_seed=SEED,
        classes=training.classes,
    )


def _some(images: Images) -> Images:
    """Return at most HELD_OUT of the images, evenly spaced."""
    chosen = np.unique(np.linspace(0, len(images) - 1, min(HELD_OUT, len(images))).astype(int))
    return Images(images.pixels[chosen], images.labels[chosen], images.classes)
