"""The dialog boxes of the Help menu, and the versions of the program and its packages."""

from __future__ import annotations

import os
import platform
import threading

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QTextBrowser, QVBoxLayout, QWidget

from engine.resources import RESOURCES
from gui.shell.settings import Settings

PACKAGES = ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "torch", "safetensors", "msgspec", "ziamath", "pillow")


def program_version() -> str:
    """The version of the installed package Bayescape."""
    return _version("bayescape")


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # slower to import than this module

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def diagnostics(settings: Settings) -> str:
    """Versions, threads, paths and Qt's platform, one line each."""
    lines = [f"bayescape {program_version()}", f"Python {platform.python_version()}, {platform.platform()}"]
    lines += [f"{package} {_version(package)}" for package in PACKAGES]
    lines += [
        f"Qt {qVersion()}, platform {QGuiApplication.platformName()}",
        f"threads: {threading.active_count()} now, {os.cpu_count()} processors, "
        f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}",
        f"resources: {RESOURCES}",
        f"settings: {settings.folder}",
    ]
    return "\n".join(lines)


def about_text() -> str:
    """The text of the About box, as HTML."""
    versions = ", ".join(f"{package} {_version(package)}" for package in PACKAGES)
    return (
        f"<h3>Bayescape {program_version()}</h3>"
        "<p>Bayesian inference on a plane: prior × likelihood ∝ posterior, for the weights of a line and for the "
        "latents of a variational autoencoder.</p>"
        f"<p>Python {platform.python_version()}, Qt {qVersion()}, {versions}</p>"
        "<p>Bayescape is free software under the BSD 3-Clause licence. MNIST is by Yann LeCun and Corinna Cortes, "
        "CC BY-SA 3.0.</p>"
    )


def show_text(parent: QWidget, title: str, text: str) -> QDialog:
    """Show rich text in a scrollable box that is not larger than the window. The program stays usable."""
    box = QDialog(parent)
    box.setWindowTitle(title)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    words = QTextBrowser()
    words.setAccessibleName(title)
    words.setOpenExternalLinks(True)
    words.setFrameShape(QFrame.Shape.NoFrame)
    words.setHtml(text)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(box.reject)
    column = QVBoxLayout(box)
    column.addWidget(words)
    column.addWidget(buttons)
    metrics = box.fontMetrics()
    box.resize(QSize(80 * metrics.averageCharWidth(), 30 * metrics.height()).boundedTo(parent.size() * 0.9))
    box.open()
    return box
