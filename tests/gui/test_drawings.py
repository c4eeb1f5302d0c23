"""Drawings: the SVG file and the PNG file of each panel look the same."""

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

CLEARLY = 32  # of 255, the difference of means over 3×3 pixels, compared within one pixel, so that edges do not count
FEW = 0.03  # the allowed fraction of pixels: grooves of sliders and scrolled forms are not clipped in a drawing
PINS = ((0.2, -0.5), (0.5, 0.3))


def with_marks(tab, document):
    """Return a document for which the panels of a tab draw marks, rings, numbers and texts."""
    if tab == "regression":
        return replace(document.with_drawn_points(8), pins=PINS)
    document = document.with_input(FromData(7)).with_observation(Half("top"))
    document = document.with_setting(WalkSettings(waypoints=((-1.0, 0.5), (1.0, 0.5)), frames=6))
    return replace(document.with_setting(PriorSamples(count=9)), pins=PINS)


def pixels(image):
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    shape = rgb.height(), rgb.width(), 4
    return np.frombuffer(rgb.constBits(), np.uint8).reshape(shape)[..., :3].astype(float)


def rendered(drawing, size):
    """Return the pixels of an SVG file, and Qt's messages about the file."""
    messages = []
    before = qInstallMessageHandler(lambda *message: messages.append(message[-1]))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    qInstallMessageHandler(before)
    return pixels(image), messages


def fraction_that_differs(one, other):
    """Return the fraction of pixels whose colour the other image does not have within one pixel."""
    around = 3, 3, 1
    one, other = uniform_filter(one, around), uniform_filter(other, around)
    apart = np.zeros(one.shape, bool)
    for a, b in ((one, other), (other, one)):
        apart |= (a > maximum_filter(b, around) + CLEARLY) | (a < minimum_filter(b, around) - CLEARLY)
    return apart.any(axis=2).mean()


def compared(widget):
    """Return the fraction of a widget's pixels that differ in its drawing, and Qt's messages about the drawing."""
    image = widget.grab().toImage()
    drawing, messages = rendered(picture(widget, "svg"), image.size())
    return fraction_that_differs(pixels(image), drawing), messages


@pytest.mark.slow
@pytest.mark.parametrize("tab", TITLES)
def test_the_drawing_of_each_panel_looks_like_its_image(qtbot, monkeypatch, open_window, tab):
    monkeypatch.setattr("engine.latent.unboxing.estimating_ln_p_x.POOL", 2**11)  # fewer draws take less time
    window = open_window(tab)
    view = window.page.view
    commit(window, "Marks", with_marks(tab, window.page.store.document))
    settle(qtbot, window)
    results = {}
    for kind in [kind for kind in view.kinds if kind.place_in(view.arrangement)]:
        panel = view.bring(kind)
        settle(qtbot, window)
        results[kind.title] = compared(panel)
    assert {title: fraction for title, (fraction, _) in results.items() if fraction > FEW} == {}
    assert {title: messages for title, (_, messages) in results.items() if messages} == {}


def test_marks_outside_the_axes_are_not_drawn_over_other_widgets(qtbot):
    holder, plot = QWidget(), Plot("A plot", ("x", "y"), Viewport(0, 10, 0, 10), square=False)
    layout = QVBoxLayout(holder)
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
    qtbot.addWidget(holder)
    holder.resize(400, 300)
    with qtbot.waitExposed(holder):
        holder.show()
    plot.clearFocus()  # the frame of the focus is not in a vector file
    fraction, messages = compared(holder)
    assert fraction < 0.001
    assert messages == []
