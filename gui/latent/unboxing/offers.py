"""Offers of empty panels: the buttons below the sentences that say why there is no image, observation or colour."""

from __future__ import annotations

from engine.latent.observations.grey_from_colour import NO_COLOUR
from engine.latent.training.models import shipped_with
from engine.latent.unboxing.latent_space import NO_IMAGE, NOTHING_BRUSHED, NOTHING_SEEN
from engine.latent.vae.recipe import Card
from gui.latent.image.gallery import CHOOSE, GalleryPanel
from gui.latent.training.models import OPEN_SHIPPED
from gui.latent.training.recipe import USE_RECIPE
from gui.latent.unboxing.observation import LOWER_HALF
from gui.page.panel import Panel
from gui.page.stepper import FORWARD
from gui.widgets.notice import Notice

COLOURED = "coloured faces"  # the recipe that is offered as long as no model of coloured images is shipped


def is_coloured(card: Card) -> bool:
    """Return whether the images of a model have colours."""
    return len(card.shape) == 3


def offer_ways_out(notice: Notice, panel: Panel) -> None:
    """Give a notice a button for each sentence with which a panel says that its image or its observation is missing."""
    notice.offer(NO_IMAGE, CHOOSE, GalleryPanel)
    notice.offer(NOTHING_SEEN, "Step forward", FORWARD)
    notice.offer(NOTHING_BRUSHED, "Observe the lower half", LOWER_HALF)
    name = shipped_with(is_coloured)
    if name:
        notice.offer(NO_COLOUR, "Open the shipped model of coloured images", OPEN_SHIPPED[name])
    else:
        notice.offer(NO_COLOUR, f"Use the recipe for {COLOURED}", USE_RECIPE[COLOURED])
    notice.asked.connect(panel.requested)
