"""The process that trains for the workshop: at low priority, on one core, told what to do by lines on its input.

It keeps moments of the run, each a model of its own, densely at first and ever wider apart; what it has learnt and
measured on the way in a file of curves; and all that it takes to go on exactly where it stopped.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from copy import deepcopy
from pathlib import Path

import msgspec
import torch

from engine.latent.curves import Point
from engine.latent.images import Images
from engine.latent.runs import CURVES, STATE, kept_at, moment_name
from engine.latent.vae.checkpoint import rounded, save_model
from engine.latent.vae.objective import evaluate
from engine.latent.vae.recipe import Elbo
from engine.latent.vae.training import Diverged, Progress, Training, card_of, finish, load_state, save_state
from engine.latent.workshop import Order, Report, State, Told, read_order

NICE = 10
OFTEN = 0.1  # seconds between two reports
POINTS = 1500  # on a curve
HELD_OUT = 1000  # images on which a moment is measured
SAFE = 60.0  # seconds after which all that it takes to go on is kept again


class Errand:
    """Carries out one order."""

    def __init__(self, order: Order) -> None:
        self.folder, self.recipe = Path(order.folder), order.recipe
        self.told: queue.Queue[Told] = queue.Queue()
        self.now = Told("go")
        self.kept, self.reason, self.reported, self.safe = -1, "", 0.0, time.monotonic()
        self.held_out: Images
        self.training: Training
        self.fit = self.kl = self.counted = 0.0

    def work(self) -> None:
        """Train until it is done, stopped or in vain."""
        self.report("loading")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.begin()
        try:
            for progress in self.training:
                self.take(progress)
                if self.wait() == "stop":
                    self.end("stopped")
                    return
            self.end("done")
        except Diverged as reason:
            self.reason = str(reason)
            self.report("failed")

    def begin(self) -> None:
        """A fresh training, or the one that was begun."""
        train = self.recipe.data.train()
        self.held_out = self.recipe.data.test().first(HELD_OUT)
        state = self.folder / STATE
        self.training = load_state(state, self.recipe, train) if state.exists() else Training(self.recipe, train)
        self.at = kept_at(self.training.steps)
        self.every = max(1, self.training.steps // POINTS)
        if self.training.step == 0:
            (self.folder / CURVES).unlink(missing_ok=True)
            self.keep()
        self.report("running")

    def take(self, progress: Progress) -> None:
        """What one batch brought."""
        self.fit, self.kl = self.fit + progress.batch.reconstruction, self.kl + progress.batch.kl
        self.counted += 1
        step = progress.step
        if step in self.at or self.now.do == "step" or self.now.rest > OFTEN:
            self.keep()
        elif step % self.every == 0:
            self.draw(None)
        if time.monotonic() - self.reported > OFTEN:
            self.report("running")
        if time.monotonic() - self.safe > SAFE:
            self.save()

    def keep(self) -> None:
        """This moment, with what it is worth on held-out images."""
        networks = rounded(deepcopy(self.training.averaged)).eval()
        measured = evaluate(networks, self.recipe.likelihood, self.held_out, samples=1)
        card = card_of(self.training, self.folder.name, measured, len(self.held_out))
        save_model(self.folder / moment_name(self.training.step), networks, card)
        self.kept = self.training.step
        self.draw(measured)

    def draw(self, held_out: Elbo | None) -> None:
        """The next point of the curves."""
        learnt = Elbo(self.fit / self.counted, self.kl / self.counted) if self.counted else None
        self.fit = self.kl = self.counted = 0.0
        with (self.folder / CURVES).open("ab") as file:
            file.write(msgspec.json.encode(Point(self.training.step, learnt, held_out)) + b"\n")

    def wait(self) -> str:
        """Rest, or stand still until told otherwise."""
        if self.now.do == "step":
            self.now = Told("pause")
        try:
            self.now = self.told.get(timeout=self.now.rest) if self.now.rest else self.told.get_nowait()
        except queue.Empty:
            pass
        if self.now.do == "pause":
            self.keep()
            self.save()
            self.report("paused")
            while self.now.do == "pause":
                self.now = self.told.get()
            self.report("running")
        return self.now.do

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

    def save(self) -> None:
        """All that it takes to go on."""
        save_state(self.folder / STATE, self.training)
        self.safe = time.monotonic()

    def report(self, state: State) -> None:
        """Tell where this stands."""
        self.reported = time.monotonic()
        training = getattr(self, "training", None)
        if training is None:
            said = Report(state)
        else:
            rate = training.step * self.recipe.batch / training.seconds if training.seconds else 0.0
            epoch = training.step // training.per_epoch
            said = Report(state, training.step, training.steps, epoch, training.seconds, rate, self.kept, self.reason)
        print(msgspec.json.encode(said).decode(), flush=True)


def _listen(errand: Errand) -> None:
    """In a thread: whoever ordered this is gone when the input ends."""
    for line in sys.stdin.buffer:
        errand.told.put(msgspec.json.decode(line, type=Told))
    errand.told.put(Told("stop"))


def main() -> int:
    """Carry out the order on the first line of the input."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    torch.set_num_threads(1)
    errand = Errand(read_order(sys.stdin.buffer.readline()))
    threading.Thread(target=_listen, args=(errand,), daemon=True).start()
    try:
        errand.work()
    except ValueError as error:
        errand.reason = str(error)
        errand.report("failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
