"""The child process that trains for the window, at low priority and with controls in JSON lines on its input.

It saves checkpoints of the run, each a complete model, at increasing distances; the curves; and the training state. It
reports its end when everything is saved. Files are complete or not written, so that a crash of either process loses at
most one minute of training (docs/decisions/017).
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import FrameType

import msgspec
from msgspec.structs import replace

from engine.files import remove_unfinished, why, written
from engine.interruption import InterruptedJobError, set_check
from engine.latent.one_copy import keep_copies_in
from engine.latent.training.folders import keep_in
from engine.latent.training.lock import locked
from engine.latent.training.process import Control, Order, Report, State, read_order
from engine.latent.training.runs import HISTORY, STATE, checkpoint_name, checkpoint_steps, state_path
from engine.latent.vae.history import HELD_OUT
from engine.latent.vae.networks.checkpoint import save_model
from engine.latent.vae.training.data_parallel import prepared
from engine.latent.vae.training.diagnosis import DIVERGES, JUDGED, diagnose, falls
from engine.latent.vae.training.elbo import health
from engine.latent.vae.training.training import DivergedError, Training, finish, load_state, save_state

NICE = 10
OFTEN = 0.1  # seconds between two reports
DRAWN = 0.5  # seconds between two saves of the curves
SPARING = 20  # the least time between two checkpoints, in units of the time to save one
OF_GANS = "engine.latent.vae.gan.gan_worker"  # this module imports the class Worker
USUAL = 0.08  # seconds to save a checkpoint; the first one takes longer
SAFE = 60.0  # seconds between two saves of the training state
PAUSED = 0.5  # seconds of one wait while the training is paused
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # signals that act like the control "stop"


class Controls(queue.SimpleQueue[Control]):
    """The controls of a training, in their order; the only kind of queue that a signal handler may put into."""

    stopping = False  # whether one of them is "stop"

    def put(self, item: Control, block: bool = True, timeout: float | None = None) -> None:
        """Add a control."""
        self.stopping |= item.do == "stop"
        super().put(item, block, timeout)


class Worker:
    """The execution of one order. The folder of the run is locked during this time."""

    def __init__(self, order: Order, controls: Controls) -> None:
        self.folder, self.recipe = Path(order.folder), order.recipe
        prepared("cpu", self.recipe.threads)
        self.controls = controls
        self.now = Control("go")
        self.saved_step, self.reason = -1, ""
        self.reported = self.curves_written = self.state_saved = time.monotonic()
        self.due, self.rested_until = False, 0.0
        self.training = self._begin()
        set_check(lambda: False)  # what is saved at the end reads the images once more, and is not interrupted
        self.checkpoint_steps = checkpoint_steps(self.training.steps)

    def _begin(self) -> Training:
        """Return a new or a resumed training. Raises ValueError if the saved state belongs to another recipe."""
        report("loading")
        data, state = self.recipe.data, self.folder / STATE
        train, test = data.train(), data.test()
        self.held_out = test.first(HELD_OUT)
        if state.exists():
            with or_anew("“Restart training…”, or delete this training in the panel Models"):
                training = load_state(state, train, test)
            if replace(training.recipe, origin=self.recipe.origin) != self.recipe:
                raise ValueError("The saved state of this training belongs to another recipe. Delete the training.")
        elif self.recipe.after:
            training = load_state(state_path(self.recipe.begun()), train, test, epochs=self.recipe.epochs)
        else:
            return Training(self.recipe, train, test)
        training.recipe = self.recipe
        return training

    def work(self) -> None:
        """Train until the training is complete, is stopped or diverges."""
        if self.training.step == self.training.steps:
            self.saved_step = self.training.steps
            self.report("done")
            return
        self.save_checkpoint()
        while self.now.do == "go" and not self.controls.empty():  # what was demanded while the images were read
            self.wait()
        if self.now.do == "stop":
            self.end("stopped")
            return
        self.report("running")
        try:
            for _ in self.training:
                self.after_batch()
                if self.wait() == "stop":
                    self.end("stopped")
                    return
        except DivergedError as error:
            self.reason = str(error)
            self.save_state()
            self.report("failed")
        else:
            self.end("done")

    def after_batch(self) -> None:
        """Save, write curves and report after a batch, as far as they are due."""
        now = time.monotonic()
        self.due |= self.training.step in self.checkpoint_steps
        if now - self.state_saved > SAFE:
            self.save_state()
        if (self.due and now > self.rested_until) or self.now.do == "step" or self.now.rest > OFTEN:
            self.save_checkpoint()
        elif now - self.curves_written > DRAWN:
            self.write_curves()
        self.judge()
        if now - self.reported > OFTEN:
            self.report("running")

    def judge(self) -> None:
        """Say after a batch that the training diverges, if its ELBO falls."""
        if self.training.step % JUDGED == 0 and falls(self.training.history.curve):
            self.reason = DIVERGES

    def save_checkpoint(self) -> None:
        """Save a checkpoint of the present weights, and diagnose the training."""
        started = time.monotonic()
        networks, card = finish(self.training, self.folder.name, most=HELD_OUT, samples=1)
        if self.recipe.objective == "VAE":
            training = self.training
            measured = health(networks, self.held_out)
            self.reason = diagnose(measured, training.history, training.step, training.steps)
        save_model(self.folder / checkpoint_name(self.training.step), networks, card)
        self.saved_step, self.due = self.training.step, False
        self.write_curves()
        now = time.monotonic()
        self.rested_until = now + SPARING * min(now - started, USUAL)

    def write_curves(self) -> None:
        """Write the present curves to the history file."""
        self.curves_written = time.monotonic()
        with written(self.folder / HISTORY) as file:
            file.write(msgspec.json.encode(self.training.history))

    def save_state(self) -> None:
        """Save the training state."""
        save_state(self.folder / STATE, self.training)
        self.state_saved = time.monotonic()

    def wait(self) -> str:
        """Sleep as long as the control demands, wait while paused, and return the action of the latest control."""
        if self.now.do == "step":
            self.now = Control("pause")
        with suppress(queue.Empty):
            self.now = self.controls.get(timeout=self.now.rest) if self.now.rest else self.controls.get_nowait()
        if self.now.do == "pause":
            self.pause()
        return self.now.do

    def pause(self) -> None:
        """Save, report the pause, and wait for the next control."""
        self.save_state()
        if self.saved_step != self.training.step:
            self.save_checkpoint()
        self.report("paused")
        while self.now.do == "pause":
            # With a timeout, because Python does not hear a signal that arrives just before an endless wait begins.
            with suppress(queue.Empty):
                self.now = self.controls.get(timeout=PAUSED)
        if self.now.do != "stop":
            self.report("running")

    def end(self, state: State) -> None:
        """Save the state and the last checkpoint; a complete training is measured on all test images.

        The window hears first that the training has stopped, because saving 40 MB takes up to 0.2 s.
        """
        self.report("saving")
        self.save_state()
        if self.saved_step != self.training.step:
            self.save_checkpoint()
        if state == "done":
            self.save_result()
        self.report(state)

    def save_result(self) -> None:
        """Save the last checkpoint again, measured on all test images."""
        networks, card = finish(self.training, self.folder.name)
        save_model(self.folder / checkpoint_name(self.training.step), networks, card)

    def report(self, state: State) -> None:
        """Report the progress; if the output is closed, stop the training."""
        self.reported = time.monotonic()
        training = self.training
        rate = training.step * self.recipe.images_per_step / training.seconds if training.seconds else 0.0
        epoch = (training.step - 1) // training.per_epoch if training.step else 0
        progress = (training.step, training.steps, epoch, training.seconds, rate, self.saved_step, self.reason)
        if not report(state, *progress) and state not in ("done", "stopped", "failed"):
            self.controls.put(Control("stop"))


@contextmanager
def or_anew(how: str) -> Iterator[None]:
    """Add to the reason why a saved training cannot be continued how it is started at the first batch."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{error} To start at the first batch, use {how}.") from error


def report(*fields: object) -> bool:
    """Write a Report with these fields as a line; returns False if the output is closed."""
    try:
        print(msgspec.json.encode(Report(*fields)).decode(), flush=True)  # type: ignore[arg-type]
    except (OSError, ValueError):
        return False
    return True


def failed(reason: str) -> None:
    """Report that the training has failed, with the reason."""
    report("failed", 0, 0, 0, 0.0, 0.0, -1, reason)


def _listen(controls: Controls) -> None:
    """Read controls from the input, in a thread of its own; the end of the input means that the window has closed."""
    with suppress(OSError, ValueError):
        for line in sys.stdin.buffer:
            with suppress(msgspec.DecodeError, UnicodeError, RecursionError):  # invalid lines are ignored
                controls.put(msgspec.json.decode(line, type=Control))
    controls.put(Control("stop"))


def _stop_at_signals(controls: Controls) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        controls.put(Control("stop"))

    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


def _carry_out(order: Order, controls: Controls) -> None:
    folder = Path(order.folder)
    keep_in(folder.parent)
    keep_copies_in(Path(order.copies) if order.copies else None)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        remove_unfinished(folder)
        if order.recipe.objective == "GAN":
            import_module(OF_GANS).GanWorker(order, controls).work()
        else:
            Worker(order, controls).work()


def main() -> None:
    """Execute the order on the first line of the input."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    controls = Controls()
    set_check(lambda: controls.stopping)  # while the images are read, nobody looks into the queue
    _stop_at_signals(controls)
    try:
        order = read_order(sys.stdin.buffer.readline())
        threading.Thread(target=_listen, args=(controls,), daemon=True).start()
        _carry_out(order, controls)
    except InterruptedJobError:
        report("stopped")
    except ValueError as error:
        failed(str(error))
    except OSError as error:
        failed(f"The training ended: {why(error)}.")
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "alloc" not in str(error):
            raise
        failed("The training ended: there is not enough memory for these networks and batches.")
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(0)  # avoids an error message about a closed output; the thread still waits for input


if __name__ == "__main__":
    main()
