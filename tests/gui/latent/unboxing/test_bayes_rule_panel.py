"""The panel Bayes' rule for classes: its words and bars for given log evidences, and what it asks for."""

import numpy as np
import pytest

from engine.derived import Scene
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.plane.classes import NO_CLASSES
from engine.latent.unboxing.bayes_rule_for_classes import ClassPosterior, ClassPrior, Evidences, class_posterior
from gui.latent.plane.classes import OPEN_CLASSES
from gui.latent.unboxing.bayes_rule_for_classes import MOST_PROBABLE, BayesRuleForClasses

CLASSES = ("three", "eight", "nine")
LOGS = np.array([-100.0, -100.0 - np.log(3), -200.0])


@pytest.fixture
def panel(qtbot):
    panel = BayesRuleForClasses()
    qtbot.addWidget(panel)
    panel.echo(Latent(input=FromData(3)))
    return panel


def posterior(refined=(True, True, False), part=1.0, prior=(1 / 3, 1 / 3, 1 / 3), stride=1):
    error = np.where(refined, 0.002, np.inf)
    return ClassPosterior("", CLASSES, Evidences(part, LOGS, error, np.array(refined), stride), np.array(prior), 1)


def drawn(panel, value):
    panel.draw(Scene(panel.document, {class_posterior: value}))


def test_the_bars_and_words_are_those_of_bayes_rule(panel):
    drawn(panel, posterior())
    np.testing.assert_allclose(panel.bars.probabilities, [0.75, 0.25, 0.0], atol=1e-9)
    assert panel.words.text() == "p(y|x): “three” 75 %, “eight” 25 % its class is “eight”"
    assert "ln p(x|y) of “three”: −100.00 nats" in panel.numbers.text()
    assert "“eight” −1.10, “nine” −100.00" in panel.numbers.text()
    assert panel.accuracy.text() == (
        "Refined where the posterior is: 2 of 3 classes, within 0.005 nats; not refined, over 60 nats lower: 1."
    )
    drawn(panel, posterior(prior=(0.1, 0.9, 0.0)))
    np.testing.assert_allclose(panel.bars.probabilities, [0.25, 0.75, 0.0], atol=1e-9)


def test_before_the_refinement_the_numbers_are_rough(panel):
    drawn(panel, posterior(refined=(False, False, False)))
    assert "to about 1 nat" in panel.accuracy.text()


def test_while_planes_are_decoded_the_panel_says_how_far_and_how_accurate_its_numbers_are(panel):
    drawn(panel, posterior(part=0.05, stride=0))
    assert panel.notice.text() == "Decoding the planes of 3 classes: 5 %"
    drawn(panel, posterior((False,) * 3, 0.25, stride=4))
    np.testing.assert_allclose(panel.bars.probabilities, [0.75, 0.25, 0.0], atol=1e-9)
    assert not panel.notice.text() and "every fourth node" in panel.accuracy.text()
    assert "25 % of the nodes are decoded" in panel.accuracy.text()


def test_a_model_without_the_class_offers_one_that_is_given_it(panel, qtbot):
    drawn(panel, ClassPosterior(NO_CLASSES))
    assert panel.notice.text() == NO_CLASSES
    with qtbot.waitSignal(panel.requested) as asked:
        panel.notice.button.click()
    assert asked.args == [OPEN_CLASSES]


def test_the_prior_is_an_edit_and_the_button_a_command(panel, qtbot):
    drawn(panel, posterior())
    with qtbot.waitSignal(panel.edited) as edited:
        panel.form.changed.emit(ClassPrior(prior="as in training"), "Prior p(y)", None)
    assert edited.args[0].document[ClassPrior].prior == "as in training"
    with qtbot.waitSignal(panel.requested) as asked:
        panel.give.click()
    assert asked.args == [MOST_PROBABLE]
