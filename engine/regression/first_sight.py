"""The document with which the page Regression starts: the lecture's line after two of twenty observations."""

from __future__ import annotations

from engine.regression.data.observations import Observations
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression

X, T = (0.9, -0.6), (0.15, -0.6)  # the first two observations of the lecture's line
SEED = 11  # with it the true line lies well inside the 95 % outline after 20 observations
LATER = 18  # observations that are drawn from the true line and not used yet


def first_sight() -> Regression:
    """Return the lecture's line after two observations, with 18 more that are not shown until a step uses them."""
    two = Regression(observations=Observations(X, T), step=2, seed=SEED)
    return two.with_drawn_points(LATER).step_to(2).with_setting(DataSpaceSettings(show_waiting=False))
