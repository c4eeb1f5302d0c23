"""Training a VAE: an iterator whose every step is a progress report, and a place to pause, to stop or to save."""

from __future__ import annotations

import math
import platform
import time
import zlib
from collections.abc import Iterator
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor, nn

from engine.files import quoted
from engine.latent.datasets.data_set import Images
from engine.latent.vae.history import History, Progress
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.checkpoint import rounded
from engine.latent.vae.networks.likelihood_densities import targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Card, Elbo, Jitter, Recipe
from engine.latent.vae.training.augmentation import shaken
from engine.latent.vae.training.data_parallel import Share
from engine.latent.vae.training.elbo import SAMPLES, SEED, elbo, evaluate
from engine.latent.vae.training.training_state import Place, State, put_weights, read_state, weights_of, write_state

WARM_UP = 300  # steps in which the learning rate rises from 0
LARGEST_GRADIENT = 100.0
BETAS = (0.9, 0.99)
HELD_OUT = 1000  # images that the held-out ELBO is measured on after each epoch, at most


class DivergedError(ArithmeticError):
    """A loss or a gradient is not finite: the step was not taken, and the weights are those of the step before."""


class Bound(nn.Module):
    """The ELBO's terms as one module, so that several processes can average its gradients."""

    def __init__(self, networks: Networks) -> None:
        super().__init__()
        self.networks = networks

    def forward(self, *given: Any) -> tuple[Tensor, Tensor]:
        return elbo(self.networks, *given)


class Training:
    """Networks on their way. Iterating trains, one batch and one Progress at a time; `averaged` is the model.

    Whoever does not ask for the next report has paused it; iterating again goes on. `state()` between two reports is
    all of it: `Training.restore` goes on from there to the same weights, to the bit, on the same device with the same
    number of threads. Several processes, each with its `share` of every batch, see the same batches and the same noise.
    Iterating raises DivergedError, which says in a sentence why it cannot go on; the training can still be saved.
    """

    def __init__(
        self,
        recipe: Recipe,
        images: Images,
        held_out: Images | None = None,
        *,
        device: torch.device | str = "cpu",
        share: Share = Share(),  # noqa: B008  (immutable)
    ) -> None:
        self.recipe = recipe
        self.images = images
        self.held_out = held_out and _some(held_out)
        self.device = torch.device(device)
        self.share = share
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(recipe.seed)
            shape = images.pixels.shape[1:]
            self.networks = networks_for(recipe.architecture, recipe.likelihood, shape).to(self.device)
        self.averaged = deepcopy(self.networks).eval()
        self.weights: list[Tensor] = list(self.networks.parameters())
        self.averages: list[Tensor] = list(self.averaged.parameters())
        self.bound = share.wrapped(Bound(self.networks), self.device)
        self.generator = torch.Generator().manual_seed(recipe.seed + 1)
        groups = _groups(self.networks, recipe.weight_decay)
        self.optimiser = torch.optim.AdamW(groups, recipe.learning_rate, BETAS, fused=True)
        self.per_epoch = max(1, len(images) // recipe.batch)
        self.steps = recipe.epochs * self.per_epoch
        self.step = 0
        self.order = torch.empty(0, dtype=torch.int64)  # of the images in this epoch
        self.sums = (0.0, 0.0)  # of the reconstruction and the KL of this epoch's batches
        self.seconds = 0.0
        self.history = History()
        self.stopped = self._asked = False
        self.remarks: tuple[str, ...] = ()  # what the recipe does not say of how the weights came about

    def __iter__(self) -> Iterator[Progress]:
        while self.step < self.steps and not self.stopped:
            yield self._advance()

    def stop(self) -> None:
        """End after the batch that is being trained on, in all processes that share it. For signal handlers, too."""
        self._asked = True

    def _advance(self) -> Progress:
        """Train on the next batch and say where that led."""
        started = time.perf_counter()
        epoch, done = divmod(self.step, self.per_epoch)
        if done == 0:
            self.order = torch.randperm(len(self.images), generator=self.generator)
            self.sums = (0.0, 0.0)
        chosen = self.order[done * self.recipe.batch : (done + 1) * self.recipe.batch]
        batch = self._learn(torch.from_numpy(self.images.pixels[chosen.numpy()]).to(self.device))
        self.sums = (self.sums[0] + batch.reconstruction, self.sums[1] + batch.kl)
        average = Elbo(self.sums[0] / (done + 1), self.sums[1] / (done + 1))
        held_out = self._held_out() if done + 1 == self.per_epoch else None
        self.seconds += time.perf_counter() - started
        seen = self.step * min(self.recipe.batch, len(self.images))
        progress = Progress(self.step, self.steps, epoch, self.per_epoch, batch, average, held_out, seen, self.seconds)
        self.history.take(progress)
        return progress

    def _learn(self, pixels: Tensor) -> Elbo:
        """One step of AdamW up the ELBO of `pixels` (n, h, w), of which this process takes its share."""
        x = self._targets(pixels)
        seen = self._dropped(x)
        noise = torch.randn(len(x), 2, generator=self.generator).to(self.device) * self.recipe.noise
        mine = self.share.of(len(x))
        self._set_learning_rate()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.precision == "bfloat16"):
            fit, kl = self.bound(x[mine], seen[mine], noise[mine])
        self.networks.zero_grad()
        loss = self.recipe.kl_weight(self.step / self.per_epoch) * kl - fit
        torch.autograd.backward(loss.sum() * (self.share.processes / len(x)))
        size = nn.utils.get_total_norm([weight.grad for weight in self.weights if weight.grad is not None])
        terms = self._agreed(fit.detach(), kl.detach(), len(x), size)
        if size > LARGEST_GRADIENT:
            nn.utils.clip_grads_with_norm_(self.weights, LARGEST_GRADIENT, size)
        self.optimiser.step()
        self.step += 1
        self._average()
        return terms

    def _agreed(self, fit: Tensor, kl: Tensor, n: int, gradient: Tensor) -> Elbo:
        """The batch's ELBO from all processes' terms. They also agree here whether to stop. Raises DivergedError."""
        asked = torch.tensor(float(self._asked), device=self.device)
        sums = self.share.summed(torch.stack([fit.sum(), kl.sum(), asked]))
        reconstruction, divergence, wishes, size = torch.cat([sums, gradient.reshape(1).to(sums)]).tolist()
        self.stopped = wishes > 0
        if not (math.isfinite(reconstruction) and math.isfinite(divergence) and math.isfinite(size)):
            raise DivergedError(
                f"Training diverged at step {self.step + 1}: the loss or its gradient is not a finite number any more; "
                "train anew with a lower learning rate."
            )
        return Elbo(reconstruction / n, divergence / n)

    def _targets(self, pixels: Tensor) -> Tensor:
        jitter, likelihood = self.recipe.jitter, self.recipe.likelihood
        if jitter == Jitter():
            return targets(likelihood, pixels)
        strength = 1 - jitter.fade * self.step / self.steps
        return targets(likelihood, shaken(pixels, jitter, self.generator, strength))

    def _dropped(self, x: Tensor) -> Tensor:
        """What the encoder is shown of x: some pixels set to 0, and the others raised to make up for it."""
        dropout = self.recipe.input_dropout
        if not dropout:
            return x
        kept = torch.rand(x.shape, generator=self.generator) >= dropout
        return x * kept.to(self.device) / (1 - dropout)

    def _set_learning_rate(self) -> None:
        """Up over the first steps, then as the recipe's schedule says."""
        rise = min(1.0, (self.step + 1) / min(WARM_UP, max(1, self.steps // 10)))
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * rise * self.recipe.fall(self.step / self.steps)

    def _average(self) -> None:
        decay = min(self.recipe.averaging, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.weights, 1 - decay)

    def _held_out(self) -> Elbo | None:
        """The ELBO of at most HELD_OUT held-out images, with one draw of z each: noisy by a few tenths of a nat."""
        if self.held_out is None or not len(self.held_out):
            return None
        return evaluate(self.model(), self.recipe.likelihood, self.held_out, samples=1, noise=self.recipe.noise)

    def model(self) -> Networks:
        """The averaged networks, on the CPU: the model as far as it has come. Not a copy if they are there already."""
        return self.averaged if self.device.type == "cpu" else deepcopy(self.averaged).cpu()

    @cached_property
    def checksum(self) -> int:
        """Of the training images' pixels: a state goes on with the same images only."""
        return zlib.crc32(np.ascontiguousarray(self.images.pixels).data)

    def state(self) -> State:
        """All that decides how training goes on, as copies."""
        history = self.history
        place = Place(
            recipe=self.recipe,
            shape=self.images.pixels.shape,
            checksum=self.checksum,
            step=self.step,
            sums=self.sums,
            seconds=self.seconds,
            stride=history.stride,
            pending=history.pending,
            remarks=self.remarks,
        )
        return State(place, self.tensors())

    def tensors(self) -> dict[str, Tensor]:
        """The part of the state that is arrays, as copies, by name."""
        rest = {
            "generator": self.generator.get_state(),
            "order": self.order.to(torch.int32),
            "epochs": torch.from_numpy(self.history.table),
            "curve": torch.from_numpy(self.history.curve),
        }
        return {**weights_of(self.networks, self.averaged, self.optimiser), **rest}

    @classmethod
    def restore(
        cls, state: State, images: Images, held_out: Images | None = None, *, epochs: int | None = None, **how: Any
    ) -> Training:
        """A training that goes on from `state` as if it had not been interrupted; `how` is as for a new one.

        With more `epochs` than its recipe said it goes on beyond them: the learning rate and the jitter are then those
        that a training of that many epochs would have had at this step, so that a cosine that had come down to 0
        starts again higher up. Raises ValueError, in one sentence, if the state is not sound or not of these images.
        """
        place = state.place
        recipe = place.recipe if epochs is None else replace(place.recipe, epochs=epochs)
        training = cls(recipe, images, held_out, **how)
        if place.shape != images.pixels.shape or place.checksum != training.checksum:
            raise ValueError("The training images are no longer those that this training began with.")
        if not 0 <= place.step <= training.steps:
            done = place.step // training.per_epoch
            raise ValueError(
                f"{done} epochs are done already: training can be extended to more, not to {recipe.epochs}."
            )
        training.load(state)
        if recipe != place.recipe:
            raised = f"epochs raised from {place.recipe.epochs} to {recipe.epochs} at step {place.step}"
            training.remarks = (*place.remarks, raised)
        return training

    def load(self, state: State) -> None:
        """Go on from a state. Raises ValueError, in one sentence, if its tensors are not those of this training."""
        place, tensors = state.place, state.tensors
        state.check(self.tensors())
        put_weights(tensors, self.networks, self.averaged, self.optimiser)
        try:
            self.generator.set_state(tensors["generator"])
        except RuntimeError as error:
            raise ValueError("its random numbers have no such state.") from error
        self.order = tensors["order"].long()
        self.step, self.sums, self.seconds, self.remarks = place.step, place.sums, place.seconds, place.remarks
        curves = (tensors["epochs"].numpy(), tensors["curve"].numpy())
        self.history = History.from_arrays(*curves, place.stride, place.pending)


def save_state(path: Path, training: Training) -> None:
    """Write all that `load_state` needs to go on, in one piece or not at all. Raises OSError."""
    write_state(path, training.state())


def load_state(
    path: Path, images: Images | None = None, held_out: Images | None = None, *, epochs: int | None = None, **how: Any
) -> Training:
    """The training saved in a file, to go on; its data set is read again unless `images` are given.

    `epochs` and `how` are those of `Training.restore`. Raises ValueError, in one sentence, if the file is not sound or
    its images cannot be had.
    """
    state = read_state(path)
    data = state.place.recipe.data
    if images is None:
        images, held_out = data.train(), data.test()
    try:
        return Training.restore(state, images, held_out, epochs=epochs, **how)
    except ValueError as error:
        raise ValueError(f"{quoted(path.name)} cannot be continued: {error}") from error


def finish(training: Training, name: str, *, most: int | None = None, samples: int = SAMPLES) -> tuple[Networks, Card]:
    """The averaged networks as half precision will keep them, and their card with what was measured on the test set.

    On its first images, if only so many are asked for at `most`; each with `samples` draws of z.
    """
    networks = rounded(deepcopy(training.model())).eval()
    test = training.recipe.data.test()
    test = test if most is None else test.first(most)
    measured = evaluate(networks, training.recipe.likelihood, test, samples=samples, noise=training.recipe.noise)
    return networks, card_of(training, name, measured, len(test), samples=samples)


def card_of(training: Training, name: str, measured: Elbo, images: int, *, samples: int = SAMPLES) -> Card:
    """What a checkpoint of the training as it stands says of itself, given what was `measured` on how many `images`."""
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
    )


def _groups(networks: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; biases and norms do not."""
    matrices = [p for p in networks.parameters() if p.ndim > 1]
    rest = [p for p in networks.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def _some(images: Images) -> Images:
    """At most HELD_OUT of the images, evenly from all of them."""
    chosen = np.unique(np.linspace(0, len(images) - 1, min(HELD_OUT, len(images))).astype(int))
    return Images(images.pixels[chosen], images.labels[chosen], images.classes)
