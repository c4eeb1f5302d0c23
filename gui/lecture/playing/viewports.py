"""Viewports: those of a step are shown in its plots, and those of the user come back after the lecture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.lecture.lecture import Look
from engine.plane import Viewport
from gui.page.page import Page
from gui.page.plot_panel import PlotPanel
from gui.page.view import View


@dataclass(frozen=True)
class Kept:
    """The home viewport of a plot, and the viewport that the user has chosen; None if the plot is at home."""

    home: Viewport
    chosen: Viewport | None


def keep(pages: Iterable[Page]) -> dict[PlotPanel, Kept]:
    """The viewports of all plots of the pages."""
    plots = {panel: panel.plot for page in pages for panel in _plotted(page.view)}
    return {panel: Kept(plot.home, None if plot.is_at_home else plot.shown) for panel, plot in plots.items()}


def give_back(pages: Iterable[Page], kept: Mapping[PlotPanel, Kept]) -> None:
    """Show the kept viewports. A plot that was made since then fits its content."""
    for page in pages:
        for panel in _plotted(page.view):
            if (was := kept.get(panel)) is None:
                panel.plot.fit_to_content()
                continue
            panel.plot.set_home(was.home)
            if was.chosen is not None:
                panel.plot.look_at(was.chosen)


def show(view: View, look: Look) -> None:
    """Show the viewports of a step in the plots in sight. A plot without one fits its content."""
    for panel in _plotted(view):
        if panel.seen:
            if (edges := look.get(panel.plane)) is not None:
                panel.plot.show_region(Viewport(*edges))
            else:
                panel.follow(panel.plane, None)


def _plotted(view: View) -> list[PlotPanel]:
    return [panel for panel in view.panels.values() if isinstance(panel, PlotPanel)]
