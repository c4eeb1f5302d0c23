"""The language: on every desktop texts run from left to right, and fields have the digits of the other numbers."""

import pytest
from PySide6.QtCore import QLocale, Qt

from gui.language import use_english
from gui.widgets.controls import SpinBox


@pytest.fixture
def arabic(qapp):
    """A desktop in Arabic, and that of the tests again."""
    before = QLocale()
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QLocale.setDefault(QLocale(QLocale.Language.Arabic, QLocale.Country.Egypt))
    yield qapp
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    QLocale.setDefault(before)


def test_a_desktop_in_arabic_changes_neither_direction_nor_digits(qtbot, arabic):
    texts = []
    for _ in range(2):
        box = SpinBox()
        qtbot.addWidget(box)
        box.setValue(42)
        texts.append((box.text(), box.layoutDirection()))
        use_english(arabic)
    assert texts == [("٤٢", Qt.LayoutDirection.RightToLeft), ("42", Qt.LayoutDirection.LeftToRight)]
