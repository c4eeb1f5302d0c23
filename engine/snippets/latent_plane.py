"""Snippets of the panels over the latent plane: drawn and pinned latents, classes, paths, sums and overlays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.latent.document import Latent
from engine.latent.plane.any_resolution import AnyResolutionSettings, at_any_size, rendered_image
from engine.latent.plane.attribute_arithmetic import ArithmeticSettings, Sum, attribute_sum
from engine.latent.plane.class_centres import class_centres
from engine.latent.plane.overlays.overlay import Laid, OverlaySettings, overlay
from engine.latent.plane.samples import PriorSamples
from engine.latent.plane.walk import WalkSettings, walked
from engine.plane import Viewport
from engine.snippets.latent_program import LOAD, document_code, last_of, need_two_latents, program, reduced, vae_code
from engine.snippets.snippet import Snippets, array, code_of, with_number

NO_PINS = "No latent is pinned. Click in the plane, or press Enter there, to pin one."
NO_SAMPLES = "There are no samples. Draw some in the panel Samples first."
NO_PATH = "The walk has no path. Add two waypoints in the panel Walk first."
CURVED = "Only the straight path has a formula for its length in z. Copy as Python instead."
NO_SUM = "The test images of this model do not have two classes or attributes."
NO_OVERLAY = "This overlay has no number. Choose another one in the panel Overlay."
FIXED = "This model decodes a fixed number of pixels. Open a model with the architecture “Coordinates” first."

LN_P = "(-(z**2).sum(axis=1) / 2 - np.log(2 * np.pi))"  # ln N(z; 0, I) of z (n, 2)


# Latents that are drawn or pinned: ln p(z) of each, in nats


def _log_prior(z: Callable[[Latent], Any]) -> Callable[[Latent], Any]:
    def number(document: Latent) -> Any:
        latents = z(document)
        return -np.sum(latents**2, axis=1) / 2 - np.log(2 * np.pi)

    return number


def _pins(document: Latent) -> Any:
    if not document.pins:
        raise ValueError(NO_PINS)
    return np.array(document.pins)


def _drawn(document: Latent) -> Any:
    if not document[PriorSamples].count:
        raise ValueError(NO_SAMPLES)
    need_two_latents(document)
    return document[PriorSamples].z


def _latents(z: Callable[[Latent], Any], code: Callable[[Latent], str], part: type | None = None) -> Snippets:
    """The snippets of ln p(z) of several latents, which are also decoded by the program with the engine."""
    number = _log_prior(z)

    def python(document: Latent) -> str:
        printed = "print(*Gaussian.from_moments(np.zeros(2), np.eye(2)).log_density(z))  # ln p(z) in nats\n"
        decoded = f"{vae_code(document)}images = vae.decode(z)  # (n, h, w[, 3]), from 0 to 1\n"
        head = f"import numpy as np\nfrom engine.gaussian import Gaussian\n{LOAD}"
        parts = () if part is None else (document[part],)
        made = f"z = {code_of(document[part])}.z\n" if part is not None else code(document)
        return program(number(document), f"{made}{decoded}{printed}", *parts, head=head)

    def numpy(document: Latent) -> str:
        return with_number(f"import numpy as np\n\n{code(document)}print(*{LN_P})\n", number(document))

    return Snippets(number, python, numpy)


def _pin_code(document: Latent) -> str:
    return f"z = np.array({[list(pin) for pin in _pins(document)]!r})\n".replace("array([[[", "array([[")


def _sample_code(document: Latent) -> str:
    drawn = document[PriorSamples]
    return f"z = np.random.default_rng({drawn.seed}).standard_normal(({drawn.count}, 2))  # z ~ N(0, I)\n"


# The plane and its paths


def _centres(document: Latent) -> Any:
    """z (classes, 2) at the centre of each class in the chart, where its label stands."""
    embedding = document.loaded_model.embedding
    places = document.chart.to_place(embedding.mean)
    return class_centres(places, embedding.labels, len(embedding.classes)).ravel()


def _centres_python(document: Latent) -> str:
    encoded = len(document.loaded_model.embedding.labels)
    result = (
        f"{vae_code(document)}images = vae.card.recipe.data.test().first({encoded})\n"
        "mean, deviation = vae.encode(images.pixels / np.float32(255))  # of q(z|x)\n"
        f"places = {code_of(document.chart)}.to_place(mean)\n"
        "print(*class_centres(places, images.labels, len(images.classes)).ravel())  # where the labels stand\n"
    )
    head = f"import numpy as np\nfrom engine.latent.plane.class_centres import class_centres\n{LOAD}"
    return program(_centres(document), result, document.chart, head=head)


def _length(document: Latent) -> float:
    """The length of the walk in z."""
    if len(document[WalkSettings].waypoints) < 2:
        raise ValueError(NO_PATH)
    return float(last_of(walked(reduced(document, WalkSettings))).lengths.in_z)


def _length_python(document: Latent) -> str:
    number, bare = _length(document), reduced(document, WalkSettings)
    result = (
        f"{document_code(bare)}*_, walk = walked(document)  # walk.z: the latents of the frames\n"
        "print(walk.lengths.in_z)  # .seen, .straight and .spherical are lengths in images\n"
    )
    return program(number, result, bare, head="from engine.latent.plane.walk import walked\n")


def _length_numpy(document: Latent) -> str:
    number = _length(document)
    if document[WalkSettings].path != "straight":
        raise ValueError(CURVED)
    points = [list(point) for point in document[WalkSettings].waypoints]
    lines = f"z = np.array({points!r})  # the waypoints\nprint(np.linalg.norm(np.diff(z, axis=0), axis=1).sum())\n"
    return with_number(f"import numpy as np\n\n{lines}", number)


def _sum(document: Latent) -> Sum:
    value = attribute_sum(reduced(document, ArithmeticSettings))
    if value is None:
        raise ValueError(NO_SUM)
    return value  # type: ignore[no-any-return]


def _sum_python(document: Latent) -> str:
    bare = reduced(document, ArithmeticSettings)
    head = "from engine.latent.plane.attribute_arithmetic import attribute_sum\n"
    return program(_sum(document).z, f"{document_code(bare)}print(*attribute_sum(document).z)\n", bare, head=head)


def _sum_numpy(document: Latent) -> str:
    value = _sum(document)
    lines = (
        f"{array('z', value.base)}{array('start', value.start.mean)}{array('end', value.end.mean)}"
        f"# start: the mean latent of “{value.start.name}”; end: that of “{value.end.name}”\n"
        f"print(*(z + {document[ArithmeticSettings].strength!r} * (end - start)))\n"
    )
    return with_number(f"import numpy as np\n\n{lines}", value.z)


def _overlay(document: Latent) -> Any:
    """The numbers that the panel Overlay shows: its findings, or the correlations of the factors."""
    laid: Laid = last_of(overlay(reduced(document, OverlaySettings), document.chart.home))
    if laid.correlations is not None:
        return laid.correlations.pearson.ravel()
    if not laid.findings:
        raise ValueError(laid.unavailable or NO_OVERLAY)
    return np.array([finding.value for finding in laid.findings])


def _overlay_python(document: Latent) -> str:
    number, bare = _overlay(document), reduced(document, OverlaySettings)
    printed = (
        "print(*laid.correlations.pearson.ravel())  # r of each factor with z₀ and z₁\n"
        if len(number) and last_of(overlay(bare, document.chart.home)).correlations is not None
        else "print(*[finding.value for finding in laid.findings])\n"
    )
    head = "from engine.derived import Pending\nfrom engine.latent.plane.overlays.overlay import overlay\n"
    values = "[each for each in overlay(document, document.chart.home) if not isinstance(each, Pending)]"
    return program(number, f"{document_code(bare)}*_, laid = {values}\n{printed}", bare, head=head)


def _brightness(document: Latent) -> float:
    """The mean pixel of the image in the panel Any resolution, with as many pixels as are saved, from 0 to 1."""
    if not at_any_size(document.loaded_model):
        raise ValueError(FIXED)
    bare = reduced(document, AnyResolutionSettings)
    h, w = last_of(rendered_image(bare, Viewport(0, 1, 0, 1, 1, 1))).saved
    return float(last_of(rendered_image(bare, Viewport(0, 1, 0, 1, w, h))).ink.mean() / 254)


def _brightness_python(document: Latent) -> str:
    number, bare = _brightness(document), reduced(document, AnyResolutionSettings)
    h, w = last_of(rendered_image(bare, Viewport(0, 1, 0, 1, 1, 1))).saved
    result = (
        f"{document_code(bare)}*_, drawn = rendered_image(document, Viewport(0, 1, 0, 1, {w}, {h}))\n"
        "print(drawn.ink.mean() / 254)  # the mean pixel\n"
    )
    head = "from engine.latent.plane.any_resolution import rendered_image\nfrom engine.plane import Viewport\n"
    return program(number, result, bare, head=head)


PLANE: dict[str, Snippets] = {
    "The plane": Snippets(_centres, _centres_python),
    "Samples": _latents(_drawn, _sample_code, PriorSamples),
    "Pinned": _latents(_pins, _pin_code),
    "Walk": Snippets(_length, _length_python, _length_numpy),
    "Attribute arithmetic": Snippets(lambda document: _sum(document).z, _sum_python, _sum_numpy),
    "Any resolution": Snippets(_brightness, _brightness_python),
    "Overlay": Snippets(_overlay, _overlay_python),
}
