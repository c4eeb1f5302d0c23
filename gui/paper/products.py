"""What the dialog for paper makes: a figure of the book, a handout, or thumbnails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.lecture.book import MEANINGS, Data, data_of, of_lecture
from engine.lecture.lecture import Lecture
from engine.lecture.shipped import shipped, titles
from engine.part import Part
from gui.figures.files import KINDS
from gui.lecture.mode import LectureMode
from gui.pages import PAGES
from gui.paper.book import book_file
from gui.paper.choices import WIDTHS, BookChoices, HandoutChoices, NoChoices
from gui.paper.handout import Edition, handout
from gui.paper.step_figure import Marks
from gui.paper.thumbnails import thumbnails
from gui.paper.work import Work
from gui.shell.page_stack import PageStack

PDF = {".pdf": "PDF document"}
SHEET = {".pdf": "PDF document", ".png": "PNG image"}
ALL = "All steps"


class Product:
    """One kind of file: its name, its choices, and the work on it. Abstract."""

    title: ClassVar[str]
    kinds: ClassVar[Mapping[str, str]]  # endings and the names of their formats
    part: ClassVar[type[Part]]

    @property
    def selections(self) -> tuple[str, ...]:
        """The selections of steps from which the user can choose; none if the file is about no lecture."""
        return ()

    def name(self, choices: Any, selection: str) -> str:
        """The proposed name of the file, without an ending."""
        raise NotImplementedError

    def words(self, choices: Any) -> str:
        """What the user should know about the choices."""
        raise NotImplementedError

    def work(self, choices: Any, selection: str, ending: str) -> Work:
        """The work on the file."""
        raise NotImplementedError


class BookProduct(Product):
    """A figure of the book, of the user's present documents or of the lecture."""

    title, kinds, part = "The book's figures", KINDS, BookChoices

    def __init__(self, stack: PageStack) -> None:
        self.stack = stack

    def _data(self, choices: BookChoices) -> Data:
        if choices.data == "of the lecture":
            return Data(of_lecture(choices.figure))
        pages = [self.stack.page, *(self.stack.page_in(name) for name in PAGES)]
        return data_of(choices.figure, *{id(page): page.store.document for page in pages}.values())

    def name(self, choices: BookChoices, _: str) -> str:
        return f"Figure {choices.figure}"

    def words(self, choices: BookChoices) -> str:
        return f"{MEANINGS[choices.figure]} {self._data(choices).why}".strip()

    def work(self, choices: BookChoices, _: str, ending: str) -> Work:
        paths, width = choices.text == "as paths", WIDTHS[choices.size]
        data = self._data(choices)
        return book_file(choices.figure, data, width, ending, scale=choices.scale, paths=paths, caption=choices.caption)


class _OfLecture(Product):
    """What is made of the lecture that runs, or else of the shipped one. Abstract."""

    def __init__(self, mode: LectureMode) -> None:
        self.mode = mode

    @property
    def lecture(self) -> Lecture:
        """The lecture that runs or ran last, or else the shipped one."""
        course = self.mode.player.course
        return course.lecture if course is not None else shipped(titles()[0][1])

    @property
    def selections(self) -> tuple[str, ...]:
        """All steps, and the selections of the lecture."""
        return (ALL, *(selection.title for selection in self.lecture.head.selections))

    def words(self, _: Any) -> str:
        """The title of the lecture."""
        return f"The lecture “{self.lecture.head.title}”."


class HandoutProduct(_OfLecture):
    """The handout."""

    title, kinds, part = "Handout", PDF, HandoutChoices

    def name(self, choices: HandoutChoices, selection: str) -> str:
        return " ".join(["Handout", *([selection] * (selection != ALL)), *(["with notes"] * choices.notes)])

    def work(self, choices: HandoutChoices, selection: str, _: str) -> Work:
        is_given = self.mode.player.course is not None
        marks: Mapping[str, Marks] = self.mode.desk.pen.of_all_steps() if choices.marks and is_given else {}
        edition = Edition(choices.builds == "a page for each", choices.notes, marks)
        return handout(self.lecture, selection, edition)


class ThumbnailsProduct(_OfLecture):
    """The thumbnails."""

    title, kinds, part = "Thumbnails of the lecture", SHEET, NoChoices

    def name(self, _: NoChoices, selection: str) -> str:
        return "Thumbnails" if selection == ALL else f"Thumbnails {selection}"

    def work(self, _: NoChoices, selection: str, ending: str) -> Work:
        return thumbnails(self.lecture, selection, ending)
