"""The file of a GAN: what is saved is loaded again, and it is refused as a model of the page with the reason."""

import numpy as np
import pytest

from engine.latent.vae.gan.gan import load_gan, save_gan
from engine.latent.vae.gan.gan_worker import finished
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import load_model, save_model
from tests.engine.latent.vae.gan.small import small
from tests.engine.latent.vae.tiny import tiny


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("gan") / "small.safetensors"
    training = small()
    for _ in training:
        pass
    gan = finished(training, "small")
    save_gan(path, gan.networks, gan.card)
    return path, gan


def test_a_loaded_gan_equals_the_saved_one(file):
    path, gan = file
    loaded, z = load_gan(path), np.array([[0.1, -2.0], [3.0, 0.5]])
    assert loaded.card == gan.card and loaded.card.step == 9
    np.testing.assert_array_equal(loaded.decode(z), gan.decode(z))
    images = loaded.decode(z)
    assert images.shape == (2, 6, 6)
    np.testing.assert_array_equal(loaded.judge(images), gan.judge(images))


def test_a_gan_is_refused_as_a_model_with_the_reason(file):
    with pytest.raises(ValueError, match=r"is a GAN\. It has no encoder"):
        load_model(str(file[0]))


def test_a_model_and_a_damaged_file_are_refused_as_a_gan(file, tmp_path):
    vae = tiny(Bernoulli())
    save_model(tmp_path / "vae.safetensors", vae.networks, vae.card)
    with pytest.raises(ValueError, match="is not a GAN of this program"):
        load_gan(tmp_path / "vae.safetensors")
    content = bytearray(file[0].read_bytes())
    content[-5] ^= 64
    (tmp_path / "damaged.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match="do not match its checksum"):
        load_gan(tmp_path / "damaged.safetensors")
