"""The verbs of generating pictures, and of estimating what one is worth to the model."""

from __future__ import annotations

from engine.latent.unboxing.generated_images import GeneratedImagesSettings
from gui.latent.training.teaching import TeachingView
from gui.latent.unboxing.estimating_ln_p_x import WhyVariational
from gui.latent.unboxing.generated_images import Generating


class GeneratingView(TeachingView):
    """A view that generates. Abstract: `LatentView` is the final one."""

    def show_why_variational(self) -> None:
        """Bring the estimates of ln p(x) to the front."""
        self.bring(WhyVariational)

    def show_generating(self) -> None:
        """Bring the generated pictures to the front."""
        self.bring(Generating).setFocus()

    def generate_again(self) -> None:
        """Generate other pictures, and show them."""
        self.show_generating()
        self.edit(
            "Generate other pictures", self._document.with_setting(self._document[GeneratedImagesSettings].fresh())
        )
