"""Snippets: each program of each panel runs alone, and prints the number of the panel."""

import contextlib
import io

import numpy as np
import pytest
from msgspec.structs import replace

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.observations.half import Half
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
from engine.snippets import latent, regression
from engine.snippets.panels import snippets_of

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


def test_an_image_that_is_not_selected_or_waits_is_refused():
    for snippets in latent.BY_PANEL.values():
        with pytest.raises(ValueError, match="No image is selected"):
            snippets.python(Latent())
    with pytest.raises(ValueError, match="Step to the last one"):
        latent.BY_PANEL["Ledger"].python(replace(IMAGE, waiting=1))


def test_a_panel_without_a_number_has_no_programs():
    assert snippets_of("regression", "Model") is None
    assert snippets_of("regression", "Evidence") is regression.BY_PANEL["Evidence"]
    assert snippets_of("latent", "The plane") is None
