"""The classifier of digits: it is right for nearly all test images, and damaged files are refused."""

import numpy as np
import pytest

from engine.latent.datasets.mnist import Mnist
from engine.latent.vae.classifier.__main__ import train
from engine.latent.vae.classifier.classifier import FEATURES, SHIPPED, load_classifier

TEST = Mnist().test()


def test_the_shipped_classifier_is_as_good_as_its_card_says_and_small():
    classifier = load_classifier()
    features, probabilities = classifier.features(TEST.pixels[:800] / 255)
    assert features.shape == (800, FEATURES)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    right = (probabilities.argmax(1) == TEST.labels[:800]).mean()
    assert right == pytest.approx(classifier.card.accuracy, abs=0.015) and classifier.card.accuracy > 0.99
    assert SHIPPED.stat().st_size < 900_000


def test_a_damaged_file_and_a_file_of_another_kind_are_refused(tmp_path):
    content = bytearray(SHIPPED.read_bytes())
    content[-100] ^= 1
    (tmp_path / "damaged.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match="do not match its checksum"):
        load_classifier(tmp_path / "damaged.safetensors")
    with pytest.raises(ValueError, match="is not a classifier of this program"):
        load_classifier(SHIPPED.parent.parent / "models" / "coordinates.safetensors")


def test_the_training_learns_and_is_the_same_again():
    few = TEST.first(256)
    first, again = train(few, 3, 0), train(few, 3, 0)
    assert all((a == b).all() for a, b in zip(first.parameters(), again.parameters(), strict=True))
