"""The pages there are: known by name from the start, imported when they are first seen."""

from __future__ import annotations

from importlib import import_module

from gui.page.view import View

TITLES = {"regression": "Regression", "latent": "Latent space"}
KINDS = {"regression": "RegressionView", "latent": "LatentView"}


def view_kind(name: str) -> type[View]:
    """The class of a page's view. The first time it takes as long as importing all its panels does."""
    kind: type[View] = getattr(import_module(f"gui.{name}.view"), KINDS[name])
    return kind


def view_kinds() -> tuple[type[View], ...]:
    """Of all pages, in order."""
    return tuple(map(view_kind, TITLES))
