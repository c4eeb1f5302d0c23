"""Dates and times as text, in the language of the program."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale

ENGLISH = QLocale(QLocale.Language.English)


def date_text(seconds: float) -> str:
    """The date and the time of a moment, given in seconds since 1970, such as “27 Nov 2026, 14:03”."""
    return ENGLISH.toString(QDateTime.fromSecsSinceEpoch(int(seconds)), "d MMM yyyy, HH:mm")
