"""The process that trains for the window: at low priority, controlled by lines on its input.

It keeps checkpoints of the run, each a model of its own, densely at first and ever wider apart; the curves; and all
that it takes to continue exactly where it stopped. Whatever ends it, it saves first and reports afterwards.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

import msgspec
from msgspec.structs import replace

from engine.files import remove_unfinished, why, written
from engine.latent.training.lock import locked
from engine.latent.training.process import Control, Order, Report, State, read_order
from engine.latent.training.runs import HISTORY, STATE, checkpoint_name, checkpoint_steps, keep_in, state_path
from engine.latent.vae.networks.checkpoint import save_model
from engine.latent.vae.training.data_parallel import prepared
from engine.latent.vae.training.diagnosis import DIVERGES, diagnose, falls
from engine.latent.vae.training.elbo import health
from engine.latent.vae.training.training import HELD_OUT, DivergedError, Training, finish, load_state, save_state

NICE = 10
OFTEN = 0.1  # seconds between two reports
DRAWN = 0.5  # seconds after which the curves are written again
SPARING = 20  # times as long as it takes to keep a checkpoint, before the next one is kept
USUAL = 0.08  # seconds that it takes to keep a checkpoint, once everything is warm
SAFE = 60.0  # seconds after which all that it takes to continue is saved again
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those that the system has end the training as "stop" does
Controls = queue.SimpleQueue[Control]  # the only queue that a signal handler may put into


class Worker:
    """Carries out one order. The folder of the run is locked meanwhile."""

    def __init__(self, order: Order, controls: Controls) -> None:
        self.folder, self.recipe = Path(order.folder), order.recipe
        prepared("cpu", self.recipe.threads)
        self.controls = controls
        self.now = Control("go")
        self.kept, self.reason = -1, ""
        self.reported = self.drawn = self.safe = time.monotonic()
        self.due, self.rested_until = False, 0.0
        self.training = self._begun()
        self.at = checkpoint_steps(self.training.steps)

    def _begun(self) -> Training:
        """A fresh training, or the one that was begun. Raises ValueError if the file of a state is another recipe's."""
        report("loading")
        data, state = self.recipe.data, self.folder / STATE
        train, test = data.train(), data.test()
        self.held_out = test.first(HELD_OUT)
        if state.exists():
            training = load_state(state, train, test)
            if replace(training.recipe, origin=self.recipe.origin) != self.recipe:
                raise ValueError("The saved state of this training belongs to another recipe: delete the training.")
        elif self.recipe.after:
            training = load_state(state_path(self.recipe.begun()), train, test, epochs=self.recipe.epochs)
        else:
            return Training(self.recipe, train, test)
        training.recipe = self.recipe
        return training

    def work(self) -> None:
        """Train until it is done, stopped or in vain."""
        if self.training.step == self.training.steps:
            self.kept = self.training.steps
            self.report("done")
            return
        self.keep()
        self.report("running")
        try:
            for _ in self.training:
                self.take()
                if self.wait() == "stop":
                    self.end("stopped")
                    return
        except DivergedError as error:
            self.reason = str(error)
            self.save()
            self.report("failed")
        else:
            self.end("done")

    def take(self) -> None:
        """What one batch brought."""
        now = time.monotonic()
        self.due |= self.training.step in self.at
        if now - self.safe > SAFE:
            self.save()
        if (self.due and now > self.rested_until) or self.now.do == "step" or self.now.rest > OFTEN:
            self.keep()
        elif now - self.drawn > DRAWN:
            self.draw()
        if now - self.reported > OFTEN:
            if falls(self.training.history.curve):
                self.reason = DIVERGES
            self.report("running")

    def keep(self) -> None:
        """Keep the present weights as a model, and say what is wrong with them."""
        started = time.monotonic()
        networks, card = finish(self.training, self.folder.name, most=HELD_OUT, samples=1)
        if self.recipe.objective == "VAE":
            training = self.training
            found = health(networks, self.held_out)
            self.reason = diagnose(found, training.history, training.step, training.steps)
        save_model(self.folder / checkpoint_name(self.training.step), networks, card)
        self.kept, self.due = self.training.step, False
        self.draw()
        now = time.monotonic()
        self.rested_until = now + SPARING * min(now - started, USUAL)

    def draw(self) -> None:
        """Write the curves as far as they have come."""
        self.drawn = time.monotonic()
        with written(self.folder / HISTORY) as file:
            file.write(msgspec.json.encode(self.training.history))

    def save(self) -> None:
        """Save all that it takes to continue."""
        save_state(self.folder / STATE, self.training)
        self.safe = time.monotonic()

    def wait(self) -> str:
        """Rest, or stand still until the next control."""
        if self.now.do == "step":
            self.now = Control("pause")
        with suppress(queue.Empty):
            self.now = self.controls.get(timeout=self.now.rest) if self.now.rest else self.controls.get_nowait()
        if self.now.do == "pause":
            self.stand()
        return self.now.do

    def stand(self) -> None:
        """Save, and wait for the next control."""
        self.save()
        if self.kept != self.training.step:
            self.keep()
        self.report("paused")
        while self.now.do == "pause":
            self.now = self.controls.get()
        if self.now.do != "stop":
            self.report("running")

    def end(self, state: State) -> None:
        """Save, and keep the last weights; measured on all held-out images if this is the end of the recipe."""
        self.save()
        self.report("saving")
        if self.kept != self.training.step:
            self.keep()
        if state == "done":
            networks, card = finish(self.training, self.folder.name)
            save_model(self.folder / checkpoint_name(self.training.step), networks, card)
        self.report(state)

    def report(self, state: State) -> None:
        """Report where the training stands; if nobody reads it any more, stop."""
        self.reported = time.monotonic()
        training = self.training
        rate = training.step * self.recipe.batch / training.seconds if training.seconds else 0.0
        epoch = (training.step - 1) // training.per_epoch if training.step else 0
        where = (training.step, training.steps, epoch, training.seconds, rate, self.kept, self.reason)
        if not report(state, *where) and state not in ("done", "stopped", "failed"):
            self.controls.put(Control("stop"))


def report(*what: object) -> bool:
    """Write a line of the fields of a Report; False if nobody can read it any more."""
    try:
        print(msgspec.json.encode(Report(*what)).decode(), flush=True)  # type: ignore[arg-type]
    except (OSError, ValueError):
        return False
    return True


def failed(reason: str) -> None:
    """Report that the training has failed, and why."""
    report("failed", 0, 0, 0, 0.0, 0.0, -1, reason)


def _listen(controls: Controls) -> None:
    """In a thread: pass on the controls. When the input ends, the window is gone, and the training stops."""
    with suppress(OSError, ValueError):
        for line in sys.stdin.buffer:
            with suppress(msgspec.DecodeError, UnicodeError, RecursionError):  # a line that is none is left out
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
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        remove_unfinished(folder)
        Worker(order, controls).work()


def main() -> None:
    """Carry out the order on the first line of the input."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    controls: Controls = queue.SimpleQueue()
    _stop_at_signals(controls)
    try:
        order = read_order(sys.stdin.buffer.readline())
        threading.Thread(target=_listen, args=(controls,), daemon=True).start()
        _carry_out(order, controls)
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
    os._exit(0)  # without a word about an output that nobody reads; the thread still waits for the input


if __name__ == "__main__":
    main()
