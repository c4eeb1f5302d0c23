"""The check of a lecture: everything that would keep a step from being shown, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from engine.files import quoted
from engine.latent.model_source import shipped_models
from engine.lecture.documents import refusal, stages
from engine.lecture.goal import check
from engine.lecture.lecture import MOST_PANELS, Lecture, Step

Panels = Callable[[str], Collection[str]]  # tab -> the titles of its panels


def unavailable(lecture: Lecture, step: Step, panels: Panels) -> str:
    """Return why a step cannot be shown, in one sentence; empty if it can be shown."""
    if step.id in lecture.refused:
        return lecture.refused[step.id]
    if step.needs.missing:
        return step.needs.missing
    for model in step.needs.models:
        if model not in shipped_models():
            return f"This step needs the model {quoted(model)}, which is not on this computer."
    try:
        _check_view(step, panels)
        stages(lecture, step.id)
    except ValueError as error:
        return str(error)
    return ""


def goal_fault(lecture: Lecture, step: Step) -> str:
    """Return what is wrong with the goal of a step, in one sentence; empty if it is right. The step plays anyway."""
    try:
        declared = stages(lecture, step.id)[0].document if step.id not in lecture.refused else None
    except ValueError:
        return ""  # the step cannot be shown at all
    try:
        if declared is not None:
            check(step.goal, declared)
    except ValueError as error:
        return str(refusal(step, "goal", str(error)))
    return ""


def problems(lecture: Lecture, panels: Panels) -> Iterator[str]:
    """Yield one sentence for each fault of the lecture. A step that says what it needs is no fault."""
    known = {step.id for step in lecture.steps}
    for selection in lecture.head.selections:
        for id_ in selection.steps:
            if id_ not in known:
                yield f"Selection “{quoted(selection.title)}”, field “steps”: there is no step {quoted(id_)}."
    sections = {section.title for section in lecture.head.sections}
    for step in lecture.steps:
        if (why := unavailable(lecture, step, panels)) and why != step.needs.missing:
            yield why
        if fault := goal_fault(lecture, step):
            yield fault
        if step.section and step.section not in sections:
            yield str(refusal(step, "section", f"the lecture has no section {quoted(step.section)}"))


def _check_view(step: Step, panels: Panels) -> None:
    """Raise ValueError, in one sentence, if a panel does not exist, or if there are too many panels."""
    known = panels(step.tab)
    question = (step.question.panel,) if step.question and step.question.panel else ()
    for field, titles in (("show", step.panels), ("veil", step.veil), ("question", question)):
        for title in titles:
            if title not in known:
                raise refusal(step, field, f"the tab {step.tab} has no panel {quoted(title)}")
            if field != "show" and title not in step.panels:
                raise refusal(step, field, f"the panel {quoted(title)} is not in the field “show”")
    if len(set(step.panels)) < len(step.panels):
        raise refusal(step, "show", "a panel occurs twice")
    if len(step.panels) > MOST_PANELS:
        raise refusal(step, "show", f"at most {MOST_PANELS} panels can be in sight")
