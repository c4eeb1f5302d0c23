"""Drawings: the PNG, SVG and PDF files of each panel look the same."""

import shutil

import numpy as np
import pyqtgraph as pg
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from engine.latent.inputs.input import FromData
from engine.latent.observations.half import Half
from engine.latent.plane.samples import PriorSamples
from engine.latent.plane.walk import WalkSettings
from engine.plane import Viewport
from gui.figures.figure import complete, made
from gui.figures.files import DOTS, image_of, pdf, svg
from gui.figures.look import INCH, Look
from gui.figures.maker import WHOLE, figure_of
from gui.pages import TITLES
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.words import Words
from gui.shell.theme import printing
from tests.gui.acting import commit
from tests.gui.conftest import settle
from tests.gui.figures.comparing import fraction_that_differs, pixels, rendered, rendered_page

FEW = 0.02  # the allowed fraction of pixels
SCALE = 1  # pixels of an image for each pixel of a layout
PDF = shutil.which("pdftoppm") is not None
PINS = ((0.2, -0.5), (0.5, 0.3))


def with_marks(tab, document):
    """Return a document for which the panels of a tab draw marks, rings, numbers and texts."""
    if tab == "regression":
        return replace(document.with_drawn_points(8), pins=PINS)
    document = document.with_input(FromData(7)).with_observation(Half("top"))
    document = document.with_setting(WalkSettings(waypoints=((-1.0, 0.5), (1.0, 0.5)), frames=6))
    return replace(document.with_setting(PriorSamples(count=9)), pins=PINS)


class Widget:
    """A drawing of a widget, one unit of a layout in each of its pixels."""

    def __init__(self, widget):
        self.widget = widget
        self.size_mm = widget.width() * INCH / DOTS, widget.height() * INCH / DOTS

    def paint(self, painter, units_per_mm):
        scale = units_per_mm * INCH / DOTS
        painter.scale(scale, scale)
        with printing(QApplication.font()):
            self.widget.render(painter, QPoint())


def compared(drawing):
    """Return the fractions of an image's pixels that differ in its SVG and PDF files, and Qt's messages about SVG."""
    image = image_of(drawing, SCALE)
    written, messages = rendered(svg(drawing, paths=False), image.size())
    outlined, more = rendered(svg(drawing, paths=True), image.size())
    pages = [rendered_page(pdf(drawing, paths=paths), image.size()) for paths in (False, True)] if PDF else []
    return [fraction_that_differs(pixels(image), other) for other in (written, outlined, *pages)], messages + more


@pytest.mark.slow
@pytest.mark.parametrize("tab", TITLES)
def test_the_files_of_each_panel_look_alike(qtbot, monkeypatch, open_window, tab):
    monkeypatch.setattr("engine.latent.unboxing.estimating_ln_p_x.POOL", 2**11)  # fewer draws take less time
    window = open_window(tab)
    view = window.page.view
    commit(window, "Marks", with_marks(tab, window.page.store.document))
    settle(qtbot, window)
    results = {}
    for kind in [kind for kind in view.kinds if kind.place_in(view.arrangement)]:
        panel = view.bring(kind)
        settle(qtbot, window)
        figure = made(kind, window.page.store.document, Look(caption=True), panel, view.scene)
        assert not figure.lacking()
        results[kind.title] = compared(figure)
        figure.close()
    page = figure_of(window.page, WHOLE, Look(width=254.0, caption=True))
    for part in page.parts:
        complete(part, view.scene)
    results[WHOLE] = compared(page)
    page.close()
    assert {title: fractions for title, (fractions, _) in results.items() if max(fractions) > FEW} == {}
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
    fractions, messages = compared(Widget(holder))
    assert max(fractions[:2]) < 0.001
    assert max(fractions) < FEW
    assert messages == []
