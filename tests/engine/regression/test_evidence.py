"""The surface of the log evidence, compared with the model at each cell."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import ANYWHERE, resolve
from engine.plane import Viewport
from engine.regression import Ellipse, GaussianNoise, LinearModel, Observations, Polynomial, UnknownNoise
from engine.regression.document import Regression
from engine.regression.evidence import CELLS, HOME, LEVELS, evidence_map, log_evidence, spectrum_of
from engine.regression.probes import PrecisionPlace

X = np.arange(10) / 9
T = np.array([0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502])
CUBIC = Regression(
    model=LinearModel(Polynomial(3), 0.005, GaussianNoise(11.1)), observations=Observations(X, T), step=10
)


def mapped(document, view):
    return resolve(document, {evidence_map: view}).get(evidence_map)


def test_the_contours_lie_at_their_levels_below_the_maximum():
    view = Viewport(-4, 4, -3, 4)
    log_alpha, log_beta = mapped(CUBIC, view).contours.reshape(-1, 2).T
    spectrum, cells = spectrum_of(CUBIC), view.cells(CELLS, CELLS)
    peak = spectrum.log_evidence(10 ** cells.x[None, :], 10 ** cells.y[:, None]).max()
    below = peak - spectrum.log_evidence(10**log_alpha, 10**log_beta)
    nearest = np.array(LEVELS)[np.argmin(np.abs(below[:, None] - LEVELS), axis=1)]
    np.testing.assert_allclose(below, nearest, rtol=0.06)
    assert set(nearest) == set(LEVELS)


def test_another_prior_or_noise_has_no_surface():
    for other in (LinearModel(noise=UnknownNoise()), LinearModel(prior_shape=Ellipse())):
        document = replace(CUBIC, model=other)
        assert mapped(document, Viewport(-4, 4, -3, 4)) is None
        assert PrecisionPlace(0, 0).answer(document).log_evidence == 0


def test_the_heatmap_is_the_log_evidence_of_each_model():
    view = Viewport(-4, 2, -1, 3, 7, 5)
    shown = mapped(CUBIC, view).heatmap
    exact = np.array(
        [
            [resolve(CUBIC.with_precisions(10**x, 10**y), {log_evidence: ANYWHERE}).get(log_evidence) for x in view.x]
            for y in view.y
        ]
    )  # fmt: skip
    below = np.clip(1 + (exact - exact.max()) / 20, 0, None)
    np.testing.assert_allclose(shown.image, 255 * below, atol=1.01)


def test_all_maxima_are_found_including_the_diverging_one():
    surface = mapped(CUBIC, Viewport(-4, 4, -3, 4))
    assert [rest.runaway for rest in surface.rests] == [True, False]
    assert surface.rests[1].log_evidence == pytest.approx(-13.7887476610, abs=1e-8)
    assert surface.path[0] == pytest.approx(np.log10([0.005, 11.1]))


def test_a_probe_gives_the_log_evidence_and_gamma():
    sinusoid = PrecisionPlace(*np.log10([0.005, 11.1])).answer(CUBIC)
    assert sinusoid.log_evidence == pytest.approx(-13.934107, abs=1e-6)
    phi = Polynomial(3).features(X)
    eigenvalues = np.linalg.eigvalsh(11.1 * phi.T @ phi)
    assert sinusoid.well_determined == pytest.approx(np.sum(eigenvalues / (0.005 + eigenvalues)), rel=1e-9)


def test_without_observations_there_is_no_surface():
    assert mapped(CUBIC.step_to(0), Viewport(-4, 4, -3, 4)) is None
    assert PrecisionPlace(0, 0).answer(CUBIC.step_to(0)).log_evidence == 0


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e6, 1e9])
def test_the_home_viewport_holds_every_maximum(scale):
    """t times c divides α and β by c²."""
    surface = mapped(replace(CUBIC, observations=Observations(X, 2 + scale * T)), HOME)
    finite = [rest for rest in surface.rests if rest.kind == "maximum"]
    for rest in finite:
        assert surface.home.left < np.log10(rest.alpha) < surface.home.right
        assert surface.home.bottom < np.log10(rest.beta) < surface.home.top
    assert finite


def test_the_home_viewport_is_the_usual_one_for_data_of_unit_scale():
    surface = mapped(CUBIC, HOME)
    assert surface.home == replace(HOME, columns=surface.home.columns, rows=surface.home.rows)


def test_the_value_at_the_point_has_the_digits_of_the_surface():
    """A polynomial of degree 9 over years, from 450 digits; the condition of Φ is 10⁵³."""
    x = np.arange(1990.0, 2010.0)
    model = LinearModel(Polynomial(9), 1e-12, GaussianNoise(1.0))
    document = Regression(model=model, observations=Observations(x, np.sin(x)), step=20)
    assert mapped(document, HOME).height == pytest.approx(-323.1923268027789, rel=1e-12)
