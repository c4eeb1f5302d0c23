"""The words and numbers of the shipped lecture: no forbidden phrase, right answers, and room for all its models."""

import re

import numpy as np
import pytest

from engine.latent.document import Latent
from engine.latent.model import MODELS
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.regression.model.linear_model import inferred
from tests.test_words import AVOIDED

LECTURE = shipped(files()[0])


def words(step):
    question = step.question
    asked = [question.ask, question.why, *question.options, str(question.answer)] if question else []
    return [step.title, step.section, step.text, step.try_, step.notes, step.needs.missing, *asked]


@pytest.mark.parametrize("step", LECTURE.steps, ids=lambda step: step.id)
def test_no_step_has_a_phrase_that_the_glossary_forbids(step):
    found = [
        (phrase, text) for text in words(step) for phrase in AVOIDED
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text.lower())
    ]  # fmt: skip
    assert found == []


def test_the_brightest_place_of_the_posterior_of_one_point():
    """S = (αI + βΦᵀΦ)⁻¹ and m = βSΦᵀt (PRML 3.53, 3.54) with α = 2, β = 25, x = 0.9, t = 0.15."""
    phi = np.array([[1, 0.9]])
    mean = 25 * np.linalg.solve(2 * np.eye(2) + 25 * phi.T @ phi, phi.T @ [0.15])
    assert LECTURE.step("bayes-rule").question.answer == pytest.approx(mean, abs=0.005)


def test_the_ridges_of_two_points_cross_at_the_line_through_both():
    document = stages(LECTURE, "line-2")[0].document
    x, t = document.taken.x, document.taken.t
    assert LECTURE.step("line-2").question.answer == pytest.approx(np.polyfit(x, t, 1)[::-1], abs=0.005)


def test_a_narrow_wrong_prior_keeps_the_truth_outside_for_all_twenty_points():
    seen = stages(LECTURE, "cons")
    assert [stage.document.step for stage in seen] == [0, 1, 2, 5, 10, 20]
    last = seen[-1].document
    weights = inferred(last.model, last.taken).weights
    off = np.array([last.source.truth.intercept, last.source.truth.slope]) - weights.mean
    assert off @ np.linalg.solve(weights.covariance, off) > 5.991  # the 95 % quantile of χ² with 2 degrees of freedom


def test_the_class_guesses_have_the_prior_of_the_slope():
    assert LECTURE.step("line-0").question.answer == pytest.approx(2**-0.5, abs=1e-4)


def test_the_grid_of_a_step_without_the_bound_is_that_of_its_recipe():
    step = LECTURE.step("without-the-bound")
    recipe = stages(LECTURE, step.id)[0].document.trained.recipe
    assert step.question.answer == recipe.grid**8
    assert f"{recipe.grid} nodes" in step.question.ask


def test_all_models_of_the_lecture_are_kept_in_memory_together():
    documents = [stage.document for step in LECTURE.steps for stage in stages(LECTURE, step.id)]
    models = {document.path: document.trained for document in documents if isinstance(document, Latent)}
    autoencoders = sum(trained is not None for trained in models.values())  # at most one beside each trained model
    assert len(models) == 10
    assert len(models) + autoencoders <= MODELS
