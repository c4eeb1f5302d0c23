"""The lecture: steps that the program plays, as files. This package re-exports what the rest of the program needs."""

from engine.lecture.shipped import FOLDERS, Heading, headings, steps

__all__ = ["FOLDERS", "Heading", "headings", "steps"]
