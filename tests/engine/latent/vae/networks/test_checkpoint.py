"""Checkpoints: a saved model is loaded exactly, and a damaged file is refused with one sentence."""

import json
import struct

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from engine.latent.vae import load_model
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.networks import checkpoint
from engine.latent.vae.networks.build import build
from engine.latent.vae.networks.checkpoint import rounded, save_model
from engine.latent.vae.recipe import Card, Elbo, Recipe
from engine.part import encode_hook

SMALL = Recipe(architecture=ResidualMlp(encoder_width=16, bottleneck=8, decoder_width=16))


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(0)
    networks = rounded(build(SMALL.architecture, (28, 28)))
    card = Card("small", SMALL, (28, 28), 1, Elbo(-200.0, 5.0), 10_000, "none", "nobody", 1.0, "a test")
    path = tmp_path / "small.safetensors"
    save_model(path, networks, card)
    return path, networks, card


def test_what_is_saved_comes_back(saved):
    path, networks, card = saved
    vae = load_model(str(path))
    assert vae.card == card
    for name, weight in networks.state_dict().items():
        assert torch.equal(vae.networks.state_dict()[name], weight)


def test_decoding_a_batch_is_decoding_one_by_one(saved):
    vae = load_model(str(saved[0]))
    z = np.random.default_rng(0).standard_normal((130, 2))
    together = vae.decode(z)
    assert together.shape == (130, 28, 28)
    np.testing.assert_allclose(together[[0, 64, 129]], [vae.decode(z[[i]])[0] for i in (0, 64, 129)], atol=1e-6)


def test_the_encoder_sees_what_the_likelihood_scores(saved):
    vae = load_model(str(saved[0]))
    grey = np.random.default_rng(0).uniform(size=(3, 28, 28))
    for one, other in zip(vae.encode(grey), vae.encode((grey > 0.5).astype(float)), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_every_flipped_byte_is_noticed_or_harmless(saved):
    path, networks, card = saved
    sound = path.read_bytes()
    rng = np.random.default_rng(0)
    header = 8 + struct.unpack("<Q", sound[:8])[0]
    places = [*rng.integers(0, header, 150), *rng.integers(header, len(sound), 150)]
    refused = 0
    for place in places:
        damaged = bytearray(sound)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            vae = load_model(str(path))
        except ValueError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            assert vae.card == card
            assert all(torch.equal(vae.networks.state_dict()[n], w) for n, w in networks.state_dict().items())
    assert refused >= 290


@pytest.mark.parametrize("length", [0, 7, 8, 100, -1])
def test_a_truncated_file_is_refused(saved, length):
    path = saved[0]
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"small\.safetensors"):
        load_model(str(path))


def resealed(path, change):
    """Return the file after `change` to its metadata and tensors, with a correct checksum."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    metadata = json.loads(content[8 : 8 + size])["__metadata__"]
    tensors = load(content)
    metadata, tensors = change(metadata, tensors)
    if "sha256" in metadata:
        metadata["sha256"] = checkpoint._digest(metadata["card"], tensors)
    path.write_bytes(save(tensors, metadata))


def without_a_layer(metadata, tensors):
    tensors.pop("decoder.out.bias")
    return metadata, tensors


def of_another_shape(metadata, tensors):
    return metadata, {**tensors, "decoder.out.bias": torch.zeros(10)}


def not_finite(metadata, tensors):
    return metadata, {**tensors, "decoder.out.bias": torch.full((784,), float("nan"))}


def of_another_architecture(metadata, tensors):
    card = msgspec.json.decode(metadata["card"])
    card["recipe"]["architecture"]["decoder_width"] = 32
    return {**metadata, "card": msgspec.json.encode(card, enc_hook=encode_hook).decode()}, tensors


def of_an_unknown_kind(metadata, tensors):
    card = msgspec.json.decode(metadata["card"])
    card["recipe"]["architecture"] = {"type": "Transformer"}
    return {**metadata, "card": json.dumps(card)}, tensors


def of_images_shaped(*shape):
    def change(metadata, tensors):
        card = msgspec.json.decode(metadata["card"])
        card["shape"] = shape
        return {**metadata, "card": msgspec.json.encode(card).decode()}, tensors

    return change


def nested_too_deeply(metadata, tensors):
    return {**metadata, "card": "[" * 100_000}, tensors


def anonymous(_, tensors):
    return {}, tensors


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without_a_layer, "layers of its architecture"),
        (of_another_shape, "in the shape"),
        (not_finite, "not finite"),
        (of_another_architecture, "layers of its architecture|in the shape"),
        (of_an_unknown_kind, "cannot read"),
        *((of_images_shaped(*shape), "cannot read") for shape in [(), (784,), (-28, -28), (28, 28, 1), (2**40, 28)]),
        (of_images_shaped(4000, 4000, 3), "of images with 4000×4000×3 pixels"),
        (nested_too_deeply, "cannot read|too long"),
        (anonymous, "description is missing"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_that_is_whole_but_wrong_is_refused(saved, change, reason):
    resealed(saved[0], change)
    with pytest.raises(ValueError, match=reason):
        load_model(str(saved[0]))


def test_a_missing_file_is_refused():
    with pytest.raises(ValueError, match=r"^nowhere\.safetensors cannot be read: it does not exist\.$"):
        load_model("nowhere.safetensors")


def as_kind(kind):
    def change(metadata, tensors):
        return metadata, {name: tensor.to(kind) for name, tensor in tensors.items()}

    return change


def with_weight(value, kind=torch.float64):
    def change(metadata, tensors):
        return metadata, {**tensors, "decoder.out.bias": torch.full((784,), value, dtype=kind)}

    return change


def with_all(value):
    def change(metadata, tensors):
        return metadata, {
            name: torch.full(tensor.shape, value, dtype=torch.float32) for name, tensor in tensors.items()
        }

    return change


def with_card(**fields):
    def change(metadata, tensors):
        card = {**msgspec.json.decode(metadata["card"]), **fields}
        return {**metadata, "card": json.dumps(card)}, tensors

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_weight(1e300), "not finite"),
        (with_weight(-1e39), "not finite"),
        (with_all(3e38), "not finite"),
        (as_kind(torch.float8_e4m3fn), "unsupported number format"),
        (as_kind(torch.int32), "unsupported number format"),
        (with_card(shape=[14, 14]), "of images with 14×14 pixels, but its data set has images with 28×28"),
        (with_card(epochs=-5), "cannot read: the value of epochs"),
        (with_card(test_images=-1), "cannot read"),
        (with_card(seconds=1e300), "cannot read"),
        (with_card(test_elbo={"reconstruction": -1e308, "kl": 0.0}), "cannot read: its ELBO is out of range"),
        (with_card(name="x" * 2000), "cannot read"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),  # no addresses: all workers must collect the same tests
)
def test_a_model_that_is_not_sound_is_refused(saved, change, reason):
    resealed(saved[0], change)
    with pytest.raises(ValueError, match=reason) as caught:
        load_model(str(saved[0]))
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_weights_of_every_usual_precision_are_read(saved, kind):
    resealed(saved[0], as_kind(kind))
    assert load_model(str(saved[0])).precision == torch.float32


def test_a_file_that_is_larger_than_any_model_is_not_read(saved, monkeypatch):
    size = saved[0].stat().st_size
    monkeypatch.setattr(checkpoint, "LARGEST", size)
    load_model(str(saved[0]))
    monkeypatch.setattr(checkpoint, "LARGEST", size - 1)
    with pytest.raises(ValueError, match=r"bytes, which is not a size of a model\.$"):
        load_model(str(saved[0]))


def test_the_images_that_a_foreign_model_names_are_not_read_unasked(saved, tmp_path):
    resealed(
        saved[0],
        with_card(
            recipe={
                "type": "Recipe",
                "data": {"type": "Folder", "path": "/"},
                "architecture": msgspec.to_builtins(SMALL.architecture, enc_hook=encode_hook),
            }
        ),
    )
    vae = load_model(str(saved[0]))
    with pytest.raises(ValueError, match="only after you agree"):
        vae.card.recipe.data.test()
    for near in (str(tmp_path / "pictures"), "pictures"):  # a relative path begins at the folder of the model
        resealed(
            saved[0],
            with_card(
                recipe={
                    "type": "Recipe",
                    "data": {"type": "Folder", "path": near},
                    "architecture": msgspec.to_builtins(SMALL.architecture, enc_hook=encode_hook),
                }
            ),
        )
        data = load_model(str(saved[0])).card.recipe.data
        assert data.origin == tmp_path / "pictures"
        with pytest.raises(ValueError, match="pictures is not a readable folder"):
            data.test()
