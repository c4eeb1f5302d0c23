"""The panel Autoencoder: the latent plane of an autoencoder, trained by the same recipe, and samples decoded by it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from engine.derived import Scene
from engine.latent.charts import Linear
from engine.latent.plane.plane import PlaneSettings
from engine.latent.plane.samples import PriorSamples
from engine.latent.training.autoencoder import AutoencoderPlane, autoencoder
from engine.latent.training.training import with_autoencoder
from gui.latent.plane.samples import DRAW
from gui.latent.training.trainer import START
from gui.latent.training.training import Training
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.images.strip import Strip
from gui.plots.planes.mosaic import MosaicPlot
from gui.widgets.notice import Notice
from gui.widgets.scrolling import scrolling

NONE = (
    "No autoencoder yet. The button trains the recipe twice at the same time: as a VAE, and as an autoencoder without "
    "noise on z and without the KL term."
)
EMPTY = "No samples yet. Draw latents from N(0, I) and decode them."
TRAIN = "Train a VAE and an autoencoder"


class Autoencoder(PlotPanel):
    """The panel Autoencoder."""

    title = "Autoencoder"
    plane = "autoencoder"
    shows = (autoencoder,)
    place = Place(11, "Samples", "tab", 50, 54)
    hint = "Drag: move · Wheel: zoom · Button in the panel Samples: latents from N(0, I)"
    sentence = (
        "The latent plane of an autoencoder: the same networks and seed, trained to reconstruct, without noise on z "
        "and without the KL term. The codes of images may lie anywhere, with holes between them. Latents drawn from "
        "N(0, I), the squares, therefore rarely decode to a realistic image."
    )
    equation = r"\max_{\theta,\phi}\ \ln p_\theta(\mathbf{x}\mid\mathbf{z}=\boldsymbol{\mu}_\phi(\mathbf{x}))"

    def __init__(self) -> None:
        home = Linear()
        self.mosaic = MosaicPlot("The plane of an autoencoder, decoded", home.axes, home.home)
        super().__init__(self.mosaic)
        self.strip = Strip("Decoded at z ~ N(0, I)", "", numbered=False, side=42)
        self.column.removeWidget(self.mosaic)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.mosaic, 3)
        self.samples = scrolling(self.strip, growing=True)
        row.addWidget(self.samples, 2)
        self.column.addLayout(row)
        self.no_samples = Notice(self.samples)
        self.no_samples.offer(EMPTY, DRAW.text, DRAW)
        self.no_samples.asked.connect(self.requested)
        self.absent = Notice(self)
        self.absent.offer(NONE, TRAIN, START)
        self.absent.asked.connect(self._on_train)
        self._show_absent(True)

    def _show_absent(self, absent: bool) -> None:
        """Show the reason and the button instead of the plot and the samples, or these."""
        self.absent.say(NONE if absent else "")
        self.mosaic.setVisible(not absent)
        self.samples.setVisible(not absent)

    def _on_train(self, start: object) -> None:
        """Train the recipe as a VAE and as an autoencoder, in sight of the training curves."""
        self.edited.emit(Edit("Train an autoencoder", with_autoencoder(self.document)))
        self.requested.emit(Training)
        self.requested.emit(start)

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        raise ValueError("Images cannot be pinned in the plane of an autoencoder.")

    def draw(self, scene: Scene) -> None:
        plane = scene.get(autoencoder)
        self._show_absent(plane is None)
        if plane is None:
            self.mosaic.clear()
            self.caption_changed.emit("")
            return
        self.no_samples.say("" if scene.document[PriorSamples].count else EMPTY)
        self.mosaic.set_home(plane.home, stay=True)
        self.mosaic.show_mosaic(plane.mosaic)
        self.caption_changed.emit(f"after {plane.step:,} batches")
        self._show_test_images(plane, scene.document[PlaneSettings])
        if plane.z is not None and plane.decoded is not None:
            self.mosaic.show_samples(plane.z)
            self.strip.show_ink(plane.decoded)

    def _show_test_images(self, plane: AutoencoderPlane, settings: PlaneSettings) -> None:
        if plane.embedding is not None:
            self.mosaic.show_landed(plane.embedding.mean, plane.embedding.labels, settings.hidden)
