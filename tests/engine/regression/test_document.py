"""The Regression document: its pair of weights, its pins, and the points that it draws."""

import pytest
from msgspec.structs import replace

from engine.regression import LinearModel, Observations, Polynomial, Source
from engine.regression.data.truths import Cubic
from engine.regression.data_space import DataSpaceSettings
from engine.regression.display import Display, Frame
from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints

LINE = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)
CUBIC = Regression(
    model=LinearModel(Polynomial(3)),
    source=Source(truth=Cubic()),
    observations=Observations([0.9, -0.6, 0.2, 0.5], [0.15, -0.6, -0.2, 0.4]),
    step=4,
)


def test_a_pair_that_the_model_lacks_is_replaced():
    for across in range(6):
        for up in range(6):
            for degree in range(5):
                document = Regression(model=LinearModel(Polynomial(degree)), settings=(Display(across=across, up=up),))
                i, j = document.pair
                assert i != j
                assert max(i, j) <= max(degree, 1)
                if max(across, up) <= degree and across != up:
                    assert (i, j) == (across, up)


def test_another_pair_of_weights_removes_the_pins_and_another_band_does_not():
    document = CUBIC.pin((0.1, 0.2))
    assert document.with_setting(DataSpaceSettings(band="none")).pins == ((0.1, 0.2),)
    assert document.with_setting(Display(across=2)).pins == ()


def test_another_model_removes_the_pins_if_the_pair_of_weights_changes():
    document = replace(LINE, model=LinearModel(Polynomial(5)), settings=(Display(across=3, up=4),)).pin((0.1, 0.2))
    assert document.with_model(LinearModel(Polynomial(6))).pins == ((0.1, 0.2),)
    assert document.with_model(LinearModel(Polynomial(1))).pins == ()


def test_no_x_is_drawn_twice():
    document = Regression().with_drawn_points(5)
    again = document.remove(0).with_drawn_points(3)
    assert len(set(again.observations.x.tolist())) == 7
    assert document.with_drawn_points(1).observations.x[5] == Regression().with_drawn_points(6).observations.x[5]


def test_a_setting_equal_to_its_default_is_not_stored():
    changed = Regression().with_setting(Display(across=2)).with_setting(PrimerPoints(((1.0, 2.0),)))
    assert changed[Display].across == 2
    assert changed[DataSpaceSettings] == DataSpaceSettings()
    assert changed.with_setting(Display()).with_setting(PrimerPoints()) == Regression()
    assert Regression(settings=(PrimerPoints(((1.0, 2.0),)), DataSpaceSettings(), Display(across=2))) == changed
    with pytest.raises(ValueError, match="same type"):
        Regression(settings=(Display(across=2), Display(across=3)))


def test_imported_data_have_a_margin_of_a_tenth_of_their_range():
    frame = LINE.imported(Observations([0.0, 10.0, 4.0], [-1.0, 1.0, 0.0])).frame
    assert frame == Frame(-1.0, 11.0, -1.2, 1.2)
