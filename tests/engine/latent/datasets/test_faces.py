"""Generated faces: the factors decide the pixels, and the factors can be estimated from the pixels."""

import numpy as np
import pytest
from msgspec.structs import replace
from sklearn.linear_model import Ridge

from engine.latent.datasets.canvas import Canvas
from engine.latent.datasets.face_drawing import HEAD, MOUTH_DOWN, TURN, drawn
from engine.latent.datasets.faces import LOOKS, WORDS, Faces, _faces

ALL = {name.replace(" ", "_"): True for name in WORDS}
FEW = Faces(training=1500, held_out=500)


def face(**changed):
    """Return one face whose factors are 0, except for the given ones."""
    known = {key: [0.0] for key in WORDS} | {name.replace("_", " "): [value] for name, value in changed.items()}
    return drawn(48, 1, known)[0].astype(int)


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_images_come_with_the_factors_that_vary(look):
    faces = replace(FEW, look=look, glasses=True)
    train, test = faces.train(), faces.test()
    assert train.pixels.shape == (1500, *faces.image_shape)
    assert test.pixels.shape == (500, *faces.image_shape)
    assert train.factor_names == ("smile", "head turn", "glasses")
    assert train.factors.shape == (1500, 3)
    assert np.abs(train.factors[:, :2]).max() <= 1
    np.testing.assert_allclose(train.factors[:, :2].mean(0), 0, atol=4 / np.sqrt(3 * 1500))
    np.testing.assert_allclose(train.factors[:, :2].var(0), 1 / 3, atol=0.03)
    assert set(train.factors[:, 2]) == {0.0, 1.0}
    for label, factors in zip(test.labels, test.factors, strict=True):
        said = test.classes[label]
        assert said.startswith("smile") == (factors[0] > 0)
        assert said.endswith("glasses") == (factors[2] == 1)
    assert faces.light


@pytest.mark.slow
def test_the_same_seed_draws_the_same_faces_and_another_others():
    known = dict.fromkeys(WORDS, np.linspace(-1, 1, 7))
    np.testing.assert_array_equal(drawn(32, 3, known), drawn(32, 3, known))
    before = FEW.train()
    _faces.cache_clear()
    assert FEW.train() is not before
    np.testing.assert_array_equal(FEW.train().pixels, before.pixels)
    assert not np.array_equal(replace(FEW, seed=2).test().pixels, FEW.test().pixels)
    assert not np.array_equal(FEW.train().pixels[:500], FEW.test().pixels)


def test_ticking_a_factor_leaves_the_others_as_they_are():
    more = replace(FEW, brow=True).train()
    assert more.factor_names == ("smile", "head turn", "brow")
    np.testing.assert_array_equal(more.factors[:, :2], FEW.train().factors)


def test_a_smaller_range_of_the_turn_scales_the_turns_and_leaves_the_smiles():
    whole, part = Faces(training=100, held_out=20), Faces(training=100, held_out=20, turn_range=0.25)
    np.testing.assert_array_equal(part.test().factors, whole.test().factors * [1, 0.25])


@pytest.mark.parametrize("name", WORDS)
def test_each_factor_moves_pixels(name):
    low, high = face(**{name: 0.0}), face(**{name: 1.0})
    assert np.abs(high - low).max() > 40


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_the_factors_can_be_told_from_the_pixels(look):
    """A linear regression from pixels to factors, fitted to some faces, predicts the factors of other faces."""
    faces = replace(FEW, look=look)
    told = Ridge(1.0)
    told.fit(faces.train().pixels.reshape(1500, -1) / 255, faces.train().factors)
    left = faces.test().factors - told.predict(faces.test().pixels.reshape(500, -1) / 255)
    assert np.all(1 - left.var(0) / faces.test().factors.var(0) > 0.97)


@pytest.mark.slow
def test_all_factors_can_be_told_when_all_vary():
    faces = Faces(**ALL, training=3000, held_out=500)
    told = Ridge(10.0)
    told.fit(faces.train().pixels.reshape(3000, -1) / 255, faces.train().factors)
    left = faces.test().factors - told.predict(faces.test().pixels.reshape(500, -1) / 255)
    shares = 1 - left.var(0) / faces.test().factors.var(0)
    assert dict(zip(faces.factors, shares, strict=True))["smile"] > 0.7
    assert np.all(shares > 0.5), dict(zip(faces.factors, shares, strict=True))


def test_features_lie_on_a_round_head():
    """The mouth is where a smile changes pixels; it moves by r sin(turn), with the head's radius r at its height."""

    def place(turn):
        weight = np.abs(face(head_turn=turn) - face(head_turn=turn, smile=1.0))[28:].sum(0)
        return (weight * np.arange(48)).sum() / weight.sum() - 23.5

    turns = np.linspace(-1, 1, 5)
    radius = 24 * HEAD[0] * np.sqrt(1 - (MOUTH_DOWN / HEAD[1]) ** 2)
    np.testing.assert_allclose([place(turn) for turn in turns], radius * np.sin(TURN * turns), atol=0.6)


def test_edges_are_soft():
    """The coverage of an ellipse sums to its area within 1 %, for every position of its centre."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-0.1, 0.1, (2, 50))
    canvas = Canvas(50, 48, 1)
    canvas.ellipse(x, y, 0.5, 0.7, (1.0, 1.0, 1.0))
    np.testing.assert_allclose(canvas.light[0].sum((1, 2)), np.pi * 0.5 * 0.7 * 24**2, rtol=0.01)
    between = (canvas.light > 0.05) & (canvas.light < 0.95)
    assert between.sum() > 50 * 48
    assert len(np.unique(face())) > 60


def test_a_grey_face_is_the_coloured_one_seen_in_grey():
    known = dict.fromkeys(WORDS, np.linspace(-1, 1, 5)) | {"glasses": np.array([0, 1, 0, 1, 0])}
    seen = drawn(48, 3, known) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(drawn(48, 1, known), seen, atol=1.01)


@pytest.mark.parametrize("ticked", [{}, {"smile": True}, {"glasses": True}])
def test_fewer_than_two_factors_are_refused_in_a_sentence(ticked):
    with pytest.raises(ValueError, match="At least two factors must vary"):
        Faces(**({"smile": False, "head_turn": False} | ticked))


def test_classes_come_from_another_factor_if_the_smile_is_fixed():
    test = Faces(smile=False, brow=True, training=100, held_out=50).test()
    assert test.classes == ("turned left", "turned right")
    np.testing.assert_array_equal(test.labels, test.factors[:, 0] > 0)
