"""Likelihoods: what p(x | z) is of the pixels. Without torch; `likelihood_densities` computes it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from engine.part import Family, Part


class Likelihood:
    """p(x | z) of pixels given the decoder's output. Abstract."""

    __slots__ = ()

    drawn: ClassVar[str] = "E[x|z]"  # what a decoded picture shows of it


LIKELIHOODS = Family(Likelihood, home="engine.latent.vae.likelihoods")


@LIKELIHOODS.register
class Bernoulli(Part, Likelihood, frozen=True, tag=True):
    """Bernoulli: each pixel is ink (above `threshold`) or paper, with the decoder's probability."""

    drawn = "P(ink)"
    threshold: Annotated[
        float, Meta(ge=0, le=255, title="Threshold", description="Grey values above this count as ink.")
    ] = 127.5

    def __str__(self) -> str:
        return f"Bernoulli on pixels thresholded at > {self.threshold:g}"


@LIKELIHOODS.register
class GreyBernoulli(Part, Likelihood, frozen=True, tag=True):
    """Bernoulli, grey targets: grey values from 0 to 1 stand in for the pixels of a Bernoulli. No density of greys."""

    def __str__(self) -> str:
        return "Bernoulli on grey values in [0, 1], which is no density of them"


@LIKELIHOODS.register
class ContinuousBernoulli(Part, Likelihood, frozen=True, tag=True):
    """Continuous Bernoulli: the Bernoulli's formula, normalised over grey values from 0 to 1."""

    def __str__(self) -> str:
        return "continuous Bernoulli on grey values in [0, 1]"


@LIKELIHOODS.register
class Gaussian(Part, Likelihood, frozen=True, tag=True):
    """Gaussian: grey values from 0 to 1 around the decoder's mean, with a learned σ for each pixel."""

    def __str__(self) -> str:
        return "Gaussian on values in [0, 1] with a learned σ for each pixel"


@LIKELIHOODS.register
class LinearGaussian(Gaussian, frozen=True, tag=True):
    """Gaussian, linear mean: values around the decoder's output itself, which may leave 0 to 1, with learned σ.

    With linear networks the model is probabilistic PCA, whose evidence and posterior have closed forms.
    """

    def __str__(self) -> str:
        return "Gaussian around the output itself, cut to [0, 1] to be shown, with a learned σ for each pixel"
