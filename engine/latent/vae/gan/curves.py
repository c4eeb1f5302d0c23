"""The curves of a GAN's training: both losses, D's mean gap and the scores at some steps, without torch."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.latent.vae.history import LONGEST

Row = tuple[float, float, float, float]
ScoreRow = tuple[float, float, float, float, float, float, float, float, float]


class StepScores(msgspec.Struct):
    """The scores of the present G at some steps, of `images` images against as many test images.

    Each of `rows` is (step, precision, recall, density, coverage, Fréchet distance, edge per ink, grey pixels, KL of
    the classes in nats). `real` is such a row of training images, at step 0: the scores that are possible at all.
    """

    images: int
    real: ScoreRow
    rows: list[ScoreRow] = []

    @property
    def table(self) -> Array:
        """The rows, (n, 9)."""
        return np.array(self.rows, float).reshape(-1, 9)


class Curves(msgspec.Struct):
    """The curves of a GAN's training: the losses of D and of G in nats, and the gap.

    Each of `points` is (step, loss of D, loss of G, gap), averaged over `stride` steps. The gap is the mean of D(x)
    minus the mean of D(G(z)). At LONGEST points, each pair is replaced by its average and the stride doubles. `pending`
    holds the number and the sums of an incomplete stride. `scores` are None for images without a classifier.
    """

    points: list[Row] = []
    stride: int = 1
    pending: Row = (0.0, 0.0, 0.0, 0.0)
    scores: StepScores | None = None

    def take(self, step: int, discriminator: float, generator: float, gap: float) -> None:
        """Add the losses and the gap of one step."""
        n, d, g, between = self.pending
        n, d, g, between = self.pending = (n + 1, d + discriminator, g + generator, between + gap)
        if n < self.stride:
            return
        self.points.append((float(step), d / n, g / n, between / n))
        self.pending = (0.0, 0.0, 0.0, 0.0)
        if len(self.points) == LONGEST:
            rows = self.table
            self.points = [
                tuple(row) for row in np.column_stack([rows[1::2, 0], (rows[::2, 1:] + rows[1::2, 1:]) / 2]).tolist()
            ]
            self.stride *= 2

    @property
    def table(self) -> Array:
        """The curves, (n, 4): step, loss of D, loss of G, gap."""
        return np.array(self.points, float).reshape(-1, 4)


def read_curves(content: bytes) -> Curves:
    """Read curves in JSON. Raises ValueError if the content is not valid."""
    try:
        return msgspec.json.decode(content, type=Curves)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError("The curves of this training are damaged.") from error
