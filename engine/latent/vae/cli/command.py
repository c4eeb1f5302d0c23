"""Training without a window: `python main.py train`, alone or under torchrun; it imports torch only for training.

Under torchrun, `batch` is the number of images of all processes together. On several machines, each one needs the data
and the same command.
"""

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
from engine.latent.vae.cli.progress_line import ELBO, EVIDENCE, Line, nats
from engine.latent.vae.gan_recipe import GanRecipe
from engine.latent.vae.recipe import Card, Recipe

if TYPE_CHECKING:
    from engine.latent.vae.cli.checkpoints import Checkpoints
    from engine.latent.vae.training.data_parallel import DataParallel
    from engine.latent.vae.training.training import Training

SUFFIX = ".safetensors"
SAFE = 120.0  # seconds between two saves of the state
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # signals that stop a training after a batch
LONGEST_NAME = 255  # bytes
CHECKPOINTS = 10  # of a training with curves
SPARE = 2**20  # bytes of the disk that stay free


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `run`."""
    devices = ("auto", "cpu", "cuda", "mps")
    parser.add_argument("--data", metavar="DATA", help="mnist, faces, a folder of images, an .npz or an .idx.gz file")
    parser.add_argument("--beside", metavar="MODEL", help="train a GAN that begins with the decoder of a shipped model")
    parser.add_argument("--out", type=Path, required=True, metavar=f"FILE{SUFFIX}", help="the model to write")
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the training images (default 20)")
    parser.add_argument("--seed", type=int, metavar="N", help="random seed (default 0)")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads; 1 (default) gives reproducible results")
    parser.add_argument("--device", default="auto", choices=devices, help="auto (default) uses a GPU if there is one")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="save checkpoints and curves below this folder too")
    parser.add_argument(
        "--checkpoints", type=int, metavar="N", help="the number of them (default 10; for a GAN only the last one)"
    )
    parser.add_argument("--continue", dest="state", type=Path, metavar="STATE", help="resume from FILE.state" + SUFFIX)
    parser.add_argument(
        "settings", nargs="*", metavar="setting=value", help="such as batch=128 or jitter.shift=0.5; see the README"
    )


def run(options: argparse.Namespace) -> int:
    """Train with the options, and write the model and the training state. Returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # some terminals have no −, and some paths are not valid text
    try:
        recipe = _recipe(options)
        if recipe is not None and recipe.objective == "GAN":
            _check(options, recipe.threads)
            from engine.latent.vae.cli.gan_command import train_gan

            return train_gan(recipe, options.out, options.runs, options.checkpoints)
        threads = options.threads or (1 if recipe is None else recipe.threads)
        _check(options, threads)
        from engine.latent.vae.training.data_parallel import joined, prepared

        device = prepared(options.device, threads)
        with joined(device) as share:
            status = _train(options, recipe, share, str(device))
        if share.rank:
            os._exit(status)  # PyTorch sometimes aborts a process of several that exits as usual
        return status
    except ValueError as error:
        return _print_error(str(error), 2)
    except MemoryError as error:
        return _print_error(f"The training ended: {why(error)}.", 1)
    except KeyboardInterrupt:
        return _print_error("Stopped before the training began.", 128 + signal.SIGINT)


def _train(options: argparse.Namespace, recipe: Recipe | None, share: DataParallel, device: str) -> int:
    from engine.latent.vae.training.training import DivergedError, Training, load_state

    if recipe is None:
        training = load_state(options.state, epochs=_epochs(options), device=device, share=share)
    else:
        training = Training(recipe, recipe.data.train(), recipe.data.test(), device=device, share=share)
    if share.rank == 0:
        _check_room(options.out, training)
    quantity = EVIDENCE if training.recipe.is_exact else ELBO
    line = Line(sys.stdout, training.step, training.seconds, quantity) if share.rank == 0 else None
    status = 0
    with _signals(training) as caught:
        try:
            _iterate(training, line, options)
        except DivergedError as error:
            status = _print_error(str(error), 1)
    if caught:
        status = 128 + caught[0]
    if line:
        line.close()
    return _save(training, options.out, status) if line else status


def _iterate(training: Training, line: Line | None, options: argparse.Namespace) -> None:
    """Train until the training ends or is stopped; save the state every SAFE seconds, and checkpoints if wanted.

    A training that diverges gets a warning, once.
    """
    from engine.latent.vae.training.diagnosis import DIVERGES, JUDGED, falls

    checkpoints, out = _checkpoints(training, options) if line else None, options.out
    saved, warned = time.monotonic(), False
    for progress in training:
        if line is None:
            continue
        line.show(progress)
        if checkpoints and (reason := checkpoints.save()):
            _print_error(f"{reason} The training continues.", 0)
            checkpoints = None
        if not warned and progress.step % JUDGED == 0 and falls(training.history.curve):
            warned = True
            _print_error(DIVERGES, 0)
        if time.monotonic() - saved > SAFE:
            if reason := _save_state(training, out):
                _print_error(f"{reason} The training continues.", 0)
            saved = time.monotonic()


def _checkpoints(training: Training, options: argparse.Namespace) -> Checkpoints | None:
    """The checkpoints that are to be saved, with the first one saved; None if none are wanted."""
    if options.runs is None:
        return None
    from engine.latent.vae.cli.checkpoints import Checkpoints

    checkpoints = Checkpoints(training, options.runs, options.checkpoints or CHECKPOINTS)
    if reason := checkpoints.save():
        raise ValueError(reason)
    return checkpoints


@contextmanager
def _signals(training: Training) -> Iterator[list[int]]:
    """Make Ctrl+C, a closed terminal and similar signals stop the training after a batch; yields the caught signals."""
    caught: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        caught.append(number)
        training.stop()

    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]  # nohup ignores SIGHUP
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if number in caught and number != signal.SIGINT else handler)


def _save(training: Training, out: Path, status: int) -> int:
    """Write the state, then measure and write the model. Returns the exit status.

    The model is written even if the state cannot be written, because it is several times smaller.
    """
    state = state_path(out)
    failure = _save_state(training, out)
    if failure:
        _print_error(failure, 1)
    elif status > 1:
        _print(f"Stopped at step {training.step} of {training.steps}. To resume: --continue {state}")
    try:
        card, problem = _save_model(training, out)
    except OSError as error:
        return _print_error(str(unwritable(out, error)), 1)
    except KeyboardInterrupt:
        return _print_error(
            f"The model was not measured and not saved. The training state is in {state}.", 128 + signal.SIGINT
        )
    how = f"{card.test_images} images, {card.test_samples} draws of z each with seed {card.test_seed}"
    more = "" if failure else f"; to resume: {state}"
    _print(f"{out}: test ELBO {nats(card.test_elbo.total, 3)} nats on {how}{more}")
    if problem:
        _print_error(problem, 0)
    return 1 if failure else status


def _save_state(training: Training, out: Path) -> str:
    """Write the state next to the model `out`. Returns "", or one sentence if the state cannot be written."""
    from engine.latent.vae.training.training import save_state

    try:
        save_state(state_path(out), training)
    except (OSError, MemoryError) as error:
        return str(unwritable(state_path(out), error))
    return ""


def _save_model(training: Training, out: Path) -> tuple[Card, str]:
    """Write the model. Returns its card, and a sentence about a problem of the training or ""."""
    from engine.latent.vae.networks.checkpoint import save_model
    from engine.latent.vae.training.diagnosis import diagnose
    from engine.latent.vae.training.elbo import health
    from engine.latent.vae.training.training import finish

    networks, card = finish(training, quoted(out.stem))
    save_model(out, networks, card)
    if training.recipe.objective != "VAE":
        return card, ""
    measured = health(networks, training.recipe.data.test())
    return card, diagnose(measured, training.history, training.step, training.steps)


def _check_room(out: Path, training: Training) -> None:
    """Raise ValueError, in one sentence, unless the disk has enough space for the state and the model."""
    tensors = training.tensors()
    state = sum(tensor.nbytes for tensor in tensors.values()) + 4 * len(training.images)
    model = sum(weight.nbytes for weight in training.averages) // 2
    replaced = sum(path.stat().st_size for path in (out, state_path(out)) if path.is_file())
    needed, free = state + model + SPARE, shutil.disk_usage(out.parent).free
    if free + replaced < needed or free < max(state, model) + SPARE:
        words = f"{math.ceil(needed / 2**20):,} MB are needed and {free >> 20:,} MB are free"
        raise ValueError(f"There is not enough space on the disk in {out.parent.resolve()}: {words}.")
    if max(state, model) > _largest_file():
        words = f"the state has {math.ceil(state / 2**20):,} MB, and the limit is {_largest_file() / 2**20:,.0f} MB"
        raise ValueError(f"The system does not allow files as large as the training needs: {words}.")


def _largest_file() -> float:
    """Return the size in bytes of the largest file that this process may write."""
    try:
        import resource
    except ImportError:  # on Windows
        return math.inf
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return math.inf if limit == resource.RLIM_INFINITY else limit


def _print(sentence: str) -> None:
    """Print a line, unless the output is closed."""
    with suppress(OSError):
        print(sentence, flush=True)


def state_path(out: Path) -> Path:
    """Return the path of the state next to the model `out`: FILE.state.safetensors."""
    return out.with_name(f"{out.name.removesuffix(SUFFIX)}.state{SUFFIX}")


def _recipe(options: argparse.Namespace) -> Recipe | None:
    """Return the recipe of the options, or None to continue a state with its own recipe. Raises ValueError."""
    if options.state:
        if options.data or options.seed is not None or any(not s.startswith("epochs=") for s in options.settings):
            raise ValueError("A resumed training keeps its data and settings. Only the epochs can be changed.")
        return None
    if options.beside:
        from engine.latent.vae.networks.checkpoint import load_model

        base = load_model(options.beside).card.recipe.beside(GanRecipe())
    elif options.data:
        base = Recipe(data=data_from(options.data))
    else:
        raise ValueError("The training images are missing. Add --data with mnist, faces, a folder or a file.")
    flags = [
        f"{name}={value}" for name in ("epochs", "seed", "threads") if (value := getattr(options, name)) is not None
    ]
    return recipe_from([*options.settings, *flags], base)


def _epochs(options: argparse.Namespace) -> int | None:
    """Return the new number of epochs of a resumed training, or None to leave it unchanged. Raises ValueError."""
    settings = [*options.settings, *([] if options.epochs is None else [f"epochs={options.epochs}"])]
    return recipe_from(settings).epochs if settings else None


def _check(options: argparse.Namespace, threads: int) -> None:
    """Raise ValueError for mistakes that would otherwise appear only at the end of the training."""
    out = options.out
    if out.suffix != SUFFIX:
        raise ValueError(f"The name {quoted(out.name)} must end in {SUFFIX}.")
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise ValueError(f"{out} cannot be written: {out.parent} is not a writable folder.")
    if len(os.fsencode(state_path(out).name)) > LONGEST_NAME:
        raise ValueError(f"The file name {quoted(out.name)} is too long.")
    for path in (out, state_path(out)):
        if path.exists() and not path.is_file():
            raise ValueError(f"{quoted(path.name)} is a device, a pipe or a folder and is not replaced.")
    if options.checkpoints is not None and not 2 <= options.checkpoints <= 1000:
        raise ValueError(f"The number of checkpoints must be from 2 to 1,000, not {options.checkpoints}.")
    if not 1 <= threads <= 256:
        raise ValueError(f"The number of threads must be from 1 to 256, not {threads}.".replace("-", "−"))


def _print_error(sentence: str, status: int) -> int:
    """Print a line to the error output, from the first process only, and return `status`."""
    if os.environ.get("RANK", "0") == "0":
        with suppress(OSError):
            print(f"bayescape train: {sentence}", file=sys.stderr, flush=True)
    return status
