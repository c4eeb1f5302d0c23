"""The training of a GAN: an iterator that trains D and G once at each step and can be paused, stopped or saved between.

G begins with the decoder of a VAE. Adam trains both networks without momentum. The model is the moving average of G's
weights, with the present D.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Iterator
from copy import deepcopy
from functools import cached_property

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor, nn

from engine.latent.datasets.data_set import Images
from engine.latent.vae.gan.adversaries import (
    Adversaries,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from engine.latent.vae.gan.beginning import begin
from engine.latent.vae.gan.curves import Curves
from engine.latent.vae.gan_recipe import refusal
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.optimiser import AdamW
from engine.latent.vae.training.training import DivergedError
from engine.latent.vae.training.training_state import Position, State, put_weights, weights_of

BETAS = (0.0, 0.99)  # of Adam: no momentum, because the opponent changes with each step
SEED_OF_NOISE = 1  # is added to the seed of D's first weights


class GanTraining:
    """The training of a GAN in progress. Each iteration trains D, then G; `model()` is the present GAN.

    It continues from `state()` to bit-identical weights, on one thread. Iterating can raise DivergedError; the training
    can still be saved then. `by_hand` counts the steps of D alone and of G alone, which do not count as steps.
    """

    def __init__(self, recipe: Recipe, images: Images) -> None:
        if reason := refusal(recipe):
            raise ValueError(reason)
        self.recipe, self.images = recipe, images
        seed = recipe.seed + recipe.gan.seed
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.networks = Adversaries(recipe, images.pixels.shape[1:])
        begin(self.networks.generator, recipe)
        self.averaged = deepcopy(self.networks).eval()
        self.random = torch.Generator().manual_seed(seed + SEED_OF_NOISE)
        groups = [
            {"params": list(self.networks.discriminator.parameters()), "lr": recipe.gan.discriminator_rate},
            {"params": list(self.networks.generator.parameters()), "lr": recipe.gan.generator_rate},
        ]
        self.optimiser = AdamW(groups, betas=BETAS, weight_decay=0, fused=True)
        self.batch = min(recipe.gan.batch, len(images))
        self.steps, self.step = recipe.gan.steps, 0
        self.per_epoch = max(1, len(images) // (self.batch * recipe.gan.discriminator_steps))
        self.order = torch.empty(0, dtype=torch.int64)  # order of the images in this pass
        self.next = 0  # the position of the next batch in this order
        self.seconds = 0.0
        self.history = Curves()
        self.by_hand = (0, 0)

    def __iter__(self) -> Iterator[int]:
        while self.step < self.steps:
            self._advance()
            yield self.step

    def _advance(self) -> None:
        """Train D and G once."""
        started = time.perf_counter()
        each = self.recipe.gan.discriminator_steps
        for k in range(each):
            x = self._batch()
            penalised = (self.step * each + k) % self.recipe.gan.every == 0
            loss, gap = self._train_discriminator(x, self.recipe.gan.every if penalised else 0)
        against = self._train_generator(x)
        self.step += 1
        self._average()
        self.history.take(self.step, loss, against, gap)
        self.seconds += time.perf_counter() - started

    def train_discriminator(self) -> tuple[float, float]:
        """Train D alone once, by hand. Returns its loss in nats, and the gap of its mean logits."""
        self.by_hand = (self.by_hand[0] + 1, self.by_hand[1])
        return self._train_discriminator(self._batch(), 1)

    def train_generator(self) -> float:
        """Train G alone once, by hand. Returns its loss in nats."""
        self.by_hand = (self.by_hand[0], self.by_hand[1] + 1)
        loss = self._train_generator(self._batch())
        self._average()
        return loss

    def _batch(self) -> Tensor:
        """Return the next real images (batch, pixels), from 0 to 1."""
        if self.next + self.batch > len(self.order):
            self.order, self.next = torch.randperm(len(self.images), generator=self.random), 0
        chosen = self.order[self.next : self.next + self.batch].numpy()
        self.next += self.batch
        return torch.from_numpy(self.images.pixels[chosen]).flatten(1).float() / 255

    def _latents(self) -> Tensor:
        return torch.randn(self.batch, 2, generator=self.random)

    def _train_discriminator(self, x: Tensor, times: int) -> tuple[float, float]:
        """Take a step of D with `times` the penalties. Returns its loss, and the gap of its mean logits."""
        d, gamma = self.networks.discriminator, self.recipe.gan.gamma
        with torch.no_grad():
            y = self.networks.images(self._latents())
        logits = d(torch.cat([x, y]))
        real, generated = logits.chunk(2)
        loss = discriminator_loss(real, generated)
        total = loss
        if times and gamma:
            # One mean over both halves is half the sum of both penalties.
            total = loss + times * gamma * 2 * gradient_penalty(d, torch.cat([x, y]))
        self._descend(d, total)
        return self._finite(loss), float((real.mean() - generated.mean()).detach())

    def _train_generator(self, x: Tensor) -> float:
        """Take a step of G against the present D. Returns its loss."""
        with torch.no_grad():
            real = self.networks.discriminator(x)
        loss = generator_loss(real, self.networks.discriminator(self.networks.images(self._latents())))
        self._descend(self.networks.generator, loss)
        return self._finite(loss)

    def _descend(self, trained: nn.Module, loss: Tensor) -> None:
        """Take a step of Adam for one of the networks; those of the other have no gradient and stay."""
        self._finite(loss)
        parameters = list(trained.parameters())
        for weight, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            weight.grad = gradient
        self.optimiser.step()
        for weight in parameters:
            weight.grad = None

    def _finite(self, loss: Tensor) -> float:
        value = loss.item()
        if not math.isfinite(value):
            raise DivergedError(
                f"The GAN diverged at step {self.step + 1}: a loss is not a finite number. "
                "Start again with lower rates or a higher γ."
            )
        return value

    def _average(self) -> None:
        """Update the moving average of G's weights; the first averages are over few steps."""
        decay = min(self.recipe.gan.averaging, (1 + self.step) / (10 + self.step))
        averages: list[Tensor] = list(self.averaged.generator.parameters())
        weights: list[Tensor] = list(self.networks.generator.parameters())
        with torch.no_grad():
            torch._foreach_lerp_(averages, weights, 1 - decay)

    def model(self) -> Adversaries:
        """Return a copy of the present GAN: the averaged G and the present D."""
        model = deepcopy(self.averaged)
        model.discriminator.load_state_dict(self.networks.discriminator.state_dict())
        return model

    @property
    def remarks(self) -> tuple[str, ...]:
        """The steps by hand, which are not in the recipe."""
        d, g = self.by_hand
        return (f"{d} steps of D alone, {g} of G alone",) if d or g else ()

    @cached_property
    def checksum(self) -> int:
        """The CRC-32 of the training images' pixels; a state can only be resumed with the same images."""
        return zlib.crc32(np.ascontiguousarray(self.images.pixels).data)

    def state(self) -> State:
        """Return everything that is needed to resume this training, as copies."""
        history = self.history
        pending = (int(history.pending[0]), history.pending[1], history.pending[2])
        position = Position(
            self.recipe,
            self.images.pixels.shape,
            self.checksum,
            self.step,
            (0.0, 0.0),
            self.seconds,
            history.stride,
            pending,
        )
        return State(position, self.tensors())

    def tensors(self) -> dict[str, Tensor]:
        """Return copies of the tensors of the state, by name."""
        tensors = weights_of(self.networks, self.averaged, self.optimiser)
        tensors |= {"random": self.random.get_state(), "order": self.order.to(torch.int32)}
        places = torch.tensor([self.next, *self.by_hand, self.history.pending[3]], dtype=torch.float64)
        return tensors | {"curve": torch.from_numpy(self.history.table), "places": places}

    def load(self, state: State) -> None:
        """Load a state. Raises ValueError, in one sentence, if it does not fit this training."""
        position, tensors = state.position, state.tensors
        if replace(position.recipe, origin=self.recipe.origin) != self.recipe:
            raise ValueError("The saved state of this training belongs to another recipe. Delete the training.")
        if position.shape != self.images.pixels.shape or position.checksum != self.checksum:
            raise ValueError("The training images have changed since this training began.")
        state.check(self.tensors())
        put_weights(tensors, self.networks, self.averaged, self.optimiser)
        try:
            self.random.set_state(tensors["random"])
        except RuntimeError as error:
            raise ValueError("the state of its random generator is not valid.") from error
        self.order, self.step, self.seconds = tensors["order"].long(), position.step, position.seconds
        following, d, g, gap = tensors["places"].tolist()
        self.next, self.by_hand = int(following), (int(d), int(g))
        rows = [(step, d, g, gap) for step, d, g, gap in tensors["curve"].tolist()]
        self.history = Curves(rows, position.stride, (*map(float, position.pending), gap))
