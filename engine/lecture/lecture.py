"""The lecture: its head, its steps, and the declaration of every field of a lecture file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

FORMAT = 1
MOST_PANELS = 4  # in sight at once; more are too small for the last row of a lecture hall

Id = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Title = Annotated[str, Meta(max_length=60)]
Sentences = Annotated[str, Meta(max_length=320)]
Latex = Annotated[str, Meta(max_length=400)]
Edge = Annotated[float, Meta(ge=-1e20, le=1e20)]
Look = dict[str, tuple[Edge, Edge, Edge, Edge]]  # name of a plane -> left, right, bottom, top
Rows = tuple[Annotated[tuple[str, ...], Meta(min_length=1)], ...]
Tab = Literal["regression", "latent", "unboxing"]
KINDS: dict[str, str] = {"regression": "Regression", "latent": "Latent", "unboxing": "Latent"}  # tab -> document


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A question that the audience answers before the truth is shown.

    `answer` is one of `options` for the kind "choice", a number for "number", a place (x, y) of the plot of `panel` for
    "point", and words for the others. `why` is the reason, in one or two sentences.
    """

    ask: Annotated[str, Meta(min_length=1, max_length=240)]
    kind: Literal["choice", "point", "number", "sketch", "none"] = "none"
    options: Annotated[tuple[str, ...], Meta(max_length=6)] = ()
    answer: float | tuple[float, float] | str | None = None
    panel: str = ""  # the panel in which the place is chosen or the sketch is drawn
    unit: str = ""  # of the number, or of the distance between two places
    why: Sentences = ""

    def __post_init__(self) -> None:
        if self.kind == "choice" and self.answer not in self.options:
            raise ValueError("the answer must be one of the options")
        if self.kind == "number" and not isinstance(self.answer, int | float):
            raise ValueError("the answer must be a number")
        if self.kind == "point" and not isinstance(self.answer, tuple):
            raise ValueError("the answer must be a place [x, y]")
        if self.kind in ("point", "sketch") and not self.panel:
            raise ValueError("the name of the panel is missing")


class Build(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One part of a step, which comes at the key *next*: a change of the document, another view, another sentence."""

    change: dict[str, Any] = {}
    look: Look = {}
    say: Sentences = ""


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the Space key starts in a step, and for how long."""

    what: Literal["training", "replay", "walk", "climb", "observations"]
    seconds: Annotated[float, Meta(ge=1, le=3600)] = 20.0


class Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a step cannot be shown without: models by their names, and what this version of the program lacks."""

    models: tuple[str, ...] = ()
    missing: Sentences = ""  # one sentence; a step with it is shown greyed


class Step(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"from_": "from", "try_": "try"},
):
    """One step: a document by its difference, a view, and words.

    The document is that of the step `from`, or else a new document of the tab, with `change` merged into it (RFC 7396).
    `goal` says what the document is like when the user has done what `try` asks for (engine/lecture/goal.py).
    A step with a `label` has a button on the tool bar; the label has one or two characters.
    """

    id: Id
    title: Annotated[Title, Meta(min_length=1)]
    tab: Tab = "regression"
    section: Title = ""
    slides: tuple[Annotated[int, Meta(ge=0, le=9999)], ...] = ()
    label: Annotated[str, Meta(max_length=3)] = ""
    from_: Id | None = None
    change: dict[str, Any] = {}
    show: Rows = ()
    look: Look = {}
    text: Sentences = ""
    equation: Latex = ""
    try_: Sentences = ""
    goal: Annotated[str, Meta(max_length=240)] = ""
    question: Question | None = None
    veil: tuple[str, ...] = ()
    builds: tuple[Build, ...] | Literal["observations"] = ()
    play: Play | None = None
    notes: Annotated[str, Meta(max_length=20_000)] = ""
    minutes: Annotated[float, Meta(ge=0, le=600)] = 1.0
    on_return: Literal["as left", "fresh"] = "as left"
    needs: Needs = Needs()

    @property
    def panels(self) -> tuple[str, ...]:
        """The titles of the panels in sight, row by row."""
        return tuple(title for row in self.show for title in row)


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A group of steps, with its planned minutes."""

    title: Annotated[Title, Meta(min_length=1)]
    minutes: Annotated[float, Meta(ge=0, le=600)] = 0.0


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Some of the steps in their order, for a shorter lecture."""

    title: Annotated[Title, Meta(min_length=1)]
    steps: tuple[Id, ...]


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a lecture file says about the lecture as a whole."""

    title: Annotated[Title, Meta(min_length=1)]
    author: Annotated[str, Meta(max_length=200)] = ""
    licence: Annotated[str, Meta(max_length=200)] = ""
    language: Annotated[str, Meta(max_length=20)] = "en"
    sections: tuple[Section, ...] = ()
    selections: tuple[Selection, ...] = ()


class Lecture(msgspec.Struct, frozen=True, eq=False):
    """A lecture: its head and its steps.

    A step that cannot be shown is in `refused`: its id, and one sentence that names the step and the field. Such a step
    keeps its content of the file in `unread`, so that saving the lecture loses nothing.
    """

    head: Head
    steps: tuple[Step, ...]
    refused: dict[str, str] = {}
    unread: dict[str, Any] = {}

    def step(self, id_: str) -> Step:
        """The step with this id. Raises KeyError if there is none."""
        return next(step for step in self.steps if step.id == id_) if self.has(id_) else _missing(id_)

    def has(self, id_: str) -> bool:
        """Whether there is a step with this id."""
        return any(step.id == id_ for step in self.steps)

    def selected(self, title: str = "") -> tuple[Step, ...]:
        """The steps of the selection with this title, or all steps. A selection skips ids that do not exist."""
        chosen = next((s.steps for s in self.head.selections if s.title == title), None)
        return self.steps if chosen is None else tuple(self.step(id_) for id_ in chosen if self.has(id_))


def _missing(id_: str) -> Step:
    raise KeyError(id_)
