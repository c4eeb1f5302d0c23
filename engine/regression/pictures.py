"""What single panels of the Regression page draw."""

from __future__ import annotations

from engine.derived import Pictures

PICTURES = Pictures()
picture = PICTURES.picture
