"""The course of a lecture: which step and build is shown, what was seen, and how each step was left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from engine.document import Document
from engine.lecture.documents import Stage, carried, stages
from engine.lecture.goal import is_reached
from engine.lecture.lecture import Lecture, Step
from engine.lecture.memory import Forgotten, Left, Memory


class Course:
    """A lecture that is being given: a position, and the memory of the steps that were changed.

    `unavailable` holds the reason for each step that cannot be shown, by id. *Next* skips these steps. The course
    begins at the step that was shown last according to its memory, or else at the first.
    """

    def __init__(
        self,
        lecture: Lecture,
        steps: Sequence[Step],
        unavailable: Mapping[str, str],
        memory: Memory | None = None,
    ) -> None:
        self.lecture, self.steps, self.unavailable = lecture, tuple(steps), dict(unavailable)
        if all(step.id in self.unavailable for step in self.steps):
            raise ValueError("This lecture has no step that can be shown.")
        self.memory = memory if memory is not None else Memory()
        can = [i for i, step in enumerate(self.steps) if step.id not in self.unavailable]
        self.index = next((i for i in can if self.steps[i].id == self.memory.at), can[0])
        self.build = 0

    @property
    def seen(self) -> set[str]:
        """The ids of the steps that were shown."""
        return self.memory.seen

    @property
    def left(self) -> dict[str, Left]:
        """How the steps that were changed were left, by id."""
        return self.memory.left

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
        self.memory.at = self.step.id
        left = self.left.get(self.step.id)
        if left is not None and left.build < len(self.stages):
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

    def has(self, id_: str) -> bool:
        """Whether a step of the course has this id and can be shown."""
        return id_ not in self.unavailable and any(step.id == id_ for step in self.steps)

    def turn_to(self, id_: str, build: int) -> None:
        """Go to a step, which may be one that cannot be shown, and a build without asking how it was left."""
        self.index = next(i for i, step in enumerate(self.steps) if step.id == id_)
        self.build = max(min(build, len(self.stages) - 1), 0)
        if not self.reason:
            self.memory.at = id_

    def other(self, by: int) -> int | None:
        """The index of the next step (`by` 1) or the one before (−1) that can be shown; None if there is none."""
        return self._available(self.index, by)

    def end(self, by: int) -> int:
        """The index of the last step (`by` 1) or the first (−1) that can be shown."""
        found = self._available(-1 if by < 0 else len(self.steps), -by)
        assert found is not None
        return found

    def notice(self, document: Document | None) -> bool:
        """Whether the user has just done what the present step asks to try. It is remembered."""
        stage, step = self.stage, self.step
        if stage is None or document is None or not step.goal or step.id in self.memory.done:
            return False
        try:
            reached = is_reached(step.goal, document, stage.document)
        except ValueError:
            return False  # a faulty goal is a fault of the lecture that its check names
        if reached:
            self.memory.done.add(step.id)
        return reached

    def restore(self) -> tuple[Document | None, Forgotten]:
        """Return the document of the present build, and what is forgotten about the step."""
        return (self.stage.document if self.stage else None), self.memory.forget([self.step.id], done=False)

    def restore_all(self) -> tuple[Document | None, Forgotten]:
        """Return the document of the present build, and what is forgotten about all steps."""
        ids = (step.id for step in self.lecture.steps)
        return (self.stage.document if self.stage else None), self.memory.forget(ids, done=True)

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
