"""The verbs of the identity: where q is put, and the panels that show ln p(x) = ELBO + gap."""

from __future__ import annotations

from gui.latent.unboxing.elbo_decomposition import Identity
from gui.latent.unboxing.elbo_over_epochs import OverEpochs
from gui.latent.unboxing.evaluation import TestImages
from gui.page.view import View


class BoundingView(View):
    """A view that can compare bounds. Abstract: `LatentView` is the final one."""

    def show_identity(self) -> None:
        """What ln p(x) is made of."""
        self.bring(Identity)

    def show_test_images(self) -> None:
        """The same of all test images."""
        self.bring(TestImages)

    def show_over_epochs(self) -> None:
        """The same at each moment of a training."""
        self.bring(OverEpochs)

    def snap_q(self) -> None:
        """Put q where its ELBO is highest."""
        self.bring(Identity).snap_to_best()

    def encoder_q(self) -> None:
        """Put q back to the encoder's."""
        self.bring(Identity).to_encoder()

    def hand_q(self) -> None:
        """Start from the present q."""
        self.bring(Identity).take()
