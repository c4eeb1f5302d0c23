"""Documents: everything the user has chosen on one page, from which everything on the screen follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.part import Family
from engine.plane import Viewport

Viewports = Mapping[str, Viewport]


class Document:
    """What the user has chosen, and nothing computed from it. Abstract: register a final `Part` below.

    The same document seen through the same viewports always gives the same scene.
    """

    __slots__ = ()

    def resolve(self, viewports: Viewports) -> Any:
        """The scene: all that the page draws."""
        raise NotImplementedError

    def unfold(self, viewports: Viewports) -> Any:
        """The same as the screen wants it: the scene, or a generator of ever fuller ones that returns the last."""
        return self.resolve(viewports)

    def probe(self, place: Any) -> Any:
        """The answer for what is under the cursor."""
        raise NotImplementedError


DOCUMENTS = Family(Document, home=("engine.latent.document", "engine.regression.document"))
