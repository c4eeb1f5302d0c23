"""The panel Bayes' rule for classes: the exact posterior probability of each class given the observed image."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.classes import NO_CLASSES
from engine.latent.unboxing.bayes_rule_for_classes import (
    FAR,
    ClassPosterior,
    ClassPrior,
    class_posterior,
    with_most_probable_class,
)
from gui.forms.form_line import FormLine
from gui.latent.plane.classes import OPEN_CLASSES
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.class_bars import ClassBars, percent
from gui.widgets.controls import Button
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import nats, shown
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

SMALL = 0.005  # nats; smaller errors are not written
ROUGH = {4: ("every fourth", 40), 2: ("every second", 10)}  # strides; nats: 95 % of 118 log evidences are nearer
MOST_PROBABLE = Command("Give the most probable class", "Model", edit=with_most_probable_class,
                        tip="Give the model the class that Bayes' rule finds for the selected image")  # fmt: skip


class BayesRuleForClasses(Panel):
    """The panel Bayes' rule for classes."""

    title = "Bayes' rule for classes"
    role = "posterior"
    shows = (class_posterior,)
    commands = (MOST_PROBABLE,)
    place = Place(123, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "The probability of each class given the observed pixels. For each class, ln p(x|y) is summed exactly over the "
        "plane of this class; then Bayes' rule. No classifier was trained. An image that may be a 4 or a 9 has two "
        "high bars. Below: the log evidence of each class, and its difference from the best."
    )
    equation = (
        r"p(y\mid\mathbf{x})=\frac{p(\mathbf{x}\mid y)\,p(y)}{\sum_{y'}p(\mathbf{x}\mid y')\,p(y')},\qquad"
        r"p(\mathbf{x}\mid y)=\int p_\theta(\mathbf{x}\mid\mathbf{z},y)\,p(\mathbf{z})\,d\mathbf{z}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.found: ClassPosterior | None = None
        self.words, self.bars = Wrapped("The most probable classes"), ClassBars("Posterior probability of each class")
        self.numbers = Wrapped("Log evidence of the classes")
        self.accuracy = Wrapped("Accuracy of the log evidences")
        self.form, self.give = FormLine(ClassPrior), Button("Give this class")
        self.give.setToolTip(MOST_PROBABLE.tip)
        self.give.setAccessibleName(MOST_PROBABLE.text)
        self.content, rows = QWidget(), QWidget()
        below, column = QHBoxLayout(), QVBoxLayout(rows)
        below.addWidget(self.form)
        below.addStretch(1)
        below.addWidget(self.give)
        below.setContentsMargins(20, 0, 20, 6)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addWidget(self.bars, 1)
        for line in (self.numbers, self.accuracy):
            column.addWidget(line)
        inside, whole = QVBoxLayout(self.content), QVBoxLayout(self)
        for layout in (inside, whole):
            layout.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(scrolling(rows, growing=True), 1)
        inside.addLayout(below)
        whole.addWidget(self.content)
        self.form.changed.connect(self._on_form)
        self.give.clicked.connect(self._on_give)
        self.notice = Notice(self)
        self.notice.offer(NO_CLASSES, OPEN_CLASSES.text, OPEN_CLASSES)
        offer_ways_out(self.notice, self)
        self._say(LOADING)

    def _on_form(self, chosen: ClassPrior, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(chosen), gesture))

    def _on_give(self) -> None:
        self.requested.emit(MOST_PROBABLE)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[ClassPrior])

    def draw(self, scene: Scene) -> None:
        if (found := scene.get(class_posterior)) is None:
            return
        self.found = found
        self._say(found.unavailable)
        if found.unavailable or found.evidences is None:
            self.caption_changed.emit("")
            return
        if not found.evidences.stride:
            self._say(f"Decoding the planes of {len(found.classes)} classes: {100 * found.evidences.part:.0f} %")
            return
        self.bars.show_classes(found.classes, found.posterior)
        self._write(found)

    def _write(self, found: ClassPosterior) -> None:
        """Write the caption, the most probable classes, and the log evidences in their order."""
        evidences, posterior = found.evidences, found.posterior
        assert evidences is not None
        best = np.argsort(-posterior)
        first = [f"“{found.classes[y]}” {percent(float(posterior[y]))}" for y in best[:3] if posterior[y] >= 5e-3]
        truth = "" if found.label is None else f"its class is “{found.classes[found.label]}”"
        self.words.say(("posterior", f"p(y|x): {', '.join(first)}"), *([("truth", truth)] if truth else []))
        if not self.document.step:
            self.caption_changed.emit("p(y)")
            self.numbers.say("No observations yet: the prior of the classes.")
            self.accuracy.say("")
            return
        self.caption_changed.emit(f"p(y|x), ln p(x) = {nats(found.log_evidence)} nats")
        top = float(evidences.log_evidence.max())
        order = np.argsort(-evidences.log_evidence)
        below = (f"“{found.classes[y]}” {nats(float(evidences.log_evidence[y]) - top)}" for y in order[1:])
        name = found.classes[order[0]]
        self.numbers.say(f"ln p(x|y) of “{name}”: {nats(top)} nats; the others, relative to it: {', '.join(below)}")
        self.accuracy.say(_accuracy(found))

    def _say(self, reason: str) -> None:
        self.content.setVisible(not reason)
        self.notice.say(reason)

    def fail(self, failure: Failure) -> None:
        self._say(failure.reason)


def _accuracy(found: ClassPosterior) -> str:
    """Return a text: how many log evidences are refined already, and their largest error."""
    assert found.evidences is not None
    done, error, far = found.evidences.refined, found.evidences.error, int(found.evidences.far.sum())
    if found.evidences.stride in ROUGH:
        nodes, low = ROUGH[found.evidences.stride]
        part = f"{100 * found.evidences.part:.0f} % of the nodes are decoded"
        return f"First values on {nodes} node, up to about {low} nats too low; {part}."
    if not done.any():
        return "On the coarse lattices, to about 1 nat; the refinement follows."
    within = shown(max(float(error[done].max()), SMALL), 1)
    lower = f"; not refined, over {FAR:.0f} nats lower: {far}" if far else ""
    return f"Refined where the posterior is: {int(done.sum())} of {len(done)} classes, within {within} nats{lower}."
