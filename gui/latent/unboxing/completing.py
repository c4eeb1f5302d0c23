"""The verbs of completing an image of which only a part was seen."""

from __future__ import annotations

from gui.latent.unboxing.completions import Completions
from gui.page.view import View


class CompletingView(View):
    """A view that can complete images. Abstract: `LatentView` is the final one."""

    def show_completions(self) -> None:
        """What the complete image may be."""
        self.bring(Completions)

    def fresh_completions(self) -> None:
        """Other samples of it."""
        self.bring(Completions).draw_fresh()
