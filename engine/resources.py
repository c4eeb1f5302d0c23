"""The path of the folder with the files that come with the program."""

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
