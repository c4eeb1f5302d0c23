"""Planes of models with more than two latents: linear models against closed forms, and laws for two latents."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from engine.latent.document import Latent, symbol_of
from engine.latent.inputs.input import FromData
from engine.latent.observations.full import Full
from engine.latent.observations.half import Half
from engine.latent.posterior.unboxing import unbox
from engine.latent.slice import Slice
from engine.latent.unboxing.latent_space import formulas
from engine.latent.vae.architectures.architecture import ARCHITECTURES
from engine.latent.vae.architectures.convolutional import Convolutional
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.latent.vae.architectures.linear import Affine
from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.build import networks_for
from engine.latent.vae.networks.sliced import sliced
from engine.latent.vae.networks.turning import ordered
from engine.latent.vae.networks.vae import VAE
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.elbo import with_penalty
from engine.session import Session, decode, encode
from engine.snippets.latent import BY_PANEL
from tests.engine.latent.linear import LinearModel

FORMS = (
    Affine(),
    Mlp(widths=(7, 5)),
    ResidualMlp(encoder_width=8, bottleneck=4, decoder_width=8, octaves=2),
    Convolutional(channels=(3,), width=4),
    Coordinates(),
)
POINT = (0.3, -0.7, 0.2, 1.1, -0.4, 0.6, -0.1, 0.5)
# two latents, two others in the opposite order, and two directions
SLICES = (Slice(values=POINT), Slice(2, 0, values=POINT), Slice(values=POINT, directions=((1, 1, 0), (0, 1, 2))))


def test_all_architectures_are_tried():
    assert {type(form) for form in FORMS} == set(ARCHITECTURES)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)
def test_a_plane_shows_the_images_and_the_q_of_the_whole_model(form):
    torch.manual_seed(1)
    vae = VAE(LinearModel(shape=(6, 5)).vae.card, networks_for(form, Bernoulli(), (6, 5), 5).double().eval())
    x, places = np.random.default_rng(0).random((3, 6, 5)), np.array([[0.5, -1.0], [2.0, 0.1]])
    mean, deviation = vae.encode(x)
    assert mean.shape == deviation.shape == (3, 5)
    for chosen in (
        Slice(3, 1, values=POINT[:5]),
        Slice(values=POINT[:5], directions=((1, 1, 0, 0, 0), (0, 0, 2, 0, 1))),
    ):
        plane = chosen.plane(5)
        z = np.array(plane.origin) + places @ np.array(plane.axes)
        if not chosen.directions:
            np.testing.assert_array_equal(z[:, [3, 1]], places)
            np.testing.assert_array_equal(z[:, [0, 2, 4]], np.tile(np.array(POINT)[[0, 2, 4]], (2, 1)))
        over = sliced(vae, plane)
        np.testing.assert_allclose(over.decode(places), vae.decode(z), atol=1e-6)
        np.testing.assert_allclose(over.jacobian(places), vae.jacobian(z) @ np.array(plane.axes).T, atol=1e-6)
        along, spread = over.encode(x)
        np.testing.assert_allclose(along, mean @ np.array(plane.axes).T, atol=1e-12)
        np.testing.assert_allclose(spread, np.sqrt(deviation**2 @ np.array(plane.axes).T ** 2), rtol=1e-12)
        if isinstance(form, Coordinates):
            bands = [np.concatenate(list(each.render(at, 6, 5))) for each, at in ((over, places[0]), (vae, z[0]))]
            np.testing.assert_allclose(*bands, atol=1e-6)


@pytest.mark.parametrize(("latents", "chosen"), list(zip((3, 5, 8), SLICES, strict=True)))
@pytest.mark.parametrize("look", [Full(), Half()], ids=["whole", "half"])
def test_the_posterior_on_a_plane_is_that_of_a_linear_model_given_the_other_latents(latents, chosen, look):
    model = LinearModel(latents, latents=latents, reach=0.2)
    over, x = model.over(chosen.plane(latents)), model.image()
    index = np.concatenate([measurement.index for measurement in look.measure(x).measurements])
    values = np.concatenate([measurement.values for measurement in look.measure(x).measurements])
    mean, covariance, log_evidence = over.posterior(np.eye(x.size)[index], values)
    found = unbox(over.vae, x, look, size=101)
    assert found.log_evidence == pytest.approx(log_evidence, abs=1e-6)
    z = np.stack(np.meshgrid(found.axis, found.axis), axis=-1)
    away = found.log_posterior - multivariate_normal(mean, covariance).logpdf(z)
    assert np.abs(away).max() < 1e-6


def test_a_grid_over_more_than_two_latents_is_refused():
    model = LinearModel(latents=3)
    with pytest.raises(ValueError, match="A grid over 3 latents has 301\\^3 nodes"):
        unbox(model.vae, model.image())


def test_no_slice_changes_a_model_with_two_latents():
    document = Latent(input=FromData(3))
    assert document.loaded_model is document.whole_model
    assert document.with_slice(Slice(values=(1.0, 2.0), at_image=True)).loaded_model is document.whole_model
    assert symbol_of(document) == "x" and document.slice.names == ("z₀", "z₁")


def test_planes_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="show the same latent"):
        Slice(2, 2)
    with pytest.raises(ValueError, match="does not span a plane"):
        Slice(directions=((1.0, 0.0),))
    with pytest.raises(ValueError, match="The model has 3 latents, z₀ to z₂"):
        Slice(0, 3).plane(3)
    with pytest.raises(ValueError, match="are parallel"):
        Slice(directions=((1.0, 2.0), (2.0, 4.0))).plane(4)
    with pytest.raises(ValueError, match="is 0"):
        Slice(directions=((1.0, 2.0), (0.0,))).plane(4)


def test_formulas_on_a_plane_say_what_is_given():
    assert formulas(Full(), 1, ("z₂", "z₅")) == ("p(z₂, z₅)", "p(x|z₂, z₅, others)", "p(z₂, z₅|x, others)")
    assert formulas(Full(), 1) == ("p(z)", "p(x|z)", "p(z|x)")


@pytest.mark.parametrize("form", FORMS[:3], ids=lambda form: type(form).__name__)
def test_another_order_of_the_latents_keeps_the_model(form):
    torch.manual_seed(2)
    networks = networks_for(form, Bernoulli(), (6, 5), 4).eval()
    x, z, order = torch.rand(3, 30), torch.randn(3, 4), [2, 0, 3, 1]
    with torch.no_grad():
        before, (mean, log_variance) = networks.decoder(z), networks.encoder(x)
        ordered(networks, order)
        torch.testing.assert_close(networks.decoder(z[:, order]), before)
        torch.testing.assert_close(networks.encoder(x), (mean[:, order], log_variance[:, order]))


def test_more_than_two_latents_cannot_be_rotated():
    with pytest.raises(ValueError, match="Only two latents can be rotated"):
        Recipe(latents=3, rotation=90)


def test_a_slice_is_saved_with_the_document():
    document = Latent(model="mnist-8").with_slice(Slice(values=POINT, directions=((1.0, 0.5), (0.0, 1.0))))
    assert decode(encode(Session(document=document))).document == document
    assert b"slice" not in encode(Session(document=Latent(model="mnist-8")))


@pytest.mark.parametrize("opening", [(0.0, 0.0), (1.0, 0.25)])
def test_all_axes_but_the_first_open_together(opening):
    """The terms with partly open axes are those of a q whose other axes are scaled by the factors."""
    torch.manual_seed(4)
    networks = networks_for(Mlp(widths=(6,)), Bernoulli(), (3, 4), 3).double()
    x, noise = (torch.rand(5, 12) > 0.5).double(), torch.randn(5, 3).double()
    with torch.no_grad():
        fit, kl, _ = with_penalty(networks, "none", opening, x, x, noise)
        mean, log_variance = networks.encoder(x)
        factors = torch.tensor([[1.0, opening[0], opening[0]], [1.0, opening[1], opening[1]]]).double()
        z = factors[0] * mean + factors[1] * torch.exp(log_variance / 2) * noise
        each = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)
    torch.testing.assert_close(fit, networks.log_likelihood(x, z).detach())
    torch.testing.assert_close(kl, each[:, 0] + opening[1] * (each[:, 1] + each[:, 2]))


def test_programs_of_a_slice_print_the_numbers_of_the_panels():
    document = Latent(model="mnist-8", input=FromData(3)).with_slice(Slice(2, 5, at_image=True)).pin((0.5, 0.5))
    for panel in ("Encoded image", "Pinned", "Reconstructions"):
        code, printed = BY_PANEL[panel].python(document), io.StringIO()
        with redirect_stdout(printed):
            exec(code, {})
        number = BY_PANEL[panel].number(document)
        assert float(printed.getvalue().strip("[]\n")) == pytest.approx(float(np.ravel(number)[0]), rel=1e-5)
    with pytest.raises(ValueError, match="two latents only"):
        BY_PANEL["Generated images"].python(document)
