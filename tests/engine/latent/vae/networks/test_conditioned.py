"""Networks that are given the class: the class is ten more inputs, and without weights it changes no bit."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from msgspec.structs import replace

from engine.latent.datasets.npz import NpzFile
from engine.latent.model import LoadedModel
from engine.latent.vae import load_model
from engine.latent.vae.architectures.architecture import ARCHITECTURES
from engine.latent.vae.architectures.convolutional import Convolutional
from engine.latent.vae.architectures.linear import Affine
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.checkpoint import rounded, save_model
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card, Elbo, Recipe
from tests.engine.latent.vae.tiny import FORM

SHAPE, CLASSES = (4, 5), ("a", "b", "c")
FORMS = [FORM, Mlp(widths=(7,)), Affine(), Convolutional(channels=(3,), width=6)]
FORMS += [kind() for kind in ARCHITECTURES if kind not in map(type, FORMS)]
every_architecture = pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)


def networks_of(form, classes, seed=0):
    torch.manual_seed(seed)
    return networks_for(form, Bernoulli(), SHAPE, classes=classes).eval()


def with_weights(networks, seed=1):
    """The networks with random weights of the classes."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in (networks.encoder_classes, networks.decoder_classes):
            weight.copy_(torch.randn(weight.shape, generator=generator))
    return networks


def card_of(form, classes=CLASSES):
    recipe = Recipe(data=NpzFile("/own.npz"), architecture=form, given_class=bool(classes))
    return Card("tiny", recipe, SHAPE, 1, Elbo(-9.0, 1.0), 10, "", "", 1.0, "a test", classes=classes)


def random(n, seed=2):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 20, generator=generator), torch.randn(n, 2, generator=generator)


@every_architecture
def test_without_weights_of_the_class_each_plane_is_the_plain_one_to_the_bit(form):
    plain, conditional = networks_of(form, 0), networks_of(form, 3)
    x, z = random(6)
    with torch.inference_mode():
        for y in (0, 2, torch.tensor([0, 1, 2, 2, 1, 0])):
            given = conditional.given(y)
            assert torch.equal(given.decoder(z), plain.decoder(z))
            assert all(torch.equal(*pair) for pair in zip(given.encoder(x), plain.encoder(x), strict=True))


@every_architecture
def test_a_class_for_each_image_is_that_class_alone(form):
    conditional = with_weights(networks_of(form, 3))
    (x, z), labels = random(6), torch.tensor([0, 1, 2, 2, 1, 0])
    with torch.inference_mode():
        together = conditional.given(labels)
        decoded, mean = together.decoder(z), together.encoder(x)[0]
        for y in range(3):
            alone = conditional.given(y)
            assert torch.allclose(alone.decoder(z[labels == y]), decoded[labels == y], atol=1e-5)
            assert torch.allclose(alone.encoder(x[labels == y])[0], mean[labels == y], atol=1e-5)
        assert not torch.allclose(conditional.given(0).decoder(z), conditional.given(1).decoder(z), atol=1e-2)


def test_the_class_is_a_vector_of_more_inputs():
    """The first layer with a wider matrix, of the image or latent and a vector with one 1."""
    conditional = with_weights(networks_of(Mlp(widths=(7,)), 3))
    x, z = random(6)
    labels = torch.tensor([2, 1, 0, 0, 1, 2])
    for given, inputs, first, weights in (
        (conditional.given(labels).encoder.layers, x, conditional.encoder.layers[0], conditional.encoder_classes),
        (conditional.given(labels).decoder, z, conditional.decoder[0], conditional.decoder_classes),
    ):
        wide = torch.cat([first.weight, weights.T], dim=1)
        expected = F.linear(torch.cat([inputs, F.one_hot(labels, 3).float()], dim=1), wide, first.bias)
        assert torch.allclose(given[0](inputs), expected, atol=1e-6)


def test_the_model_is_given_a_class_and_keeps_it_in_its_file(tmp_path):
    networks = rounded(with_weights(networks_of(FORM, 3)))
    save_model(tmp_path / "m.safetensors", networks, card_of(FORM))
    vae = load_model(str(tmp_path / "m.safetensors"))
    z = np.array([0.3, -0.8])
    each = np.concatenate([vae.given(y).decode(z) for y in range(3)])
    assert (vae.y, vae.given(2).y, vae.given(9).y, vae.given(2).given(1).y) == (0, 2, 2, 1)
    np.testing.assert_allclose(vae.given(2).decode_each(z), each, atol=1e-6)
    np.testing.assert_array_equal(vae.given(2).given(1).decode(z)[0], each[1])
    assert np.abs(each[0] - each[1]).max() > 0.05


def test_images_are_encoded_given_their_own_class():
    vae = VAE(card_of(FORM), with_weights(networks_of(FORM, 3))).given(0)
    x, labels = random(5)[0].reshape(5, *SHAPE).numpy(), np.array([2, 0, 2, 1, 1], np.uint8)
    mean, deviation = vae.encode_labelled(x, labels)
    for i, y in enumerate(labels):
        alone = vae.given(int(y)).encode(x[i : i + 1])
        np.testing.assert_allclose((mean[i], deviation[i]), np.concatenate(alone), rtol=1e-5)


def test_the_models_of_all_classes_are_cached_and_a_plain_model_is_itself():
    model = LoadedModel(VAE(card_of(FORM), with_weights(networks_of(FORM, 3))).given(0))
    assert model.given(0) is model
    assert model.given(1) is model.given(1)
    assert model.given(2).vae.y == model.given(7).vae.y == 2
    plain = LoadedModel(VAE(card_of(FORM, ()), networks_of(FORM, 0)))
    assert plain.given(3) is plain


def test_a_file_whose_classes_do_not_fit_is_refused(tmp_path):
    with pytest.raises(ValueError, match="its classes do not fit its recipe"):
        replace(card_of(FORM), classes=())
    save_model(tmp_path / "m.safetensors", networks_of(FORM, 2), card_of(FORM))
    with pytest.raises(ValueError, match="coder_classes in the shape"):
        load_model(str(tmp_path / "m.safetensors"))
