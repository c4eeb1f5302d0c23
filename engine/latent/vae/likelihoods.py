"""Likelihoods: what p(x | z) is of the pixels. Declared here without torch, carried out in `densities`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.part import Family, Part


class Likelihood:
    """p(x | z) of pixels given the decoder's output. Abstract."""

    __slots__ = ()


LIKELIHOODS = Family(Likelihood)


@LIKELIHOODS.register
class Bernoulli(Part, Likelihood, frozen=True, tag=True):
    """Bernoulli: each pixel is ink (above `threshold`) or paper, with the decoder's probability."""

    threshold: Annotated[
        float, Meta(ge=0, le=255, title="Threshold", description="Grey values above this count as ink.")
    ] = 127.5

    def __str__(self) -> str:
        return f"Bernoulli on pixels thresholded at > {self.threshold:g}"
