"""The lattice's bar: how much of a model is decoded, as a thin line along the bottom of a plot."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QProgressBar

from gui.plots.plot import Plot

PARTS = 1000
HEIGHT = 5  # pixels


class LatticeBar(QProgressBar):
    """Hidden while there is nothing to wait for."""

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.plot = plot
        self.setRange(0, PARTS)
        self.setTextVisible(False)
        self.setAccessibleName("How much of the model is decoded")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plot.installEventFilter(self)
        self.hide()

    def tell(self, part: float) -> None:
        """So much is decoded, from 0 to 1."""
        self.setValue(round(PARTS * part))
        if part < 1.0:
            self._lay()
        self.setVisible(part < 1.0)

    def _lay(self) -> None:
        area = self.plot.area
        self.setGeometry(area.left(), area.bottom() + 1 - HEIGHT, area.width(), HEIGHT)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._lay()
        return False
