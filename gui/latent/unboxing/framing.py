"""When the planes over latents show another frame: rules that keep the picture calm while strokes come."""

from __future__ import annotations

from engine.latent.document import Latent
from engine.latent.inputs.sketch import Sketch
from engine.latent.unboxing.latent_space import MARGIN
from engine.plane import Viewport

AMPLE = 1.5  # a frame that is wider than needed by this factor stays


def is_another_question(before: Latent, after: Latent) -> bool:
    """Return whether a document asks for the posterior of another image; a further stroke is the same image."""
    if (before.model, before.slice) != (after.model, after.slice):
        return True
    if type(before.observation) is not type(after.observation):
        return True
    return before.input != after.input and not isinstance(after.input, Sketch)


def is_framed(frame: Viewport, home: Viewport) -> bool:
    """Return whether `home` shows what `frame` shows, hardly smaller, so that it need not move with every stroke."""
    wide, room = frame.right - frame.left, MARGIN * (frame.right - frame.left)
    if home.right - home.left > AMPLE * wide:
        return False
    within = home.left <= frame.left + room and frame.right - room <= home.right
    return within and home.bottom <= frame.bottom + room and frame.top - room <= home.top
