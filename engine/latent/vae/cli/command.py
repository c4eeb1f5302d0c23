"""Training without a window: `python main.py train`, alone or under torchrun. Imports torch only when it trains."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from engine.latent.vae.cli.arguments import data_from, recipe_from
from engine.latent.vae.cli.progress_line import Line, nats
from engine.latent.vae.recipe import Recipe

if TYPE_CHECKING:
    from engine.latent.vae.training.data_parallel import Share
    from engine.latent.vae.training.training import Training

SUFFIX = ".safetensors"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` wants to know."""
    parser.add_argument("--data", metavar="DATA", help="mnist, faces, a folder of pictures, an .npz or an .idx.gz file")
    parser.add_argument("--out", type=Path, required=True, metavar=f"FILE{SUFFIX}", help="the model to write")
    parser.add_argument("--epochs", type=int, metavar="N", help="how often all images are seen")
    parser.add_argument("--seed", type=int, metavar="N", help="decides all that is random")
    parser.add_argument("--threads", type=int, metavar="N", help="1 (usual) repeats itself to the bit")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="auto: a GPU if any")
    parser.add_argument("--continue", dest="state", type=Path, metavar="STATE", help="go on from a FILE.state" + SUFFIX)
    parser.add_argument("settings", nargs="*", metavar="setting=value", help="such as batch=128 jitter.shift=0.5")


def run(options: argparse.Namespace) -> int:
    """Train as the options say and write the model and the state to continue from. Returns the exit status."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no −
    try:
        recipe = _recipe(options)
        threads = options.threads or (1 if recipe is None else recipe.threads)
        _check(options.out, threads)
        from engine.latent.vae.training.data_parallel import joined, prepared

        device = prepared(options.device, threads)
        with joined(device) as share:
            return _train(options, recipe, share, str(device))
    except ValueError as error:
        return _say(str(error), 2)
    except KeyboardInterrupt:
        return _say("Stopped before anything was trained.", 128 + signal.SIGINT)


def _train(options: argparse.Namespace, recipe: Recipe | None, share: Share, device: str) -> int:
    from engine.latent.vae.training.training import DivergedError, Training, load_state

    if recipe is None:
        training = load_state(options.state, epochs=_epochs(options), device=device, share=share)
    else:
        training = Training(recipe, recipe.data.train(), recipe.data.test(), device=device, share=share)
    line = Line(sys.stdout, training.step, training.seconds) if share.rank == 0 else None
    status = 0
    with _signals(training) as caught:
        try:
            for progress in training:
                if line:
                    line.show(progress)
        except DivergedError as error:
            status = _say(str(error), 1)
    if caught:
        status = 128 + caught[0]
    if line:
        line.close()
    return _save(training, options.out, status) if line else status


@contextmanager
def _signals(training: Training) -> Iterator[list[int]]:
    """Ctrl-C and the like end the training after a batch, never in the middle of one; yields those that were caught."""
    caught: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        caught.append(number)
        training.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _save(training: Training, out: Path, status: int) -> int:
    """Write the state and then the model, which has to be measured first. Returns the exit status."""
    from engine.latent.vae.networks.checkpoint import save_model
    from engine.latent.vae.training.training import finish, save_state

    state = state_path(out)
    try:
        save_state(state, training)
        if status > 1:
            print(f"Stopped at step {training.step} of {training.steps}. To go on: --continue {state}", flush=True)
        networks, card = finish(training, out.stem)
        save_model(out, networks, card)
    except OSError as error:
        return _say(f"{error.filename or out} cannot be written: {error.strerror or error}.", 1)
    except KeyboardInterrupt:
        return _say(f"The model was not measured and not saved; what was trained is in {state}.", 128 + signal.SIGINT)
    how = f"{card.test_images} images, {card.test_samples} draws of z each with seed {card.test_seed}"
    print(f"{out}: test ELBO {nats(card.test_elbo.total, 3)} nats on {how}; to go on: {state}")
    return status


def state_path(out: Path) -> Path:
    """Where the state is written beside the model `out`: FILE.state.safetensors."""
    return out.with_name(f"{out.name.removesuffix(SUFFIX)}.state{SUFFIX}")


def _recipe(options: argparse.Namespace) -> Recipe | None:
    """The recipe that is asked for; None if it is that of the state to continue from. Raises ValueError."""
    if options.state:
        if options.data or options.seed is not None or any(not s.startswith("epochs=") for s in options.settings):
            raise ValueError("A training is continued with the data and settings it has; only epochs can be changed.")
        return None
    if not options.data:
        raise ValueError("What to learn from is missing: --data mnist, faces, a folder or a file.")
    flags = [
        f"{name}={value}" for name in ("epochs", "seed", "threads") if (value := getattr(options, name)) is not None
    ]
    return recipe_from([*options.settings, *flags], Recipe(data=data_from(options.data)))


def _epochs(options: argparse.Namespace) -> int | None:
    """How many epochs a continued training is to have; None if as many as it had. Raises ValueError."""
    asked = [*options.settings, *([] if options.epochs is None else [f"epochs={options.epochs}"])]
    return recipe_from(asked).epochs if asked else None


def _check(out: Path, threads: int) -> None:
    """Raise ValueError for what would be noticed only after hours."""
    if out.suffix != SUFFIX:
        raise ValueError(f"{out.name} should end in {SUFFIX}.")
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK) or out.is_dir():
        raise ValueError(f"{out} cannot be written: {out.parent} is not a folder that may be written to.")
    if not 1 <= threads <= 256:
        raise ValueError(f"{threads} threads are not possible: from 1 to 256 are.")


def _say(sentence: str, status: int) -> int:
    """One line among the errors, from the first of several processes only."""
    if os.environ.get("RANK", "0") == "0":
        print(f"bayescape train: {sentence}", file=sys.stderr)
    return status
