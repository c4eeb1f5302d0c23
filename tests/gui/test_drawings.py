"""The SVG file of every panel of every tab shows the same as its PNG file."""

import numpy as np
import pyqtgraph as pg
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QByteArray, qInstallMessageHandler
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

from engine.latent.inputs.input import FromData
from engine.latent.observations.half import Half
from engine.latent.plane.samples import PriorSamples
from engine.latent.plane.walk import WalkSettings
from engine.plane import Viewport
from gui.pages import TITLES
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.words import Words
from gui.shell.export import picture
from tests.gui.acting import commit
from tests.gui.conftest import settle

CLEARLY = 32  # of 255, for means over 3×3 pixels, compared with all means within one pixel because edges are smooth
FEW = 0.03  # of the pixels; an SVG does not clip the grooves of sliders and scrolled forms
PINS = ((0.2, -0.5), (0.5, 0.3))


def with_something_on_it(tab, document):
    """Return the document with observations, pins, waypoints, samples or an image, so that all marks are drawn."""
    if tab == "regression":
        return replace(document.with_drawn_points(8), pins=PINS)
    document = document.with_input(FromData(7)).with_observation(Half("top"))
    document = document.with_setting(WalkSettings(waypoints=((-1.0, 0.5), (1.0, 0.5)), frames=6))
    return replace(document.with_setting(PriorSamples(count=9)), pins=PINS)


def pixels(image):
    """The colours of a QImage, (h, w, 3), from 0 to 255."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    shape = rgb.height(), rgb.width(), 4
    return np.frombuffer(rgb.constBits(), np.uint8).reshape(shape)[..., :3].astype(float)


def rendered(drawing, size):
    """The pixels of an SVG file, (h, w, 3), and the messages of Qt about the file."""
    messages = []
    before = qInstallMessageHandler(lambda *arguments: messages.append(arguments[-1]))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    qInstallMessageHandler(before)
    return pixels(image), messages


def fraction_that_differs(one, other):
    """The fraction of the pixels that differ clearly from all pixels of the other image within one pixel."""
    around = 3, 3, 1
    one, other = uniform_filter(one, around), uniform_filter(other, around)
    apart = np.zeros(one.shape, bool)
    for a, b in ((one, other), (other, one)):
        apart |= (a > maximum_filter(b, around) + CLEARLY) | (a < minimum_filter(b, around) - CLEARLY)
    return apart.any(axis=2).mean()


def compared(widget):
    """The fraction of the pixels of a widget that differ in its SVG file, and the messages of Qt about the file."""
    shown = widget.grab().toImage()
    drawn, messages = rendered(picture(widget, "svg"), shown.size())
    return fraction_that_differs(pixels(shown), drawn), messages


@pytest.mark.parametrize("tab", TITLES)
def test_the_svg_of_every_panel_shows_the_same_as_its_png(qtbot, monkeypatch, open_window, tab):
    for module in ("image.reparameterisation", "unboxing.estimating_ln_p_x"):
        monkeypatch.setattr(f"engine.latent.{module}.POOL", 2**11)  # as many marks, in less time
    window = open_window(tab)
    view = window.page.view
    commit(window, "Add data", with_something_on_it(tab, view.document))
    settle(qtbot, window)
    results = {}
    for kind in [kind for kind in view.kinds if kind.place_in(view.arrangement)]:
        panel = view.bring(kind)
        settle(qtbot, window)
        results[kind.title] = compared(panel)
    assert {title: fraction for title, (fraction, _) in results.items() if fraction > FEW} == {}
    assert {title: messages for title, (_, messages) in results.items() if messages} == {}


def test_marks_outside_the_axes_are_not_drawn_over_the_neighbours(qtbot):
    parent, plot = QWidget(), Plot("A plot", ("x", "y"), Viewport(0, 10, 0, 10), square=False)
    layout = QVBoxLayout(parent)
    for widget in (QLabel("Above"), plot, QLabel("Below")):
        layout.addWidget(widget)
    column, band, wave, marks, words = Lines(), Lines(), Lines(), Marks("disc", 9), Words()
    plot.add(column, band, wave, marks, words)
    column.dress(pg.mkPen("red", width=7))
    band.dress(pg.mkPen("blue"), brush=QBrush(QColor("cyan")))
    wave.dress(pg.mkPen("green", width=2))
    marks.dress(QPen(), QColor("red"))
    column.show_outline(np.array([[3.0, -1e7], [3.0, 1e7]]))
    band.show_outline(np.array([[5.0, -1e7], [6.0, -1e7], [8.0, 1e7], [7.0, 1e7], [5.0, -1e7]]))
    x = np.linspace(-5, 15, 200)
    wave.show_line(x, 40 * np.sin(x))
    marks.show_places([(2.0, 5.0), (1.0, 10.9), (2.0, -4.0), (1e4, 5.0)])
    words.show_words([(1.0, 2.0), (1.0, 11.5)], ("here", "there"), (True, True))
    qtbot.addWidget(parent)
    parent.resize(400, 300)
    with qtbot.waitExposed(parent):
        parent.show()
    fraction, messages = compared(parent)
    assert fraction < 0.001
    assert messages == []
