"""Training a VAE: an iterator whose every step is a progress report, and the command that made the shipped model.

python -m engine.latent.vae.training --epochs 20 --out mine.safetensors
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.latent.images import Images
from engine.latent.vae.checkpoint import rounded, save_model
from engine.latent.vae.model import Networks, build, targets
from engine.latent.vae.objective import elbo, evaluate
from engine.latent.vae.recipe import Card, Elbo, Jitter, Recipe
from engine.part import decode_hook

WARM_UP = 300  # steps in which the learning rate rises from 0
LARGEST_GRADIENT = 100.0
BETAS = (0.9, 0.99)


class Progress(msgspec.Struct, frozen=True):
    """Where training stands: batches done of all, and the average ELBO of the batches of this epoch so far."""

    step: int
    steps: int
    epoch: int
    elbo: Elbo


class Training:
    """Networks on their way. Iterating trains, one batch and one Progress at a time; `averaged` is the model."""

    def __init__(self, recipe: Recipe, images: Images) -> None:
        self.recipe = recipe
        self.pixels = torch.tensor(images.pixels)
        torch.manual_seed(recipe.seed)
        self.networks = build(recipe.architecture, tuple(self.pixels.shape[1:]))
        self.averaged = deepcopy(self.networks)
        self.generator = torch.Generator().manual_seed(recipe.seed + 1)
        self.optimiser = torch.optim.AdamW(_groups(self.networks, recipe.weight_decay), recipe.learning_rate, BETAS)
        self.per_epoch = max(1, len(self.pixels) // recipe.batch)
        self.steps = recipe.epochs * self.per_epoch
        self.step = 0

    def __iter__(self) -> Iterator[Progress]:
        for epoch in range(self.recipe.epochs):
            order = torch.randperm(len(self.pixels), generator=self.generator)
            fit = kl = 0.0
            for done in range(1, self.per_epoch + 1):
                chosen = order[(done - 1) * self.recipe.batch : done * self.recipe.batch]
                terms = self._learn(self.pixels[chosen])
                fit, kl = fit + terms.reconstruction, kl + terms.kl
                yield Progress(self.step, self.steps, epoch, Elbo(fit / done, kl / done))

    def _learn(self, pixels: Tensor) -> Elbo:
        """One step of AdamW up the ELBO of `pixels` (n, h, w)."""
        x = self._targets(pixels)
        kept = torch.rand(x.shape, generator=self.generator) >= self.recipe.input_dropout
        noise = torch.randn(len(x), 2, generator=self.generator)
        self._set_learning_rate()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.precision == "bfloat16"):
            fit, kl = elbo(self.networks, x, x * kept / (1 - self.recipe.input_dropout), noise)
        self.optimiser.zero_grad()
        torch.autograd.backward((kl - fit).mean())
        nn.utils.clip_grad_norm_(self.networks.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self.step += 1
        self._average()
        return Elbo(fit.detach().mean().item(), kl.detach().mean().item())

    def _targets(self, pixels: Tensor) -> Tensor:
        jitter, likelihood = self.recipe.jitter, self.recipe.likelihood
        if jitter == Jitter():
            return targets(likelihood, pixels)
        strength = 1 - jitter.fade * self.step / self.steps
        return targets(likelihood, shaken(pixels, jitter, self.generator, strength))

    def _set_learning_rate(self) -> None:
        """Up over the first steps, then down to 0 by a cosine."""
        rise = min(1.0, (self.step + 1) / WARM_UP)
        fall = 0.5 + 0.5 * math.cos(math.pi * self.step / self.steps)
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * rise * fall

    def _average(self) -> None:
        decay = min(self.recipe.averaging, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.networks.parameters()), 1 - decay)


def shaken(pixels: Tensor, jitter: Jitter, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Each of the grey images (n, h, w) shifted, turned, scaled and sheared a little, and made bolder or finer.

    `strength` from 0 to 1 is how much of the jitter there is; 0 leaves the images as they are.
    """

    def spread(size: float) -> Tensor:
        return (2 * torch.rand(len(pixels), generator=generator) - 1) * size * strength

    n, h, w = pixels.shape
    turn, scale, shear = spread(math.radians(jitter.turn)), 1 + spread(jitter.scale), spread(jitter.shear)
    across, down = spread(2 * jitter.shift / w), spread(2 * jitter.shift / h)
    cos, sin = turn.cos() * scale, turn.sin() * scale
    rows = [torch.stack([cos, shear * cos - sin, across], 1), torch.stack([sin, shear * sin + cos, down], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), [n, 1, h, w], align_corners=False)
    moved = F.grid_sample(pixels.float()[:, None], grid, align_corners=False)[:, 0]
    return moved + spread(jitter.threshold)[:, None, None]


def _groups(networks: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; biases and norms do not."""
    matrices = [p for p in networks.parameters() if p.ndim > 1]
    rest = [p for p in networks.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def finish(training: Training, name: str, seconds: float) -> tuple[Networks, Card]:
    """The averaged networks as half precision will keep them, and their card with what was measured on the test set."""
    recipe = training.recipe
    networks = rounded(training.averaged).eval()
    test = recipe.data.test()
    measured = evaluate(networks, recipe.likelihood, test)
    made_with = f"torch {torch.__version__}, Python {platform.python_version()}, {torch.get_num_threads()} thread(s)"
    done = training.step // training.per_epoch
    owed = (recipe.data.licence, recipe.data.attribution)
    return networks, Card(
        name, recipe, test.pixels.shape[1:], done, measured, len(test), *owed, round(seconds, 1), made_with
    )


def recipe_from(settings: list[str]) -> Recipe:
    """The default recipe with some settings changed, such as "epochs=20" and "jitter.shift=0.5".

    Raises ValueError, in one sentence, for a setting that does not exist or is not allowed.
    """
    plain = msgspec.to_builtins(Recipe())
    for setting in settings:
        path, _, value = setting.partition("=")
        *parents, name = path.split(".")
        inner = plain
        for parent in parents:
            inner = inner.get(parent, {})
        if not isinstance(inner, dict) or name not in inner:
            raise ValueError(f"The recipe has no setting {path!r}; it has {', '.join(plain)}.")
        inner[name] = msgspec.json.decode(value) if value[:1] in "-0123456789" else value
    return msgspec.convert(plain, Recipe, dec_hook=decode_hook)


def main(argv: list[str]) -> int:
    """Train as the options say, print a line an epoch, write the checkpoint."""
    parser = argparse.ArgumentParser(prog="python -m engine.latent.vae.training", description="Train a VAE.")
    parser.add_argument("--out", type=Path, required=True, help="the safetensors file to write")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("settings", nargs="*", help="changes to the default recipe, such as epochs=20 jitter.shift=0.5")
    options = parser.parse_args(argv)
    try:
        recipe = recipe_from(options.settings)
    except (ValueError, msgspec.DecodeError) as error:
        print(error, file=sys.stderr)
        return 2
    torch.set_num_threads(options.threads)
    started = time.monotonic()
    training = Training(recipe, recipe.data.train())
    for progress in training:
        if progress.step % training.per_epoch == 0:
            terms = f"{progress.elbo.total:.2f} = {progress.elbo.reconstruction:.2f} − {progress.elbo.kl:.2f}"
            took = time.monotonic() - started
            print(f"epoch {progress.epoch + 1} of {recipe.epochs}: ELBO {terms} nats, {took:.0f} s", flush=True)
    networks, card = finish(training, options.out.stem, time.monotonic() - started)
    save_model(options.out, networks, card)
    print(f"{options.out}: test ELBO {card.test_elbo.total:.3f} nats on {card.test_images} images")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
