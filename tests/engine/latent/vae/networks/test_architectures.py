"""Laws that every architecture obeys, and the particular properties of each architecture."""

from functools import partial

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from scipy.stats import norm

from engine.latent.datasets.npz import NpzFile
from engine.latent.vae import load_model
from engine.latent.vae.architectures.architecture import ARCHITECTURES
from engine.latent.vae.architectures.convolutional import Convolutional
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.latent.vae.architectures.linear import Affine
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import LIKELIHOODS, Bernoulli, ContinuousBernoulli, Gaussian, GreyBernoulli
from engine.latent.vae.networks import coordinates
from engine.latent.vae.networks.build import build, networks_for
from engine.latent.vae.networks.checkpoint import rounded, save_model
from engine.latent.vae.networks.jacobian import jacobian
from engine.latent.vae.networks.likelihood_densities import mean_of, targets
from engine.latent.vae.networks.networks import LOG_VARIANCE
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Card, Elbo, Recipe
from engine.latent.vae.training.elbo import elbo
from engine.part import declared

SHAPES = [(28, 28), (32, 32, 3), (9, 13)]
TINY = [
    ResidualMlp(encoder_width=8, bottleneck=4, decoder_width=8, octaves=1),
    Mlp(widths=(7, 5), activation="tanh"),
    Mlp(widths=(6,), activation="GELU"),
    Convolutional(channels=(3, 4), width=6),
    Coordinates(encoder_widths=(6,), code=5, width=8, layers=3, octaves=2),
    Affine(),
]
TINY += [kind() for kind in ARCHITECTURES if kind not in map(type, TINY)]

every_architecture = pytest.mark.parametrize("form", TINY, ids=str)
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
every_likelihood = pytest.mark.parametrize(
    "likelihood", [kind() for kind in LIKELIHOODS], ids=lambda value: type(value).__name__
)


def made(form, shape, seed=0, likelihood=Bernoulli()):  # noqa: B008  (immutable)
    torch.manual_seed(seed)
    return networks_for(form, likelihood, shape).double().eval()


def random(*shape, seed=1):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


def latents(n, seed=2):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


def vae_of(form, shape, likelihood=Bernoulli()):  # noqa: B008  (immutable)
    torch.manual_seed(0)
    networks = rounded(networks_for(form, likelihood, shape)).eval()
    recipe = Recipe(data=NpzFile("/own.npz"), architecture=form, likelihood=likelihood)  # images of any shape
    return VAE(Card("tiny", recipe, shape, 1, Elbo(-200.0, 5.0), 10, "none", "nobody", 1.0, "a test"), networks)


@pytest.mark.parametrize("kind", list(ARCHITECTURES), ids=lambda kind: kind.__name__)
def test_every_field_says_what_it_is_for(kind):
    for field in declared(kind):
        assert field.meta.title
        assert field.description.endswith(".")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Mlp(widths=()), "Widths must be 1 to 8 whole numbers"),
        (lambda: Mlp(widths=(400,) * 9), "Widths must be 1 to 8 whole numbers"),
        (lambda: Mlp(widths=(0,)), "from 1 to 4096"),
        (lambda: Mlp(activation="sigmoid"), "Activation must be ReLU, GELU or tanh"),
        (lambda: Convolutional(channels=(8,) * 7), "Channels must be 1 to 6 whole numbers from 1 to 512"),
        (lambda: Coordinates(layers=0), "Layers must be a whole number from 1 to 8"),
    ],
)
def test_what_cannot_be_built_is_refused(make, reason):
    with pytest.raises(ValueError, match=reason):
        make()


@every_shape
@pytest.mark.parametrize("form", [*TINY, *(kind() for kind in ARCHITECTURES)], ids=str)
def test_pictures_of_every_shape_go_in_and_come_out(form, shape):
    networks, pixels = build(form, shape), int(np.prod(shape))
    mean, log_variance = networks.encoder(1e5 * torch.randn(4, pixels))
    assert mean.shape == log_variance.shape == (4, 2)
    assert LOG_VARIANCE[0] <= log_variance.min() <= log_variance.max() <= LOG_VARIANCE[1]
    assert networks.decoder(torch.randn(5, 2)).shape == (5, pixels)


@pytest.mark.parametrize("shape", [(8, 8), (8, 11), (17, 9, 3), (255, 8), (9, 256)], ids=str)
@pytest.mark.parametrize("channels", [(2,), (2, 3), (2, 2, 2, 2, 2, 2)], ids=str)
def test_convolutions_take_any_height_and_width(shape, channels):
    networks, pixels = build(Convolutional(channels=channels, width=3), shape), int(np.prod(shape))
    assert networks.encoder(torch.rand(2, pixels))[0].shape == (2, 2)
    assert networks.decoder(torch.randn(2, 2)).shape == (2, pixels)


@every_architecture
def test_training_in_half_precision_works(form):
    torch.manual_seed(0)
    networks, x = build(form, (9, 13)), (random(6, 117) > 0.5).float()
    exact, _ = elbo(networks, x, x, torch.zeros(6, 2))
    with torch.autocast("cpu", torch.bfloat16):
        fit, kl = elbo(networks, x, x, torch.zeros(6, 2))
    (kl - fit).sum().backward()
    assert fit.dtype == kl.dtype == torch.float32
    torch.testing.assert_close(fit, exact, rtol=0.02, atol=0.0)
    assert all(bool(weight.grad.isfinite().all()) for weight in networks.parameters())


@every_shape
@every_architecture
def test_a_batch_is_one_by_one(form, shape):
    networks = made(form, shape)
    x, z = random(5, int(np.prod(shape))), latents(5)
    alone = [networks.encoder(row[None]) for row in x]
    for one, other in zip(networks.encoder(x), zip(*alone, strict=True), strict=True):
        torch.testing.assert_close(one, torch.cat(other))
    torch.testing.assert_close(networks.decoder(z), torch.cat([networks.decoder(row[None]) for row in z]))


@every_shape
@every_likelihood
@every_architecture
def test_what_is_saved_decodes_and_scores_to_the_same_bits(tmp_path, form, likelihood, shape):
    vae, path = vae_of(form, shape, likelihood), tmp_path / "tiny.safetensors"
    if vae.networks.log_sigma is not None:
        vae.networks.log_sigma.data[:] = torch.linspace(-5, 0.5, int(np.prod(shape)))
        rounded(vae.networks)
    save_model(path, vae.networks, vae.card)
    loaded, z, x = load_model(str(path)), latents(7).numpy(), random(*shape).numpy()
    assert loaded.card == vae.card
    np.testing.assert_array_equal(loaded.decode(z), vae.decode(z))
    np.testing.assert_array_equal(loaded.log_likelihood(x, z), vae.log_likelihood(x, z))
    np.testing.assert_array_equal(loaded.encode(x[None]), vae.encode(x[None]))
    assert vae.decode(z).std(axis=0).max() > 0


@every_shape
@every_architecture
def test_the_learned_deviation_of_each_pixel_is_that_of_what_is_decoded(form, shape):
    """Return ln p(x|z) from the model's mean and σ, with SciPy's Gaussian density."""
    vae = vae_of(form, shape, Gaussian())
    vae.networks.log_sigma.data[:] = torch.linspace(-3, 0.5, int(np.prod(shape)))
    z, x = latents(4).numpy(), random(*shape).numpy()
    assert vae.pixel_deviation.shape == shape
    expected = norm.logpdf(x, vae.decode(z).astype(float), vae.pixel_deviation).reshape(4, -1).sum(axis=1)
    np.testing.assert_allclose(vae.log_likelihood(x, z), expected, rtol=1e-4)
    assert vae_of(form, shape).pixel_deviation is None


@every_likelihood
@every_architecture
def test_the_gradient_of_the_elbo_against_finite_differences(form, likelihood):
    networks = made(form, (5, 6), likelihood=likelihood)
    x, noise = targets(likelihood, 255 * random(3, 5, 6)).double(), latents(3)

    def bound():
        fit, kl = elbo(networks, x, x, noise)
        return (fit - kl).sum()

    bound().backward()
    for parameter in networks.parameters():
        flat, step = parameter.data.view(-1), 1e-6
        i = int(parameter.grad.abs().argmax())
        kept = flat[i].item()
        ends = []
        for sign in (1, -1):
            flat[i] = kept + sign * step
            ends.append(bound().item())
        flat[i] = kept
        slope = parameter.grad.view(-1)[i].item()
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(slope, rel=1e-5, abs=1e-7)
        assert slope != 0


@every_likelihood
@every_architecture
def test_the_jacobian_against_central_differences(form, likelihood):
    networks, z, step = made(form, (5, 6, 3), likelihood=likelihood), latents(300), 1e-6
    found = jacobian(networks, partial(mean_of, likelihood), z)
    assert found.shape == (300, 90, 2)
    for axis, along in enumerate(torch.eye(2, dtype=torch.double)):
        with torch.no_grad():
            ends = [networks.mean(z + sign * step * along) for sign in (1, -1)]
        slope = (ends[0] - ends[1]) / (2 * step)
        torch.testing.assert_close(found[:, :, axis], slope, rtol=1e-6, atol=1e-8)
        assert slope.abs().max() > 1e-4


def test_the_jacobian_of_a_model_is_that_of_what_it_decodes():
    vae, step = vae_of(TINY[0], (9, 13), GreyBernoulli()), 2e-3
    z = latents(5).numpy()
    found = vae.jacobian(z)
    for axis, along in enumerate(np.eye(2)):
        ends = [vae.decode(z + sign * step * along).astype(float).reshape(5, -1) for sign in (1, -1)]
        np.testing.assert_allclose(found[:, :, axis], (ends[0] - ends[1]) / (2 * step), rtol=1e-3, atol=1e-4)
    assert np.abs(found).max() > 1e-3


def test_one_layer_of_400_has_the_weights_of_pytorchs_example():
    networks = build(Mlp(), (28, 28))
    expected = 784 * 400 + 400 + 2 * (400 * 2 + 2) + 2 * 400 + 400 + 400 * 784 + 784
    assert sum(weight.numel() for weight in networks.parameters()) == expected


def test_mlp_against_the_formula():
    networks = made(Mlp(widths=(7, 5), activation="tanh"), (2, 3))
    weights = {name: weight.detach().numpy() for name, weight in networks.named_parameters()}
    encoder, decoder = (
        [(weights[f"{part}.{i}.weight"], weights[f"{part}.{i}.bias"]) for i in (0, 2, 4)]
        for part in ("encoder.layers", "decoder")
    )
    x, z = random(4, 6), latents(4)
    for h, layers, found in (
        (x, encoder, torch.cat(networks.encoder(x), dim=1)),
        (z, decoder, networks.decoder(z)),
    ):
        out = h.numpy()
        for i, (w, b) in enumerate(layers):
            out = (out if i == 0 else np.tanh(out)) @ w.T + b
        np.testing.assert_allclose(found.detach().numpy(), out, atol=1e-12)
    assert [w.shape for w, _ in encoder] == [(7, 6), (5, 7), (4, 5)]
    assert [w.shape for w, _ in decoder] == [(5, 2), (7, 5), (6, 7)]


@pytest.mark.parametrize("shape", [(9, 13), (9, 13, 3)], ids=str)
def test_a_filter_sees_neighbours_as_neighbours(shape):
    """A unit of the first layer at (r, c) depends only on the pixels at 2r − 1 … 2r + 1, 2c − 1 … 2c + 1."""
    networks = made(Convolutional(channels=(4,), width=3), shape)
    planes, filters = networks.encoder.layers[:2]
    x = random(1, int(np.prod(shape))).requires_grad_()
    filters(planes(x))[0, 1, 2, 3].backward()
    touched = x.grad.reshape(shape) != 0
    expected = torch.zeros(shape, dtype=torch.bool)
    expected[3:6, 5:8] = True
    assert torch.equal(touched, expected)


@pytest.mark.parametrize("shape", [(9, 13), (9, 13, 3)], ids=str)
def test_a_filter_draws_neighbours_as_neighbours(shape):
    """A unit at (r, c) before the last layer changes only the pixels at 2r − 1 … 2r + 2, 2c − 1 … 2c + 2."""
    networks = made(Convolutional(channels=(4,), width=3), shape)
    last, order = networks.decoder[-2:]
    planes = torch.zeros(1, 4, 5, 7, dtype=torch.double)
    blank = order(last(planes)).reshape(shape)
    planes[0, 1, 2, 3] = 1.0
    touched = (order(last(planes)).reshape(shape) - blank).abs() > 1e-12
    expected = torch.zeros(shape, dtype=torch.bool)
    expected[3:7, 5:9] = True
    assert torch.equal(touched, expected)


def test_colours_stay_colours():
    """A change of one colour's last bias changes only this colour."""
    for form in (TINY[3], TINY[4]):
        networks, z = made(form, (9, 13, 3)), latents(2)
        before = networks.decoder(z).reshape(2, 9, 13, 3)
        bias = [weight for weight in networks.decoder.parameters() if weight.shape == (3,)][-1]
        with torch.no_grad():
            bias[1] += 2.0
        change = networks.decoder(z).reshape(2, 9, 13, 3) - before
        torch.testing.assert_close(change, torch.tensor([0.0, 2.0, 0.0], dtype=torch.double).expand_as(change))


def test_the_coordinate_decoder_against_its_formula():
    """h₁ = relu(P γ(x) + a₁(z)), hₗ = relu(Wₗ hₗ₋₁ + aₗ(z)), γ(x) = (x, sin 2ᵏπx, cos 2ᵏπx, …)."""
    networks, z, places = made(TINY[4], (9, 13, 3)), latents(4), 2 * random(6, 2) - 1
    weights = {name: weight.detach().numpy() for name, weight in networks.decoder.named_parameters()}
    a = z @ torch.tensor(weights["code.0.weight"]).T + torch.tensor(weights["code.0.bias"])
    for i in (2, 4):
        a = torch.nn.functional.gelu(a) @ torch.tensor(weights[f"code.{i}.weight"]).T + torch.tensor(
            weights[f"code.{i}.bias"]
        )
    shifts = a.numpy().reshape(4, 3, 1, 8)
    x = places.numpy()
    seen = np.hstack([x, *(wave(np.pi * 2**k * x) for k in (0, 1) for wave in (np.sin, np.cos))])
    h = np.maximum(seen @ weights["place.weight"].T + shifts[:, 0], 0)
    for layer in (0, 1):
        h = np.maximum(h @ weights[f"hidden.{layer}.weight"].T + shifts[:, layer + 1], 0)
    expected = (h @ weights["out.weight"].T + weights["out.bias"]).reshape(4, 18)
    np.testing.assert_allclose(networks.decoder.at(z, places).detach().numpy(), expected, atol=1e-12)


def test_the_centres_of_pixels():
    """Two rows of three pixels have their centres between −1 and 1 in y and in x."""
    expected = [[x, y] for y in (-1 / 2, 1 / 2) for x in (-2 / 3, 0, 2 / 3)]
    np.testing.assert_allclose(coordinates.centres(2, 3).numpy(), expected, atol=1e-15)
    np.testing.assert_allclose(coordinates.centres(2, 3, slice(1, 2)).numpy(), expected[3:], atol=1e-15)


@every_shape
def test_a_picture_at_its_own_resolution_is_what_is_decoded(shape):
    vae = vae_of(TINY[4], shape, ContinuousBernoulli())
    z = latents(1).numpy()[0]
    drawn = np.concatenate(list(vae.render(z, *shape[:2])))
    np.testing.assert_allclose(drawn, vae.decode(z)[0], atol=1e-6)


@every_shape
def test_the_middle_of_nine_small_pixels_is_the_large_one(shape, monkeypatch):
    monkeypatch.setattr(coordinates, "POINTS", 200)
    vae, (h, w) = vae_of(TINY[4], shape), shape[:2]
    z = latents(1).numpy()[0]
    bands = list(vae.render(z, 3 * h, 3 * w))
    assert max(band.shape[0] * band.shape[1] for band in bands) <= 200
    drawn = np.concatenate(bands)
    assert drawn.shape == (3 * h, 3 * w, *shape[2:])
    np.testing.assert_allclose(drawn[1::3, 1::3], vae.decode(z)[0], atol=1e-6)
    assert np.abs(drawn[::3, ::3] - drawn[1::3, 1::3]).max() > 1e-4


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="Only a model with the architecture Coordinates can be rendered"):
        vae_of(TINY[1], (9, 13)).render([0.0, 0.0], 18, 26)
    for height, width in ((0, 10), (10, 0), (10, 2**15 + 1)):
        with pytest.raises(ValueError, match="from 1 to 32,768 pixels"):
            vae_of(TINY[4], (9, 13)).render([0.0, 0.0], height, width)


def test_places_in_parts_are_places_at_once(monkeypatch):
    """Chunk size and recomputation of activations change neither the outputs nor the gradient."""
    networks, z = made(replace(TINY[4], layers=2), (9, 13)).train(), latents(6)
    found = []
    for points, kept in ((10**9, 10**9), (300, 10**9), (300, 0)):
        monkeypatch.setattr(coordinates, "POINTS", points)
        monkeypatch.setattr(coordinates, "KEPT", kept)
        logits = networks.decoder(z)
        gradients = torch.autograd.grad((logits**2).sum(), list(networks.decoder.parameters()))
        found.append((logits, *gradients))
    for other in found[1:]:
        for one, another in zip(found[0], other, strict=True):
            torch.testing.assert_close(one, another)


def test_networks_too_large_to_be_kept_are_refused_before_they_are_made():
    with pytest.raises(ValueError, match=r"million weights\. The limit is 60 million"):
        networks_for(Mlp(widths=(4096,) * 8), Bernoulli(), (256, 256, 3))
