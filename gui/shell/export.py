"""Export of widgets as images, to the clipboard and to PNG or SVG files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSaveFile, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QGraphicsView, QMessageBox, QWidget


def copy_picture(widget: QWidget) -> None:
    """Copy an image of `widget` to the clipboard."""
    QGuiApplication.clipboard().setPixmap(widget.grab())


def save_picture(widget: QWidget, title: str) -> None:
    """Open a file dialog and write an image of `widget` to the file. A failure is shown in a message box."""
    kinds = "PNG image (*.png);;SVG drawing (*.svg)"
    name, _ = QFileDialog.getSaveFileName(widget, "Save image", f"{title}.png", kinds)
    if not name:
        return
    try:
        write_file(Path(name), picture(widget, "svg" if name.lower().endswith(".svg") else "png"))
    except OSError as error:
        box = QMessageBox(QMessageBox.Icon.Warning, "Save image", "", QMessageBox.StandardButton.Ok, widget)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(str(error))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def picture(widget: QWidget, kind: str) -> bytes:
    """An image of `widget` as the content of a file of `kind` "png" or "svg"."""
    return _svg(widget) if kind == "svg" else _png(widget.grab())


def _png(pixmap: QPixmap) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    return bytes(buffer.data().data())


def _svg(widget: QWidget) -> bytes:
    """An SVG drawing at the resolution of the screen. At another resolution axes and data are misaligned."""
    content = QByteArray()
    buffer = QBuffer(content)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(widget.rect())
    generator.setResolution(round(widget.logicalDpiX()))
    views = widget.findChildren(QGraphicsView)
    exporting = [item for view in views for item in view.scene().items() if hasattr(item, "setExportMode")]
    options = {"antialias": True, "background": QColor("white"), "painter": None, "resolutionScale": 1.0}
    painter = QPainter()
    painter.begin(generator)
    try:
        for item in exporting:
            item.setExportMode(True, {**options, "painter": painter})
        widget.render(painter, QPoint())
    finally:
        for item in exporting:
            item.setExportMode(False)
        painter.end()
    return bytes(content.data())


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely or not at all. Raises OSError with one sentence."""
    file = QSaveFile(str(path))
    opened = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not opened or file.write(content) != len(content) or not file.commit():
        raise OSError(f"{path.name} cannot be written: {file.errorString()}.")
