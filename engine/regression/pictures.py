"""What single panels of the Regression page draw."""

from __future__ import annotations

from engine.pictures import Pictures

PICTURES = Pictures()
picture = PICTURES.picture
