"""The ELBO of one image and its terms, against quadrature, and its outlines in both charts."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from engine.derived import ANYWHERE, resolve, whole
from engine.latent.charts import EqualProbability, Linear
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.image.encoded_image import measures
from engine.latent.image.encoding import encoded, encoding
from engine.latent.image.q_outlines import outlines
from engine.latent.inputs.input import FromData
from engine.latent.model import INKS
from engine.latent.plane.plane import mosaic


@pytest.mark.parametrize("index", [0, 7, 321])
def test_reconstruction_and_kl_agree_with_quadrature(index):
    document = Latent().with_input(FromData(index))
    found, vae = whole(measures(document)), document.loaded_model.vae
    x = (Mnist().test().pixels[index] > 127.5).ravel()
    mean, deviation = (part[0] for part in vae.encode(x.reshape(1, 28, 28).astype(np.float32)))
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    z = mean + deviation * np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    ink = np.clip(vae.decode(z).reshape(len(z), -1).astype(float), 1e-7, 1 - 1e-7)
    exact = np.outer(weights, weights).ravel() / (2 * np.pi) @ np.log(np.where(x, ink, 1 - ink)).sum(1)
    assert found.reconstruction == pytest.approx(exact, abs=4 * found.error + 0.01)
    assert 0 < found.error < 1
    divergence = sum(_divergence(m, s) for m, s in zip(mean, deviation, strict=True))
    assert found.kl == pytest.approx(divergence, abs=1e-6)
    assert found.elbo == pytest.approx(found.reconstruction - divergence, abs=1e-6)


def _divergence(mean, deviation):
    """KL(N(mean, deviation²) ‖ N(0, 1)) by quadrature."""
    q = norm(mean, deviation)
    ends = mean - 9 * deviation, mean + 9 * deviation
    return quad(lambda z: q.pdf(z) * (q.logpdf(z) - norm.logpdf(z)), *ends, epsabs=1e-9)[0]


def test_the_kl_of_the_prior_is_zero():
    assert kl_to_prior(np.zeros(2), np.ones(2)) == 0


def test_a_test_image_is_not_its_own_nearest_image():
    document = Latent().with_input(FromData(7))
    found, landed = whole(measures(document)), document.loaded_model.embedding
    away = np.sort(np.hypot(*(landed.mean - landed.mean[7]).T))
    assert found.distance == pytest.approx(away[1], abs=1e-5)


def test_without_an_image_there_are_no_numbers():
    assert whole(measures(Latent())) is None
    assert whole(measures(Latent().with_input(FromData(10**6)))) is None


def test_an_image_that_cannot_be_encoded_has_a_reason_and_the_plane_stays():
    document = Latent().with_input(FromData(10**6))
    scene = resolve(document, {mosaic: document.chart.home, encoding: ANYWHERE})
    found = scene.get(encoding)
    assert found.image is None and found.outlines is None
    assert "no image 1,000,000" in found.unavailable
    assert scene.get(mosaic).complete


def test_without_an_image_there_is_no_encoding_and_no_reason():
    found = encoding(Latent())
    assert found.image is None and found.outlines is None and not found.unavailable


def test_the_encoding_has_the_image_and_its_outlines_in_the_chart():
    document = Latent(chart=EqualProbability()).with_input(FromData(11))
    found = encoding(document)
    assert found.image is encoded(document)
    np.testing.assert_array_equal(found.outlines.two, outlines(found.image, EqualProbability()).two)


def test_the_encoding_equals_the_models_output():
    document = Latent().with_input(FromData(5, held_out=False))
    seen, vae, pixels = encoded(document), document.loaded_model.vae, Mnist().train().pixels[5]
    mean, deviation = vae.encode(pixels[None] / np.float32(255))
    np.testing.assert_array_equal(seen.mean, mean[0])
    np.testing.assert_array_equal(seen.deviation, deviation[0])
    np.testing.assert_allclose(seen.difference, vae.decode(mean)[0] - pixels / 255, atol=1e-6)
    np.testing.assert_array_equal(seen.ink, np.rint(pixels * (INKS / 255)).astype(np.uint8))


@pytest.mark.parametrize("chart", [Linear(), EqualProbability()], ids=["linear", "equal probability"])
def test_the_outlines_are_at_one_and_two_standard_deviations(chart):
    seen = encoded(Latent().with_input(FromData(11)))
    drawn = outlines(seen, chart)
    for k, outline in ((1, drawn.one), (2, drawn.two)):
        places = outline if isinstance(chart, Linear) else norm.ppf(outline)
        away = np.hypot(*((places - seen.mean) / seen.deviation).T)
        np.testing.assert_allclose(away, k, rtol=1e-6)
        np.testing.assert_allclose(outline[0], outline[-1], atol=1e-12)
