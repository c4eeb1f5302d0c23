"""Snippets: each program of each panel runs alone, and prints the number of the panel."""

import contextlib
import io

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import multivariate_normal

from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.encoder_and_decoder import with_noise
from engine.latent.image.reparameterisation import ReparameterisationSettings
from engine.latent.inputs.input import FromData
from engine.latent.inputs.sketch import Sketch
from engine.latent.observations.half import Half
from engine.latent.plane.any_resolution import AnyResolutionSettings
from engine.latent.plane.attribute_arithmetic import ArithmeticSettings
from engine.latent.plane.overlays.aggregate_posterior import AggregatePosterior
from engine.latent.plane.overlays.factor_contours import FactorContours
from engine.latent.plane.overlays.overlay import with_overlay
from engine.latent.plane.samples import draw_samples
from engine.latent.plane.walk import WalkSettings, walk_through_pins
from engine.latent.posterior.unboxing import unbox
from engine.regression import (
    Ellipse,
    Fourier,
    GaussianBumps,
    GaussianNoise,
    LinearModel,
    Polynomial,
    Sigmoids,
    StudentTNoise,
    UnknownNoise,
)
from engine.regression.coverage import CoverageSettings
from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints
from engine.regression.samples import SamplesSettings
from engine.snippets import latent, latent_images, regression
from engine.snippets.panels import snippets_of, why_none
from gui.pages import page_kind

LINE = Regression().observe(0.9, 0.15).observe(-0.6, -0.6).observe(0.2, -0.2)
LINE = LINE.with_setting(PrimerPoints(points=((0.0, 0.0), (1.0, 0.5), (-1.0, 2.0))))
LINE = LINE.with_setting(CoverageSettings(repeats=10))
WITH = LINE.with_model
DOCUMENTS = {
    "line": LINE,
    "cubic": WITH(LinearModel(Polynomial(degree=3), prior_precision=0.1, noise=GaussianNoise(precision=4.0))),
    "bumps": WITH(LinearModel(GaussianBumps(width=0.3, bias=False))),
    "one sigmoid": WITH(LinearModel(Sigmoids(count=1))),
    "waves": WITH(LinearModel(Fourier(pairs=2, period=3.0))),
    "ellipse": WITH(LinearModel(prior_shape=Ellipse(0.6, -0.6, 0.1, 0.2, 0.5))),
    "standardised": LINE.standardised(),
    "one left out": LINE.leave_out(1),
    "from the prior": LINE.with_setting(SamplesSettings(of="prior")),
}
PANELS = sorted(regression.BY_PANEL)


def printed(program):
    """Return the numbers that a program prints, and those in its last comment."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "snippet", "exec"), {})
    comment = program.rstrip().rsplit("\n# ", 1)[1]
    return np.array(out.getvalue().split(), float), np.atleast_1d(np.array(eval(comment), float)).ravel()


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("title", PANELS)
def test_the_programs_of_a_panel_print_its_number(title, name):
    document, snippets = DOCUMENTS[name], regression.BY_PANEL[title]
    number = np.atleast_1d(np.asarray(snippets.number(document), float)).ravel()
    assert np.isfinite(number).all()
    for program in (snippets.python, snippets.numpy):
        if program is not None:
            found, comment = printed(program(document))
            assert found == pytest.approx(number, rel=1e-7, abs=1e-9)
            assert comment == pytest.approx(number, rel=1e-15)


def test_the_numbers_are_those_of_the_lecture():
    """The lecture's line after three points: the weights as exact fractions, and the published log evidence."""
    found, _ = printed(regression.BY_PANEL["∝ Posterior"].numpy(LINE))
    assert found == pytest.approx([-205 / 716, 83 / 179], abs=1e-12)
    found, _ = printed(regression.BY_PANEL["Prior"].numpy(LINE))
    assert found == pytest.approx([-711 / 2510, 5823 / 12550], abs=1e-12)
    found, _ = printed(regression.BY_PANEL["Evidence"].numpy(LINE))
    assert found == pytest.approx([-1.429259693571], abs=1e-11)


@pytest.mark.parametrize("noise", [UnknownNoise(), StudentTNoise()], ids=["unknown", "student"])
def test_other_noise_has_a_program_with_the_engine_alone(noise):
    document, snippets = WITH(LinearModel(noise=noise)), regression.BY_PANEL["Evidence"]
    found, _ = printed(snippets.python(document))
    assert found == pytest.approx([snippets.number(document)], abs=1e-9)
    with pytest.raises(ValueError, match="Choose Gaussian noise"):
        snippets.numpy(document)


def test_the_coverage_of_one_true_function_has_a_program_with_the_engine_alone():
    document, snippets = (
        LINE.with_setting(CoverageSettings(truth="this truth", repeats=10)),
        regression.BY_PANEL["Coverage"],
    )
    found, _ = printed(snippets.python(document))
    assert found == pytest.approx(snippets.number(document))
    with pytest.raises(ValueError, match="drawn from the prior"):
        snippets.numpy(document)


def test_only_fields_that_are_not_defaults_are_written():
    program = regression.BY_PANEL["Evidence"].python(DOCUMENTS["cubic"])
    assert "LinearModel(basis=Polynomial(degree=3), prior_precision=0.1, noise=GaussianNoise(precision=4.0))" in program
    assert "model = LinearModel()\n" in regression.BY_PANEL["Evidence"].python(LINE)


@pytest.mark.parametrize("title", sorted({*PANELS} - {"Coverage"}))  # which draws its own data
def test_a_document_without_data_is_refused_in_a_sentence(title):
    with pytest.raises(ValueError, match=r"\.$"):
        regression.BY_PANEL[title].python(Regression())


def test_a_numpy_program_uses_nothing_of_this_program():
    for snippets in regression.BY_PANEL.values():
        assert snippets.numpy is None or "engine" not in snippets.numpy(LINE)


IMAGE = Latent(input=FromData(7))


def test_the_divergence_of_an_encoded_image():
    snippets = latent.BY_PANEL["Encoded image"]
    for program in (snippets.python, snippets.numpy):
        found, comment = printed(program(IMAGE))
        assert found == pytest.approx([snippets.number(IMAGE)], rel=1e-5)
        assert comment == pytest.approx([snippets.number(IMAGE)], rel=1e-12)


@pytest.mark.proof
def test_the_exact_log_evidence_of_an_observation(monkeypatch):
    """The program, with a coarser grid to save time, agrees with a sum over a fine grid around both modes."""
    document, spacing = IMAGE.with_observation(Half("top")), 0.015
    grid = np.stack(np.meshgrid(np.arange(-4.2, -1.2, spacing), np.arange(-0.4, 1.0, spacing)), -1).reshape(-1, 2)
    vae = document.loaded_model.vae
    seen = document.input.pixels(vae.card.recipe.data, vae.image_shape)[:14].ravel() > 127.5
    mean = vae.decode(grid)[:, :14].reshape(len(grid), -1).astype(float).clip(1e-12, 1 - 1e-12)
    joint = np.where(seen, np.log(mean), np.log1p(-mean)).sum(axis=1) - (grid**2).sum(axis=1) / 2 - np.log(2 * np.pi)
    expected = np.log(np.exp(joint - joint.max()).sum()) + joint.max() + 2 * np.log(spacing)
    monkeypatch.setattr(latent, "_log_evidence", lambda _: expected)
    program = latent.BY_PANEL["∝ Posterior"].python(document)
    found, comment = printed(program.replace("unbox(vae, image, ", "unbox(vae, image, size=151, "))
    assert found == pytest.approx([expected], abs=0.02)
    assert comment == pytest.approx([expected])


def numbers_of(snippets, document):
    return np.atleast_1d(np.asarray(snippets.number(document), float)).ravel()


DRAWN = Sketch().begin((0.3, 0.2, 1.0), 0.08).go_on((0.6, 0.8, 1.0))
PINNED = replace(IMAGE, pins=((0.5, -1.0), (-1.0, 0.25), (1.5, 1.0)))
PLANE = {
    "Samples": [draw_samples(Latent())],
    "Pinned": [PINNED],
    "Walk": [walk_through_pins(PINNED), Latent().with_setting(WalkSettings(waypoints=PINNED.pins, path="spherical"))],
    "Encoder and decoder": [IMAGE, with_noise(IMAGE.with_q(GaussianQ(1.0, -0.5, 0.2, 0.3)), np.array([0.5, -1.5]))],
    "Reparameterisation": [
        IMAGE,
        Latent().with_setting(ReparameterisationSettings(points=3, moved=((1, 0.5, -2.0), (7, 0.0, 0.0)))),
    ],
    "Sketch pad": [Latent(input=DRAWN)],
    "Reconstructions": [Latent()],
    "Model and data": [Latent(model="faces")],
    "Observed image": [IMAGE.with_observation(Half("bottom"))],
    "Any resolution": [replace(IMAGE, model="coordinates").with_setting(AnyResolutionSettings(size=56))],
}


@pytest.mark.parametrize(("title", "i"), [(title, i) for title in PLANE for i in range(len(PLANE[title]))])
def test_the_programs_of_the_panels_of_the_latent_page_print_their_numbers(title, i):
    document, snippets = PLANE[title][i], latent.BY_PANEL[title]
    number = numbers_of(snippets, document)
    assert np.isfinite(number).all()
    programs = [snippets.python(document)]
    if snippets.numpy is not None and document[WalkSettings].path == "straight":
        programs.append(snippets.numpy(document))
        assert "engine" not in programs[1]
    for program in programs:
        found, comment = printed(program)
        assert found == pytest.approx(number, rel=1e-5, abs=1e-6)
        assert comment == pytest.approx(number, rel=1e-12)


def test_the_numbers_of_latents_are_those_of_the_formulas():
    """ln N(z; 0, I) by SciPy, the length of a polygon by hand, and μ + σ ⊙ ε by hand."""
    found, _ = printed(latent.BY_PANEL["Pinned"].python(PINNED))
    assert found == pytest.approx(multivariate_normal.logpdf(np.array(PINNED.pins), np.zeros(2), np.eye(2)))
    found, _ = printed(latent.BY_PANEL["Walk"].python(PLANE["Walk"][0]))
    assert found == pytest.approx([np.hypot(1.5, 1.25) + np.hypot(2.5, 0.75)])
    found, _ = printed(latent.BY_PANEL["Encoder and decoder"].numpy(PLANE["Encoder and decoder"][1]))
    kl = (1 + 0.25 + 0.04 + 0.09 - 2 - np.log(0.04) - np.log(0.09)) / 2
    assert found == pytest.approx([1.0 + 0.2 * 0.5, -0.5 - 0.3 * 1.5, kl])


FACES = Latent(model="faces")
SLOW = {
    "The plane": [Latent(), Latent(chart=EqualProbability())],
    "Attribute arithmetic": [IMAGE.with_setting(ArithmeticSettings(start="4", end="9", strength=0.5))],
    "Overlay": [with_overlay(Latent(), AggregatePosterior()), with_overlay(FACES, FactorContours())],
    "Generated images": [Latent()],
}


@pytest.mark.proof
@pytest.mark.parametrize(("title", "i"), [(title, i) for title in SLOW for i in range(len(SLOW[title]))])
def test_the_programs_that_encode_all_test_images_print_their_numbers(title, i):
    document, snippets = SLOW[title][i], latent.BY_PANEL[title]
    number = numbers_of(snippets, document)
    for program in (snippets.python, snippets.numpy):
        if program is not None:
            found, comment = printed(program(document))
            assert found == pytest.approx(number, rel=1e-5, abs=1e-6)
            assert comment == pytest.approx(number, rel=1e-12)


@pytest.mark.proof
def test_the_program_of_the_evaluation_agrees_with_a_few_images_on_a_grid(monkeypatch):
    monkeypatch.setattr(latent_images, "TESTED", 2)
    snippets = latent.BY_PANEL["Evaluation"]
    number = numbers_of(snippets, Latent())
    found, _ = printed(snippets.python(Latent()))
    assert found == pytest.approx(number, abs=1e-6)
    assert number[0] - number[1] == pytest.approx(number[2])
    vae = Latent().loaded_model.vae
    images = vae.card.recipe.data.test().pixels[:2] / np.float32(255)
    assert number[0] == pytest.approx(np.mean([unbox(vae, image, size=151).log_evidence for image in images]), abs=0.1)


def test_every_panel_of_the_latent_page_has_a_program_or_a_reason():
    titles = {kind.title for kind in page_kind("latent").panels}
    assert titles == set(latent.BY_PANEL) | set(latent.WITHOUT)
    assert not set(latent.BY_PANEL) & set(latent.WITHOUT)
    assert why_none("latent", "Gallery") == latent.WITHOUT["Gallery"]
    assert why_none("regression", "Model") == "The panel Model has no number of its own to compute in a program."


@pytest.mark.parametrize(
    ("title", "document", "reason"),
    [
        ("Samples", Latent(), "There are no samples"),
        ("Pinned", Latent(), "No latent is pinned"),
        ("Walk", Latent(), "The walk has no path"),
        ("Sketch pad", IMAGE, "The Sketch pad is empty"),
        ("Any resolution", IMAGE, "a fixed number of pixels"),
        ("Overlay", Latent(), "This overlay has no number"),
    ],
)
def test_a_panel_without_a_value_is_refused_in_a_sentence(title, document, reason):
    with pytest.raises(ValueError, match=reason):
        latent.BY_PANEL[title].python(document)


def test_an_image_that_is_not_selected_or_waits_is_refused():
    for title in ("Encoded image", "Ledger", "Completions", "Observed image", "Encoder and decoder"):
        with pytest.raises(ValueError, match="No image is selected"):
            latent.BY_PANEL[title].python(Latent())
    with pytest.raises(ValueError, match="Step to the last one"):
        latent.BY_PANEL["Ledger"].python(replace(IMAGE, waiting=1))


def test_a_panel_without_a_number_has_no_programs():
    assert snippets_of("regression", "Model") is None
    assert snippets_of("regression", "Evidence") is regression.BY_PANEL["Evidence"]
    assert snippets_of("latent", "Gallery") is None
