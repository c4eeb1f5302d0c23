"""The course of a lecture: which step and build is shown, what was seen, and how each step was left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from engine.document import Document
from engine.lecture.documents import Stage, carried, stages
from engine.lecture.lecture import Lecture, Step


class Left(msgspec.Struct, frozen=True, eq=False):
    """A step as the user left it: the document, and the build that was shown."""

    document: Document
    build: int


class Course:
    """A lecture that is being given: a position, and the memory of the steps that were changed.

    `unavailable` holds the reason for each step that cannot be shown, by id. *Next* skips these steps.
    """

    def __init__(self, lecture: Lecture, steps: Sequence[Step], unavailable: Mapping[str, str]) -> None:
        self.lecture, self.steps, self.unavailable = lecture, tuple(steps), dict(unavailable)
        if all(step.id in self.unavailable for step in self.steps):
            raise ValueError("This lecture has no step that can be shown.")
        self.index = next(i for i, step in enumerate(self.steps) if step.id not in self.unavailable)
        self.build = 0
        self.seen: set[str] = set()
        self.left: dict[str, Left] = {}

    @property
    def step(self) -> Step:
        """The present step."""
        return self.steps[self.index]

    @property
    def reason(self) -> str:
        """Why the present step cannot be shown; empty if it can be shown."""
        return self.unavailable.get(self.step.id, "")

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The present step and its builds; empty if the step cannot be shown."""
        return () if self.reason else stages(self.lecture, self.step.id)

    @property
    def stage(self) -> Stage | None:
        """What the present build shows; None if the step cannot be shown."""
        return self.stages[self.build] if self.stages else None

    @property
    def number(self) -> str:
        """The position for the user, such as "17/43"."""
        return f"{self.index + 1}/{len(self.steps)}"

    @property
    def following(self) -> Step | None:
        """The step that *next* would show after the builds; None after the last."""
        index = self._available(self.index, 1)
        return None if index is None else self.steps[index]

    def upcoming(self, document: Document | None) -> tuple[Step, Stage] | None:
        """The step and the stage that *next* would show, if the present document is `document`; None at the end."""
        if self.stage is not None and document is not None and self.build + 1 < len(self.stages):
            after = self.stages[self.build + 1]
            return self.step, replace(after, document=carried(document, self.stage, after))
        step = self.following
        if step is None:
            return None
        of_step = stages(self.lecture, step.id)
        left = self.left.get(step.id)
        return step, of_step[0] if left is None else replace(of_step[left.build], document=left.document)

    def is_changed(self, document: Document | None) -> bool:
        """Whether the user has changed the present step, whose page shows `document`."""
        return self.stage is not None and document is not None and document != self.stage.document

    def keep(self, document: Document | None) -> None:
        """Keep the present step as it is left, if it was changed. A step that starts anew each time is not kept."""
        if self.stage is None or document is None:
            return
        if self.step.on_return == "as left" and document != self.stage.document:
            self.left[self.step.id] = Left(document, self.build)
        else:
            self.left.pop(self.step.id, None)

    def arrive(self, index: int, build: int = 0) -> Document | None:
        """Go to a step. Return its document: as it was left, or else that of the build; None if it cannot be shown.

        `build` counts from the end if it is negative.
        """
        self.index, self.build = index, 0
        if self.stage is None:
            return None
        self.seen.add(self.step.id)
        left = self.left.get(self.step.id)
        if left is not None:
            self.build = left.build
            return left.document
        self.build = build % len(self.stages)
        return self.stage.document

    def to_build(self, by: int, document: Document) -> Document | None:
        """Go `by` builds on. Return the document with the change of the build; None if there is no such build."""
        if self.stage is None or not 0 <= self.build + by < len(self.stages):
            return None
        before = self.stage
        self.build += by
        return carried(document, before, self.stages[self.build])

    def other(self, by: int) -> int | None:
        """The index of the next step (`by` 1) or the one before (−1) that can be shown; None if there is none."""
        return self._available(self.index, by)

    def end(self, by: int) -> int:
        """The index of the last step (`by` 1) or the first (−1) that can be shown."""
        found = self._available(-1 if by < 0 else len(self.steps), -by)
        assert found is not None
        return found

    def restore(self) -> Document | None:
        """Return the document of the present build, and forget how the step was left."""
        self.left.pop(self.step.id, None)
        return self.stage.document if self.stage else None

    def restore_all(self) -> Document | None:
        """Return the document of the present build, and forget how all steps were left."""
        self.left.clear()
        return self.restore()

    def find(self, text: str) -> int:
        """The index of a step by its number, "s23" for slide 23, or its id. Raises ValueError, in one sentence."""
        text = text.strip().lower()
        slide = text.removeprefix("s").strip()
        if text.isdecimal() and 1 <= int(text) <= len(self.steps):
            return int(text) - 1
        for index, step in enumerate(self.steps):
            if step.id == text or (text.startswith("s") and slide.isdecimal() and int(slide) in step.slides):
                return index
        raise ValueError(
            f"There is no step “{text[:40]}”. Type a number from 1 to {len(self.steps)}, or s23 for slide 23."
        )

    def _available(self, start: int, by: int) -> int | None:
        index = start + by
        while 0 <= index < len(self.steps):
            if self.steps[index].id not in self.unavailable:
                return index
            index += by
        return None
