"""The progress report of each batch and the ELBO curves of a training, without torch."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.latent.vae.recipe import Elbo

HELD_OUT = 1000  # test images for the ELBO after each epoch, at most, evenly spaced
LONGEST = 1000  # points of the finer curve; an even number


class Progress(msgspec.Struct, frozen=True):
    """The progress after a batch: `step` of `steps` batches are done, in `epoch` (from 0) of `per_epoch` batches.

    `batch` is the ELBO of this batch, and `elbo` is the average over this epoch so far; both are measured during
    training. `held_out` is the ELBO of the test images at the end of an epoch, else None. `seen` counts trained images
    with repetition. `seconds` is the time spent training.
    """

    step: int
    steps: int
    epoch: int
    per_epoch: int
    batch: Elbo
    elbo: Elbo
    held_out: Elbo | None
    seen: int
    seconds: float

    @property
    def ends_epoch(self) -> bool:
        """Whether this was the last batch of its epoch."""
        return self.step == (self.epoch + 1) * self.per_epoch


class Epoch(msgspec.Struct, frozen=True):
    """One epoch: the step at its end, its ELBOs on training and test images, and the seconds since the start.

    `training` is the average over the batches of the epoch, with dropout and augmentation and with the weights at the
    time of each batch. `held_out` is measured with the averaged weights, without dropout and augmentation; it is NaN
    if there are no test images.
    """

    step: int
    training: Elbo
    held_out: Elbo
    seconds: float


class History(msgspec.Struct):
    """The ELBO curves of a training, in nats per image: the `epochs`, and a finer curve of `points`.

    Each point is (step at its end, reconstruction, KL), averaged over `stride` batches. At LONGEST points, each pair is
    replaced by its average and the stride doubles. `pending` holds the sums of an incomplete stride.
    """

    epochs: list[Epoch] = []
    points: list[tuple[float, float, float]] = []
    stride: int = 1
    pending: tuple[int, float, float] = (0, 0.0, 0.0)  # batches, and the sums of their reconstruction and KL

    def take(self, progress: Progress) -> None:
        """Add one batch, and the epoch if this batch is its last one."""
        n, fit, kl = self.pending
        self.pending = (n + 1, fit + progress.batch.reconstruction, kl + progress.batch.kl)
        if self.pending[0] == self.stride:
            self._close(progress.step)
        if progress.ends_epoch:
            held_out = progress.held_out or Elbo(float("nan"), float("nan"))
            self.epochs.append(Epoch(progress.step, progress.elbo, held_out, progress.seconds))

    def _close(self, step: int) -> None:
        n, fit, kl = self.pending
        self.points.append((float(step), fit / n, kl / n))
        self.pending = (0, 0.0, 0.0)
        if len(self.points) == LONGEST:
            pairs = zip(self.points[::2], self.points[1::2], strict=True)
            self.points = [(b[0], (a[1] + b[1]) / 2, (a[2] + b[2]) / 2) for a, b in pairs]
            self.stride *= 2

    @property
    def curve(self) -> NDArray[np.float64]:
        """The finer curve of training, (n, 3): step, reconstruction, KL."""
        return np.array(self.points, float).reshape(-1, 3)

    @property
    def table(self) -> NDArray[np.float64]:
        """The epochs, (n, 6): step, reconstruction and KL in training, both for test images (or NaN), seconds."""
        rows = [
            (e.step, e.training.reconstruction, e.training.kl, e.held_out.reconstruction, e.held_out.kl, e.seconds)
            for e in self.epochs
        ]
        return np.array(rows, float).reshape(-1, 6)

    @classmethod
    def from_arrays(
        cls,
        table: NDArray[np.float64],
        curve: NDArray[np.float64],
        stride: int,
        pending: tuple[int, float, float],
    ) -> History:
        """Return the history with this `table` (n, 6) and `curve` (n, 3); the inverse of these two properties."""
        epochs = [Epoch(int(step), Elbo(a, b), Elbo(c, d), s) for step, a, b, c, d, s in table.tolist()]
        return cls(epochs, [(step, fit, kl) for step, fit, kl in curve.tolist()], stride, pending)


def read_history(content: bytes) -> History:
    """Read a history in JSON, in which null stands for NaN. Raises ValueError if the content is not valid."""
    try:
        return msgspec.convert(_without_null(msgspec.json.decode(content)), History)
    except (msgspec.DecodeError, UnicodeError, OverflowError, RecursionError) as error:
        raise ValueError("The curves of this training are damaged.") from error


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_null(inner) for inner in value]
    return float("nan") if value is None else value
