"""Training without a window: `python main.py train`, alone or under torchrun. Imports torch only when it trains."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from engine.files import quoted, unwritable, why
from engine.latent.vae.cli.arguments import data_from, recipe_from
from engine.latent.vae.cli.progress_line import Line, nats
from engine.latent.vae.recipe import Card, Recipe

if TYPE_CHECKING:
    from engine.latent.vae.training.data_parallel import Share
    from engine.latent.vae.training.training import Training

SUFFIX = ".safetensors"
SAFE = 120.0  # seconds after which all that it takes to continue is saved again
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those that end a training after a batch
LONGEST_NAME = 255  # bytes
SPARE = 2**20  # bytes of the disk that are left free besides


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` wants to know."""
    parser.add_argument("--data", metavar="DATA", help="mnist, faces, a folder of pictures, an .npz or an .idx.gz file")
    parser.add_argument("--out", type=Path, required=True, metavar=f"FILE{SUFFIX}", help="the model to write")
    parser.add_argument("--epochs", type=int, metavar="N", help="how often all images are seen")
    parser.add_argument("--seed", type=int, metavar="N", help="decides all that is random")
    parser.add_argument("--threads", type=int, metavar="N", help="1 (usual) repeats itself to the bit")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="auto: a GPU if any")
    parser.add_argument(
        "--continue", dest="state", type=Path, metavar="STATE", help="resume a training from a FILE.state" + SUFFIX
    )
    parser.add_argument("settings", nargs="*", metavar="setting=value", help="such as batch=128 jitter.shift=0.5")


def run(options: argparse.Namespace) -> int:
    """Train as the options say and write the model and the state to continue from. Returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that has no −, a path that is no text
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
    except MemoryError as error:
        return _say(f"The training ended: {why(error)}.", 1)
    except KeyboardInterrupt:
        return _say("Stopped before anything was trained.", 128 + signal.SIGINT)


def _train(options: argparse.Namespace, recipe: Recipe | None, share: Share, device: str) -> int:
    from engine.latent.vae.training.training import DivergedError, Training, load_state

    if recipe is None:
        training = load_state(options.state, epochs=_epochs(options), device=device, share=share)
    else:
        training = Training(recipe, recipe.data.train(), recipe.data.test(), device=device, share=share)
    if share.rank == 0:
        _check_room(options.out, training)
    line = Line(sys.stdout, training.step, training.seconds) if share.rank == 0 else None
    status = 0
    with _signals(training) as caught:
        try:
            _iterate(training, line, options.out)
        except DivergedError as error:
            status = _say(str(error), 1)
    if caught:
        status = 128 + caught[0]
    if line:
        line.close()
    return _save(training, options.out, status) if line else status


def _iterate(training: Training, line: Line | None, out: Path) -> None:
    """Train to the end or until stopped, and save the state every SAFE seconds."""
    saved = time.monotonic()
    for progress in training:
        if line is None:
            continue
        line.show(progress)
        if time.monotonic() - saved > SAFE:
            if reason := _save_state(training, out):
                _say(f"{reason} The training continues.", 0)
            saved = time.monotonic()


@contextmanager
def _signals(training: Training) -> Iterator[list[int]]:
    """Ctrl-C, a closed terminal and the like end the training after a batch; yields the numbers that were caught."""
    caught: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        caught.append(number)
        training.stop()

    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]  # as under nohup
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if number in caught and number != signal.SIGINT else handler)


def _save(training: Training, out: Path, status: int) -> int:
    """Write the state and then the model, which has to be measured first. Returns the exit status.

    Each is tried even if the other cannot be written: the model is several times smaller than the state.
    """
    state = state_path(out)
    failure = _save_state(training, out)
    if failure:
        _say(failure, 1)
    elif status > 1:
        _print(f"Stopped at step {training.step} of {training.steps}. To resume: --continue {state}")
    try:
        card = _save_model(training, out)
    except OSError as error:
        return _say(str(unwritable(out, error)), 1)
    except KeyboardInterrupt:
        return _say(f"The model was not measured and not saved; what was trained is in {state}.", 128 + signal.SIGINT)
    how = f"{card.test_images} images, {card.test_samples} draws of z each with seed {card.test_seed}"
    more = "" if failure else f"; to resume: {state}"
    _print(f"{out}: test ELBO {nats(card.test_elbo.total, 3)} nats on {how}{more}")
    return 1 if failure else status


def _save_state(training: Training, out: Path) -> str:
    """Write the state beside the model `out`; returns why that was not possible, in a sentence, or ""."""
    from engine.latent.vae.training.training import save_state

    try:
        save_state(state_path(out), training)
    except (OSError, MemoryError) as error:
        return str(unwritable(state_path(out), error))
    return ""


def _save_model(training: Training, out: Path) -> Card:
    from engine.latent.vae.networks.checkpoint import save_model
    from engine.latent.vae.training.training import finish

    networks, card = finish(training, quoted(out.stem))
    save_model(out, networks, card)
    return card


def _check_room(out: Path, training: Training) -> None:
    """Raise ValueError, in one sentence, unless the disk has room for the state and the model."""
    tensors = training.tensors()
    state = sum(tensor.nbytes for tensor in tensors.values()) + 4 * len(training.images)
    model = sum(weight.nbytes for weight in training.averages) // 2
    replaced = sum(path.stat().st_size for path in (out, state_path(out)) if path.is_file())
    needed, free = state + model + SPARE, shutil.disk_usage(out.parent).free
    if free + replaced < needed or free < max(state, model) + SPARE:
        words = f"{math.ceil(needed / 2**20):,} MB are needed and {free >> 20:,} MB are free"
        raise ValueError(f"There is not enough room on the disk in {out.parent.resolve()}: {words}.")
    if max(state, model) > _largest_file():
        words = f"the state has {math.ceil(state / 2**20):,} MB and {_largest_file() / 2**20:,.0f} MB are the most"
        raise ValueError(f"Files as large as the training needs are not allowed here: {words}.")


def _largest_file() -> float:
    """The largest file that this process may write, in bytes."""
    try:
        import resource
    except ImportError:  # on Windows
        return math.inf
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return math.inf if limit == resource.RLIM_INFINITY else limit


def _print(sentence: str) -> None:
    """A line on the output, if anybody reads it any more."""
    with suppress(OSError):
        print(sentence, flush=True)


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
        raise ValueError(f"{quoted(out.name)} should end in {SUFFIX}.")
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise ValueError(f"{out} cannot be written: {out.parent} is not a folder that may be written to.")
    if len(os.fsencode(state_path(out).name)) > LONGEST_NAME:
        raise ValueError(f"{quoted(out.name)} is too long for the name of a file.")
    for path in (out, state_path(out)):
        if path.exists() and not path.is_file():
            raise ValueError(f"{quoted(path.name)} is a device, a pipe or a folder, which is never replaced.")
    if not 1 <= threads <= 256:
        raise ValueError(f"{threads} threads are not possible: from 1 to 256 are.")


def _say(sentence: str, status: int) -> int:
    """One line among the errors, from the first of several processes only."""
    if os.environ.get("RANK", "0") == "0":
        with suppress(OSError):
            print(f"bayescape train: {sentence}", file=sys.stderr, flush=True)
    return status
