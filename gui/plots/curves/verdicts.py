"""The histograms of D's logits for real and for generated images, with a line at the selected image."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from gui.plots.curves.histogram import HistogramPlot
from gui.plots.lines import Lines
from gui.shell import theme

HIGH = 1e9  # above every bar


class VerdictsPlot(HistogramPlot):
    """Two histograms, of test images and of generated images, and a dashed line at the selected image."""

    def __init__(self, name: str, axis: str) -> None:
        self.chosen = Lines()
        super().__init__(name, axis, ("truth", "prior"))
        self.spoken = {"outlines": ["test images", "generated images"]}
        self.add(self.chosen)

    def show_chosen(self, logit: float | None) -> None:
        """Show a line at the logit of the selected image; None hides it."""
        self.chosen.show_outline(None if logit is None else np.array([[logit, 0, logit, HIGH]]))

    def restyle(self) -> None:
        super().restyle()
        line = pg.mkPen(theme.role_colour("likelihood"), width=3, style=Qt.PenStyle.DashLine)
        self.chosen.dress(pg.mkPen(theme.paper(), width=5), line)
