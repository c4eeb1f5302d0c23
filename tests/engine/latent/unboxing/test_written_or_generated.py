"""Written or generated: the quiz asks about as many written images as chosen, and answers it."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import PENDING
from engine.latent.document import Latent
from engine.latent.unboxing.written_or_generated import IMAGES, WrittenOrGeneratedSettings, answer, ask_again, quiz

START = WrittenOrGeneratedSettings()


def asked(settings):
    return [value for value in quiz(Latent().with_setting(settings)) if value is not PENDING]


@pytest.mark.parametrize("written", [0, 5])
def test_the_written_images_are_test_images_and_the_others_are_decoded(written):
    (found,) = asked(replace(START, written=written))
    test = Latent().loaded_model.vae.card.recipe.data.test().pixels.astype(np.int16)
    assert found.images.shape == (IMAGES, 28, 28)
    assert found.written.sum() == written
    for image, is_written in zip(found.images, found.written, strict=True):
        nearest = np.abs(test - image).max(axis=(1, 2)).min()
        assert (nearest <= 1) == is_written  # the darkest grey that is shown is 254


def test_the_answer_has_the_nearest_training_image_of_each():
    first, found = asked(replace(START, answered=True))
    assert first.nearest is None
    data = Latent().loaded_model.vae.card.recipe.data.train().pixels
    for image, nearest, distance in zip(found.images[:1], found.nearest, found.distance, strict=False):
        away = np.sqrt(((data / np.float32(255) - image / np.float32(254)) ** 2).sum(axis=(1, 2)))
        assert distance == pytest.approx(away.min(), abs=0.03)  # the shown image is rounded to 254 greys
        assert np.abs(nearest.astype(int) - data[away.argmin()]).max() <= 1


def test_a_new_quiz_has_other_images_and_no_marks():
    document = answer(Latent().with_setting(START.with_vote(5).with_vote(2).with_vote(5).with_vote(0)))
    assert document[WrittenOrGeneratedSettings] == replace(START, votes=(0, 2), answered=True)
    again = ask_again(document)[WrittenOrGeneratedSettings]
    assert again == replace(START, seed=START.seed + 1)
    assert not np.array_equal(asked(START)[0].images, asked(again)[0].images)
    np.testing.assert_array_equal(asked(START)[0].images, asked(START)[0].images)
