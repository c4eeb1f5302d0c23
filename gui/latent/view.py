"""The Latent view: its panels, and the verbs of its menus."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

import gui.latent
from engine.document import Document
from engine.latent.charts import EqualProbability, Linear
from engine.latent.document import Latent
from engine.latent.scene import Answer
from gui.latent.picture import nearest
from gui.latent.samples import AT_ONCE
from gui.page.view import View
from gui.shell.elided import Spans
from gui.shell.numbers import coordinate, nats


class LatentView(View):
    """Latent space: the plane a VAE decodes."""

    title = "Latent space"
    name = "latent"
    package: ClassVar[ModuleType] = gui.latent
    start: ClassVar[type[Document]] = Latent

    @property
    def _document(self) -> Latent:
        assert isinstance(self.document, Latent)
        return self.document

    def draw_samples(self) -> None:
        """Draw latents from the prior."""
        self.edit("Draw samples", self._document.draw(AT_ONCE))

    def toggle_digits(self) -> None:
        """Show or hide where real images land."""
        self.edit("Show or hide test images", self._document.with_digits(not self._document.show_digits))

    def toggle_chart(self) -> None:
        """The other chart."""
        other = EqualProbability() if isinstance(self._document.chart, Linear) else Linear()
        self.edit("Change chart", self._document.with_chart(other))

    def use_shipped(self) -> None:
        """The shipped model."""
        self.edit("Use the shipped model", self._document.with_model(Latent().model))

    def clear(self) -> None:
        """Remove samples and pins."""
        self.edit("Clear", self._document.clear())

    def words(self, answer: Answer | None) -> Spans:
        """z and what is there."""
        if answer is None:
            return []
        return [
            ("hovered", f"z = ({coordinate(answer.z[0])}, {coordinate(answer.z[1])})"),
            ("prior", f"ln p(z) {nats(answer.log_prior)}"),
            ("", nearest(answer)),
        ]
