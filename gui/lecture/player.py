"""The player, which shows the steps of a lecture on the pages of the window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document import Document
from engine.lecture.course import Course
from engine.lecture.files import decode, encode
from engine.lecture.lecture import Lecture, Step
from engine.lecture.memory import Forgotten, Memory
from gui.lecture.playing import probes, viewports
from gui.lecture.playing.ahead import LookAhead
from gui.lecture.playing.viewports import Kept
from gui.lecture.titles import titles_in
from gui.lecture.undo import Position, Shown
from gui.page.plot_panel import PlotPanel
from gui.page.store import Store
from gui.pages import page_of
from gui.shell.page_stack import PageStack

EDITED = (
    "The lecture is shown with your edits, which are not saved in a file. "
    "Save them (Ctrl+S), or choose Lecture ▸ Edit ▸ Discard my edits."
)


class Player(QObject):
    """Plays one lecture: each step is one undoable edit, a tab, rows of panels and their viewports.

    The documents of the user and their undo history come back when the lecture ends. The course and the undo history
    of the lecture are kept, so that the lecture can be continued where it stopped. Only the player's own edits and the
    user's edits change a document.
    """

    moved = Signal()  # another step or build, or the present step was changed or restored
    started = Signal()
    replaced = Signal()  # another version of the lecture
    ended = Signal()
    refused = Signal(str)
    noticed = Signal(str)  # a sentence for the user
    remembered = Signal()  # what is known of the steps has changed: something was forgotten or has come back
    achieved = Signal()  # the user has done what the present step asks to try

    def __init__(self, stack: PageStack, parent: QObject, memory_of: Callable[[str], Memory]) -> None:
        super().__init__(parent)
        self.stack, self.memory_of = stack, memory_of
        self.course: Course | None = None
        self.original: Lecture | None = None  # the lecture without the edits of its author
        self.selection = ""
        self.running = False
        self._own_tab = ""
        self._here = "", 0  # the step and the build that are shown; no step outside the lecture
        self._is_new = False  # nothing of the present step or build was drawn yet
        self._views: dict[PlotPanel, Kept] = {}
        self.ahead = LookAhead(stack, self)
        stack.built.connect(self._on_built)
        for page in stack.pages.values():
            self._on_built(page)

    # Beginning and end

    def start(self, lecture: Lecture, selection: str = "", at: str = "") -> None:
        """Start a lecture, or one of its selections, at a step or where it stopped.

        Raises ValueError, in one sentence, if no step can be shown or if there is no such step.
        """
        lecture = self._with_edits(lecture)
        same = self.course is not None and (self.course.lecture, self.selection) == (lecture, selection)
        course = self._at if same else course_of(lecture, selection, self.memory_of(lecture.head.title))
        index = course.find(at) if at else course.index
        if not self.running:
            self.stack.set_aside = {name: page.store.document for name, page in self.stack.pages.items()}
            self._own_tab = self.stack.tabs.front
            self._views = viewports.keep(self.stack.pages.values())
            for page in self.stack.pages.values():
                page.store.use(page.store.lecture)
                if not same:
                    page.store.lecture.clear()  # the edits of another lecture
        else:
            self.keep()
        was_running, self.running = self.running, True
        self.course, self.selection = course, selection
        if not was_running:
            self.started.emit()
        self._show(course.arrive(index), anew=True, quiet=not was_running)

    def _with_edits(self, lecture: Lecture) -> Lecture:
        """The lecture with the edits of its author that were not saved in a file; `noticed` says that it has some."""
        text = self.memory_of(lecture.head.title).edited
        if self.course is not None and text and self.original is lecture:
            return self.course.lecture
        self.original = lecture
        try:
            edited = decode(text.encode()) if text else None
        except ValueError:
            edited = None
        if edited is not None:
            self.noticed.emit(EDITED)
        return edited or lecture

    def leave(self) -> None:
        """End the lecture: the user's own documents, tab and layouts come back. The course is kept."""
        if self.running:
            self.give_back()
            self.ended.emit()
            self.stack.bring(self._own_tab)

    def give_back(self) -> None:
        """Show the user's own documents again, because the lecture ends or the window closes."""
        self.keep()
        probes.withdraw(self.stack.pages.values())
        self.running, self._here = False, ("", 0)
        self.ahead.use(None)
        for name, document in self.stack.set_aside.items():
            store = self.stack.pages[name].store
            store.use(store.own)
            if document != store.document:
                store.show(document)
        self.stack.set_aside = {}
        viewports.give_back(self.stack.pages.values(), self._views)
        self._views = {}

    # Steps and builds

    def forward(self) -> None:
        """Show the next build, or the next step after the last build."""
        if not self._build(1):
            self.step_forward()

    def back(self) -> None:
        """Show the build before, or the last build of the step before."""
        if not self._build(-1):
            self._step(-1, build=-1)

    def step_forward(self) -> None:
        """Show the next step."""
        if not self._step(1):
            self.refused.emit("This is the last step of the lecture. Press Esc to leave the lecture.")

    def step_back(self) -> None:
        """Show the step before."""
        if not self._step(-1):
            self.refused.emit("This is the first step of the lecture.")

    def first(self) -> None:
        """Show the first step."""
        self.go(self._at.end(-1))

    def last(self) -> None:
        """Show the last step."""
        self.go(self._at.end(1))

    def go(self, index: int, build: int = 0) -> None:
        """Show a step by its position, from 0."""
        self.keep()
        self._show(self._at.arrive(index, build))

    def find(self, text: str) -> None:
        """Show a step by its number, its slide or its id. Raises ValueError, in one sentence, if there is none."""
        self.go(self._at.find(text))

    def restore(self, *, everything: bool = False) -> None:
        """Show the present step as the lecture declares it; with `everything` forget the changes of all other steps.

        Undo brings back what was changed, drawn and revealed.
        """
        course = self._at
        verb = "Restore the lecture" if everything else "Restore"
        self._show(*(course.restore_all() if everything else course.restore()), verb, anew=True)
        self.remembered.emit()

    def use(self, lecture: Lecture, at: str, build: int = 0, document: Document | None = None) -> None:
        """Go on with another version of the lecture, at a step and a build. What was seen and left stays.

        The step shows `document`, or else what the user has left there, or what the lecture declares.
        """
        self.keep()
        self.selection = ""
        self.course = course = course_of(lecture, "", self.memory_of(lecture.head.title))
        course.memory.edited = "" if lecture is self.original else encode(lecture).decode()
        self.replaced.emit()
        if not course.has(at):
            index = next((n for n, step in enumerate(course.steps) if step.id == at), course.index)
            self._show(course.arrive(index), quiet=True)
            return
        course.turn_to(at, build)
        left = course.left.get(at)
        if left is not None and (document is not None or course.stages[course.build].document == left.document):
            del course.left[at]  # the step declares it now, or the user's change is shown again
        self._show(document or course.arrive(course.index, course.build), quiet=True)

    @property
    def _at(self) -> Course:
        assert self.course is not None
        return self.course

    @property
    def step(self) -> Step:
        """The present step."""
        return self._at.step

    @property
    def document(self) -> Document | None:
        """The document of the page that shows the present step; None if the page is not built."""
        page = self.stack.pages.get(page_of(self.step.tab))
        return page.store.document if page else None

    @property
    def changed(self) -> bool:
        """Whether the user has changed the present step."""
        return self._at.is_changed(self.document)

    @property
    def text(self) -> str:
        """The sentences of the present build, or why the step cannot be shown."""
        stage = self._at.stage
        return stage.say if stage else self._at.reason

    def _build(self, by: int) -> bool:
        document = self.document
        after = self._at.to_build(by, document) if document is not None else None
        if after is not None:
            self._show(after)
        return after is not None

    def _step(self, by: int, build: int = 0) -> bool:
        index = self._at.other(by)
        if index is not None:
            self.go(index, build)
        return index is not None

    def keep(self) -> None:
        """Keep the present step as the user has changed it."""
        self._at.keep(self.document)

    def _show(
        self,
        document: Document | None,
        forgotten: Forgotten | None = None,
        verb: str = "",
        *,
        anew: bool = False,
        quiet: bool = False,
    ) -> None:
        """Show a document on its page with the panels and viewports of the present step.

        It is an undoable edit, unless the lecture begins or the undo command of an edit of the lecture shows it.
        """
        before, self._here = self._here, (self.step.id, self._at.build)
        if before[0] != self.step.id or verb:
            probes.withdraw(self.stack.pages.values())
        if document is not None:
            with self.stack.page_in(self.step.tab).held():
                self.bring(anew)
                store = self.stack.page.store
                if quiet:
                    store.show(document)
                elif document != store.document or (forgotten is not None and forgotten != Forgotten()):
                    title = f"{verb} “{self.step.title}”" if verb else self.step.title
                    places = Position(*before, store.document), Position(*self._here, document)
                    put = partial(self._put, store)
                    store.stack.push(Shown(title, *places, forgotten or Forgotten(), put))
            self._is_new = True
            QTimer.singleShot(0, self, self._look)  # the plots have their sizes after the next layout
        self.ahead.use(self.course)
        self.moved.emit()

    def bring(self, anew: bool = False) -> None:
        """Bring the page of the present step to the front, with its panels."""
        if self.step.show:
            self.stack.bring_rows(self.step.tab, self.step.show, anew=anew)
        else:
            self.stack.bring(self.step.tab)

    def _put(self, store: Store, position: Position, forgotten: Forgotten, undone: bool) -> None:
        """Show a position again, with its step if the lecture that runs has this step."""
        course = self.course if self.running else None
        if course is not None:
            if undone:
                course.memory.recall(forgotten)
            else:
                course.memory.forget_again(forgotten)
            is_there = any(step.id == position.step for step in course.steps)
            if is_there and (position.step, position.build) != self._here:
                course.turn_to(position.step, position.build)
                self._here = position.step, position.build
                if course.has(position.step):
                    self.bring()
                    QTimer.singleShot(0, self, self._look)
        store.show(position.document)
        if forgotten != Forgotten():
            self.remembered.emit()

    def _look(self) -> None:
        """Show the viewports of the present build in all plots in sight; a plot without one fits its content."""
        stage = self._at.stage if self.running else None
        if stage is not None:
            viewports.show(self.stack.view, stage.look)

    def _on_built(self, page: object) -> None:
        page.store.changed.connect(self._on_changed)  # type: ignore[attr-defined]
        for signal in (page.scenes.progressed, page.scenes.delivered):  # type: ignore[attr-defined]
            signal.connect(self._on_drawn)
        self.ahead.follow(page)  # type: ignore[arg-type]
        if self.running:
            self.stack.set_aside.setdefault(page.view.name, page.store.document)  # type: ignore[attr-defined]
            page.store.use(page.store.lecture)  # type: ignore[attr-defined]

    def _on_drawn(self) -> None:
        """Show the viewports again: the first values of a step can move a plot to another home."""
        if self._is_new:
            self._is_new = False
            self._look()

    def _on_changed(self) -> None:
        if self.running:
            achieved = self._at.notice(self.document)
            self.moved.emit()
            if achieved:
                self.achieved.emit()


def course_of(lecture: Lecture, selection: str, memory: Memory) -> Course:
    """A new course of a lecture or of one of its selections. Raises ValueError if no step can be shown."""
    from engine.lecture.check import unavailable  # imported here, because it delays the start

    steps = lecture.selected(selection)
    reasons = {step.id: why for step in steps if (why := unavailable(lecture, step, titles_in))}
    return Course(lecture, steps, reasons, memory)
