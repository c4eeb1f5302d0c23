"""The image decoded at the middle of the plane, which is shown until the cursor has been on a plane."""

from __future__ import annotations

import numpy as np

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.probes import Answer, LatentPlace
from engine.plane import Viewport


@derived(Answer, last=True)
def middle(document: Latent, _: Viewport) -> Answer | None:
    """Return the answer of the model at z = (0, 0)."""
    across, up = document.chart.to_place(np.zeros((1, 2)))[0]
    return LatentPlace(float(across), float(up)).answer(document)
