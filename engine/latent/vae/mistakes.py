"""Mistakes: common errors in the loss of a VAE, each with the code that makes it and the code that is right.

Most of them are questions of a sum or a mean. They do not stop a training, so they are often not noticed: the printed
loss decreases, but it is not the negative ELBO, and the optimum is that of another weight of the KL term.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Name = Literal[
    "none", "mean over pixels, sum of KL", "mean over pixels and latents", "no ½ in the KL", "σ instead of σ²"
]
GREY = "grey values called a likelihood"


class Mistake(msgspec.Struct, frozen=True):
    """A common mistake: its name, what it does, and one line of code that is right and one that is wrong."""

    name: str
    effect: str
    right: str
    wrong: str


_SUM, _HALF = "bce(p, x, reduction='sum') / n", "-0.5 * (1 + log_var - mu**2 - log_var.exp())"
MISTAKES = (
    Mistake(
        "mean over pixels, sum of KL",
        "The KL term counts as many times too much as an image has pixels.",
        f"loss = {_SUM} + kl.sum(1).mean()",
        "loss = bce(p, x) + kl.sum(1).mean()",
    ),
    Mistake(
        "mean over pixels and latents",
        "The KL term counts too much: by the number of pixels divided by the number of latents.",
        f"loss = {_SUM} + kl.sum(1).mean()",
        "loss = bce(p, x) + kl.mean()",
    ),
    Mistake(
        "no ½ in the KL",
        "The KL term counts twice.",
        f"kl = {_HALF}",
        "kl = -(1 + log_var - mu**2 - log_var.exp())",
    ),
    Mistake(
        "σ instead of σ²",
        "The term is not a KL divergence: it is smaller than the KL for a narrow q, so q becomes too narrow.",
        f"kl = {_HALF}",
        "kl = -0.5 * (1 + log_sigma - mu**2 - log_sigma.exp())",
    ),
    Mistake(
        GREY,
        "The Bernoulli formula on grey values is not a density. Its integral over all images is not 1.",
        "nll = -ContinuousBernoulli(logits=a).log_prob(x).sum(1)",
        "nll = bce(sigmoid(a), x, reduction='none').sum(1)",
    ),
)


def kl_factor(name: str, pixels: int, latents: int = 2) -> float:
    """Return the factor of the KL term that a mistake amounts to, for images with a number of values, and d latents.

    A loss that is divided by a number has the same optimum, so a mean over the pixels is a weight of the KL term. AdamW
    takes nearly the same steps for both.
    """
    factors = {
        "mean over pixels, sum of KL": float(pixels),
        "mean over pixels and latents": pixels / latents,
        "no ½ in the KL": 2.0,
    }
    return factors.get(name, 1.0)
