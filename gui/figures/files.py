"""Files of figures: PNG, SVG and PDF, and the name that a user has chosen for one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape  # xml.sax has one too, but loads urllib, which takes 18 ms of the start
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QImageWriter,
    QPageLayout,
    QPageSize,
    QPainter,
    QPainterPath,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from PySide6.QtWidgets import QWidget

from gui.figures.look import DOTS, INCH
from gui.widgets.file_dialogs import choose_to_save

KINDS = {".png": "PNG image", ".svg": "SVG drawing", ".pdf": "PDF document"}
GENERIC = "sans-serif"  # the family that every program has, after the one that the figure uses


class Drawing(Protocol):
    """What a file is made of: a figure of a panel or of a page."""

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in millimetres."""

    def paint(self, painter: QPainter, units_per_mm: float) -> None:
        """Draw at the painter's origin."""


def image_of(drawing: Drawing, scale: float) -> QImage:
    """Return a drawing as an image with `scale` pixels in each 1/96 inch."""
    per_mm = DOTS * scale / INCH
    width, height = (max(1, round(length * per_mm)) for length in drawing.size_mm)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    image.setDotsPerMeterX(round(1000 * per_mm))
    image.setDotsPerMeterY(round(1000 * per_mm))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    drawing.paint(painter, per_mm)
    painter.end()
    return image


def png(drawing: Drawing, scale: float) -> bytes:
    """Return the content of a PNG file with `scale` pixels in each 1/96 inch."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image_of(drawing, scale))
    return bytes(buffer.data().data())


def svg(drawing: Drawing, *, paths: bool) -> bytes:
    """Return the content of an SVG file. With `paths`, the letters are outlines."""
    width, height = drawing.size_mm
    content, per_mm = QByteArray(), DOTS / INCH
    generator, buffer = QSvgGenerator(), QBuffer(content)
    generator.setOutputDevice(buffer)
    generator.setResolution(DOTS)
    generator.setSize(QSize(round(width * per_mm), round(height * per_mm)))
    generator.setViewBox(QRectF(0, 0, width * per_mm, height * per_mm))
    painter = QPainter(generator)
    drawing.paint(painter, per_mm)
    painter.end()
    text = bytes(content.data()).decode()
    head = f'<svg width="{width:.6g}mm" height="{height:.6g}mm"'
    text = re.sub(r'<svg width="[^"]*" height="[^"]*"', head, text, count=1)
    text = _as_paths(text) if paths else re.sub(r'font-family="([^"]*)"', rf'font-family="\1, {GENERIC}"', text)
    return text.encode()


def pdf(drawing: Drawing, *, paths: bool) -> bytes:
    """Return the content of a PDF file of one page. With `paths`, the letters are outlines."""
    width, height = drawing.size_mm
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS)
    writer.setCreator("Bayescape")
    size = QPageSize(QSizeF(width, height), QPageSize.Unit.Millimeter, "figure", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # otherwise images are stored as JPEG
    if paths:
        whole = QRectF(0, 0, width * DOTS / INCH, height * DOTS / INCH)
        # Qt draws an SVG shape with `stroke="none"` into a PDF file with a stroke.
        outlined = svg(drawing, paths=True).replace(b'stroke="none"', b'stroke="none" stroke-width="0"')
        QSvgRenderer(QByteArray(outlined)).render(painter, whole)
    else:
        drawing.paint(painter, DOTS / INCH)
    painter.end()
    buffer.close()
    return bytes(content.data())


def content_of(drawing: Drawing, ending: str, *, scale: float, paths: bool) -> bytes:
    """Return the content of a file with one of the endings of KINDS."""
    make: Mapping[str, Callable[[], bytes]] = {
        ".png": lambda: png(drawing, scale),
        ".svg": lambda: svg(drawing, paths=paths),
        ".pdf": lambda: pdf(drawing, paths=paths),
    }
    return make[ending]()


def filters(kinds: Mapping[str, str]) -> str:
    """Return the filters of a file dialog for endings and the names of their formats."""
    return ";;".join(f"{words} (*{ending})" for ending, words in kinds.items())


def chosen_path(name: str, chosen_filter: str, kinds: Mapping[str, str]) -> Path:
    """Return the path that a file dialog stands for: a name without an ending gets that of the chosen filter.

    Raises ValueError, in one sentence, if the name has an ending that is not one of `kinds`.
    """
    path = Path(name)
    if path.suffix.lower() in kinds:
        return path
    if not path.suffix or path.suffix[1:].isdecimal():  # “2.5” is a number and no ending
        ending = next((ending for ending in kinds if f"*{ending})" in chosen_filter), next(iter(kinds)))
        return path.with_name(path.name + ending)
    raise ValueError(f"{path.name} was not written: its name must end in {' or '.join(kinds)}.")


def ask_for_path(parent: QWidget, purpose: str, title: str, stem: str, kinds: Mapping[str, str]) -> Path | None:
    """Open a file dialog that proposes the first of `kinds`, and return the chosen path; None if it is cancelled.

    Raises ValueError, in one sentence, as `chosen_path` does.
    """

    def complete(name: str, kind: str, _: str) -> str:
        return str(chosen_path(name, kind, kinds)) if name else ""

    return choose_to_save(parent, purpose, title, f"{stem}{next(iter(kinds))}", filters(kinds), complete)


TEXT = re.compile(r"<text (?P<attributes>[^>]*)>(?P<content>[^<]*)</text>", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')


def _as_paths(drawing: str) -> str:
    """Return an SVG drawing of Qt with each text as an outline."""
    return TEXT.sub(_outline, drawing)


def _outline(found: re.Match[str]) -> str:
    attributes = dict(ATTRIBUTE.findall(found["attributes"]))
    font = QFont(unescape(attributes["font-family"]).strip("'"))
    size = float(attributes["font-size"])
    font.setPixelSize(100)
    font.setWeight(QFont.Weight(int(attributes.get("font-weight", "400"))))
    font.setItalic(attributes.get("font-style") == "italic")
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    path = QPainterPath()
    path.addText(QPointF(0, 0), font, unescape(found["content"].strip("\n")))
    fill, opacity = attributes.get("fill", "#000000"), attributes.get("fill-opacity", "1")
    move = f"translate({attributes['x']},{attributes['y']}) scale({size / 100:.6g})"
    return f'<path fill="{fill}" fill-opacity="{opacity}" stroke="none" transform="{move}" d="{_commands(path)}"/>'


def _commands(path: QPainterPath) -> str:
    """Return the commands of a path in the language of SVG."""
    elements = [path.elementAt(i) for i in range(path.elementCount())]
    letters = {
        QPainterPath.ElementType.MoveToElement: "M",
        QPainterPath.ElementType.LineToElement: "L",
        QPainterPath.ElementType.CurveToElement: "C",
        QPainterPath.ElementType.CurveToDataElement: " ",
    }
    return "".join(f"{letters[each.type]}{each.x:.2f},{each.y:.2f}" for each in elements)
