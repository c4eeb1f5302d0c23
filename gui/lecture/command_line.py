"""The command line of lectures, without a screen: `lecture check FILE` and `lecture handout FILE OUT.pdf`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from engine.files import quoted
from engine.lecture.check import problems
from engine.lecture.files import read
from engine.lecture.lecture import Lecture
from gui.lecture.titles import titles_in

SIZE = 1280, 800  # pixels of the window that the handout shows


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="say what would keep the steps of a lecture file from being shown")
    check.add_argument("file", type=Path, help="a lecture (.bayescape-lecture.json)")
    handout = actions.add_parser("handout", help="write a PDF with a page for each step")
    handout.add_argument("file", type=Path, help="a lecture (.bayescape-lecture.json)")
    handout.add_argument("out", type=Path, metavar="OUT.pdf", help="the file to write")
    handout.add_argument("--lecturer", action="store_true", help="add notes and answers to each page")
    handout.add_argument("--builds", action="store_true", help="a page for each build, not only for the last")
    handout.add_argument(
        "--selection", default="", metavar="TITLE", help='such as "Short lecture" (default: all steps)'
    )


def run(options: argparse.Namespace) -> int:
    """Carry out the action. Return the exit status: 1 if the lecture has faults, 2 if a file cannot be used."""
    try:
        lecture = read(options.file)
        return _check(lecture) if options.action == "check" else _handout(lecture, options)
    except (ValueError, OSError) as error:
        print(error)
        return 2


def _check(lecture: Lecture) -> int:
    found = list(problems(lecture, titles_in))
    for sentence in found:
        print(sentence)
    waiting = sum(bool(step.needs.missing) for step in lecture.steps)
    counts = f"{len(lecture.steps)} steps, {len(found)} with faults, {waiting} greyed"
    print(f"{counts} because this version lacks something.")
    return 1 if found else 0


def _handout(lecture: Lecture, options: argparse.Namespace) -> int:
    """Play the lecture in a window without a screen, with settings of its own, and write the PDF."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from gui.lecture.handout import write
    from gui.shell.settings import Settings
    from gui.window import Window

    if options.selection and options.selection not in {selection.title for selection in lecture.head.selections}:
        raise ValueError(f"The lecture has no selection “{quoted(options.selection)}”.")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Settings(Path(folder)), "regression", "light")
        window.resize(*SIZE)
        window.show()
        app.processEvents()
        try:
            chosen = {"lecturer": options.lecturer, "builds": options.builds, "selection": options.selection}
            write(window.lecture, lecture, options.out, **chosen)
        finally:
            window.close()
    return 0
