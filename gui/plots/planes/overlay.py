"""The overlay: colours and contours over the mosaic, see-through so that the pictures stay visible."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from engine.latent.plane.overlays.overlay import SHADES, Laid
from gui.plots.layer import Layer
from gui.plots.lines import Lines
from gui.plots.raster import Raster, Table, colour_map
from gui.plots.words import Words
from gui.shell import theme
from gui.widgets.numbers import shown

DARKER = 0.78  # makes the variational purple as dark as the prior's blue on paper, so that neither end stands out


class OverlayLayers:
    """What is laid over a plane: one picture, and the contours of each factor in a colour of its own."""

    def __init__(self) -> None:
        self.raster, self.words = Raster(smooth=True), Words()
        self.contours = [Lines() for _ in theme.CLASSES]
        self.laid: Laid | None = None
        self._opacity = 1.0

    @property
    def layers(self) -> tuple[Layer, ...]:
        """From the lowest up."""
        return (self.raster, *self.contours, self.words)

    def show(self, laid: Laid | None, opacity: float) -> None:
        """Lay something over the plane, or nothing."""
        if laid is self.laid and opacity == self._opacity:
            return
        self.laid, self._opacity = laid, opacity
        if laid is None or laid.image is None or laid.viewport is None:
            self.raster.clear()
        else:
            self.raster.show_pixels(laid.image, laid.viewport, shades(laid.overlay.signed, opacity), top_first=False)
        self._show_contours(laid)

    def _show_contours(self, laid: Laid | None) -> None:
        found = laid.contours if laid else ()
        for colour, lines in enumerate(self.contours):
            parts = [one.segments for one in found if one.factor % len(self.contours) == colour]
            lines.show_outline(np.concatenate(parts) if parts else None)
        if found or self.words.texts:
            texts = tuple(shown(one.level, 2) for one in found)
            self.words.show_words([one.label for one in found], texts, (True,) * len(found))

    def restyle(self) -> None:
        """Take on the colours now in force."""
        if self.laid is not None:
            self.raster.recolour(shades(self.laid.overlay.signed, self._opacity))
        for lines, colour in zip(self.contours, theme.CLASSES, strict=True):
            lines.dress(pg.mkPen(theme.paper(), width=4), pg.mkPen(QColor(colour), width=2))


def shades(signed: bool, opacity: float) -> Table:
    """256 ARGB colours: 0–SHADES of a quantity, the last one transparent."""
    return _signed(theme.is_dark(), opacity) if signed else _rising(theme.colours(), opacity)


@cache
def _rising(name: str, opacity: float) -> Table:
    """The theme's colour map, equally dense everywhere."""
    alpha = round(255 * opacity) << 24
    known = colour_map(name)
    return (*(alpha | (known[round(255 * i / SHADES)] & 0xFFFFFF) for i in range(SHADES + 1)), 0)


@cache
def _signed(dark: bool, opacity: float) -> Table:
    """From the prior's blue over nothing at all, in the middle, to q's purple: the denser, the farther from zero."""
    purple = theme.mixed(theme.role_colour("variational"), QColor("#000000"), 1.0 if dark else DARKER)
    ends = theme.role_colour("prior"), purple
    colours = []
    for i in range(SHADES + 1):
        share = 2 * i / SHADES - 1
        alpha = round(255 * opacity * abs(share))
        colours.append((alpha << 24) | (ends[share > 0].rgb() & 0xFFFFFF))
    return (*colours, 0)
