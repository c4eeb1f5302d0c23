"""The process that trains for the workshop: at low priority, on one core, told what to do by lines on its input.

It keeps moments of the run, each a model of its own, densely at first and ever wider apart; the curves; and all that
it takes to go on exactly where it stopped.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from pathlib import Path

import msgspec

from engine.latent.training.process import Order, Report, State, Told, read_order
from engine.latent.training.runs import HISTORY, STATE, keep_in, kept_at, moment_name, state_path
from engine.latent.vae.networks.checkpoint import save_model
from engine.latent.vae.training.data_parallel import prepared
from engine.latent.vae.training.diagnosis import diagnose
from engine.latent.vae.training.elbo import axis_kl
from engine.latent.vae.training.training import HELD_OUT, DivergedError, Training, finish, load_state, save_state

NICE = 10
OFTEN = 0.1  # seconds between two reports
DRAWN = 0.5  # seconds after which the curves are written again
SPARING = 20  # times as long as it takes to keep a moment, before the next one is kept
USUAL = 0.08  # seconds that it takes to keep a moment, once everything is warm
SAFE = 60.0  # seconds after which all that it takes to go on is kept again


class Errand:
    """Carries out one order."""

    def __init__(self, order: Order) -> None:
        self.folder, self.recipe = Path(order.folder), order.recipe
        keep_in(self.folder.parent)
        prepared("cpu", self.recipe.threads)
        self.told: queue.Queue[Told] = queue.Queue()
        self.now = Told("go")
        self.kept, self.reason = -1, ""
        self.reported = self.drawn = self.safe = time.monotonic()
        self.due, self.rested_until = False, 0.0
        self.training = self._begun()
        self.at = kept_at(self.training.steps)

    def _begun(self) -> Training:
        """A fresh training, or the one that was begun."""
        report("loading")
        self.folder.mkdir(parents=True, exist_ok=True)
        data, state = self.recipe.data, self.folder / STATE
        train, test = data.train(), data.test()
        self.held_out = test.first(HELD_OUT)
        if state.exists():
            return load_state(state, train, test)
        if not self.recipe.after:
            return Training(self.recipe, train, test)
        training = load_state(state_path(self.recipe.begun()), train, test, epochs=self.recipe.epochs)
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
            self.report("failed")
        else:
            self.end("done")

    def take(self) -> None:
        """What one batch brought."""
        now = time.monotonic()
        self.due |= self.training.step in self.at
        if (self.due and now > self.rested_until) or self.now.do == "step" or self.now.rest > OFTEN:
            self.keep()
        elif now - self.drawn > DRAWN:
            self.draw()
        if now - self.reported > OFTEN:
            self.report("running")
        if now - self.safe > SAFE:
            self.save()

    def keep(self) -> None:
        """This moment, as a model."""
        started = time.monotonic()
        networks, card = finish(self.training, self.folder.name, most=HELD_OUT, samples=1)
        if self.recipe.objective == "VAE":
            training = self.training
            kl = axis_kl(networks, self.held_out)
            self.reason = diagnose(kl, training.history, training.step, training.steps)
        save_model(self.folder / moment_name(self.training.step), networks, card)
        self.kept, self.due = self.training.step, False
        self.draw()
        now = time.monotonic()
        self.rested_until = now + SPARING * min(now - started, USUAL)

    def draw(self) -> None:
        """The curves as far as they have come."""
        self.drawn = time.monotonic()
        unfinished = self.folder / f"{HISTORY}.new"
        unfinished.write_bytes(msgspec.json.encode(self.training.history))
        unfinished.replace(self.folder / HISTORY)

    def save(self) -> None:
        """All that it takes to go on."""
        save_state(self.folder / STATE, self.training)
        self.safe = time.monotonic()

    def wait(self) -> str:
        """Rest, or stand still until told otherwise."""
        if self.now.do == "step":
            self.now = Told("pause")
        with contextlib.suppress(queue.Empty):
            self.now = self.told.get(timeout=self.now.rest) if self.now.rest else self.told.get_nowait()
        if self.now.do == "pause":
            self.stand()
        return self.now.do

    def stand(self) -> None:
        """Keep what there is, and wait."""
        if self.kept != self.training.step:
            self.keep()
        self.report("paused")
        self.save()
        while self.now.do == "pause":
            self.now = self.told.get()
        self.report("running")

    def end(self, state: State) -> None:
        """Keep the last moment; measured on all held-out images if this is the end of the recipe."""
        self.report("saving")
        if self.kept != self.training.step:
            self.keep()
        self.save()
        if state == "done":
            networks, card = finish(self.training, self.folder.name)
            save_model(self.folder / moment_name(self.training.step), networks, card)
        self.report(state)

    def report(self, state: State) -> None:
        """Tell where this stands."""
        self.reported = time.monotonic()
        training = self.training
        rate = training.step * self.recipe.batch / training.seconds if training.seconds else 0.0
        epoch = (training.step - 1) // training.per_epoch if training.step else 0
        report(state, training.step, training.steps, epoch, training.seconds, rate, self.kept, self.reason)


def report(*what: object) -> None:
    """A line on the output, of the fields of a Report."""
    print(msgspec.json.encode(Report(*what)).decode(), flush=True)  # type: ignore[arg-type]


def _listen(told: queue.Queue[Told]) -> None:
    """In a thread: whoever gave the order is gone when the input ends."""
    for line in sys.stdin.buffer:
        told.put(msgspec.json.decode(line, type=Told))
    told.put(Told("stop"))


def main() -> int:
    """Carry out the order on the first line of the input."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        errand = Errand(read_order(sys.stdin.buffer.readline()))
        threading.Thread(target=_listen, args=(errand.told,), daemon=True).start()
        errand.work()
    except (OSError, ValueError) as error:
        report("failed", 0, 0, 0, 0.0, 0.0, -1, str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
