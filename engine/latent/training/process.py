"""Training processes: a training in a process of its own, controlled and reporting in lines of JSON."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from engine.json_errors import reason as reason_of
from engine.latent.training.runs import run_folder
from engine.latent.vae.recipe import Recipe
from engine.part import decode_hook, encode_hook

logger = logging.getLogger(__name__)
ROOT = Path(__file__).parents[3]
PATIENCE = 5.0  # seconds that a process may take to save what there is before it is ended
State = Literal["loading", "running", "paused", "saving", "done", "stopped", "failed"]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to train and where its checkpoints are kept. A run that was begun there is continued."""

    recipe: Recipe
    folder: str


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to a running training: how to go on, and how long to rest after each batch, in seconds."""

    do: Literal["go", "pause", "step", "stop"]
    rest: float = 0.0


class Report(msgspec.Struct, frozen=True):
    """The state of a training: batches done of all, the time it took in seconds, and its latest checkpoint.

    `rate` is in images per second. `reason` is a sentence: why it failed, or what there is to know.
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
        """Seconds it will still take."""
        return self.seconds * (self.steps - self.step) / self.step if self.step else float("inf")


class TrainingProcess:
    """One training under way. Its reports come in a thread of their own, to `hear`; the last one ends it."""

    def __init__(self, recipe: Recipe, hear: Callable[[Report], None]) -> None:
        self.recipe = recipe
        self._hear = hear
        self._ended = False
        # Several threads that sleep while they wait for each other are slower than one.
        policy = "PASSIVE" if recipe.threads == 1 else "ACTIVE"
        environment = {**os.environ, "OMP_NUM_THREADS": str(recipe.threads), "OMP_WAIT_POLICY": policy}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (a pipe that nobody reads would fill up)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.latent.vae.cli.worker"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C in the terminal is for the window, which stops its trainings
        )
        self._send(Order(recipe, str(run_folder(recipe))))
        self._listener = threading.Thread(target=self._listen, name="training", daemon=True)
        self._listener.start()

    def go(self, rest: float = 0.0) -> None:
        """Train on, with a rest of so many seconds after each batch."""
        self._send(Control("go", rest))

    def pause(self) -> None:
        """Wait after this batch."""
        self._send(Control("pause"))

    def step(self) -> None:
        """One batch, then wait."""
        self._send(Control("step"))

    def stop(self) -> None:
        """Keep what there is and end."""
        self._send(Control("stop"))

    def close(self) -> None:
        """Stop, and wait until what there is has been kept; nothing is heard any more."""
        self._ended = True
        self.stop()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._listener.join()

    @property
    def gone(self) -> bool:
        """Whether the process has ended and left nothing."""
        return not self._listener.is_alive()

    def _send(self, what: Order | Control) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(what, enc_hook=encode_hook) + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            return  # it has ended; its last report says so

    def _listen(self) -> None:
        """In the thread, which also waits for the process to end: whoever hears the last report need not."""
        assert self._process.stdin is not None and self._process.stdout is not None
        last = Report("loading")
        for line in self._process.stdout:
            with contextlib.suppress(msgspec.DecodeError, UnicodeError):  # a library's own words are no report
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
    """Why a process ended without a last report, in a sentence."""
    if status < 0:
        return f"The training broke off: its process was ended by the system or by somebody (signal {-status})."
    return f"The training broke off: its process ended unexpectedly (status {status})."


def read_order(line: bytes) -> Order:
    """The order on the first line that the process is given. Raises ValueError, in one sentence, if it is none."""
    try:
        return msgspec.json.decode(line, type=Order, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"The order to train was not understood: {reason_of(error)}.") from error
