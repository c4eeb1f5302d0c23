"""Empty panels: each explanation in place of a plot has a button that does what the explanation advises."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import resolve
from engine.plane import Viewport
from engine.regression.coverage import CoverageSettings
from engine.regression.data.observations import CROWD, Observations
from engine.regression.data.truths import Expression, Source, Unknown
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.gaussian_primer import PrimerPoints
from engine.regression.model.basis import Polynomial
from engine.regression.model.linear_model import LinearModel
from engine.regression.model.noise import UnknownNoise
from gui.page.stepper import FORWARD
from gui.pages import page_kind
from gui.regression.evidence import Evidence
from gui.regression.gaussian_primer import GaussianPrimer
from gui.regression.model_size import ModelSize
from gui.regression.samples import Samples
from gui.regression.truth_and_data import DRAW_ONE
from gui.widgets.notice import Notice

PANELS = page_kind("regression").panels
NONE = Regression().with_setting(CoverageSettings(repeats=10))
DRAWN = NONE.with_drawn_points(3)
THIS_TRUTH = CoverageSettings(truth="this truth", repeats=10)
MANY = Observations(np.linspace(-1, 1, CROWD + 1), np.zeros(CROWD + 1))
NOWHERE = Source(Expression("log(-1 - x*x)"))
EMPTY = {
    "no observation": NONE,
    "no step": DRAWN.step_to(0),
    "no observation, in the notation of scikit-learn": NONE.with_setting(Display(notation="scikit-learn")),
    "one weight": DRAWN.with_model(LinearModel(Polynomial(degree=0))),
    "unknown noise": DRAWN.with_model(LinearModel(noise=UnknownNoise())),
    "no finite value": Regression(source=NOWHERE).with_setting(THIS_TRUTH),
    "unknown truth": Regression(source=Source(Unknown())).with_setting(THIS_TRUTH),
    "points on a line": DRAWN.with_setting(PrimerPoints(points=((0.0, 0.0), (1.0, 1.0), (2.0, 2.0)))),
}


def shown(qtbot, kind, document):
    """A panel that shows a document."""
    panel = kind()
    qtbot.addWidget(panel)
    panel.resize(600, 400)
    panel.echo(document)
    panel.draw(resolve(document, {key: Viewport(-1, 1, -1, 1, 20, 20) for key in kind.shows}))
    return panel


@pytest.mark.parametrize("name", EMPTY)
def test_each_explanation_of_an_empty_panel_has_a_button(qtbot, name):
    explained = []
    for kind in PANELS:
        panel = shown(qtbot, kind, EMPTY[name])
        for notice in panel.findChildren(Notice):
            if notice.text():
                explained.append(kind.title)
                assert notice.button is not None and not notice.button.isHidden(), f"{kind.title}: {notice.text()}"
                assert notice.button.text()
    assert explained


def test_the_buttons_draw_an_observation_or_points_and_step_back(qtbot):
    samples = shown(qtbot, Samples, EMPTY["no observation"])
    with qtbot.waitSignal(samples.requested, check_params_cb=lambda request: request is DRAW_ONE):
        samples.notice.button.click()
    primer = shown(qtbot, GaussianPrimer, EMPTY["no observation"])
    with qtbot.waitSignal(primer.edited) as edited:
        primer.notice.button.click()
    assert len(edited.args[0].document[PrimerPoints].points) == 20
    crowd = replace(DRAWN, observations=MANY, step=len(MANY))
    sizes = shown(qtbot, ModelSize, crowd)
    with qtbot.waitSignal(sizes.edited) as edited:
        sizes.notice.button.click()
    assert edited.args[0].document.count == CROWD
    assert len(edited.args[0].document.observations) == CROWD + 1


@pytest.mark.parametrize("kind", [Evidence, ModelSize])
def test_at_step_zero_the_observations_are_not_denied_and_the_button_steps_forward(qtbot, kind):
    panel = shown(qtbot, kind, EMPTY["no step"])
    assert panel.notice.text().startswith("No observation is used at this step")
    with qtbot.waitSignal(panel.requested, check_params_cb=lambda request: request is FORWARD):
        panel.notice.button.click()
