"""The command line of lectures, without a screen: `lecture check FILE`, and what goes on paper."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.lecture.check import problems
from engine.lecture.files import read
from engine.lecture.lecture import Lecture
from gui.lecture.titles import titles_in
from gui.paper import command_line as paper


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="say what would keep the steps of a lecture file from being shown")
    check.add_argument("file", type=Path, help="a lecture (.bayescape-lecture.json)")
    paper.handout_arguments(actions.add_parser("handout", help="write a PDF with a page for each step"))
    paper.thumbnails_arguments(actions.add_parser("thumbnails", help="write small pictures of all steps"))


def run(options: argparse.Namespace) -> int:
    """Carry out the action. Return the exit status: 1 if the lecture has faults, 2 if a file cannot be used."""
    try:
        lecture = read(options.file)
        if options.action == "check":
            return _check(lecture)
        return (paper.handout if options.action == "handout" else paper.thumbnails)(lecture, options)
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
