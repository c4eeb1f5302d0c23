"""Drawings: the SVG file of every panel of every tab shows what its PNG file shows."""

import numpy as np
import pyqtgraph as pg
import pytest
from engine.latent.subject import FromData
from engine.latent.walk import Walk
from msgspec.structs import replace
from PySide6.QtCore import QByteArray, qInstallMessageHandler
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

from engine.latent.observations import Half
from engine.plane import Viewport
from gui.pages import TITLES
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.words import Words
from gui.shell.export import picture
from tests.gui.conftest import settle

CLEARLY = 32  # of 255, between means over 3×3 pixels, and beyond every such mean within a pixel: both smooth edges
FEW = 0.03  # of the pixels; sliders' grooves, and forms that are scrolled, are not cut off in a drawing
PINS = ((0.2, -0.5), (0.5, 0.3))


def with_something_on_it(tab, document):
    """What is marked, ringed, numbered and written wherever there is a place for it."""
    if tab == "regression":
        return replace(document.draw(8), pins=PINS)
    document = document.with_subject(FromData(7)).with_observation(Half("top"))
    document = document.with_walk(Walk(waypoints=((-1.0, 0.5), (1.0, 0.5)), frames=6))
    return replace(document, pins=PINS, samples=9)


def pixels(image):
    made = image.convertToFormat(QImage.Format.Format_RGB32)
    shape = made.height(), made.width(), 4
    return np.frombuffer(made.constBits(), np.uint8).reshape(shape)[..., :3].astype(float)


def rendered(drawing, size):
    """The pixels of an SVG file, and what Qt had to say about it."""
    said = []
    before = qInstallMessageHandler(lambda *what: said.append(what[-1]))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    qInstallMessageHandler(before)
    return pixels(image), said


def share_that_differs(one, other):
    """The share of the pixels that are clearly of no colour that the other picture has within a pixel."""
    around = 3, 3, 1
    one, other = uniform_filter(one, around), uniform_filter(other, around)
    apart = np.zeros(one.shape, bool)
    for a, b in ((one, other), (other, one)):
        apart |= (a > maximum_filter(b, around) + CLEARLY) | (a < minimum_filter(b, around) - CLEARLY)
    return apart.any(axis=2).mean()


def compared(widget):
    """The share of its pixels that differ in a drawing of it, and what Qt had to say about that."""
    shown = widget.grab().toImage()
    drawn, said = rendered(picture(widget, "svg"), shown.size())
    return share_that_differs(pixels(shown), drawn), said


@pytest.mark.parametrize("tab", TITLES)
def test_the_drawing_of_every_panel_shows_what_its_picture_shows(qtbot, monkeypatch, open_window, tab):
    monkeypatch.setattr("engine.latent.estimators.POOL", 2**11)  # as many marks, in less time
    window = open_window(tab)
    view = window.page.view
    view.edit("Something to see", with_something_on_it(tab, view.document))
    settle(qtbot, window)
    found = {}
    for kind in [kind for kind in view.kinds if kind.place_in(view.arrangement)]:
        panel = view.bring(kind)
        settle(qtbot, window)
        found[kind.title] = compared(panel)
    assert {title: share for title, (share, _) in found.items() if share > FEW} == {}
    assert {title: said for title, (_, said) in found.items() if said} == {}


def test_what_lies_outside_the_axes_is_not_drawn_over_the_neighbours(qtbot):
    made, plot = QWidget(), Plot("A plot", ("x", "y"), Viewport(0, 10, 0, 10), square=False)
    layout = QVBoxLayout(made)
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
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    share, said = compared(made)
    assert share < 0.001
    assert said == []
