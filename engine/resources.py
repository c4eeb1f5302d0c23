"""Where the files that come with the program are."""

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
