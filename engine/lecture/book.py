"""The figures of the book: which documents they show, from the lecture or from the user's own data.

The figures are those of Bishop, PRML, sections 3.3.1 and 3.3.2, and one like figure 3.7 for the latent plane, where a
stroke of the observed image is what an observation is in regression.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.unboxing.latent_space import LatentHeatmapSettings
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.plane import LOG_RANGE, Viewport
from engine.regression.data_space import DataSpaceSettings
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred
from engine.regression.weight_space import HeatmapSettings, true_weights

Name = Literal["3.7", "3.8", "3.9", "3.7 for pixels"]
NAMES: tuple[Name, ...] = get_args(Name)
MEANINGS: dict[Name, str] = {
    "3.7": "Sequential Bayesian learning of a line: the likelihood of the latest observation, the density of the "
    "weights, and six lines drawn from it. White cross: the true weights. Bright is high, on a scale of each plane.",
    "3.8": "The predictive distribution. Green: the true function; blue: observations; red: the mean; shading: one "
    "standard deviation.",
    "3.9": "Functions drawn from the posterior, in red. Green: the true function; blue: observations.",
    "3.7 for pixels": "Sequential Bayesian inference of the latent of an image: the density before the latest stroke, "
    "its likelihood, and the density after it. Bright is high, on a scale of each plane.",
}
STEPS: dict[Name, str] = {  # the step of the lecture whose data a figure shows
    "3.7": "line-20",
    "3.8": "sinusoid-25",
    "3.9": "sinusoid-25",
    "3.7 for pixels": "probabilistic-modelling",
}
COUNTS = {"3.7": (0, 1, 2, 20), "3.8": (1, 2, 4, 25), "3.9": (1, 2, 4, 25)}  # observations of each row or plot
LINES = 6  # functions that are drawn from a density
SHARE = np.sqrt(2 / np.log(400))  # of the 95 % region of the prior that figure 3.7 shows: √2 standard deviations


class Data(msgspec.Struct, frozen=True, eq=False):
    """The data of a figure: a document, and why it is not the user's own; "" if it is."""

    document: Document
    why: str = ""


def data_of(name: Name, *own: Document) -> Data:
    """The data of a figure: the first of the user's documents that it can show, or else those of the lecture."""
    reasons = []
    for document in own:
        if isinstance(document, Latent if name == "3.7 for pixels" else Regression):
            if not (reason := _why_not(name, document)):
                return Data(document)
            reasons.append(f"{reason} The figure shows the data of the lecture.")
    return Data(of_lecture(name), " ".join(reasons))


def caption_of(name: Name, document: Any) -> str:
    """The words below a figure: its colours, and whether those of the planes are logarithmic."""
    words = MEANINGS[name]
    if name == "3.7" and document[HeatmapSettings].logarithmic:
        return f"{words[:-1]}, in logarithms down to {LOG_RANGE:g} nats."
    if name == "3.7 for pixels" and (scale := document[LatentHeatmapSettings].scale) != "density":
        return f"{words[:-1]}, in logarithms ({scale.removeprefix('logarithm, ')})."
    return words


def of_lecture(name: Name) -> Document:
    """The document of the shipped lecture that a figure shows."""
    return stages(shipped(files()[0]), STEPS[name])[0].document


def _why_not(name: Name, document: Any) -> str:
    """Why a figure cannot show a document, in one sentence; empty if it can."""
    if isinstance(document, Latent):
        return "" if document.steps > 1 else "Figure 3.7 for pixels needs an image that is observed stroke by stroke."
    if not document.observations or not len(document.observations):
        return f"Figure {name} needs observations, and the page Regression has none."
    if name == "3.7" and document.model.basis.size != 2:
        return f"Figure 3.7 needs a model with two weights, and the present one has {document.model.basis.size}."
    return ""


def sequence(name: Name, document: Any) -> tuple[tuple[int, Document], ...]:
    """The rows or plots of a figure: the number of observations of each, and its document.

    A number that is greater than that of the observations becomes the latter.
    """
    if isinstance(document, Latent):
        counts = sorted({*range(min(3, document.steps)), document.steps})
        return tuple((n, document.step_to(n)) for n in counts)
    document = replace(document, pins=(), left_out=())
    counts = sorted({min(n, len(document.observations)) for n in COUNTS[name]})
    band: Literal["predictive", "none"] = "predictive" if name == "3.8" else "none"
    settings = DataSpaceSettings(samples=0 if name == "3.8" else LINES, band=band, show_waiting=False)
    return tuple((n, document.step_to(n).with_setting(settings)) for n in counts)


def weights_view(document: Regression) -> Viewport:
    """The square of weights that all planes of figure 3.7 show: the middle of the prior, the truth and the posterior.

    For a Gaussian prior it reaches √2 standard deviations from its mean: from −1 to 1 in the book, where α = 2.
    """
    prior, last = (inferred(document.model, document.step_to(n).taken) for n in (0, len(document.observations)))
    low, high = _corners(prior.outline(document.pair))
    middle, half = (low + high) / 2, SHARE * (high - low) / 2
    inside = [middle - half, middle + half, *_corners(last.outline(document.pair))]
    if (truth := true_weights(document)) is not None:
        inside.append(1.05 * truth[list(document.pair)])
    low, high = np.min(inside, axis=0), np.max(inside, axis=0)
    middle, reach = (low + high) / 2, _rounded(float(np.max(high - low)) / 2)
    x, y = float(middle[0]), float(middle[1])
    return Viewport(x - reach, x + reach, y - reach, y + reach)


def _rounded(reach: float) -> float:
    """A number rounded up to two digits, so that the ends of the axes can have ticks. 1 % above is rounded down."""
    unit = 10.0 ** (np.floor(np.log10(1.01 * reach)) - 1)
    return float(np.ceil(0.99 * reach / unit) * unit)


def _corners(outline: Any) -> tuple[Any, Any]:
    """The lower and the upper corner (2,) of an outline, a polygon (n, 2) or segments (n, 4)."""
    places = np.reshape(outline, (-1, 2))
    return np.nanmin(places, axis=0), np.nanmax(places, axis=0)
