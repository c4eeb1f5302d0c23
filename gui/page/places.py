"""The places of panels: in rows for a lecture, and folded into tabs on a page that is small for its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from PySide6.QtWidgets import QWidget

from gui.page.panel import Panel, Place
from gui.shell.theme import POINT_SIZE

K = TypeVar("K", bound=type[Panel])
LARGER = 57  # percent of a small page: the height of its lower row, or in a single row the width of the group of tabs
FEW, LEAST = 20, 27  # lines of text in the height of a small page: at the usual text, and at a larger text


def is_small(page: QWidget) -> bool:
    """Whether a page has too few lines of text for its usual arrangement, such as 720 pixels with a text of 150 %.

    At the usual text a page has few lines because the user has made the window low; then it changes later.
    """
    is_enlarged = page.font().pointSizeF() > POINT_SIZE
    return page.height() < (LEAST if is_enlarged else FEW) * page.fontMetrics().height()


def leader_of(places: Mapping[K, Place]) -> str:
    """The title of the panel that is first in the largest group of tabs; of the last panel, if there are no tabs."""
    tabs = Counter(place.beside for place in places.values() if place.how == "tab")
    return tabs.most_common(1)[0][0] if tabs else next(reversed(list(places))).title


def key_of(arrangement: str, is_small: bool) -> str:
    """The name of the layout of an arrangement, on a page that is small for its text or not."""
    return ".".join(filter(None, (arrangement, "small" if is_small else "")))


def tabs_of(places: Mapping[K, Place]) -> set[str]:
    """The titles of the panels that are tabs of the largest group on a page of any size."""
    leader = leader_of(places)
    return {
        kind.title
        for kind, place in places.items()
        if place.how == "tab" and place.beside == leader and not place.folds
    }


def folded(places: Mapping[K, Place]) -> dict[K, Place]:
    """The places on a small page: the panels that `folds` join the largest group of tabs, and others take their place.

    The result is in an order in which the panels can be put.
    """
    leader, folding = leader_of(places), {kind.title: place for kind, place in places.items() if place.folds}
    rest: dict[K, Place] = {}
    lower: set[str] = set()
    for kind, place in places.items():
        if not place.folds:
            while place.how != "tab" and place.beside in folding:
                above = folding[place.beside]
                place = replace(place, beside=above.beside, how=above.how, height=above.height + place.height)
            if place.how == "below" or place.beside in lower:
                lower.add(kind.title)
            rest[kind] = place
    share = {True: LARGER, False: 100 - LARGER}
    if lower:
        rest = {kind: replace(place, height=share[kind.title in lower]) for kind, place in rest.items()}
    else:
        rest = {kind: replace(place, width=share[kind.title == leader]) for kind, place in rest.items()}
    front = {kind: place for kind, place in rest.items() if place.how != "tab"}
    tabs = {kind: replace(place, beside=leader, how="tab") for kind, place in places.items() if place.folds}
    return {**front, **tabs, **{kind: place for kind, place in rest.items() if kind not in front}}


def in_rows(rows: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, Place]]:
    """Yield the title and the place of each panel in rows from top to bottom. All rows have the same height.

    The first panels of the rows come first: a row is divided after it has its height.
    """
    height = 100 // max(len(rows), 1)
    for n, row in enumerate(rows):
        above = rows[n - 1][0] if n else ""
        yield row[0], Place(n, above, "below" if n else "right", 100 // len(row), height)
    for row in rows:
        for n, title in enumerate(row[1:], 1):
            yield title, Place(len(rows) + n, row[n - 1], "right", 100 // len(row), height)
