"""Looking ahead: the next step of a lecture is computed while the present one is shown and the user does nothing."""

from __future__ import annotations

from functools import partial, reduce
from typing import Any

from PySide6.QtCore import QObject, QTimer

from engine.derived import Derived
from engine.lecture.course import Course
from engine.lecture.lecture import Rows, Step
from engine.plane import Viewport
from gui.page.jobs import Latest
from gui.page.page import Page
from gui.pages import page_of
from gui.shell.page_stack import PageStack

PAUSE = 150  # milliseconds without a change, after which the next step is computed
Views = dict[Derived[Any], Viewport]


class LookAhead(QObject):
    """Makes the panels of the next step and computes its values, in the thread in which they are computed anyway.

    It is given up as soon as anything else is to be computed, and begins again when the page is idle. The viewports of
    the next step are those of the last step with the same panels, because they depend on the sizes of the plots.
    """

    def __init__(self, stack: PageStack, parent: QObject) -> None:
        super().__init__(parent)
        self.stack, self.used = stack, True
        self._course: Course | None = None
        self._lines: dict[str, Latest] = {}  # by page
        self._views: dict[tuple[str, Rows], Views] = {}
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._on_time)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to be computed ahead."""
        return not self._timer.isActive() and all(line.idle for line in self._lines.values())

    def follow(self, page: Page) -> None:
        """Begin again each time when this page has shown all that it has computed."""
        page.settled.connect(self.begin)

    def use(self, course: Course | None) -> None:
        """Look ahead in a course; with None do nothing."""
        self._course = course
        self.begin()

    def begin(self) -> None:
        """Compute the next step after a pause, if the user does nothing meanwhile."""
        if self._course is not None and self.used:
            self._timer.start()

    def _on_time(self) -> None:
        course, page = self._course, self.stack.page
        if course is None or not page.idle:
            return  # the page reports when it is idle
        self._views[page.view.name, course.step.show] = dict(page.wanted)
        own = self.stack.pages.get(page_of(course.step.tab))
        upcoming = course.upcoming(own.store.document if own else None)
        if upcoming is None:
            return
        step, stage = upcoming
        after = self.stack.page_in(step.tab)
        for kind in after.view.kinds:
            if kind.title in step.panels and kind.title not in after.view.panels:
                after.view.make(kind)
                self._timer.start()  # one panel at a time: each takes some milliseconds of the GUI thread
                return
        wanted = self._wanted(after, step)
        if after.ahead.ready(stage.document, wanted).keys() != wanted.keys():
            self._line(after).submit(partial(after.ahead.compute, stage.document, wanted, self._is_given_up))

    def _wanted(self, page: Page, step: Step) -> Views:
        """The values that the panels of a step need, with the viewports that they will probably have."""
        if (known := self._views.get((page.view.name, step.show))) is not None:
            return known
        views: dict[Derived[Any], list[Viewport]] = {}
        for title in step.panels:
            panel = page.view.panels[title]
            for key in panel.shows:
                if (viewport := panel.viewport_of(key)) is not None:
                    views.setdefault(key, []).append(viewport)
        return {key: reduce(Viewport.union, each) for key, each in views.items()}

    def _line(self, page: Page) -> Latest:
        name = page.view.name
        if name not in self._lines:
            self._lines[name] = page.new_line("ahead")
        return self._lines[name]

    def _is_given_up(self) -> bool:
        """Whether something else is to be computed. The worker thread calls this."""
        return not all(page.idle for page in tuple(self.stack.pages.values()))
