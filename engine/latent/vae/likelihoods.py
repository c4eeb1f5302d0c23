"""The family of likelihoods p(x|z) of the pixels, declared without torch; `likelihood_densities` computes them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from engine.part import Family, Part


class Likelihood:
    """The likelihood p(x|z) of the pixels given the decoder's output. Abstract."""

    __slots__ = ()

    drawn: ClassVar[str] = "E[x|z]"  # the quantity that a decoded image shows


LIKELIHOODS = Family(Likelihood, home="engine.latent.vae.likelihoods")


@LIKELIHOODS.register
class Bernoulli(Part, Likelihood, frozen=True, tag=True):
    """Bernoulli: each pixel is ink (above `threshold`) or paper, with the decoder's probability."""

    drawn = "P(ink)"
    threshold: Annotated[
        float, Meta(ge=0, le=255, title="Threshold", description="Grey values above this value are ink.")
    ] = 127.5

    def __str__(self) -> str:
        return f"Bernoulli on pixels thresholded at >\u00a0{self.threshold:g}"


@LIKELIHOODS.register
class GreyBernoulli(Part, Likelihood, frozen=True, tag=True):
    """Bernoulli, grey targets: the Bernoulli formula with grey values from 0 to 1; not a density of grey values."""

    def __str__(self) -> str:
        return "Bernoulli on grey values in [0,\u00a01], which is not a density"


@LIKELIHOODS.register
class ContinuousBernoulli(Part, Likelihood, frozen=True, tag=True):
    """Continuous Bernoulli: the Bernoulli formula, normalised over grey values from 0 to 1."""

    def __str__(self) -> str:
        return "continuous Bernoulli on grey values in [0,\u00a01]"


@LIKELIHOODS.register
class Gaussian(Part, Likelihood, frozen=True, tag=True):
    """Gaussian: values around the decoder's mean, which is from 0 to 1, with a learned σ for each pixel."""

    def __str__(self) -> str:
        return "Gaussian on values in [0, 1] with a learned σ for each pixel"


@LIKELIHOODS.register
class LinearGaussian(Gaussian, frozen=True, tag=True):
    """Gaussian, linear mean: values around the decoder's output, which is not limited to 0 to 1, with learned σ.

    With linear networks the model is probabilistic PCA. Its evidence and posterior have closed forms.
    """

    def __str__(self) -> str:
        return "Gaussian around the linear output, shown within [0, 1], with a learned σ for each pixel"
