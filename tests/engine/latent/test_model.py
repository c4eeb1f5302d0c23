"""The loaded model: mosaics equal decoded images, at every zoom and in every chart."""

import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.latent import vae
from engine.latent.charts import CHARTS, EqualProbability, Linear
from engine.latent.model import BLANK, MODELS, MOST_CELLS, NARROW, WIDE, LoadedModel, lattice, open_model
from engine.latent.vae.likelihoods import Bernoulli
from engine.plane import Viewport
from tests.engine.latent.vae.tiny import tiny


class Fake:
    """A model of 2×3 pixels that encode the latent; it counts the latents that it decodes."""

    image_shape = (2, 3)
    light = False
    y = 0

    def __init__(self):
        self.decoded = 0

    def given(self, y):
        return self

    def decode(self, z):
        self.decoded += len(z)
        pixels = np.stack([np.tanh(z[:, 0]), np.tanh(z[:, 1]), *[np.zeros(len(z))] * 4], axis=1)
        return (0.5 + 0.5 * pixels).reshape(-1, 2, 3).astype(np.float32)


every_chart = pytest.mark.parametrize("chart", [kind() for kind in CHARTS], ids=lambda chart: type(chart).__name__)


@every_chart
def test_every_cell_of_the_mosaic_equals_the_decoded_image(chart):
    model = LoadedModel(Fake())
    viewport = Viewport(-0.2, 1.3, -0.1, 0.9, 300, 200)
    *_, mosaic = model.mosaics(chart, viewport)
    assert mosaic.complete
    shown = mosaic.viewport
    for row in range(shown.rows):
        for column in range(shown.columns):
            position = np.array([shown.left + (column + 0.5) * mosaic.cell, shown.top - (row + 0.5) * mosaic.cell])
            image = mosaic.image[2 * row : 2 * row + 2, 3 * column : 3 * column + 3]
            if chart.holds(position):
                np.testing.assert_array_equal(image, model.decode(chart.to_latent(position)[None])[0])
            else:
                assert np.all(image == BLANK)


def test_panning_decodes_only_the_cells_that_come_into_view():
    fake = Fake()
    model = LoadedModel(fake)
    list(model.mosaics(Linear(), Viewport(0, 8, 0, 8, 400, 400)))
    before = fake.decoded
    *_, mosaic = model.mosaics(Linear(), Viewport(mosaic_cell(), 8 + mosaic_cell(), 0, 8, 400, 400))
    assert fake.decoded - before == mosaic.viewport.rows


def mosaic_cell():
    return Linear().cell(lattice(Linear(), Viewport(0, 8, 0, 8, 400, 400))[0])


def test_mosaics_fill_up_and_only_the_last_is_complete():
    mosaics = list(LoadedModel(Fake()).mosaics(Linear(), Viewport(-3, 3, -3, 3, 600, 600)))
    blanks = [int(np.sum(mosaic.image == BLANK)) for mosaic in mosaics]
    assert len(mosaics) > 3
    assert blanks == sorted(blanks, reverse=True)
    assert blanks[-1] == 0
    assert [mosaic.complete for mosaic in mosaics] == [False] * (len(mosaics) - 1) + [True]


def test_the_oldest_images_of_the_mosaic_are_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr("engine.latent.model.KEPT", 200 * 6)  # of six pixels
    model = LoadedModel(Fake())
    for left in (-40, 0, 40):
        *_, mosaic = model.mosaics(Linear(), Viewport(left, left + 6, -3, 3, 600, 600))
        assert np.sum(mosaic.image == BLANK) == 0
    assert len(model._tiles) == 200


@given(
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.floats(1e-6, 1e4),
    st.integers(1, 4000),
    st.integers(1, 4000),
)
def test_the_grid_covers_the_viewport_with_cells_of_45_to_60_pixels(x, y, height, columns, rows):
    width = height * columns / rows
    viewport = Viewport(x, x + width, y, y + height, columns, rows)
    level, across, up = lattice(Linear(), viewport)
    cell = Linear().cell(level)
    hair = 1e-9 * cell
    assert across.start * cell <= viewport.left + hair
    assert across.stop * cell >= viewport.right - hair
    assert up.start * cell <= viewport.bottom + hair
    assert up.stop * cell >= viewport.top - hair
    assert cell / (height / rows) >= NARROW * (1 - 1e-6)
    assert max(len(across), len(up)) <= MOST_CELLS + 2
    if max(columns, rows) < NARROW * MOST_CELLS:
        assert cell / (height / rows) <= WIDE * (1 + 1e-6)


@every_chart
def test_images_of_the_first_sight_have_the_same_size_in_windows_of_every_size(chart):
    home = chart.home
    for side in range(300, 2200, 7):
        level, *_ = lattice(chart, Viewport(home.left, home.right, home.bottom, home.top, side, side))
        assert NARROW * 0.999 <= chart.cell(level) * side / (home.right - home.left) <= WIDE * 1.001


def test_whole_images_fill_the_square_of_the_equal_probability_chart():
    chart = EqualProbability()
    for level in range(-40, 1):
        assert 1 / chart.cell(level) == pytest.approx(round(1 / chart.cell(level)), abs=1e-9)
        assert chart.cell(level - 1) < chart.cell(level)


@every_chart
def test_charts_are_inverted_exactly(chart):
    z = np.random.default_rng(0).standard_normal((100, 2))
    places = chart.to_place(z)
    np.testing.assert_allclose(chart.to_latent(places), z, atol=1e-9)
    assert chart.holds(places).all()


def test_equal_areas_hold_equal_prior_probability():
    z = np.random.default_rng(0).standard_normal((100_000, 2))
    places = EqualProbability().to_place(z)
    counts, *_ = np.histogram2d(*places.T, bins=4, range=[[0, 1], [0, 1]])
    np.testing.assert_allclose(counts / len(z), 1 / 16, atol=0.003)
    assert not EqualProbability().holds(np.array([[0.5, 1.0], [-0.1, 0.5]])).any()


def test_a_model_that_is_in_use_is_not_loaded_again_and_the_others_are_released(monkeypatch):
    loaded = []
    monkeypatch.setattr(vae, "load_model", lambda name: loaded.append(name) or Fake())
    used, unused = open_model("used"), weakref.ref(open_model("unused"))
    for n in range(MODELS):
        open_model(f"other {n}")
    assert open_model("used") is used
    assert loaded.count("used") == 1
    assert unused() is None
    open_model("unused")
    assert loaded.count("unused") == 2
    assert open_model("used", 7) is not used  # with another number of encoded images


def test_images_that_were_replaced_by_others_of_another_size_are_said_in_one_sentence():
    """The files of own images can change after the training; the panels that read them must not fail in torch."""
    small = tiny(Bernoulli())  # of 3×4 pixels, on MNIST
    for read in (small.card.test, lambda: LoadedModel(small).embedding):
        with pytest.raises(ValueError, match=r"^The test images have 28×28 pixels now, and the model needs 3×4\. Put"):
            read()
    with pytest.raises(ValueError, match=r"^The training images have 28×28 pixels now, and the model needs 3×4\. Put"):
        small.card.train()
