"""The language of the program: English, from left to right, with the same numbers on every desktop."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication


def use_english(app: QApplication) -> None:
    """Keep the direction of formulas and the digits of fields, whatever the language of the desktop. See decision 044.

    A desktop in Arabic would write −74.83 as "74.83−", and the digits of a spin box unlike those beside it.
    """
    app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
