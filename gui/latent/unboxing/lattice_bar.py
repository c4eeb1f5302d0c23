"""The lattice bar: a thin progress bar along the bottom of a plot, while the lattice of a model is decoded."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QProgressBar

from gui.plots.plot import Plot

PARTS = 1000
HEIGHT = 5  # pixels


class LatticeBar(QProgressBar):
    """A progress bar over the bottom edge of a plot; hidden unless decoding is in progress."""

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.plot = plot
        self.setRange(0, PARTS)
        self.setTextVisible(False)
        self.setAccessibleName("Progress of decoding the latent plane")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plot.installEventFilter(self)
        self.hide()

    def tell(self, fraction: float) -> None:
        """Show the fraction of the lattice that is decoded, 0 to 1; hide the bar at 1."""
        self.setValue(round(PARTS * fraction))
        if fraction < 1.0:
            self._place()
        self.setVisible(fraction < 1.0)

    def _place(self) -> None:
        area = self.plot.area
        self.setGeometry(area.left(), area.bottom() + 1 - HEIGHT, area.width(), HEIGHT)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False
