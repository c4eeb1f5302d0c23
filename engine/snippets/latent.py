"""Snippets of the Latent page: KL(q‖p) of the encoded image, and the exact ln p of its observation."""

from __future__ import annotations

from typing import Any

from engine.derived import Pending
from engine.latent.document import Latent
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.inputs.input import Blank, encoded_by
from engine.latent.posterior.unboxing import unbox
from engine.latent.unboxing.shared_posterior import unboxings_of
from engine.snippets.snippet import Snippets, array, code_of, imports, names_in, with_number

EMPTY = "No image is selected. Choose one in the panel Gallery."
WAITING = "The program takes all observations into account. Step to the last one first."
LONGEST = 100_000  # characters of a program; a pasted image may be longer
TOO_LONG = "The image is too large for a program. Choose one in the panel Gallery."
OPENED = """\
vae = load_model({model!r})
image = {image}.pixels(vae.card.recipe.data, vae.image_shape) / 255
"""


def _program(document: Latent, result: str, number: Any, *parts: Any) -> str:
    """A program with the engine: the model, the image, and the result. Raises ValueError if the image is too large."""
    names = names_in(document.input)
    for part in parts:
        names |= names_in(part)
    model = document.model if isinstance(document.model, str) else document.model.path
    opened = OPENED.format(model=model, image=code_of(document.input))
    head = "from engine.latent.vae import load_model\n" + imports(names, "", ())
    program = with_number(f"{head}\n{opened}{result}", number)
    if len(program) > LONGEST:
        raise ValueError(TOO_LONG)
    return program


def _selected(document: Latent) -> None:
    if isinstance(document.input, Blank):
        raise ValueError(EMPTY)


def _kl(document: Latent) -> float:
    """KL(q‖p(z)) of the encoder's q, in nats (Kingma & Welling 2014, appendix B)."""
    _selected(document)
    image = encoded_by(document.loaded_model, document.input)
    return float(kl_to_prior(image.mean, image.deviation))


def _kl_python(document: Latent) -> str:
    result = "mean, deviation = (each[0] for each in vae.encode(image[None]))\nprint(kl_to_prior(mean, deviation))\n"
    program = _program(document, result, _kl(document))
    return f"from engine.latent.gaussian_q import kl_to_prior\n{program}"


def _kl_numpy(document: Latent) -> str:
    number = _kl(document)
    image = encoded_by(document.loaded_model, document.input)
    lines = (
        "# mean and standard deviation of the encoder's q(z|x)\n"
        f"{array('mu', image.mean)}{array('sigma', image.deviation)}"
        "print(np.sum(mu**2 + sigma**2 - 1 - np.log(sigma**2)) / 2)  # Kingma & Welling 2014, appendix B\n"
    )
    return with_number(f"import numpy as np\n\n{lines}", number)


def _log_evidence(document: Latent) -> float:
    """ln p of the whole observation, in nats, by integration over the plane."""
    _selected(document)
    if document.waiting:
        raise ValueError(WAITING)
    *_, last = (better for better in unboxings_of(document) if not isinstance(better, Pending))
    return float(last.log_evidence)


def _unboxed(document: Latent) -> str:
    result = (
        f"result = unbox(vae, image, observation={code_of(document.observation)})\n"
        "print(result.log_evidence)  # to 0.01 nats: the program's own grid is finer where the posterior is\n"
    )
    program = _program(document, result, _log_evidence(document), document.observation)
    return f"from {unbox.__module__} import unbox\n{program}"


LOG_EVIDENCE = Snippets(_log_evidence, _unboxed)
BY_PANEL: dict[str, Snippets] = {
    "Encoded image": Snippets(_kl, _kl_python, _kl_numpy),
    "× Likelihood": LOG_EVIDENCE,
    "∝ Posterior": LOG_EVIDENCE,
    "Ledger": LOG_EVIDENCE,
    "ELBO decomposition": LOG_EVIDENCE,
    "Estimating ln p(x)": LOG_EVIDENCE,
}
