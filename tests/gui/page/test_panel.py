"""When a panel is drawn: the first value that it shows is the main one."""

import pytest

from engine.derived import Scene, derived
from gui.page.panel import Panel


@derived(int)
def main_value(_, __):
    """Return a number."""
    return 1


@derived(int)
def remark(_, __):
    """Return another number."""
    return 2


class Shown(Panel):
    title, shows = "Shown", (main_value, remark)


@pytest.mark.parametrize(
    ("values", "is_drawn"),
    [({}, False), ({remark: 2}, False), ({main_value: 1}, True), ({main_value: 1, remark: 2}, True)],
)
def test_a_panel_waits_for_its_main_value(qtbot, values, is_drawn):
    panel = Shown()
    qtbot.addWidget(panel)
    assert panel.has_news(Scene(None, values)) == panel.has_main(Scene(None, values)) == is_drawn
