"""The page in front of the window of a test."""

import pytest


@pytest.fixture
def page(window):
    return window.page
