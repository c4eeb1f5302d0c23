"""The entry point of Bayescape: it parses the command line and starts the window or a training."""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

# Matrix products are small, so one thread is enough. Two threads wait for each other when another process uses a core.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# PyTorch keeps compiled code for each shape of the data that it has seen, here for 64 and not for 1,024: 34 KiB each.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}

MORE = """\
commands (each has its own --help):
  bayescape train ...      train a variational autoencoder without a window
  bayescape lecture ...    check a lecture file, or write its handout as PDF
  bayescape figure ...     write a figure of Bishop's book
  bayescape desktop ...    add the program to the menu of a Linux desktop

Tables also open from .tsv, .txt, .xlsx and .ods files, and a lecture from a
.bayescape-lecture.json file; NAME.bayescape-lecture.json#ID opens at a step.

Exit status: 0 if all went well; otherwise 1 or 2, and one sentence says why.
Trained models and unsaved work are kept in XDG_DATA_HOME (~/.local/share),
settings in XDG_CONFIG_HOME (~/.config). The program uses no network.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Print one sentence and exit with status 2."""
        print(f"{self.prog}: {message}; try --help", file=sys.stderr)
        raise SystemExit(2)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 900 <= int(width) <= 8000 and 500 <= int(height) <= 8000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1600x900, from 900x500 to 8000x8000")
    return int(width), int(height)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="bayescape",
        description="Interactive demonstrations of Bayesian regression and variational autoencoders.",
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", nargs="?", type=Path, help="a session (.bayescape, .json), model (.safetensors) or table (.csv) to open"
    )
    parser.add_argument(
        "--page",
        choices=("regression", "latent", "unboxing"),
        default="",
        help="start on this page (default: the page that was open last); the third choice is the page Exact posterior",
    )
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="FILE.png",
        help="render the window to FILE.png without a display, then exit",
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help="window size, e.g. 1600x900 (default: as saved)")
    parser.add_argument(
        "--appearance",
        choices=("system", "light", "dark"),
        default="",
        help="colour theme of this run (default: as saved)",
    )
    parser.add_argument("--step", default="", metavar="ID", help="show this step of the lecture, by its id or number")
    parser.add_argument("--version", action="store_true", help="print the version, then exit")
    parser.add_argument("--diagnostics", action="store_true", help="print versions, threads and paths, then exit")
    return parser.parse_args(argv)


def _train(argv: list[str]) -> int:
    """Train a model without a window and without Qt. Return the exit status."""
    from engine.latent.vae.cli.command import arguments, run

    parser = _Parser(prog="bayescape train", description="Train a variational autoencoder without a window.")
    arguments(parser)
    return run(parser.parse_intermixed_args(argv))


def _lecture(argv: list[str]) -> int:
    """Check or print a lecture file without a window. Return the exit status."""
    from gui.lecture.command_line import arguments, run

    parser = _Parser(prog="bayescape lecture", description="Work with lecture files without a window.")
    arguments(parser)
    return run(parser.parse_args(argv))


def _desktop(argv: list[str]) -> int:
    """Install or remove the entry in the menu of the desktop. Return the exit status."""
    from gui.desktop.command_line import arguments, run

    parser = _Parser(prog="bayescape desktop", description="The entry of Bayescape in the menu of a Linux desktop.")
    arguments(parser)
    return run(parser.parse_args(argv))


def _figure(argv: list[str]) -> int:
    """Write a figure of the book without a window. Return the exit status."""
    from gui.paper.command_line import figure, figure_arguments

    parser = _Parser(prog="bayescape figure", description="Write a figure of Bishop's book without a window.")
    figure_arguments(parser)
    return figure(parser.parse_args(argv))


def _child(argv: list[str]) -> int:
    """Run a module of the program in this process, as `python -m` does, and return the exit status."""
    from runpy import run_module

    from engine.child import MODULES

    if not argv or argv[0] not in MODULES:
        return 1
    sys.argv = argv
    run_module(argv[0], run_name="__main__", alter_sys=True)
    return 0


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("bayescape")
    except PackageNotFoundError:
        return "(not installed)"


def _load_windows_runtime() -> None:
    """Load the runtime libraries of Windows before Qt loads its own versions, because torch needs the former."""
    for library in ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll"):
        try:
            ctypes.CDLL(library)
        except OSError:
            continue


def _why_no_screen() -> str:
    """The reason why this Linux machine cannot show a window, in one sentence; empty if it can."""
    if os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    if not os.environ.get("DISPLAY"):
        return "This machine has no screen (DISPLAY is not set). Use --screenshot FILE.png to render without a screen."
    missing = [package for library, package in X11_LIBRARIES.items() if not _loads(library)]
    return f"System libraries that Qt needs are missing. Install {' '.join(missing)}." if missing else ""


def _why_not_loaded(error: ImportError) -> str:
    """The name of the missing Python package or system library, with the remedy."""
    if isinstance(error, ModuleNotFoundError):
        return f"The Python package {error.name} is not installed. Follow the installation steps in the README."
    return f"Qt cannot be loaded ({error}). Install the system libraries listed in the README."


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


@contextmanager
def _without_garbage() -> Iterator[None]:
    """Import without looking for garbage: what is imported stays, and is never looked at again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def main(argv: list[str] | None = None) -> int:
    """Run the program. Return the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["train"]:
        return _train(argv[1:])
    if argv[:1] == ["lecture"]:
        return _lecture(argv[1:])
    if argv[:1] == ["desktop"]:
        return _desktop(argv[1:])
    if argv[:1] == ["figure"]:
        return _figure(argv[1:])
    if argv[:1] == ["--child"] and getattr(sys, "frozen", False):
        return _child(argv[1:])
    options = _options(argv)
    if options.file and "#" in options.file.name:  # a link to a step: NAME.bayescape-lecture.json#id
        name, _, step = options.file.name.rpartition("#")
        if name.endswith(".bayescape-lecture.json"):
            options.file, options.step = options.file.with_name(name), options.step or step
    if options.version:
        print(f"bayescape {_version()}")
        return 0
    if sys.platform == "win32":
        _load_windows_runtime()
    reason = _why_no_screen() if sys.platform.startswith("linux") else ""
    if options.screenshot or (options.diagnostics and reason):
        os.environ["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM") or "offscreen"
    elif reason:
        print(f"bayescape: {reason}", file=sys.stderr)
        return 1
    try:
        with _without_garbage():
            from gui.app import Options, run
    except ImportError as error:
        print(f"bayescape: {_why_not_loaded(error)}", file=sys.stderr)
        return 1
    return run(
        Options(
            options.page,
            options.file,
            options.screenshot,
            options.size,
            options.appearance,
            options.diagnostics,
            options.step,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
