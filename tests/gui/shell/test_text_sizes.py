"""The window is never larger than a projector of 1280×720 pixels, at every text size, in every tab."""

import pytest
from PySide6.QtWidgets import QApplication

from gui.pages import TITLES
from tests.gui.conftest import settle

WIDTH, HEIGHT = 1280, 720


@pytest.mark.parametrize("tab", TITLES)
def test_the_window_fits_a_projector_at_every_text_size(qtbot, open_window, tab):
    window = open_window(tab)
    for size in (1.0, 1.5, 2.0, 2.5):
        while window.appearance.text_size < size:
            window.appearance.larger()
        settle(qtbot, window)
        QApplication.processEvents()
        hint = window.minimumSizeHint()
        assert hint.width() <= WIDTH, size
        assert hint.height() <= HEIGHT, size
    window.appearance.normal()
    settle(qtbot, window)
    assert window.minimumSizeHint().height() <= HEIGHT
