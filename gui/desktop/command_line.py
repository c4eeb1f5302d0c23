"""The command line of the desktop entry: `desktop install` and `desktop remove`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine.files import unwritable
from gui.desktop.entry import install, remove

CACHES = (("update-mime-database", "mime"), ("update-desktop-database", "applications"))  # commands, and their folders


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("install", help="add Bayescape to the menu, as the program for .bayescape files")
    actions.add_parser("remove", help="take it out of the menu again")


def run(options: argparse.Namespace) -> int:
    """Carry out the action for this user, and print the files. Return the exit status: 2 if a file is not written."""
    if not sys.platform.startswith("linux"):
        print("A menu entry can be installed on Linux only.")
        return 2
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    try:
        paths = install(data, started_by()) if options.action == "install" else remove(data)
    except OSError as error:
        print(unwritable(Path(error.filename or data), error))
        return 2
    for path in paths:
        print(path)
    for command, folder in CACHES:
        if (program := shutil.which(command)) is not None and (data / folder).is_dir():
            subprocess.run([program, str(data / folder)], check=False, capture_output=True)
    return 0


def started_by() -> list[str]:
    """The command that starts this program, as absolute paths."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    script = Path(sys.argv[0]).resolve()
    return [sys.executable, str(script)] if script.suffix == ".py" else [str(script)]
