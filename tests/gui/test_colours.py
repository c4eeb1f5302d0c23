"""Colours: their contrast on their grounds, and their distances for people with dichromatic vision, in every look."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette

import gui.plots
from engine.plane import Viewport
from gui.plots.curves.curves import CurvesPlot
from gui.plots.curves.learning import LearningPlot
from gui.plots.curves.model_size import ModelSizePlot
from gui.plots.curves.verdicts import VerdictsPlot
from gui.plots.planes.heatmap import HeatmapPlot
from gui.shell import theme
from gui.shell.palettes import LOOKS
from gui.widgets.controls import CheckBox
from tests.gui.colour_vision import VISIONS, contrast, distance, lab

TEXT, MARK, HIGH = 4.5, 3.0, 7.0  # WCAG 2.2: 1.4.3, 1.4.11 and 1.4.6
APART = 10.0  # CIEDE2000
DOTS = 0.8  # the opacity of the dots of the test images
Role = QPalette.ColorRole
TEXTS = [
    (Role.WindowText, Role.Window),
    (Role.Text, Role.Base),
    (Role.Text, Role.AlternateBase),
    (Role.ButtonText, Role.Button),
    (Role.ToolTipText, Role.ToolTipBase),
    (Role.HighlightedText, Role.Highlight),
    (Role.PlaceholderText, Role.Window),  # also the colour of disabled texts
    (Role.PlaceholderText, Role.Base),
    (Role.PlaceholderText, Role.Button),
    (Role.Link, Role.Base),
]
# Pairs of roles with nearly the same colour for some people are told apart by another mark.
OTHER_MARKS = {
    frozenset({"hovered", "prior"}): "a ring or a broad line against dashes and squares",
    frozenset({"hovered", "variational"}): "a ring or a broad line against the outline of q with its squares",
    frozenset({"hovered", "posterior"}): "a ring or a broad line against a thin line with a band",
    frozenset({"truth", "likelihood"}): "dashes or a cross against a disc or a full line, as the test below proves",
    frozenset({"variational", "likelihood"}): "an outline with squares against a disc",
    frozenset({"evidence", "variational"}): "a filled histogram against an outline, and the order of the bars",
    frozenset({"evidence", "posterior"}): "the evidence is a bar or a line with its name, the posterior a curve",
    frozenset({"prior", "variational"}): "dashes against an outline with squares, and columns with their names",
    frozenset({"evidence", "truth"}): "a filled histogram against dashes or a cross",
    frozenset({"evidence", "likelihood"}): "lines that carry their names",
    frozenset({"truth", "posterior"}): "dashes against a full line with a band",
    frozenset({"likelihood", "posterior"}): "a disc against a line",
    frozenset({"evidence", "prior"}): "lines that carry their names",
    frozenset({"truth", "variational"}): "dashes or a cross against an outline with squares",
}


def rgb(name):
    return np.array(QColor(name).getRgb()[:3], float)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_agrees_with_the_table_of_sharma(one, other, expected):
    assert distance(one, other) == pytest.approx(expected, abs=1e-4)


def test_the_contrast_of_black_and_white_is_21_and_their_mean_grey_is_lighter():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)  # #777, known from WCAG


@pytest.mark.parametrize("name", LOOKS)
def test_every_text_has_contrast_on_its_ground(name):
    colours, least = LOOKS[name].colours, HIGH if name.startswith("high") else TEXT
    values = {(a.name, b.name): contrast(rgb(colours[a]), rgb(colours[b])) for a, b in TEXTS}
    assert {pair: value for pair, value in values.items() if value < least} == {}


@pytest.mark.parametrize("name", LOOKS)
def test_every_mark_has_contrast_on_paper(name):
    look, least = LOOKS[name], TEXT if name.startswith("high") else MARK
    paper = rgb(look.colours[Role.Base])
    values = {role: contrast(rgb(colour), paper) for role, colour in look.roles.items()}
    assert {role: value for role, value in values.items() if value < least} == {}
    dots = [contrast(DOTS * rgb(colour) + (1 - DOTS) * paper, paper) for colour in look.classes]
    assert min(dots) >= MARK


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", LOOKS)
def test_ten_classes_are_told_apart_with_every_kind_of_vision(name, vision):
    look = LOOKS[name]
    paper = rgb(look.colours[Role.Base])
    seen = [lab(DOTS * rgb(colour) + (1 - DOTS) * paper, vision) for colour in look.classes]
    near = {(i, j): float(distance(seen[i], seen[j])) for i, j in combinations(range(10), 2)}
    assert {pair: value for pair, value in near.items() if value < APART} == {}


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", LOOKS)
def test_roles_are_told_apart_by_colour_or_by_another_mark(name, vision):
    roles = {role: lab(rgb(colour), vision) for role, colour in LOOKS[name].roles.items()}
    near = {pair for pair in combinations(roles, 2) if distance(roles[pair[0]], roles[pair[1]]) < APART}
    assert [pair for pair in near if frozenset(pair) not in OTHER_MARKS] == []


PLOTS = Path(gui.plots.__file__).parent


def test_truth_and_likelihood_differ_in_form_wherever_a_plot_has_both(qtbot):
    """Their colours differ by less than 1 for deutan vision: one is dashed or a cross, the other a disc or full."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in PLOTS.rglob("*.py")}
    assert {name for name, text in texts.items() if '"truth"' in text and '"likelihood"' in text} == {
        "curves", "learning", "model_size", "verdicts"
    }  # fmt: skip
    home = Viewport(-1, 1, -1, 1)
    curves, learning = CurvesPlot("A", ("x", "t"), home), LearningPlot("B", ("step", "nats"))
    sizes, plane = ModelSizePlot("C", ("size", "nats"), ("likelihood", "truth")), HeatmapPlot("D", ("w", "w"), home)
    verdicts = VerdictsPlot("E", "logit")
    for plot in (curves, learning, sizes, plane, verdicts):
        qtbot.addWidget(plot)
        plot.restyle()
    (full, disc), (dashed, square) = sizes.lines["likelihood"], sizes.lines["truth"]
    assert (disc.shape_of_mark, square.shape_of_mark) == ("disc", "square")
    for one, other in ((full, dashed), (learning.learnt, learning.held_out)):
        assert styles(one) == {Qt.PenStyle.SolidLine} and styles(other) == {Qt.PenStyle.DashLine}
    assert styles(curves.truth) == {Qt.PenStyle.DashLine}
    assert styles(verdicts.chosen) == {Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine}  # dashed on a broad ground
    assert (curves.latest.shape_of_mark, plane.truth.shape_of_mark) == ("disc", "cross")


def styles(line):
    return {pen.style() for pen in line._pens}


@pytest.mark.parametrize("name", LOOKS)
def test_the_outlines_of_controls_have_contrast_on_the_window_and_on_fields(qapp, name):
    theme.apply(name, 1.0)
    try:
        drawn = rgb(theme.outline().name())
        assert contrast(drawn, rgb(LOOKS[name].colours[Role.Window])) >= MARK
        assert contrast(drawn, rgb(LOOKS[name].colours[Role.Base])) >= MARK
        box = CheckBox("A box")
        image = box.grab().toImage()
        assert any(image.pixelColor(x, image.height() // 2) == theme.outline() for x in range(20))
    finally:
        theme.apply("light", 1.0)


@pytest.mark.parametrize("wish", ["light", "dark"])
def test_the_wish_of_the_desktop_for_high_contrast_is_followed(monkeypatch, wish):
    monkeypatch.setattr(theme, "system_wants_contrast", lambda: True)
    monkeypatch.setattr(theme, "system_is_dark", lambda: wish == "dark")
    assert theme.look_of("system") is LOOKS[f"high contrast {wish}"]
    assert theme.look_of("light") is LOOKS["light"]
