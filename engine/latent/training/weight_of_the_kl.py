"""Weight of the KL: models of one recipe with different β, and what β trades.

A larger β gives a smaller KL and less faithful reconstructions, and latents become unused. Those that stay may follow
the factors of the images more separately (Higgins et al. 2017) or not: the mutual information gap measures it.
"""

from __future__ import annotations

from collections.abc import Generator

import msgspec
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.latent.document import Latent
from engine.latent.plane.latents import interpretability_of, usage_of
from engine.latent.training.models import Entry, entries, is_open, with_entry
from engine.latent.training.training import TrainingSettings, with_recipe
from engine.latent.vae.recipe import UNUSED, Recipe
from engine.memo import remember
from engine.plane import Viewport

LARGER = 4.0  # times β, for the next training
NOT_LISTED = "This model is not in the list of the panel Models. Open one of the list."


class Trade(msgspec.Struct, frozen=True):
    """What one model trades: `beta`, and reconstruction and KL of the test images in nats per image.

    `unused` is the number of unused latents, and `gap` the mutual information gap. Both are None until they are
    computed, and `gap` for images without known factors.
    """

    entry: Entry
    beta: float
    reconstruction: float
    kl: float
    unused: int | None = None
    gap: float | None = None


class Trades(msgspec.Struct, frozen=True):
    """The models of the recipe of the present one, the smallest β first; `chosen` is the present one, or −1."""

    rows: tuple[Trade, ...]
    chosen: int


@derived(Trades, last=True)
def trades(document: Latent, _: Viewport) -> Generator[Trades | Pending, None, None]:
    """Yield the models with the numbers in their files first, then with those that need the model itself."""
    rows = [trade_of(entry) for entry in alike(document)]
    chosen = next((i for i, row in enumerate(rows) if is_open(document, row.entry)), -1)
    yield Trades(tuple(rows), chosen)
    if len(rows) > 1:
        for i, row in enumerate(rows):
            yield PENDING
            rows[i] = measured(document, row)
        yield Trades(tuple(rows), chosen)


def alike(document: Latent) -> list[Entry]:
    """Return the models on this computer whose recipes differ from that of the present model in β only."""
    found = entries()
    own = [entry.card.recipe for entry in found if is_open(document, entry)]
    same = [entry for entry in found if own and without_beta(entry.card.recipe) == without_beta(own[0])]
    return sorted(same, key=lambda entry: entry.card.recipe.beta)


def without_beta(recipe: Recipe) -> Recipe:
    """Return a recipe with β = 1 and without its origin, to compare it with others."""
    return replace(recipe, beta=1.0, origin="")


def trade_of(entry: Entry) -> Trade:
    """Return what the file of a model says."""
    elbo = entry.card.test_elbo
    return Trade(entry, entry.card.recipe.beta, elbo.reconstruction, elbo.kl)


def with_larger_beta(document: Latent) -> Latent:
    """Return the document whose next training has the recipe of the present model with four times its β.

    If β is 0, the next one is 1. Raises ValueError, in one sentence, if the model is not in the list of models.
    """
    own = [entry.card.recipe for entry in entries() if is_open(document, entry)]
    if not own:
        raise ValueError(NOT_LISTED)
    return with_recipe(document, replace(own[0], beta=min(LARGER * own[0].beta or 1.0, 1000.0)))


def next_beta(document: Latent, row: Trade) -> float | None:
    """Return the β of the next training, if its recipe differs from that of a row in β only; otherwise None."""
    following, own = document[TrainingSettings].recipe, row.entry.card.recipe
    return following.beta if following.beta != own.beta and without_beta(following) == without_beta(own) else None


def with_row(document: Latent, row: Trade) -> Latent:
    """Return the document with the model of a row; the plane and the chart stay."""
    return replace(with_entry(document, row.entry), slice=document.slice)


def measured(document: Latent, row: Trade) -> Trade:
    """Return a row with its unused latents and its gap. A model that cannot be read keeps what its file says."""
    try:
        whole = with_entry(document, row.entry).whole_model
    except ValueError:
        return row
    usage = remember(whole, "usage of latents", lambda: usage_of(whole))
    unused = int((usage.kl < UNUSED).sum())
    if not whole.embedding.factor_names:
        return replace(row, unused=unused)
    followed = remember(whole, "interpretability", lambda: interpretability_of(whole))
    return replace(row, unused=unused, gap=followed.gap)
