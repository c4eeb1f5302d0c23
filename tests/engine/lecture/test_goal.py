"""Goals: a Try is noticed when the document is as its goal says, and not before."""

import math

import pytest
from msgspec.structs import replace

from engine.latent.charts import Linear
from engine.latent.gan.gan import GanSettings
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.reparameterisation import ReparameterisationSettings
from engine.latent.inputs.input import FromData
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import Stroke
from engine.latent.model_source import Trained
from engine.latent.observations.block_average import BlockAverage
from engine.latent.observations.full import Full
from engine.latent.plane.attribute_arithmetic import ArithmeticSettings
from engine.latent.plane.overlays.aggregate_posterior import AggregatePosterior
from engine.latent.plane.overlays.overlay import OverlaySettings
from engine.latent.plane.walk import WalkSettings
from engine.latent.training.exact_evidence import taught_recipe
from engine.latent.training.training import TrainingSettings
from engine.latent.unboxing.estimating_ln_p_x import EstimatingSettings
from engine.latent.unboxing.generated_images import GeneratedImagesSettings
from engine.lecture.check import goal_fault
from engine.lecture.documents import stages
from engine.lecture.goal import check, conditions, is_reached, value_at
from engine.lecture.shipped import files, shipped
from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints
from engine.regression.model.basis import GaussianBumps
from engine.regression.model.prior import Ellipse, Isotropic

LECTURE = shipped(files()[0])
TWO = Regression().observe(0.5, 0.1).observe(-0.5, 0.2)


def other(kind, **fields):
    """A function that changes one setting."""
    return lambda d: d.with_setting(replace(d[kind], **fields))


def modelled(**fields):
    """A function that changes the linear model."""
    return lambda d: replace(d, model=replace(d.model, **fields))


DONE = {  # what a student does, as a function of the document of the step
    "faces-from-two-numbers": other(WalkSettings, waypoints=((0.0, 0.0), (1.0, 1.0))),
    "no-glasses-no-smile": other(ArithmeticSettings, strength=-2.0),
    "generating-with-a-gan": other(GanSettings, difference=True),
    "super-resolution": lambda d: d.with_observation(BlockAverage(side=4)),
    "which-year": modelled(prior_precision=3.0),
    "formulate-observe-update": lambda d: d.move(0, 0.2, 0.3),
    "line-0": modelled(prior_shape=Ellipse(mean_0=0.3)),
    "line-1": lambda d: d.move(0, -0.02, 0.3),
    "line-2": lambda d: d.move(1, d.observations.x[0] + 0.01, 0.3),
    "line-20": lambda d: replace(d, left_out=(0,)),
    "posterior-becomes-prior": lambda d: d.move(0, *d.observations.places[1]).move(1, *d.observations.places[0]),
    "sinusoid-1": lambda d: d.observe(0.1, 0.2),
    "sinusoid-2": lambda d: d.observe(0.1, 0.2),
    "sinusoid-4": lambda d: d.observe(0.1, 0.2),
    "sinusoid-25": lambda d: d.observe(0.1, 0.2),
    "where-to-look-next": lambda d: d.observe(0.1, 0.2),
    "the-gaussian": lambda d: d.with_setting(PrimerPoints(((5.0, 5.0), *d[PrimerPoints].points[1:]))),
    "ingredients": modelled(basis=GaussianBumps()),
    "pros": lambda d: d.with_drawn_points(90),
    "cons": modelled(prior_shape=Isotropic(), prior_precision=1e-4),
    "both-probabilistic": lambda d: d.with_input(FromData(index=2)),
    "encoder": lambda d: d.with_input(Sketch(strokes=(Stroke(points=((0.2, 0.2, 0.5), (0.7, 0.7, 0.5))),))),
    "loss": lambda d: d.with_q(GaussianQ(mean_0=0.1, mean_1=1.4, deviation_0=0.01, deviation_1=0.01)),
    "optimisation-challenge": other(ReparameterisationSettings, samples=50),
    "reparameterisation": lambda d: d.with_q(GaussianQ(mean_0=0.5)),
    "generative-mode": other(GeneratedImagesSettings, source="aggregate posterior q̄(z)"),
    "probabilistic-modelling": lambda d: d.with_observation(Full()),
    "ancestral-sampling": other(GeneratedImagesSettings, seed=77),
    "intractable": other(EstimatingSettings, samples=4096),
    "my-3-as-an-8": lambda d: d.with_given(8),
    "eight-latents": other(EstimatingSettings, temperatures=200),
    "without-the-bound": lambda d: d.with_model(Trained(taught_recipe(d), 100)),
    "the-latent-plane": lambda d: d.with_chart(Linear()).with_setting(OverlaySettings(kind=AggregatePosterior())),
    "ingredients-of-a-vae": lambda d: d.with_setting(
        d[TrainingSettings].with_recipe(replace(d[TrainingSettings].recipe, beta=784.0))
    ),
}


@pytest.mark.parametrize("id_", [step.id for step in LECTURE.steps if step.goal])
def test_each_goal_of_the_shipped_lecture_is_reached_by_what_the_step_asks_for(id_):
    step = LECTURE.step(id_)
    assert goal_fault(LECTURE, step) == ""
    every = stages(LECTURE, id_)
    for stage in every:  # no build reaches it, and no change of something else
        assert not is_reached(step.goal, stage.document, stage.document)
        assert not is_reached(step.goal, replace(stage.document, pins=((0.123, 0.4),)), stage.document)
    document = every[-1].document
    assert is_reached(step.goal, DONE[id_](document), document)


def test_more_than_half_of_the_shipped_steps_notice_what_was_tried():
    assert 2 * sum(bool(step.goal) for step in LECTURE.steps) > len(LECTURE.steps)


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        ("observations.count = 2", True),
        ("observations.count > declared", True),
        ("observations.count ≥ 3", False),
        ("observations.x.0 = 0.4 ± 0.101", True),
        ("observations.x.0 = 0.4 ± 0.099", False),
        ("observations.x.-1 = −0.5", True),
        ("observations.x.7 = 0", False),
        ("observations.x.0 = observations.x.1", False),
        ("observations.t.0 <= observations.t.1", True),
        ("model = declared and step != declared", True),
        ("model.basis.type = Polynomial", True),
        ("model.basis.width > 0", False),  # a polynomial has no width
        ("settings.Display.notation = Bishop", True),
        ("settings.Display.show_truth = true", True),
        ("settings.Display.show_truth > 0", False),
        ("names.0 = x", True),
        ("frame ≠ declared", False),
        ("", False),
    ],
)
def test_conditions_compare_values_of_the_document(goal, reached):
    check(goal, Regression())
    assert is_reached(goal, TWO, Regression()) is reached


def test_a_value_that_did_not_exist_at_first_differs_from_the_declared_one():
    assert is_reached("left_out.0 ≠ declared", replace(TWO, step=0, left_out=(0,)), TWO)


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ("observations.z = 1", "no value observations.z"),
        ("modell = 1", "no value modell"),
        ("settings.Elephant.size = 1", "no value settings.Elephant.size"),
        ("model.basis.elephant = 1", "no value model.basis.elephant"),
        ("step = observations.elephant.x", "no value observations.elephant.x"),
        ("step", "is not of the form"),
        ("step = 1 ± x", "after ± is not a number"),
        ("step = 1 and", "is not of the form"),
        ("__class__.__mro__.0 = 1", "no value"),
        ("step = a.b(c)", "neither a number nor a value"),
    ],
)
def test_a_faulty_goal_is_named(goal, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        check(goal, Regression())


def test_a_goal_computes_nothing():
    """Only declared fields are read: `loaded_model` would load a network, and `taken` would copy rows."""
    for path in ("loaded_model", "taken", "with_setting", "observations.places"):
        with pytest.raises(LookupError):
            value_at(TWO, path)
    assert math.isclose(value_at(TWO, "model.prior_precision"), 2.0)
    assert conditions("  ") == ()


def test_a_goal_is_not_reached_while_the_document_is_equal_to_the_declared_one():
    same = Regression().observe(0.5, 0.1).observe(-0.5, 0.2)
    assert same is not TWO
    assert not is_reached("observations.count = 2", same, TWO)
    assert is_reached("observations.count = 3", same.observe(0.1, 0.1), TWO)
