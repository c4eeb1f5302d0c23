"""Measures the program against its rivals in one run and prints a table: `python -m tests.bench`."""

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import platform

from PySide6.QtCore import qInstallMessageHandler

from tests.bench import (
    adversarial,
    clicking,
    decoding,
    dragging,
    growing,
    hovering,
    learning,
    lecture,
    memory,
    observing,
    sketching,
    slicing,
    starting,
    training,
    unboxing,
)

BENCHES = {
    "starting": starting,
    "clicking": clicking,
    "hovering": hovering,
    "slicing": slicing,
    "decoding": decoding,
    "observing": observing,
    "dragging": dragging,
    "training": training,
    "learning": learning,
    "adversarial": adversarial,
    "sketching": sketching,
    "unboxing": unboxing,
    "lecture": lecture,
    "growing": growing,
    "memory": memory,
}


def main(names):
    """Run all measurements, or those named, and print their rows."""
    qInstallMessageHandler(lambda *_: None)  # the offscreen platform remarks on every window
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}\n")
    print(f"| {'what':<62} | {'measured':>26} | {'wanted':>12} |")
    print(f"|{'-' * 64}|{'-' * 28}|{'-' * 14}|")
    for name in names or BENCHES:
        for row in BENCHES[name].rows():
            print(f"| {row[0]:<62} | {row[1]:>26} | {row[2]:>12} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
