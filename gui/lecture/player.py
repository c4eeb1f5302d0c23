"""The player, which shows the steps of a lecture on the pages of the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document import Document
from engine.lecture.course import Course
from engine.lecture.lecture import Lecture, Step
from gui.lecture.playing import viewports
from gui.lecture.playing.ahead import LookAhead
from gui.lecture.playing.viewports import Kept
from gui.lecture.titles import titles_in
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.pages import page_of
from gui.shell.page_stack import PageStack


class Player(QObject):
    """Plays one lecture: each step is one undoable edit, a tab, rows of panels and their viewports.

    The documents of the user come back when the lecture ends, and the course is kept, so that the lecture can be
    continued where it stopped. Only the player's own edits and the user's edits change a document.
    """

    moved = Signal()  # another step or build, or the present step was changed or restored
    started = Signal()
    replaced = Signal()  # another version of the lecture
    ended = Signal()
    refused = Signal(str)

    def __init__(self, stack: PageStack, parent: QObject) -> None:
        super().__init__(parent)
        self.stack = stack
        self.course: Course | None = None
        self.selection = ""
        self.running = False
        self._own: dict[str, Document] = {}  # the documents of the user, by page
        self._own_tab = ""
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
        course = self._course_of(lecture, selection)
        index = course.find(at) if at else course.index
        if not self.running:
            self._own = {name: page.store.document for name, page in self.stack.pages.items()}
            self._own_tab = self.stack.tabs.front
            self._views = viewports.keep(self.stack.pages.values())
        else:
            self._keep()
        was_running, self.running = self.running, True
        self.course, self.selection = course, selection
        if not was_running:
            self.started.emit()
        self._show(course.arrive(index), anew=True)

    def _course_of(self, lecture: Lecture, selection: str) -> Course:
        if self.course is not None and (self.course.lecture, self.selection) == (lecture, selection):
            return self.course
        from engine.lecture.check import unavailable  # imported here, because it delays the start

        steps = lecture.selected(selection)
        reasons = {step.id: why for step in steps if (why := unavailable(lecture, step, titles_in))}
        return Course(lecture, steps, reasons)

    def leave(self) -> None:
        """End the lecture: the user's own documents, tab and layouts come back. The course is kept."""
        if self.running:
            self.give_back()
            self.ended.emit()
            self.stack.bring(self._own_tab)

    def give_back(self) -> None:
        """Show the user's own documents again, because the lecture ends or the window closes."""
        self._keep()
        self.running = False
        self.ahead.use(None)
        for name, document in self._own.items():
            self.stack.pages[name].store.commit(Edit("Leave the lecture", document))
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
        self._keep()
        self._show(self._at.arrive(index, build))

    def find(self, text: str) -> None:
        """Show a step by its number, its slide or its id. Raises ValueError, in one sentence, if there is none."""
        self.go(self._at.find(text))

    def restore(self) -> None:
        """Show the present step as the lecture declares it. Undo brings the user's changes back."""
        self._show(self._at.restore(), "Restore", anew=True)

    def restore_all(self) -> None:
        """Show the present step as declared, and forget the changes of all other steps."""
        self._show(self._at.restore_all(), "Restore the lecture", anew=True)

    def use(self, lecture: Lecture, at: str) -> None:
        """Go on with another version of the lecture, at a step. What was seen and left stays."""
        before = self._at
        self._keep()
        self.selection = ""
        self.course = None
        self.course = course = self._course_of(lecture, "")
        course.seen = before.seen
        course.left = {id_: left for id_, left in before.left.items() if lecture.has(id_)}
        self.replaced.emit()
        index = course.find(at) if lecture.has(at) else course.index
        self._show(course.arrive(index), quiet=True)

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

    def _keep(self) -> None:
        self._at.keep(self.document)

    def _show(self, document: Document | None, verb: str = "", *, anew: bool = False, quiet: bool = False) -> None:
        """Show a document on its page with the panels and viewports of the present step.

        It is an undoable edit, unless the undo command of an edit of the lecture shows it.
        """
        if document is not None:
            step = self.step
            page = self.stack.page_in(step.tab)
            with page.held():
                if step.show:
                    self.stack.bring_rows(step.tab, step.show, anew=anew)
                else:
                    self.stack.bring(step.tab)
                if quiet:
                    page.store.show(document)
                else:
                    title = f"{verb} “{step.title}”" if verb else step.title
                    page.store.commit(Edit(title, document))
            self._is_new = True
            QTimer.singleShot(0, self, self._look)  # the plots have their sizes after the next layout
        self.ahead.use(self.course)
        self.moved.emit()

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
            self._own.setdefault(page.view.name, page.store.document)  # type: ignore[attr-defined]

    def _on_drawn(self) -> None:
        """Show the viewports again: the first values of a step can move a plot to another home."""
        if self._is_new:
            self._is_new = False
            self._look()

    def _on_changed(self) -> None:
        if self.running:
            self.moved.emit()
