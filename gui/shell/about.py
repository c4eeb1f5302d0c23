"""About the program, its versions, and what the mouse and the keys do."""

from __future__ import annotations

import os
import platform
import threading

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.resources import RESOURCES
from gui.shell.settings import Settings

PACKAGES = ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "torch", "safetensors", "msgspec", "ziamath", "pillow")
POINTER = (
    ("Move", "what is under the cursor, in numbers below and in the linked pictures"),
    ("Click", "observe in data space; pin in weight space and on the latent plane"),
    ("Drag a point", "move it"),
    ("Right-click a point", "remove it"),
    ("Right-click elsewhere", "the panel's menu"),
    ("Drag on the observed image", "brush: see its pixels stroke by stroke; right-click takes the latest stroke back"),
    ("Drag, wheel", "move the plane, zoom about the cursor"),
    ("Arrow keys, Shift", "move the cursor by ten pixels, by one"),
    ("Enter, Delete", "click at the cursor, remove the point there"),
    ("Space, Shift+Space", "one observation more, one fewer"),
    ("Home, +, −", "fit, zoom in, zoom out"),
    ("Drop a file", "a session, a model, a table, a picture to look into, images to train on; a folder as well"),
)


def program_version() -> str:
    """The version of Bayescape, as it is installed."""
    return _version("bayescape")


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # takes longer than the rest of this module

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def diagnostics(settings: Settings) -> str:
    """Versions, threads, paths and Qt's platform, a line each."""
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
    """For the About box."""
    versions = ", ".join(f"{package} {_version(package)}" for package in PACKAGES)
    return (
        f"<h3>Bayescape {program_version()}</h3>"
        "<p>Over a plane, prior × likelihood ∝ posterior: for the weights of a line, and for the latents of a "
        "variational autoencoder.</p>"
        f"<p>Python {platform.python_version()}, Qt {qVersion()}, {versions}</p>"
        "<p>Bayescape is free software under the BSD 3-Clause licence. MNIST is by Yann LeCun and Corinna Cortes, "
        "CC BY-SA 3.0.</p>"
    )


def keys_text() -> str:
    """For the box that says what the mouse and keys do."""
    rows = [f"<tr><td><b>{what}</b>&nbsp;&nbsp;</td><td>{does}</td></tr>" for what, does in POINTER]
    return f"<h3>In every picture</h3><table cellspacing=4>{''.join(rows)}</table><p>The menus show their own keys.</p>"


def show_text(parent: QWidget, title: str, text: str) -> None:
    """A box with `text`, which does not block the program."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.Close, parent)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
