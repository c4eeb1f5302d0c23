"""Snippets of the Latent page: KL(q‖p) of the encoded image, the exact ln p of its observation, and all others."""

from __future__ import annotations

from engine.derived import Pending
from engine.latent.document import Latent
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.inputs.input import Blank, encoded_by
from engine.latent.posterior.unboxing import unbox
from engine.latent.unboxing.shared_posterior import unboxings_of
from engine.snippets.latent_images import IMAGES
from engine.snippets.latent_plane import PLANE
from engine.snippets.latent_program import EMPTY, LOAD, image_code, program
from engine.snippets.snippet import Snippets, array, code_of, with_number

WAITING = "The program takes all observations into account. Step to the last one first."


def _selected(document: Latent) -> None:
    if isinstance(document.input, Blank):
        raise ValueError(EMPTY)


def _kl(document: Latent) -> float:
    """KL(q‖p(z)) of the encoder's q, in nats (Kingma & Welling 2014, appendix B)."""
    _selected(document)
    image = encoded_by(document.whole_model, document.input)
    return float(kl_to_prior(image.mean, image.deviation))


def _kl_python(document: Latent) -> str:
    number = _kl(document)
    encode = "mean, deviation = (each[0] for each in vae.encode(image[None]))\n"
    result = f"{image_code(document, whole=True)}{encode}print(kl_to_prior(mean, deviation))\n"
    return program(number, result, document.input, head=f"from engine.latent.gaussian_q import kl_to_prior\n{LOAD}")


def _kl_numpy(document: Latent) -> str:
    number = _kl(document)
    image = encoded_by(document.whole_model, document.input)
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
    number = _log_evidence(document)
    result = (
        f"{image_code(document)}result = unbox(vae, image, observation={code_of(document.observation)})\n"
        "print(result.log_evidence)  # to 0.01 nats: the program's own grid is finer where the posterior is\n"
    )
    head = f"from {unbox.__module__} import unbox\n{LOAD}"
    return program(number, result, document.input, document.observation, head=head)


LOG_EVIDENCE = Snippets(_log_evidence, _unboxed)
BY_PANEL: dict[str, Snippets] = {
    **PLANE,
    **IMAGES,
    "Encoded image": Snippets(_kl, _kl_python, _kl_numpy),
    "× Likelihood": LOG_EVIDENCE,
    "∝ Posterior": LOG_EVIDENCE,
    "Completions": LOG_EVIDENCE,
    "Ledger": LOG_EVIDENCE,
    "ELBO decomposition": LOG_EVIDENCE,
    "Estimating ln p(x)": LOG_EVIDENCE,
}
WITHOUT: dict[str, str] = {  # why a panel has no program
    "Decoded image": "The latent under the cursor is not saved. Pin it, then copy from the panel Pinned.",
    "Gallery": "The Gallery shows images and no number. Select an image, then copy from the panel Encoded image.",
    "Training": "A training is no short program. Train with “python main.py train”, which prints its test ELBO.",
    "Recipe": "A recipe has no number of its own. Train it, then copy from the panel Model and data.",
    "Models": "The list of models has no number of its own. Open one, then copy from the panel Model and data.",
    "Autoencoder": "The plane of the autoencoder shows images and no number.",
    "GAN": "A GAN has images and no number: it cannot compute ln p(x). Copy from the panel Encoded image instead.",
    "Discriminator": "The logits of D are no property of an image, and they change with each step of the training.",
    "GAN training": "A training is no short program. Train with “python main.py train --beside mnist”.",
    "Scores": "The scores need the GAN and the classifier in files of the program. Copy the table from the panel.",
    "Exact evidence": "Its numbers are means over many test images. Copy from ∝ Posterior: the ln p of one image.",
    "Observation": "The observation has no number of its own. Copy from the panel ∝ Posterior: its ln p.",
    "Latents": "Its rows are images. Choose a plane in it, then copy from another panel: the program has the plane.",
    "Weight of the KL": "Its rows are several models. Open one, then copy from the panel Model and data.",
    "Prior": "Before the first observation the prior is N(0, I). Copy from the panel ∝ Posterior: its ln p.",
    "Common mistakes": "It shows the code of each mistake. Train a recipe with one, and copy from Model and data.",
    "Written or generated": "A quiz has no number. Copy from the panel Generated images.",
    "Translation": "It needs the complete plane. Copy from the panel ∝ Posterior: the ln p of the seen half.",
    "Classes": "It shows images and no number. Give a class, then copy from ∝ Posterior: its ln p(x|y).",
    "Bayes' rule for classes": "It needs the planes of all classes. Give one, then copy ln p(x|y) from ∝ Posterior.",
    "ELBO over epochs": "Its checkpoints are on this computer only. Open one, then copy from ELBO decomposition.",
}
