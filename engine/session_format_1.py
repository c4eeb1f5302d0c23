"""Sessions of format 1: their documents as plain objects of format 2, in which each panel has its own setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Plain = dict[str, Any]
DISPLAY = {
    "DataSpaceSettings": {"samples": "samples", "band": "band", "deviations": "deviations", "show_basis": "show_basis"},
    "PredictiveSettings": {"predictive": "shows"},
    "SamplesSettings": {"samples_of": "of"},
    "HeatmapSettings": {"logarithmic": "logarithmic"},
}  # the fields of Regression's Display that belong to one panel now, and their new names


def regression(plain: Plain) -> Plain:
    """The plain object of a Regression document of format 2. What is unknown in `plain` stays, to be refused later."""
    display, settings = dict(plain.get("display", {})), []
    for kind, names in DISPLAY.items():
        settings.append({"type": kind} | {new: display.pop(old) for old, new in names.items() if old in display})
    settings.append(display | {"type": "Display"})
    for old, kind in (("ways", "VariationalSettings"), ("coverage", "CoverageSettings")):
        settings.append(dict(plain.get(old, {})) | {"type": kind})
    settings.append({"type": "PrimerPoints", "points": plain.get("primer", [])})
    kept = {name: value for name, value in plain.items() if name not in ("display", "ways", "coverage", "primer")}
    return kept | {"settings": settings}


READERS: dict[str, Callable[[Plain], Plain]] = {"Regression": regression}  # by the type of the document


def upgraded(session: Plain) -> Plain:
    """The plain object of a session of format 2. Raises ValueError if the document is no such object."""
    document = session.get("document")
    reader = READERS.get(document.get("type", "")) if isinstance(document, dict) else None
    if reader is None:
        return session | {"bayescape": 2}
    try:
        return session | {"document": reader(document), "bayescape": 2}
    except (TypeError, AttributeError) as error:
        raise ValueError("its document has parts that are no objects") from error
