"""Command lines that run a module of the program in a child process."""

from __future__ import annotations

import sys
from pathlib import Path

CHILD = "--child"  # the option that makes the packaged program run a module instead of the window
TRAINING, SPREADSHEET = "engine.latent.vae.cli.worker", "engine.regression.data.reading.spreadsheet_worker"
MODULES = (TRAINING, SPREADSHEET)  # no other module can be run by the option
ROOT = Path(__file__).resolve().parent.parent


def child_command(module: str, *arguments: str, alone: bool = False) -> list[str]:
    """Return the command line that runs a module of MODULES.

    A module that is run `alone` must not import the program. It starts faster, because its packages are not imported.
    The packaged program contains no Python interpreter that could be started, so it starts itself with CHILD.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, CHILD, module, *arguments]
    if alone:
        return [sys.executable, "-P", str(ROOT.joinpath(*module.split(".")).with_suffix(".py")), *arguments]
    return [sys.executable, "-m", module, *arguments]
