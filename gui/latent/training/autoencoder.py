"""Autoencoder: the plane of the same networks without the noise and the KL, and what sampling from it gives."""

from __future__ import annotations

from engine.latent.scene import Scene
from PySide6.QtWidgets import QHBoxLayout

from engine.document import Document
from engine.latent.charts import Linear
from engine.latent.document import Latent
from engine.latent.plane.plane import PlaneSettings
from engine.latent.training.autoencoder import Beside
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.images.strip import Strip
from gui.plots.planes.mosaic import MosaicPlot
from gui.widgets.scrolling import scrolling

NONE = "Tick “Autoencoder beside” in the Training panel and press Start: it is trained at the same time."


class Autoencoder(PlotPanel):
    """Autoencoder."""

    title = "Autoencoder"
    plane = draws = "autoencoder"
    place = Place(10, "Samples", "tab", 50, 54)
    hint = "Drag: move · Wheel: zoom"
    sentence = (
        "The same networks and the same seed, trained to reconstruct and nothing else: no noise on z, no KL to the "
        "prior. Images land anywhere, with holes between them that decode to nothing in particular, so that latents "
        "drawn from N(0, I), the squares, rarely make an image."
    )
    equation = r"\max_{\theta,\phi}\ \ln p_\theta(\mathbf{x}\mid\mathbf{z}=\boldsymbol{\mu}_\phi(\mathbf{x}))"

    def __init__(self) -> None:
        home = Linear()
        self.mosaic = MosaicPlot("The plane of an autoencoder, decoded", home.axes, home.home)
        super().__init__(self.mosaic)
        self.strip = Strip("Decoded at z ~ N(0, I)", "Draw samples to see what it makes up.", numbered=False, side=42)
        self.column.removeWidget(self.mosaic)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.mosaic, 3)
        row.addWidget(scrolling(self.strip), 2)
        self.column.addLayout(row)
        self.notice.say(NONE)

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        raise ValueError("Nothing is pinned in the plane of an autoencoder; it is here to be compared.")

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)

    def draw(self, scene: Scene) -> None:
        found: Beside | None = scene.pictures.get(self.draws)
        self.notice.say("" if found else NONE)
        if found is None:
            self.mosaic.clear()
            self.caption_changed.emit("")
            return
        self.mosaic.set_home(found.home, stay=True)
        self.mosaic.show_mosaic(found.mosaic)
        self.caption_changed.emit(f"after {found.step:,} batches")
        if found.embedding is not None:
            shown = found.embedding.mean if scene.document[PlaneSettings].show_test_images else None
            self.mosaic.show_landed(shown, found.embedding.labels, scene.document[PlaneSettings].hidden)
        if found.z is not None and found.decoded is not None:
            self.mosaic.show_samples(found.z)
            self.strip.show_ink(found.decoded)
