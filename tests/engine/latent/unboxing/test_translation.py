"""Translation: ln p(B|A) under a turned plane, against the closed form of a linear model and laws of every angle."""

import numpy as np
import pytest

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.half import Half
from engine.latent.posterior.unboxing import unbox
from engine.latent.unboxing.translation import (
    NO_PAIRS,
    NOT_LEFT,
    TranslationSettings,
    log_translation,
    rotation,
    translated,
    with_angle,
    with_left_half,
)
from engine.plane import Viewport
from tests.engine.latent.linear import LinearModel

ONCE = Viewport(0, 1, 0, 1, 1, 1)
ANGLES = (0.0, 30.0, -120.0)


class Held:
    """A document with a linear model of images of 2×4 pixels."""

    def __init__(self):
        self.linear = LinearModel(shape=(2, 4), seed=4)
        self.loaded_model = self
        self.vae = self.linear.vae
        self.x = self.linear.image()


@pytest.fixture(scope="module")
def held():
    return Held()


def halves(held, turn):
    """The rows of pixels of A and of B, and the model with the plane of B turned: x_B = W R z + b."""
    left = np.indices((2, 4))[1].ravel() < 2
    turned = held.linear.w.copy()
    turned[~left] = turned[~left] @ turn
    return left, turned


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("angle", ANGLES)
def test_a_linear_model_translates_as_its_closed_form(held, angle, mirror):
    """ln p(x_B|x_A) = ln p(x_A, x_B) − ln p(x_A), both Gaussian (Bishop, PRML, eq. 2.115)."""
    turn, x = rotation(angle, mirror), held.x.ravel()
    left, turned = halves(held, turn)
    mass = unbox(held.vae, held.x, Half("left")).mass
    found = log_translation(held, mass, held.x, turn)
    before, held.linear.w = held.linear.w, turned
    eye = np.eye(len(x))
    both, alone = (held.linear.posterior(rows, rows @ x)[2] for rows in (eye, eye[left]))
    alone_b = held.linear.posterior(eye[~left], x[~left])[2]
    held.linear.w = before
    assert found == pytest.approx(both - alone, abs=0.01)
    assert alone == pytest.approx(held.linear.posterior(eye[left], x[left])[2], abs=1e-9)  # p(A) stays
    assert alone_b == pytest.approx(held.linear.posterior(eye[~left], x[~left])[2], abs=1e-9)  # p(B) stays


def test_the_angle_changes_the_translation(held):
    mass = unbox(held.vae, held.x, Half("left")).mass
    found = [log_translation(held, mass, held.x, rotation(angle)) for angle in ANGLES]
    assert np.ptp(found) > 0.1
    assert abs(log_translation(held, mass, held.x, rotation(0, mirror=True)) - found[0]) > 0.1


def told(document):
    return [value for value in translated(document, ONCE) if value is not PENDING]


def test_without_pairs_or_without_the_half_a_the_reason_is_said():
    assert told(Latent())[0].unavailable == NO_PAIRS
    assert told(with_left_half(Latent()))[0].unavailable == NO_PAIRS
    assert "left" in NOT_LEFT


def test_the_commands_observe_the_left_half_and_turn_the_plane():
    chosen = with_angle(with_left_half(Latent()), 30)
    assert (chosen.input, chosen.observation, chosen.step) == (FromData(0), Half("left"), 1)
    assert with_left_half(Latent(input=FromData(7))).input == FromData(7)
    np.testing.assert_allclose(rotation(90) @ [1, 0], [0, 1], atol=1e-15)
    np.testing.assert_allclose(rotation(90, mirror=True) @ [1, 0], [0, -1], atol=1e-15)
    mirrored = chosen.with_setting(TranslationSettings(mirror=True))
    assert with_angle(mirrored, 30)[TranslationSettings] == TranslationSettings(30.0, True)


def test_an_angle_out_of_range_is_refused():
    with pytest.raises(ValueError, match="Angle must be a number from −180 to 180"):
        with_angle(Latent(), 200)
