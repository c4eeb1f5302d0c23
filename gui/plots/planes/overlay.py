"""The overlay: transparent colours, and contours, over the mosaic of decoded images."""

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

DARKER = 0.78  # with this factor the variational purple is as dark as the prior's blue on paper


class OverlayLayers:
    """The layers of an overlay: one raster, and the contours of each factor in a colour of its own."""

    def __init__(self) -> None:
        self.raster, self.words = Raster(smooth=True), Words()
        self.contours = [Lines() for _ in theme.CLASSES]
        self.laid: Laid | None = None
        self._opacity = 1.0

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, the lowest first."""
        return (self.raster, *self.contours, self.words)

    def show(self, laid: Laid | None, opacity: float) -> None:
        """Show an overlay; None shows nothing."""
        if laid is self.laid and opacity == self._opacity:
            return
        self.laid, self._opacity = laid, opacity
        if laid is None or laid.image is None or laid.viewport is None:
            self.raster.clear()
        else:
            self.raster.show_pixels(laid.image, laid.viewport, shades(laid.overlay.signed, opacity), top_first=False)
        self._show_contours(laid)

    def _show_contours(self, laid: Laid | None) -> None:
        contours = laid.contours if laid else ()
        for colour, lines in enumerate(self.contours):
            segments = [one.segments for one in contours if one.factor % len(self.contours) == colour]
            lines.show_outline(np.concatenate(segments) if segments else None)
        if contours or self.words.texts:
            texts = tuple(shown(one.level, 2) for one in contours)
            self.words.show_words([one.label for one in contours], texts, (True,) * len(contours))

    def restyle(self) -> None:
        """Apply the colours of the theme."""
        if self.laid is not None:
            self.raster.recolour(shades(self.laid.overlay.signed, self._opacity))
        for lines, colour in zip(self.contours, theme.classes(), strict=True):
            lines.dress(pg.mkPen(theme.paper(), width=4), pg.mkPen(QColor(colour), width=2))


def shades(signed: bool, opacity: float) -> Table:
    """Return 256 ARGB colours: 0–SHADES for a quantity, the last one transparent."""
    return _signed(theme.is_dark(), opacity) if signed else _rising(theme.colours(), opacity)


@cache
def _rising(name: str, opacity: float) -> Table:
    """Return the theme's colour map with the same opacity everywhere."""
    alpha = round(255 * opacity) << 24
    colours = colour_map(name)
    return (*(alpha | (colours[round(255 * i / SHADES)] & 0xFFFFFF) for i in range(SHADES + 1)), 0)


@cache
def _signed(dark: bool, opacity: float) -> Table:
    """Return a diverging table from the prior's blue to q's purple; zero is transparent, large values are opaque."""
    purple = theme.mixed(theme.role_colour("variational"), QColor("#000000"), 1.0 if dark else DARKER)
    ends = theme.role_colour("prior"), purple
    colours = []
    for i in range(SHADES + 1):
        value = 2 * i / SHADES - 1
        alpha = round(255 * opacity * abs(value))
        colours.append((alpha << 24) | (ends[value > 0].rgb() & 0xFFFFFF))
    return (*colours, 0)
