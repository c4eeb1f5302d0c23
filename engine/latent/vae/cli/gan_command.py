"""The training of a GAN without a window: `python main.py train --beside MODEL`, with one thread on the CPU."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from engine.files import quoted, unwritable, written
from engine.latent.training.runs import HISTORY, checkpoint_name, run_folder, squares
from engine.latent.vae.gan.gan import save_gan
from engine.latent.vae.gan.gan_diagnosis import diagnose, spread_of
from engine.latent.vae.gan.gan_training import GanTraining
from engine.latent.vae.gan.gan_worker import finished, present_gap
from engine.latent.vae.gan.step_scores import take_scores
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.data_parallel import prepared
from engine.latent.vae.training.training import DivergedError

OFTEN = 100  # steps between two lines


def train_gan(recipe: Recipe, out: Path, runs: Path | None, number: int | None = None) -> int:
    """Train a GAN and write it to `out`, and below the folder `runs` with its curves. Returns the exit status.

    `runs` also gets checkpoints at `number` steps from the first to the last; by default at the last one only.
    Ctrl-C ends the training early; the GAN is written then too. Raises ValueError, in one sentence, if the VAE with
    which the GAN begins is not on this computer.
    """
    prepared("cpu", recipe.threads)
    training = GanTraining(recipe, recipe.data.train())
    status, folder = 0, None if runs is None else runs / run_folder(recipe).name
    kept = squares(training.steps, number) if number else set()
    take_scores(training)
    try:
        _save_checkpoint(training, folder if 0 in kept else None)
        for step in training:
            _save_checkpoint(training, folder if step in kept else None)
            take_scores(training)
            if step % OFTEN == 0 or step == training.steps:
                _, loss, against, gap = training.history.table[-1]
                line = f"step {step:,} of {training.steps:,}: loss of D {loss:.3f}, of G {against:.3f}, gap {gap:.3f}"
                print(f"{line}, {training.seconds:.0f} s", flush=True)
    except DivergedError as error:
        print(f"bayescape train: {error}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        status = 130
    except OSError as error:
        print(f"bayescape train: {unwritable(out if folder is None else folder, error)}", file=sys.stderr)
        status = 1
    return _write(training, out, folder) or status


def _save_checkpoint(training: GanTraining, folder: Path | None) -> None:
    """Save a checkpoint in the folder of the run, if there is one. Raises OSError."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        gan = finished(training, folder.name)
        save_gan(folder / checkpoint_name(training.step), gan.networks, gan.card)


def _write(training: GanTraining, out: Path, folder: Path | None) -> int:
    """Write the GAN and its curves, and print the path and a problem. Returns the exit status."""
    gan = finished(training, quoted(out.stem))
    try:
        save_gan(out, gan.networks, gan.card)
        if folder is not None:
            _save_checkpoint(training, folder)
            with written(folder / HISTORY) as file:
                file.write(msgspec.json.encode(training.history))
    except OSError as error:
        print(f"bayescape train: {unwritable(out, error)}", file=sys.stderr)
        return 1
    print(f"{out}: a GAN after {training.step:,} steps")
    found = spread_of(gan.decode, training.recipe.data.test().first(1000).pixels / 255)
    if problem := diagnose(found, present_gap(training), training.step):
        print(f"bayescape train: {problem}", file=sys.stderr)
    return 0
