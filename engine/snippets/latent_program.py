"""The parts of the programs of the Latent page: the model, the selected image, and the document."""

from __future__ import annotations

from typing import Any

from engine.derived import Pending
from engine.latent.document import Latent
from engine.latent.sliced_model import SlicedModel
from engine.snippets.snippet import code_of, imports, names_in, with_number

EMPTY = "No image is selected. Choose one in the panel Gallery."
LONGEST = 100_000  # characters of a program; a pasted image may be longer
TOO_LONG = "The image is too large for a program. Choose one in the panel Gallery."
SLICED = "from engine.latent.slice import Plane\nfrom engine.latent.vae.networks.sliced import sliced\n"
LOAD = "from engine.latent.vae import load_model\n"


def program(number: Any, result: str, *parts: Any, head: str = "") -> str:
    """A program: the import lines of all parts, the result, and the number. Raises ValueError if it is too long."""
    names: dict[str, str] = {}
    for part in parts:
        names |= names_in(part)
    if "vae = sliced(" in result:
        head += SLICED
    lines = sorted((head + imports(names, "", ())).splitlines())
    text = with_number("\n".join([*lines, "", result]), number)
    if len(text) > LONGEST:
        raise ValueError(TOO_LONG)
    return text


def model_of(document: Latent) -> str:
    """The name or the path of the model of a document."""
    return document.model if isinstance(document.model, str) else document.model.path


def whole_code(document: Latent) -> str:
    """The line that loads the model with all its latents."""
    return f"vae = load_model({model_of(document)!r})\n"


def need_two_latents(document: Latent) -> None:
    """Raise ValueError for a model with more than two latents, of which the program would show a plane only."""
    if document.is_sliced:
        raise ValueError("There is a program for models with two latents only. Open another model.")


def vae_code(document: Latent) -> str:
    """The line that loads the model, given the class of the document, or over its plane of more than two latents."""
    model = document.loaded_model
    if isinstance(model, SlicedModel):
        plane = f"Plane({model.plane.origin}, {model.plane.axes})"
        return f"vae = sliced(load_model({model_of(document)!r}), {plane})\n"
    y = model.vae.y
    return f"vae = load_model({model_of(document)!r}){f'.given({y})' if y else ''}\n"


def image_code(document: Latent, *, whole: bool = False) -> str:
    """The lines that load the model, `whole` or over the plane, and the selected image x (h, w[, 3]) in [0, 1]."""
    pixels = f"{code_of(document.input)}.pixels(vae.card.recipe.data, vae.image_shape)"
    model = whole_code(document) if whole else vae_code(document)
    return f"{model}image = {pixels} / 255\n"


def reduced(document: Latent, *settings: type) -> Latent:
    """A document with the model, the image and the pins, and with the settings of one panel only."""
    bare = Latent(
        model=document.model, input=document.input, slice=document.slice, given=document.given, pins=document.pins
    )
    for kind in settings:
        bare = bare.with_setting(document[kind])
    return bare


def last_of(values: Any) -> Any:
    """The most accurate one of several values."""
    *_, last = (value for value in values if not isinstance(value, Pending))
    return last


def document_code(document: Latent) -> str:
    """The line with the parts of a document that differ from their defaults."""
    return f"document = {code_of(document)}\n"
