"""Small decisions of widgets: what is painted, said or kept, where a small fault would not change a document."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QEvent, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QImage, QTransform
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QWidget

from engine.latent.document import Latent
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import Stroke
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.plane import Viewport
from engine.regression.model.log_evidence import FixedPoint
from gui.latent.image import image_files
from gui.latent.image.image_files import ImageFiles
from gui.latent.plane.export_requests import Large
from gui.latent.plane.exports import Exporter
from gui.latent.training import model_files
from gui.latent.training.model_files import ModelFiles
from gui.latent.unboxing.framing import is_another_question
from gui.lecture.authoring.question_form import ANSWERS, KINDS, QuestionForm
from gui.lecture.curtain import Curtain
from gui.page.jobs import Failure
from gui.page.titlebar import TitleBar, TitleButton
from gui.plots.colour_bar import ColourBar
from gui.plots.curves.decomposition_bars import DecompositionBars, Sum
from gui.plots.curves.scatters import _round_numbers
from gui.plots.images.drawn_strip import DrawnStrip
from gui.plots.images.film import Film
from gui.plots.images.sketch_surface import SketchSurface
from gui.plots.planes.beyond import Beyond
from gui.plots.planes.primer import PrimerPlot
from gui.plots.plot import Plot
from gui.regression.evidence import HIGHEST, LOWEST, reachable
from gui.regression.model import standardised
from gui.shell import layouts, status, theme
from gui.shell.sessions.recovery import Recovery
from gui.shell.settings import Settings
from gui.shell.status import Status
from gui.widgets.controls import CheckBox
from gui.widgets.folding import Folding
from tests.gui.lecture.pressing import WHOLE


@pytest.fixture(scope="module", autouse=True)
def light(qapp):
    theme.apply("light", 1.0)


def shown(qtbot, widget, width=300, height=200):
    """The picture of a widget of this size."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    return widget.grab().toImage()


def count(image, colour):
    """The pixels of an image that have this colour."""
    wanted = QColor(colour).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def test_another_kind_of_observation_asks_another_question_and_a_further_stroke_does_not():
    whole, half = Latent(observation=Full()), Latent(observation=Half())
    assert is_another_question(whole, half)
    assert not is_another_question(whole, whole.with_input(Sketch()))
    assert is_another_question(whole.with_input(Sketch()), whole)
    assert is_another_question(whole, whole.with_model("mnist-8"))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind])
def test_the_field_of_the_answer_says_what_the_kind_of_question_needs(qtbot, kind):
    form = QuestionForm(WHOLE.step("line-20"))
    qtbot.addWidget(form)
    form.kind.setCurrentText(KINDS[kind])
    assert form.answer.placeholderText() == ANSWERS[kind] != ""


def test_a_handle_that_is_taken_and_dropped_by_keys_without_a_move_is_picked(qtbot):
    plot = Plot("A plot", ("x", "y"), Viewport(0, 10, 0, 10), square=False)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    plot.set_handles([(5.0, 5.0)])
    events = []
    plot.picked.connect(lambda i: events.append(("picked", i)))
    plot.dropped.connect(lambda: events.append("dropped"))
    QTest.keyClick(plot, Qt.Key.Key_PageDown)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert events == [("picked", 0)]
    QTest.keyClick(plot, Qt.Key.Key_Return)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert events[-1] == "dropped"


@pytest.mark.parametrize(
    ("kind", "alpha", "can"),
    [
        ("maximum", 2.0, True),
        ("maximum", 2 * HIGHEST, False),
        ("maximum", LOWEST / 2, False),
        ("unbounded", 2.0, False),
    ],
)
def test_only_a_maximum_within_the_range_of_the_model_is_reachable(kind, alpha, can):
    assert reachable(FixedPoint(alpha, 25.0, 1.0, -3.0, kind, np.empty((0, 2)))) is can


def test_the_highlighted_image_has_the_broad_frame(qtbot):
    strip = DrawnStrip("Images", "none", side=40)
    strip.show_drawn(np.zeros((3, 8, 8), np.uint8), np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]))
    shown(qtbot, strip)
    strip.highlight(1)
    image = strip.grab().toImage()
    for i in range(3):
        box = strip.square(i)
        edge, middle = (image.pixel(x, box.center().y()) for x in (box.left() + 2, box.center().x()))
        assert (edge != middle) is (i == 1), i  # a frame of 5 pixels covers the edge, one of 3 does not


def test_the_numbers_of_a_colour_bar_are_below_it(qtbot):
    bar = ColourBar("Colours")
    bar.show_colours("density", 0.0, 10.0, tuple(QColor(n, n, n).rgb() for n in range(256)))
    image = shown(qtbot, bar, 240, bar.sizeHint().height())
    line = bar.fontMetrics().height()
    rows = [sum(image.pixelColor(x, y).lightness() < 100 for x in range(240)) for y in range(image.height())]
    assert sum(rows[-line:]) > 10  # the numbers


def test_a_sketch_of_three_strokes_shows_each_of_them(qtbot):
    surface = SketchSurface("Sketch", "Draw here")
    strokes = tuple(Stroke(((x, 0.5, 0.5), (x, 0.6, 0.5)), 0.1) for x in (0.2, 0.5, 0.8))
    surface.show_strokes(strokes)
    image, square = shown(qtbot, surface, 200, 200), surface.square
    for x in (0.2, 0.5, 0.8):
        at = QPoint(round(square.left() + x * square.width()), round(square.top() + 0.55 * square.height()))
        assert image.pixelColor(at) == theme.ink(), x
    assert image.pixelColor(round(square.left() + 0.35 * square.width()), round(square.center().y())) == theme.paper()


def test_the_focus_on_one_button_of_a_title_bar_paints_them_all(qtbot, monkeypatch):
    """A button is painted while another one has the focus, so that all of them are painted again."""
    painted = []
    monkeypatch.setattr(TitleBar, "refresh", lambda bar: painted.append(bar))
    bar = TitleBar.__new__(TitleBar)
    QWidget.__init__(bar)
    qtbot.addWidget(bar)
    button = TitleButton()
    button.setParent(bar)
    for kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
        QApplication.sendEvent(button, QFocusEvent(kind))
    assert painted == [bar, bar]


def test_a_record_of_unsaved_work_ends_the_wait_for_one(monkeypatch):
    stopped, jobs = [], []
    soon = SimpleNamespace(stop=lambda: stopped.append(True), start=None)
    recovery = SimpleNamespace(stack=SimpleNamespace(initial={}), soon=soon, _image=None, journal=None,
                               _view=lambda: None, line=SimpleNamespace(submit=jobs.append))  # fmt: skip
    Recovery.record(recovery)
    assert stopped == [True] and len(jobs) == 1


@pytest.mark.parametrize(("text", "active", "said"), [("x = 1", True, 1), ("x = 1", False, 0), ("", True, 0)])
def test_a_read_out_is_announced_if_a_screen_reader_is_there(qtbot, monkeypatch, text, active, said):
    events = []
    reader = SimpleNamespace(isActive=lambda: active, updateAccessibility=events.append)
    monkeypatch.setattr(status, "QAccessible", reader)
    bar = Status()
    qtbot.addWidget(bar)
    bar.readout.say(text)
    bar._announce()
    assert len(events) == said


def test_a_file_with_an_image_is_read(qtbot, tmp_path):
    path = tmp_path / "digit.png"
    image = QImage(28, 28, QImage.Format.Format_Grayscale8)
    image.fill(0)
    assert image.save(str(path))
    view = QWidget()
    qtbot.addWidget(view)
    files = ImageFiles(view)
    files.document = Latent()
    with qtbot.waitSignal(files.edited, timeout=20_000) as edited:
        files.take_file(path)
    assert edited.args[0].text == "Paste an image"
    files.close()
    assert image_files.PASTE.run is ImageFiles.paste


def test_the_parts_of_a_folding_row_fill_it(qtbot):
    parts = [QWidget(), QWidget()]
    folding = Folding(("One", parts[0], 1, 1.0), ("Two", parts[1], 1, 1.0))
    shown(qtbot, folding, 400, 100)
    assert (parts[0].x(), parts[0].y()) == (0, 0)
    assert sum(part.width() for part in parts) == 400 and parts[1].height() == 100


@pytest.mark.parametrize("outline", [(0, 50), (0, -50), (50, 0), (-50, 0), (100, 3.5), (100, -3.5), (-100, 3.5)])
def test_the_words_at_the_edge_of_a_plane_are_inside_it(qapp, outline):
    """Beside a corner the arrow is almost parallel to an edge, and the words are moved away from the edge."""
    beyond, boxes = Beyond(), []
    beyond.area = QRect(20, 20, 160, 120)
    beyond.show_outline(np.array([outline, np.add(outline, 1.0)]))
    font = QFont()
    font.setPixelSize(20)
    nothing = dict.fromkeys(("setRenderHint", "setPen", "setBrush", "drawPolygon", "drawText"), lambda *_: None)
    painter = SimpleNamespace(**nothing, fontMetrics=lambda: QFontMetrics(font), drawRect=boxes.append)
    beyond.paint(painter, QTransform(20, 0, 0, -20, 100, 80))
    (box,) = boxes
    assert box.height() > 15 and QRectF(20, 20, 160, 120).contains(box)


def test_the_name_of_a_large_image_is_its_height_and_width():
    assert Large(Latent(), (0.0, 0.0), (28, 56)).name == "28×56"


def test_the_present_image_of_a_film_and_the_one_before_are_painted_again(qtbot, monkeypatch):
    film = Film("Steps", "none")
    film.show_ink(np.zeros((4, 8, 8), np.uint8))
    shown(qtbot, film, 400, 100)
    areas = []
    monkeypatch.setattr(film, "update", areas.append)
    film.show_current(2)
    assert film.current == 2
    assert all(any(area.contains(film.square(i)) for area in areas) for i in (0, 2))
    assert not any(area.contains(film.square(1)) for area in areas)


def test_a_damaged_layout_is_forgotten_with_a_notice(tmp_path):
    settings = Settings(tmp_path)
    settings.keep_layout("regression", QByteArray(b"layout"))
    assert settings.layout("regression") is not None
    assert layouts._forgotten(settings, ValueError("Damaged.")) == "Damaged. The default layout is used."
    assert settings.layout("regression") is None


def test_a_check_box_may_be_narrower_than_its_text_on_one_line(qtbot):
    holder, box = QWidget(), CheckBox("a text of several words " * 6)
    row = QHBoxLayout(holder)
    row.addWidget(box)
    shown(qtbot, holder, 200, 300)
    assert holder.width() == 200 and box.width() <= 200
    assert box.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Preferred


@pytest.mark.parametrize("colour", ["black", "white"])
def test_the_curtain_has_one_colour(qtbot, colour):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(60, 40)
    curtain = Curtain(window)
    curtain.toggle(colour)
    assert count(curtain.grab().toImage(), colour) == 60 * 40


def test_the_names_of_the_marks_are_centred_below_them(qtbot):
    bars = DecompositionBars("bars")
    bars.show_sum(Sum("x", -100.0, 60.0, -120.0, 0.0, best=-140.0))
    shown(qtbot, bars, 600, bars.sizeHint().height())
    lines, texts = [], []
    painter = SimpleNamespace(
        fontMetrics=bars.fontMetrics,
        setPen=lambda _: None,
        drawLine=lambda start, _: lines.append(start.x()),
        drawText=lambda at, text: texts.append((at.x(), bars.fontMetrics().horizontalAdvance(text))),
    )
    bars._paint_marks(painter, 50.0)
    assert len(texts) == len(lines) == 3
    for left, wide in texts:
        assert left > 0 and left + wide < 600
        assert min(abs(left + wide / 2 - x) for x in lines) < 1 or left < 3 or left + wide > 597  # at an edge
    assert any(min(abs(left + wide / 2 - x) for x in lines) < 1 for left, wide in texts)


@pytest.mark.parametrize(("shift", "sign"), [(1.5, "−"), (0.5, "−"), (-2.0, "+")])
def test_the_formula_of_standardised_values(shift, sign):
    assert standardised("x", shift, 0.3).startswith(f"(x {sign} {abs(shift)}")


def test_the_words_of_the_ellipses_are_below_the_inner_and_above_the_outer_one(qtbot):
    plot = PrimerPlot("Primer", ("x", "y"), Viewport(-3, 3, -3, 3))
    qtbot.addWidget(plot)
    angle = np.linspace(0, 2 * np.pi, 41)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    plot.show_ellipses((circle, 2 * circle), ("one", "two"))
    assert plot.words.texts == ("one", "two") and plot.words.above == (False, True)
    assert plot.words.places == pytest.approx(np.array([[0.0, -1.0], [0.0, 2.0]]), abs=1e-9)


def test_the_round_numbers_of_nats_are_one_and_three_times_powers_of_ten():
    found = list(_round_numbers())
    assert found[0] == 0 and sorted(found) == sorted(-nats for nats in found)
    mantissas = {f"{abs(nats):.0e}"[0] for nats in found[1:]}
    assert mantissas == {"1", "3"}


def test_a_model_is_saved_to_the_library_under_the_name_that_is_asked_for(qtbot, monkeypatch):
    view, asked = QWidget(), []
    qtbot.addWidget(view)
    monkeypatch.setattr(
        model_files.QInputDialog, "getText", lambda *words: (asked.append(words), ("  my name ", True))[1]
    )
    monkeypatch.setattr(model_files, "keep", lambda *kept: asked.append(kept))
    owner = SimpleNamespace(view=view, document=Latent(), outdated=SimpleNamespace(emit=lambda: None))
    ModelFiles.save_to_library(owner)
    assert asked == [(view, "Save model to library", "Name in the panel Models:"), (Latent().path, "my name")]


def test_an_export_that_fails_says_why_and_takes_its_progress_away():
    said = []
    owner = SimpleNamespace(_tell=lambda *words: said.append(words), refused=SimpleNamespace(emit=said.append))
    Exporter._on_failed(owner, Failure("The disk is full.", ""))
    assert said == [("", None), "The disk is full."]
