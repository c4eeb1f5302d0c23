"""The theme: the colours in use, colour maps, icons, and the text size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from engine.resources import RESOURCES
from gui.shell.palettes import DARK_ROLES, LIGHT, LOOKS, Look

ROLES = tuple(DARK_ROLES)
CLASSES = range(len(LIGHT.classes))
MAPS = ("viridis", "cividis", "magma", "grey")
POINT_SIZE = 10.5
OUTLINE = 0.55  # the share of ink in outlines
SIZES = (1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.25, 2.5)

_look = LIGHT  # the colours in use


_weight = 1.0  # of lines and marks
_print: tuple[QPalette, QFont] | None = None  # palette and font of the figure that is being made


@contextmanager
def printing(font: QFont) -> Iterator[QPalette]:
    """Use dark ink on white paper, and `font`, for all that is made or drawn inside; yield the palette."""
    global _print
    before, _print = _print, (palette_of(LIGHT.colours), font)
    _print[0].setColor(QPalette.ColorRole.Window, QColor("#ffffff"))
    try:
        yield _print[0]
    finally:
        _print = before


def use_weight(weight: float) -> None:
    """Set the factor of the widths of lines and the sizes of marks. A plot uses it after its next `dress`."""
    global _weight
    _weight = weight


def weight() -> float:
    """The factor of the widths of lines and the sizes of marks: larger in a lecture, and 1 in a figure."""
    return 1.0 if is_printing() else _weight


def is_printing() -> bool:
    """Whether a figure is being made, and not the screen."""
    return _print is not None


def font() -> QFont:
    """The font of plots: the font of the program, or the font of the figure that is being made."""
    return _print[1] if _print else QApplication.font()


def _palette() -> QPalette:
    return _print[0] if _print else QGuiApplication.palette()


def _look_in_use() -> Look:
    return LIGHT if _print else _look


def is_dark() -> bool:
    """Whether the present palette is dark."""
    return _palette().color(QPalette.ColorRole.Base).lightness() < 128


def system_is_dark() -> bool:
    """Whether the desktop uses a dark colour scheme."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


_map = MAPS[0]


def system_wants_contrast() -> bool:
    """Whether the desktop asks for high contrast."""
    hints = QGuiApplication.styleHints()  # kept while its part is read: Python would delete the part with it
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def look_of(choice: str) -> Look:
    """The colours of an appearance: "system" or a key of LOOKS."""
    if choice in LOOKS:
        return LOOKS[choice]
    name = "dark" if system_is_dark() else "light"
    return LOOKS[f"high contrast {name}" if system_wants_contrast() else name]


def colours() -> str:
    """The name of the present colour map, one of MAPS."""
    return _map


def use_colours(name: str) -> None:
    """Change the colour map, one of MAPS. A plot uses it after its next `dress`."""
    global _map
    _map = name


def apply(choice: str, text_size: float) -> None:
    """Set style, palette and font of the application.

    `choice` is "system" or a key of LOOKS; `text_size` is a factor of POINT_SIZE.
    """
    global _look
    _look = look_of(choice)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    if app.style().name() != "fusion":  # each call would leave an object behind
        app.setStyle("Fusion")
    app.setPalette(palette_of(_look.colours))
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


def outline() -> QColor:
    """The colour of the outlines of fields, buttons and boxes: 3:1 on the window, and ink in high contrast."""
    strong = _look in (LOOKS["high contrast light"], LOOKS["high contrast dark"])
    return mixed(ink(), QGuiApplication.palette().color(QPalette.ColorRole.Window), 1.0 if strong else OUTLINE)


def role_colour(role: str) -> QColor:
    """The colour of `role`, or the ink colour if ROLES does not contain it."""
    return QColor(_look_in_use().roles[role]) if role in ROLES else ink()


def classes() -> tuple[str, ...]:
    """The colours of the ten classes."""
    return _look_in_use().classes


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


def icon_size() -> QSize:
    """The size of an icon on a button, which grows with the text."""
    side = round(16 * QApplication.font().pointSizeF() / POINT_SIZE)
    return QSize(side, side)


@cache
def icon(name: str) -> QIcon:
    """A line icon of resources/icons in the text colour of the palette, paler if disabled."""
    colour = QGuiApplication.palette().color(QPalette.ColorRole.ButtonText).name()
    drawing = (RESOURCES / "icons" / f"{name}.svg").read_text().replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    result = QIcon()
    ratio = max(screen.devicePixelRatio() for screen in QGuiApplication.screens())
    for side in (round(icon_size().width() * ratio), round(1.5 * icon_size().width() * ratio)):
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
