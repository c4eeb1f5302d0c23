"""A window at the tab Exact posterior, with an image selected; a file may define another window."""

import pytest

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from tests.gui.conftest import settle
from tests.gui.latent.acting import edit

CHOSEN = Latent().with_input(FromData(7))  # a 9


@pytest.fixture
def window(qtbot, open_window):
    window = open_window("unboxing")
    edit(window, CHOSEN)
    settle(qtbot, window)
    return window
