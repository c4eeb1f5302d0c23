"""The command line for paper, without a window: figures of the book, handouts and thumbnails of lectures."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.files import quoted
from engine.lecture.lecture import Lecture
from engine.session import read as read_session

NAMES = {"3.7": "3.7", "3.8": "3.8", "3.9": "3.9", "pixels": "3.7 for pixels"}
NARROWEST, WIDEST = 60.0, 420.0  # mm


def figure_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `figure`."""
    parser.add_argument("name", choices=tuple(NAMES), metavar="FIGURE", help="3.7, 3.8, 3.9 or pixels")
    parser.add_argument("out", type=Path, metavar="OUT", help="the file to write: .pdf, .svg or .png")
    parser.add_argument("--width", type=_width, default=174.0, metavar="MM", help="84 for a column (default: 174)")
    parser.add_argument("--session", type=Path, metavar="FILE", help="data of this session, not those of the lecture")
    parser.add_argument("--scale", type=int, choices=(1, 2, 3, 4), default=4, help="of a PNG image (default: 4)")
    parser.add_argument("--paths", action="store_true", help="letters as outlines")
    parser.add_argument("--no-caption", action="store_true", help="no words below the figure")


def _width(text: str) -> float:
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if not NARROWEST <= width <= WIDEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a width in mm from {NARROWEST:g} to {WIDEST:g}")
    return width


def handout_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `lecture handout`."""
    _lecture_arguments(parser, "OUT.pdf")
    parser.add_argument("--notes", action="store_true", help="add notes and answers to each page, for the lecturer")
    parser.add_argument(
        "--builds", choices=("figure", "pages"), default="figure", help="builds as one figure (default), or a page each"
    )


def thumbnails_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `lecture thumbnails`."""
    _lecture_arguments(parser, "OUT")


def _lecture_arguments(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument("file", type=Path, help="a lecture (.bayescape-lecture.json)")
    parser.add_argument("out", type=Path, metavar=out, help="the file to write")
    parser.add_argument("--selection", default="", metavar="TITLE", help='such as "Short lecture" (default: all steps)')


def figure(options: argparse.Namespace) -> int:
    """Write a figure of the book. Return the exit status."""
    try:
        _check_ending(options.out, (".pdf", ".svg", ".png"))
        document = read_session(options.session).document if options.session else None
        _write(options.out, lambda: _figure_work(options, document))
    except (ValueError, OSError) as error:
        print(error)
        return 2
    return 0


def _figure_work(options: argparse.Namespace, document: Any) -> Any:
    from engine.lecture.book import data_of
    from gui.paper.book import book_file

    name: Any = NAMES[options.name]
    data = data_of(name, *([document] if document is not None else []))
    if data.why:
        print(data.why)
    letters = {"scale": options.scale, "paths": options.paths}
    return book_file(name, data, options.width, options.out.suffix.lower(), caption=not options.no_caption, **letters)


def handout(lecture: Lecture, options: argparse.Namespace) -> int:
    """Write the handout of a lecture. Raises OSError or ValueError, each with one sentence."""
    _check_selection(lecture, options.selection)
    _check_ending(options.out, (".pdf",))

    def work() -> Any:
        from gui.paper.handout import Edition, handout

        return handout(lecture, options.selection, Edition(options.builds == "pages", options.notes))

    _write(options.out, work)
    return 0


def thumbnails(lecture: Lecture, options: argparse.Namespace) -> int:
    """Write the thumbnails of a lecture. Raises OSError or ValueError, each with one sentence."""
    _check_selection(lecture, options.selection)
    _check_ending(options.out, (".pdf", ".png"))

    def work() -> Any:
        from gui.paper.thumbnails import thumbnails

        return thumbnails(lecture, options.selection, options.out.suffix.lower())

    _write(options.out, work)
    return 0


def _check_selection(lecture: Lecture, title: str) -> None:
    if title and title not in {selection.title for selection in lecture.head.selections}:
        raise ValueError(f"The lecture has no selection “{quoted(title)}”.")


def _check_ending(path: Path, endings: tuple[str, ...]) -> None:
    if path.suffix.lower() not in endings:
        raise ValueError(f"{path.name} was not written: its name must end in {' or '.join(endings)}.")


def _write(path: Path, work: Callable[[], Any]) -> None:
    """Do a work without a screen, print its progress, and write the file."""
    os.environ["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM") or "offscreen"
    from PySide6.QtWidgets import QApplication

    from gui.paper.work import finish
    from gui.shell import theme
    from gui.shell.export import write_file

    if QApplication.instance() is None:
        global _app
        _app = QApplication(sys.argv[:1])
        theme.apply("light", 1.0)
    write_file(path, finish(work(), lambda news: print(news.words)))


_app: Any = None  # kept while the program runs
