"""A training in the terminal: one line that moves, or, where nobody watches, a line an epoch."""

from __future__ import annotations

import math
import shutil
import time
from contextlib import suppress
from typing import TextIO

from engine.latent.vae.history import Progress
from engine.latent.vae.recipe import Elbo

INTERVAL = 0.1  # seconds between two pictures of the line
BAR, LONGEST_BAR = 13, 43  # columns that the bar is given at least, and at most


class Line:
    """What a training says of itself on a stream. Nothing is drawn over anything unless the stream is a terminal."""

    def __init__(self, stream: TextIO, step: int, seconds: float) -> None:
        self.stream = stream
        self.start = (step, seconds)  # where this run of the training began
        self.drawn = -math.inf
        self.held_out: Elbo | None = None
        self.moves = stream.isatty()

    def show(self, progress: Progress) -> None:
        """Draw the line, if it is time to, or print one for an epoch that is over; nothing if the terminal is gone."""
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
            self.stream.write(epoch_line(progress) + "\n")
        self.stream.flush()

    def close(self) -> None:
        """Leave the line as it is and go to the next."""
        if self.moves and self.drawn > -math.inf:
            with suppress(OSError):
                self.stream.write("\n")
                self.stream.flush()

    def text(self, progress: Progress, width: int) -> str:
        """Bar, share, ELBO, time left, epoch and speed in at most `width` columns: what does not fit is left out."""
        step, seconds = self.start
        each = (progress.seconds - seconds) / max(1, progress.step - step)  # seconds a batch
        rate = progress.seen / progress.step / each if each and progress.step else 0.0
        parts = [
            f"{100 * progress.step // progress.steps:3d} %",
            f"ELBO {nats(progress.elbo.total)}",
            f"{duration(each * (progress.steps - progress.step))} left",
            f"epoch {progress.epoch + 1} of {progress.steps // progress.per_epoch}",
            *([f"held out {nats(self.held_out.total)}"] if self.held_out else []),
            f"{rate:,.0f} images/s",
        ]
        while len("  ".join(parts)) > width - BAR and len(parts) > 1:
            parts.pop()
        line = "  ".join(parts)
        return f"{_bar(progress.step / progress.steps, width - len(line))}{line}"[:width]


def _bar(share: float, width: int) -> str:
    """The bar and the space after it, if there is room for one."""
    inside = min(width, LONGEST_BAR) - 3
    return f"[{'#' * int(share * inside):.<{inside}}] " if width >= BAR else ""


def epoch_line(progress: Progress) -> str:
    """An epoch that is over, in one line."""
    total, fit, kl = progress.elbo.total, progress.elbo.reconstruction, progress.elbo.kl
    held_out = f", held out {nats(progress.held_out.total)}" if progress.held_out else ""
    epochs = progress.steps // progress.per_epoch
    terms = f"{nats(total)} = {nats(fit)} − {nats(kl)} nats"
    return f"epoch {progress.epoch + 1} of {epochs}: ELBO {terms}{held_out}, {duration(progress.seconds)}"


def nats(number: float, digits: int = 2) -> str:
    """With so many digits after the point and a real minus sign."""
    return f"{number:.{digits}f}".replace("-", "−")


def duration(seconds: float) -> str:
    """The two largest units: "2 h 5 min", "1 min 20 s" or "12 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
