"""The command line of lectures: `main.py lecture check FILE`, without a window."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.lecture.check import problems
from engine.lecture.files import read
from gui.lecture.titles import titles_in


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="say what would keep the steps of a lecture file from being shown")
    check.add_argument("file", type=Path, help="a lecture (.bayescape-lecture.json)")


def run(options: argparse.Namespace) -> int:
    """Carry out the action. Return the exit status: 1 if the lecture has faults, 2 if it cannot be read."""
    try:
        lecture = read(options.file)
    except ValueError as error:
        print(error)
        return 2
    found = list(problems(lecture, titles_in))
    for sentence in found:
        print(sentence)
    waiting = sum(bool(step.needs.missing) for step in lecture.steps)
    print(
        f"{len(lecture.steps)} steps, {len(found)} with faults, {waiting} greyed because this version lacks something."
    )
    return 1 if found else 0
