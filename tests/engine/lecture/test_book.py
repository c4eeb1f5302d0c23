"""The documents of the book's figures: the lecture's, or the user's own where a figure can show them."""

import pytest
from msgspec.structs import replace

from engine.latent.document import Latent
from engine.lecture.book import COUNTS, NAMES, caption_of, data_of, of_lecture, sequence, weights_view
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression
from engine.regression.model.basis import Polynomial
from engine.regression.model.linear_model import LinearModel
from engine.regression.weight_space import HeatmapSettings

OWN = Regression().with_drawn_points(10)


@pytest.mark.parametrize("name", ["3.7", "3.8", "3.9"])
def test_the_lecture_has_the_observations_of_the_book(name):
    plots = sequence(name, of_lecture(name))
    assert tuple(n for n, _ in plots) == COUNTS[name] == tuple(document.count for _, document in plots)
    lines, band = (0, "predictive") if name == "3.8" else (6, "none")
    for _, document in plots:
        shown = document[DataSpaceSettings]
        assert (shown.samples, shown.band, shown.deviations, shown.show_waiting) == (lines, band, 1, False)


def test_the_rows_of_the_pixels_are_no_stroke_one_two_and_all():
    assert [n for n, _ in sequence("3.7 for pixels", of_lecture("3.7 for pixels"))] == [0, 1, 2, 3]
    assert [document.step for _, document in sequence("3.7 for pixels", of_lecture("3.7 for pixels"))] == [0, 1, 2, 3]


def test_the_planes_reach_from_minus_one_to_one_as_in_the_book():
    view = weights_view(of_lecture("3.7"))
    assert (view.left, view.right, view.bottom, view.top) == (-1, 1, -1, 1)


def test_the_planes_contain_the_truth_and_the_posterior():
    source = replace(OWN.source, truth=replace(OWN.source.truth, slope=7.0))
    own = replace(Regression(source=source).with_drawn_points(30), model=LinearModel(prior_precision=0.01))
    view = weights_view(own)
    assert view.left < -0.3 < view.right
    assert view.bottom < 7 < view.top
    assert view.right - view.left == pytest.approx(view.top - view.bottom)


@pytest.mark.parametrize("name", ["3.7", "3.8", "3.9"])
def test_the_users_data_are_shown_if_the_figure_can_show_them(name):
    found = data_of(name, Latent(), OWN)
    assert (found.document, found.why) == (OWN, "")
    assert [n for n, _ in sequence(name, OWN)] == [*COUNTS[name][:3], 10]


@pytest.mark.parametrize(
    ("name", "own", "words"),
    [
        ("3.8", Regression(), "Figure 3.8 needs observations, and the page Regression has none."),
        (
            "3.7",
            replace(OWN, model=LinearModel(basis=Polynomial(3))),
            "Figure 3.7 needs a model with two weights, and the present one has 4.",
        ),
        ("3.7 for pixels", Latent(), "Figure 3.7 for pixels needs an image that is observed stroke by stroke."),
    ],
)
def test_other_data_give_way_to_those_of_the_lecture(name, own, words):
    found = data_of(name, own)
    assert found.document == of_lecture(name)
    assert found.why == f"{words} The figure shows the data of the lecture."


def test_own_observations_that_are_left_out_are_used_again():
    own = replace(OWN, left_out=(0,), pins=((0.1, 0.2),))
    assert [document.count for _, document in sequence("3.7", own)] == [0, 1, 2, 10]
    assert all(not document.pins for _, document in sequence("3.7", own))


def test_without_own_data_a_figure_shows_those_of_the_lecture():
    assert all(data_of(name).document == of_lecture(name) and not data_of(name).why for name in NAMES)


def test_the_caption_says_that_colours_are_logarithmic():
    line, pixels = of_lecture("3.7"), of_lecture("3.7 for pixels")
    assert caption_of("3.7", line).endswith("on a scale of each plane.")
    logarithmic = line.with_setting(HeatmapSettings(logarithmic=True))
    assert caption_of("3.7", logarithmic).endswith("on a scale of each plane, in logarithms down to 20 nats.")
    assert caption_of("3.7 for pixels", pixels).endswith("on a scale of each plane, in logarithms (20 nats).")
