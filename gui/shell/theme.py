"""The theme: colours with one meaning each, light and dark palettes, colour maps, icons, and the text size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from engine.resources import RESOURCES

# The colours of Okabe & Ito (2008), which colour-blind people can distinguish. Each has one meaning in all plots.
ROLES = {
    "prior": "#0072B2",
    "likelihood": "#E69F00",
    "posterior": "#009E73",
    "truth": "#D55E00",
    "variational": "#CC79A7",
    "hovered": "#56B4E9",
    "evidence": "#8a8a8a",
}
# Ten classes: the "muted" qualitative scheme of Tol, and a grey.
CLASSES = (
    "#332288",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#999933",
    "#DDCC77",
    "#CC6677",
    "#882255",
    "#AA4499",
    "#777777",
)
MAPS = ("viridis", "cividis", "magma", "grey")
POINT_SIZE = 10.5
SIZES = (1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.25, 2.5)

_LIGHT = {
    QPalette.ColorRole.Window: "#f3f3f1",
    QPalette.ColorRole.WindowText: "#1b1b1b",
    QPalette.ColorRole.Base: "#ffffff",
    QPalette.ColorRole.AlternateBase: "#f7f7f5",
    QPalette.ColorRole.Text: "#1b1b1b",
    QPalette.ColorRole.Button: "#e9e9e6",
    QPalette.ColorRole.ButtonText: "#1b1b1b",
    QPalette.ColorRole.PlaceholderText: "#6d6d6d",
    QPalette.ColorRole.Highlight: "#0072B2",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.ToolTipBase: "#ffffff",
    QPalette.ColorRole.ToolTipText: "#1b1b1b",
    QPalette.ColorRole.Mid: "#c6c6c2",
    QPalette.ColorRole.Link: "#0072B2",
}
_DARK = {
    QPalette.ColorRole.Window: "#242527",
    QPalette.ColorRole.WindowText: "#ececea",
    QPalette.ColorRole.Base: "#17181a",
    QPalette.ColorRole.AlternateBase: "#1f2022",
    QPalette.ColorRole.Text: "#ececea",
    QPalette.ColorRole.Button: "#323437",
    QPalette.ColorRole.ButtonText: "#ececea",
    QPalette.ColorRole.PlaceholderText: "#a3a3a0",
    QPalette.ColorRole.Highlight: "#2b8cc4",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.ToolTipBase: "#323437",
    QPalette.ColorRole.ToolTipText: "#ececea",
    QPalette.ColorRole.Mid: "#4a4c50",
    QPalette.ColorRole.Link: "#56B4E9",
}


_print: tuple[QPalette, QFont] | None = None  # palette and font of the figure that is being made


@contextmanager
def printing(font: QFont) -> Iterator[QPalette]:
    """Use dark ink on white paper, and `font`, for all that is made or drawn inside; yield the palette."""
    global _print
    before, _print = _print, (palette_of(_LIGHT), font)
    _print[0].setColor(QPalette.ColorRole.Window, QColor("#ffffff"))
    try:
        yield _print[0]
    finally:
        _print = before


def is_printing() -> bool:
    """Whether a figure is being made, and not the screen."""
    return _print is not None


def font() -> QFont:
    """The font of plots: the font of the program, or the font of the figure that is being made."""
    return _print[1] if _print else QApplication.font()


def _palette() -> QPalette:
    return _print[0] if _print else QGuiApplication.palette()


def is_dark() -> bool:
    """Whether the present palette is dark."""
    return _palette().color(QPalette.ColorRole.Base).lightness() < 128


def system_is_dark() -> bool:
    """Whether the desktop uses a dark colour scheme."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


_map = MAPS[0]


def colours() -> str:
    """The name of the present colour map, one of MAPS."""
    return _map


def use_colours(name: str) -> None:
    """Change the colour map, one of MAPS. A plot uses it after its next `dress`."""
    global _map
    _map = name


def apply(choice: str, text_size: float) -> None:
    """Set style, palette and font of the application.

    `choice` is "system", "light" or "dark"; `text_size` is a factor of POINT_SIZE.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    dark = choice == "dark" or (choice == "system" and system_is_dark())
    app.setStyle("Fusion")
    app.setPalette(palette_of(_DARK if dark else _LIGHT))
    font = QFont(app.font())
    font.setPointSizeF(POINT_SIZE * text_size)
    font.setFeature(QFont.Tag("tnum"), 1)
    app.setFont(font)
    icon.cache_clear()


def palette_of(colours: dict[QPalette.ColorRole, str]) -> QPalette:
    """The palette with these colours. Disabled text has the colour of placeholders."""
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    disabled = palette.color(QPalette.ColorRole.PlaceholderText)
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, disabled)
    return palette


def ink() -> QColor:
    """The colour of observations, text and axes: near-black on light, near-white on dark."""
    return _palette().color(QPalette.ColorRole.Text)


def paper() -> QColor:
    """The background colour of plots and images."""
    return _palette().color(QPalette.ColorRole.Base)


def role_colour(role: str) -> QColor:
    """The colour of `role`, or the ink colour if ROLES does not contain it."""
    return QColor(ROLES[role]) if role in ROLES else ink()


def rgb(colour: QColor) -> NDArray[np.float64]:
    """Red, green and blue of a colour, (3,), from 0 to 255."""
    return np.array([colour.red(), colour.green(), colour.blue()], float)


def ink_map() -> tuple[int, ...]:
    """The ARGB colours of the 256 pixel values of decoded images: 0–254 from paper to ink, 255 transparent."""
    return _ink_map(paper().rgb(), ink().rgb())


@cache
def _ink_map(low: int, high: int) -> tuple[int, ...]:
    mix = np.linspace(0, 1, 255)[:, None]
    start, end = rgb(QColor(low)), rgb(QColor(high))
    rows = np.rint(start + mix * (end - start)).astype(int)
    return (*(0xFF000000 | (int(r) << 16) | (int(g) << 8) | int(b) for r, g, b in rows), 0)


@cache
def icon(name: str) -> QIcon:
    """A line icon of resources/icons in the text colour of the palette, paler if disabled."""
    colour = QGuiApplication.palette().color(QPalette.ColorRole.ButtonText).name()
    drawing = (RESOURCES / "icons" / f"{name}.svg").read_text().replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    result = QIcon()
    ratio = max(screen.devicePixelRatio() for screen in QGuiApplication.screens())
    for side in (round(16 * ratio), round(24 * ratio)):
        pixmap = _clear(side)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, side, side))
        painter.end()
        pale = _clear(side)
        painter = QPainter(pale)
        painter.setOpacity(0.45)
        painter.drawPixmap(0, 0, pixmap)
        painter.end()
        result.addPixmap(pixmap, QIcon.Mode.Normal)
        result.addPixmap(pale, QIcon.Mode.Disabled)
    return result


def _clear(side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def faded(colour: QColor, opacity: float) -> QColor:
    """Return `colour` with an opacity from 0 to 1."""
    translucent = QColor(colour)
    translucent.setAlphaF(opacity)
    return translucent


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """The mixture of `colour`, with weight `share` from 0 to 1, and `ground`."""
    channels = rgb(colour) * share + rgb(ground) * (1 - share)
    return QColor(*(round(float(channel)) for channel in channels))
