"""The progress of a training in a terminal: one line that is updated, or one line for each epoch in other outputs."""

from __future__ import annotations

import math
import shutil
import time
from contextlib import suppress
from typing import TextIO

from engine.latent.vae.history import Progress
from engine.latent.vae.recipe import Elbo

ELBO, EVIDENCE = "ELBO", "ln p(x)"  # the names of what a training maximises
INTERVAL = 0.1  # seconds between two updates of the line
BAR, LONGEST_BAR = 13, 43  # the least and the largest width of the bar, in columns


class Line:
    """The progress of a training on a stream; the line is overwritten only if the stream is a terminal.

    `quantity` is what the training maximises: the ELBO, or ln p(x) itself.
    """

    def __init__(self, stream: TextIO, step: int, seconds: float, quantity: str = ELBO) -> None:
        self.stream = stream
        self.quantity = quantity
        self.start = (step, seconds)  # step and seconds of training when this run began
        self.drawn = -math.inf
        self.held_out: Elbo | None = None
        self.moves = stream.isatty()

    def show(self, progress: Progress) -> None:
        """Update the line if an update is due, or print a line at the end of an epoch; a closed stream is ignored."""
        with suppress(OSError):
            self._show(progress)

    def _show(self, progress: Progress) -> None:
        self.held_out = progress.held_out or self.held_out
        now = time.monotonic()
        if self.moves and (now - self.drawn >= INTERVAL or progress.step == progress.steps):
            width = shutil.get_terminal_size().columns - 1
            self.stream.write("\r" + self.text(progress, width).ljust(width))
            self.drawn = now
        elif not self.moves and progress.ends_epoch:
            self.stream.write(epoch_line(progress, self.quantity) + "\n")
        self.stream.flush()

    def close(self) -> None:
        """End the line."""
        if self.moves and self.drawn > -math.inf:
            with suppress(OSError):
                self.stream.write("\n")
                self.stream.flush()

    def text(self, progress: Progress, width: int) -> str:
        """Return bar, percentage, nats, time left, epoch and speed; the last items only if `width` permits."""
        step, seconds = self.start
        each = (progress.seconds - seconds) / max(1, progress.step - step)  # seconds a batch
        rate = progress.seen / progress.step / each if each and progress.step else 0.0
        parts = [
            f"{100 * progress.step // progress.steps:3d} %",
            f"{self.quantity} {nats(progress.elbo.total)}",
            f"{duration(each * (progress.steps - progress.step))} left",
            f"epoch {progress.epoch + 1} of {progress.steps // progress.per_epoch}",
            *([f"test {nats(self.held_out.total)}"] if self.held_out else []),
            f"{rate:,.0f} images/s",
        ]
        while len("  ".join(parts)) > width - BAR and len(parts) > 1:
            parts.pop()
        line = "  ".join(parts)
        return f"{_bar(progress.step / progress.steps, width - len(line))}{line}"[:width]


def _bar(fraction: float, width: int) -> str:
    """Return the bar and a space after it, or "" if `width` is too small."""
    inside = min(width, LONGEST_BAR) - 3
    return f"[{'#' * int(fraction * inside):.<{inside}}] " if width >= BAR else ""


def epoch_line(progress: Progress, quantity: str = ELBO) -> str:
    """Return one line about a completed epoch, with the name of its first number."""
    total, fit, kl = progress.elbo.total, progress.elbo.reconstruction, progress.elbo.kl
    held_out = f", test {nats(progress.held_out.total)}" if progress.held_out else ""
    epochs = progress.steps // progress.per_epoch
    terms = f"{nats(total)} = {nats(fit)} − {nats(kl)} nats"
    return f"epoch {progress.epoch + 1} of {epochs}: {quantity} {terms}{held_out}, {duration(progress.seconds)}"


def nats(number: float, digits: int = 2) -> str:
    """Return a number with `digits` decimals and a minus sign instead of a hyphen."""
    return f"{number:.{digits}f}".replace("-", "−")


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, such as "2 h 5 min", "1 min 20 s" or "12 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
