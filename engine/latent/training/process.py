"""Training processes: a training in a child process, controlled by lines of JSON and reporting in lines of JSON.

The child process has low priority. Files are written completely or not at all, so that a crash of either process loses
one minute of training at most. See docs/decisions/017.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import Literal

import msgspec

from engine.child import ROOT, TRAINING, child_command
from engine.json_errors import reason as reason_of
from engine.latent.one_copy import copies_folder
from engine.latent.training.runs import run_folder
from engine.latent.vae.recipe import Recipe
from engine.part import decode_hook, encode_hook

logger = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds that a process may take to save its checkpoint before it is killed
State = Literal["loading", "running", "paused", "saving", "done", "stopped", "failed"]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The recipe to train and the folder for its checkpoints. An interrupted run in this folder is resumed.

    `copies` is the folder of images that both processes share, or empty.
    """

    recipe: Recipe
    folder: str
    copies: str = ""


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to a running training: the action, and the pause after each batch in seconds.

    "step D" and "step G" train one network of a GAN alone, then pause.
    """

    do: Literal["go", "pause", "step", "step D", "step G", "stop"]
    rest: float = 0.0


class Report(msgspec.Struct, frozen=True):
    """The state of a training: batches done (`step` of `steps`), time in seconds, and the step of its last checkpoint.

    `rate` is in images per second. `reason` is a sentence: the cause of a failure, or a notice.
    """

    state: State
    step: int = 0
    steps: int = 0
    epoch: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    kept: int = -1
    reason: str = ""

    @property
    def left(self) -> float:
        """The remaining time in seconds."""
        return self.seconds * (self.steps - self.step) / self.step if self.step else float("inf")


class TrainingProcess:
    """A running training. Its reports are passed to `hear` in a thread of their own; the last report ends it."""

    def __init__(self, recipe: Recipe, hear: Callable[[Report], None]) -> None:
        self.recipe = recipe
        self._hear = hear
        self._ended = False
        # OpenMP's passive wait makes several threads slower than one, so it is only used for one thread.
        policy = "PASSIVE" if recipe.threads == 1 else "ACTIVE"
        environment = {**os.environ, "OMP_NUM_THREADS": str(recipe.threads), "OMP_WAIT_POLICY": policy}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (a pipe that is not read would fill up)
        self._process = subprocess.Popen(
            child_command(TRAINING),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C in the terminal ends the window, which then stops its trainings
        )
        self._send(Order(recipe, str(run_folder(recipe)), str(copies_folder() or "")))
        self._listener = threading.Thread(target=self._listen, name="training", daemon=True)
        self._listener.start()

    def go(self, rest: float = 0.0) -> None:
        """Start or resume the training, with a pause of `rest` seconds after each batch."""
        self._send(Control("go", rest))

    def pause(self) -> None:
        """Pause after the present batch."""
        self._send(Control("pause"))

    def step(self) -> None:
        """Train one batch, then pause."""
        self._send(Control("step"))

    def step_alone(self, network: Literal["D", "G"]) -> None:
        """Train one network of a GAN once, then pause."""
        self._send(Control("step D" if network == "D" else "step G"))

    def stop(self) -> None:
        """Save a checkpoint and end the process."""
        self._send(Control("stop"))

    def close(self) -> None:
        """Stop, and wait until the checkpoint is saved; no more reports are passed on."""
        self._ended = True
        self.stop()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._listener.join()

    @property
    def gone(self) -> bool:
        """Whether the process has ended and all its reports were passed on."""
        return not self._listener.is_alive()

    def _send(self, what: Order | Control) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(what, enc_hook=encode_hook) + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            return  # the process has ended, and its last report says so

    def _listen(self) -> None:
        """Pass on the reports. This thread also waits for the process to end, so that no other thread has to."""
        assert self._process.stdin is not None and self._process.stdout is not None
        last = Report("loading")
        for line in self._process.stdout:
            with contextlib.suppress(msgspec.DecodeError, UnicodeError):  # output of a library is not a report
                last = msgspec.json.decode(line, type=Report)
                if not self._ended:
                    self._hear(last)
        if not self._ended and last.state not in ("done", "stopped", "failed"):
            reason = _broken_off(self._process.wait())
            self._errors.seek(0)
            logger.error("%s\n%s", reason, self._errors.read().decode(errors="replace"))
            self._hear(msgspec.structs.replace(last, state="failed", reason=reason))
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._errors):
            with contextlib.suppress(BrokenPipeError):
                file.close()


def _broken_off(status: int) -> str:
    """A sentence that says why a process ended without a last report."""
    if status < 0:
        return f"The training broke off: its process was ended by the system or by a user (signal {-status})."
    return f"The training broke off: its process ended unexpectedly (status {status})."


def read_order(line: bytes) -> Order:
    """Read the order, which is the first line of input. Raises ValueError, in one sentence, if it is not an order."""
    try:
        return msgspec.json.decode(line, type=Order, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"The order to train is not valid: {reason_of(error)}.") from error
