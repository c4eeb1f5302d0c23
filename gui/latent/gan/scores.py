"""The panel Scores: precision, recall and sharpness of the images of the VAE and of the GAN, beside real images."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QTableWidgetItem, QVBoxLayout

from engine.derived import Scene
from engine.latent.gan.gan import NO_GAN
from engine.latent.gan.scores import NAMES, scores
from engine.latent.image_scores.row import Row
from gui.latent.gan.score_table import ScoreTable
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.widgets.notice import Notice
from gui.widgets.scrolling import scrolling

COMPUTING = "Computing the scores of 2,000 images of each kind."
LOADING = "Loading PyTorch, the model and the classifier."
COLUMNS = {  # heading: what it means
    "Precision": "Fraction of the images that lie among test images; large is good",
    "Recall": "Fraction of the test images that lie among these images; large is good",
    "Density": "Number of neighbourhoods of test images around an image, relative to training images; 1 is good",
    "Coverage": "Fraction of the test images that have one of these images near; large is good",
    "Fréchet": "Distance of means and covariances of the features; small is good",
    "Edge": "Length of the gradient per ink: small is blurred, large is noisy; as training images is good",
    "Grey": "Fraction of pixels that are neither paper nor ink; as training images is good",
    "KL": "Nats by which the classes are not equally frequent; small is good",
}


class Scores(Panel):
    """The panel Scores."""

    title = "Scores"
    role = "evidence"
    shows = (scores,)
    place = Place(63, "Samples", "tab", 50, 54)
    also = (Place(150, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "Scores of 2,000 images of each kind against 2,000 test images. Neighbours and distances are measured in the "
        "last hidden layer of a small classifier of digits. Precision: are the images possible? Recall and coverage: "
        "are all kinds of digits there? Training images show which scores are possible at all."
    )
    equation = (
        r"\mathrm{precision}=\frac1M\sum_j\mathbf{1}\Big[\mathbf{y}_j\in\bigcup_i B_i\Big],\quad"
        r"B_i=\{\mathbf{y}:\|\mathbf{y}-\mathbf{x}_i\|\le r_k(\mathbf{x}_i)\}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.table = ScoreTable("Scores", [*COLUMNS], NAMES)
        for i, (heading, tip) in enumerate(COLUMNS.items()):
            item = QTableWidgetItem(heading)
            item.setToolTip(tip)
            self.table.setHorizontalHeaderItem(i, item)
        self.shares = ScoreTable("Share of each class, in per cent", [*"0123456789"], NAMES)
        self.words, self.remark = QLabel(), QLabel()
        self.heading = QLabel("Share of each class, in per cent, as the classifier sees it:")
        for label in (self.words, self.heading, self.remark):
            label.setWordWrap(True)
        self.content = scrolling(self.words, self.table, self.heading, self.shares, self.remark)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.content)
        self.content.hide()
        self.notice = Notice(self)
        self.notice.say(LOADING)

    def draw(self, scene: Scene) -> None:
        found = scene.get(scores)
        if found is None:
            return
        self.notice.say(found.unavailable)
        self.content.setVisible(not found.unavailable)
        if found.unavailable:
            self.caption_changed.emit("")
            return
        for i, name in enumerate(NAMES):
            row = next((row for row in found.rows if row.name == name), None)
            self.table.write(i, _numbers(row) if row else [""] * len(COLUMNS))
            self.shares.write(i, [f"{100 * share:.1f}" for share in row.shares] if row else [""] * 10)
        self.words.setText(_compared(found.rows) if found.complete else COMPUTING)
        words = f"The classifier is right for {100 * found.accuracy:.1f} % of the test images."
        self.remark.setText(f"{words} Distances depend on it, and only the rows of one table can be compared.")
        self.caption_changed.emit(f"against {found.scored:,} test images")

    def fail(self, failure: Failure) -> None:
        self.content.hide()
        self.notice.say(failure.reason)


def _numbers(row: Row) -> list[str]:
    near = row.near
    fractions = (near.precision, near.recall, near.density, near.coverage)
    return [*(f"{value:.2f}" for value in fractions), f"{row.frechet:.1f}", f"{row.edge:.2f}", f"{row.grey:.3f}",
            f"{row.divergence:.3f}"]  # fmt: skip


def _compared(rows: Sequence[Row]) -> str:
    """Return a sentence that compares the GAN with the mean of the VAE."""
    named = {row.name: row for row in rows}
    if NAMES[3] not in named:
        return NO_GAN
    real, vae, gan = named[NAMES[0]], named[NAMES[1]], named[NAMES[3]]
    grey = [f"{100 * row.grey:.0f} %" for row in (vae, gan, real)]
    return (
        f"Grey pixels: VAE {grey[0]}, GAN {grey[1]}, training images {grey[2]}. "
        f"Precision: VAE {vae.near.precision:.2f}, GAN {gan.near.precision:.2f}. "
        f"Coverage: VAE {vae.near.coverage:.2f}, GAN {gan.near.coverage:.2f}."
    )
