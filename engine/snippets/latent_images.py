"""Snippets of the panels with images: one pass through the networks, reconstructions, generated and test images."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, gaussian_q, kl_to_prior
from engine.latent.image.encoder_and_decoder import EncoderAndDecoderSettings
from engine.latent.image.encoding import encoded
from engine.latent.image.reparameterisation import ReparameterisationSettings, sample
from engine.latent.inputs.input import Blank
from engine.latent.inputs.sketch import Sketch
from engine.latent.training.reconstructions import SHOWN
from engine.latent.unboxing.evaluation import evaluation
from engine.latent.unboxing.generated_images import GeneratedImagesSettings, generated_images
from engine.latent.unboxing.shared_posterior import seen_of
from engine.plane import Viewport
from engine.snippets.latent_program import (
    EMPTY,
    LOAD,
    document_code,
    image_code,
    last_of,
    need_two_latents,
    program,
    reduced,
    vae_code,
    whole_code,
)
from engine.snippets.snippet import Snippets, array, code_of, with_number

NO_SKETCH = "The Sketch pad is empty. Draw an image on it first."
TESTED = 100  # test images in the panel Evaluation, at first


# One image


def _encoded(document: Latent, reason: str = EMPTY) -> Any:
    image = encoded(document)
    if image is None:
        raise ValueError(reason)
    return image


def _q(document: Latent) -> GaussianQ:
    """The q of the selected image: set by the user, or the encoder's; N(0, I) without an image."""
    if document.q is not None or isinstance(document.input, Blank):
        return document.q or GaussianQ()
    image = _encoded(document)
    return gaussian_q(image.mean, image.deviation)


def _q_code(document: Latent) -> str:
    """The lines with mean and standard deviation of q, by the encoder unless the user has set it."""
    if document.q is None and not isinstance(document.input, Blank):
        return f"{image_code(document)}mean, deviation = (each[0] for each in vae.encode(image[None]))  # of q(z|x)\n"
    q = _q(document)
    return f"{array('mean', q.mean)}{array('deviation', q.deviation)}"


def _q_numbers(document: Latent) -> str:
    q = _q(document)
    return f"{array('mu', q.mean)}{array('sigma', q.deviation)}"


def _pass(document: Latent) -> Any:
    """z (2,) = μ + σ ⊙ ε, and KL(q‖p(z)) in nats."""
    _encoded(document)
    q = _q(document)
    z = sample(q.mean, q.deviation, document[EncoderAndDecoderSettings].epsilon)
    return np.append(z, kl_to_prior(q.mean, q.deviation))


def _pass_python(document: Latent) -> str:
    number, noise = _pass(document), document[EncoderAndDecoderSettings]
    start = _q_code(document) if document.q is None else image_code(document) + _q_code(document)
    result = (
        f"{start}z = mean + deviation * {code_of(noise)}.epsilon\n"
        "kl = kl_to_prior(mean, deviation)\n"
        "loss = kl - vae.log_likelihood(image, z)[0]  # Kingma & Welling 2014, eq. 7, with one sample\n"
        "print(*z, kl)\n"
    )
    head = f"import numpy as np\nfrom engine.latent.gaussian_q import kl_to_prior\n{LOAD}"
    return program(number, result, document.input, noise, head=head)


def _pass_numpy(document: Latent) -> str:
    number, noise = _pass(document), document[EncoderAndDecoderSettings]
    drawn = f"epsilon = np.random.default_rng({noise.seed}).standard_normal(2)\n"
    lines = (
        f"{_q_numbers(document)}{array('epsilon', noise.epsilon) if noise.chosen else drawn}"
        "z = mu + sigma * epsilon  # Kingma & Welling 2014, section 2.4\n"
        "print(*z, np.sum(mu**2 + sigma**2 - 1 - np.log(sigma**2)) / 2)  # appendix B\n"
    )
    return with_number(f"import numpy as np\n\n{lines}", number)


def _points(document: Latent) -> Any:
    """z (n, 2) = μ + σ ⊙ ε of all points, one after the other."""
    q = _q(document)
    return sample(q.mean, q.deviation, document[ReparameterisationSettings].epsilon).ravel()


def _points_python(document: Latent) -> str:
    chosen = document[ReparameterisationSettings]
    result = f"{_q_code(document)}epsilon = {code_of(chosen)}.epsilon\nprint(*(mean + deviation * epsilon).ravel())\n"
    return program(_points(document), result, document.input, chosen, head=f"import numpy as np\n{LOAD}")


def _points_numpy(document: Latent) -> str:
    chosen = document[ReparameterisationSettings]
    drawn = f"epsilon = np.random.default_rng({chosen.seed}).standard_normal(({chosen.points}, 2))\n"
    moved = "".join(f"epsilon[{i}] = {across!r}, {up!r}\n" for i, across, up in chosen.moved if i < chosen.points)
    lines = f"{_q_numbers(document)}{drawn}{moved}print(*(mu + sigma * epsilon).ravel())  # section 2.4\n"
    return with_number(f"import numpy as np\n\n{lines}", _points(document))


def _sketched(document: Latent) -> Any:
    """The mean and the standard deviation of q(z|x) of the sketch."""
    if not isinstance(document.input, Sketch):
        raise ValueError(NO_SKETCH)
    image = _encoded(document)
    return np.concatenate([image.mean, image.deviation])


def _sketched_python(document: Latent) -> str:
    number = _sketched(document)
    result = f"{image_code(document)}mean, deviation = vae.encode(image[None])\nprint(*mean[0], *deviation[0])\n"
    return program(number, result, document.input, head=LOAD)


def _known(document: Latent) -> int:
    """The number of observed pixels."""
    seen = seen_of(document)
    if seen is None:
        raise ValueError(EMPTY)
    return int(seen.known[document.step].sum())


def _known_python(document: Latent) -> str:
    measured = f"seen = {code_of(document.observation)}.measure(vae.scored(image))\n"
    result = f"{image_code(document)}{measured}print(seen.known[{document.step}].sum())  # pixels\n"
    return program(_known(document), result, document.input, document.observation, head=LOAD)


# Several images, and the model


def _error(document: Latent) -> float:
    """The mean squared difference of the reconstructions from their images, of pixels from 0 to 1."""
    vae = document.whole_model.vae
    pixels = vae.card.recipe.data.test().pixels
    x = pixels[np.linspace(0, len(pixels) - 1, min(SHOWN, len(pixels))).astype(int)] / np.float32(255)
    return float(np.mean((vae.decode(vae.encode(x)[0]).astype(float) - x) ** 2))


def _error_python(document: Latent) -> str:
    result = (
        f"{whole_code(document)}pixels = vae.card.recipe.data.test().pixels\n"
        f"x = pixels[np.linspace(0, len(pixels) - 1, min({SHOWN}, len(pixels))).astype(int)] / np.float32(255)\n"
        "mean, deviation = vae.encode(x)\n"
        "print(((vae.decode(mean).astype(float) - x) ** 2).mean())  # the squared error of a pixel\n"
    )
    return program(_error(document), result, head=f"import numpy as np\n{LOAD}")


def _holes(document: Latent) -> float:
    """The prior mass of the holes of the aggregate posterior."""
    need_two_latents(document)
    return float(next(generated_images(reduced(document, GeneratedImagesSettings))).hole_mass)


def _holes_python(document: Latent) -> str:
    bare = reduced(document, GeneratedImagesSettings)
    result = (
        f"{document_code(bare)}images = next(generated_images(document))  # .z, .mean and .sampled\n"
        "print(images.hole_mass)  # the prior mass of regions without encoded images\n"
    )
    head = f"from {generated_images.__module__} import generated_images\n"
    return program(_holes(document), result, bare, head=head)


def _elbo(document: Latent) -> float:
    return float(document.loaded_model.vae.card.test_elbo.total)


def _elbo_python(document: Latent) -> str:
    result = f"{vae_code(document)}print(vae.card.test_elbo.total)  # nats per image, of all test images\n"
    return program(_elbo(document), result, head=LOAD)


def _tested(document: Latent) -> Any:
    """The mean ln p(x), ELBO and gap of the first test images, in nats."""
    tested = last_of(evaluation(Latent(model=document.model), Viewport(0, 1, 0, 1, 1, TESTED)))
    return np.array([tested.log_evidence.mean, tested.elbo.mean, tested.gap.mean])


def _tested_python(document: Latent) -> str:
    bare = Latent(model=document.model)
    result = (
        f"{document_code(bare)}*_, tested = evaluation(document, Viewport(0, 1, 0, 1, 1, {TESTED}))  # test images\n"
        "print(tested.log_evidence.mean, tested.elbo.mean, tested.gap.mean)  # nats\n"
    )
    head = f"from {evaluation.__module__} import evaluation\nfrom engine.plane import Viewport\n"
    return program(_tested(document), result, bare, head=head)


IMAGES: dict[str, Snippets] = {
    "Encoder and decoder": Snippets(_pass, _pass_python, _pass_numpy),
    "Reparameterisation": Snippets(_points, _points_python, _points_numpy),
    "Sketch pad": Snippets(_sketched, _sketched_python),
    "Reconstructions": Snippets(_error, _error_python),
    "Model and data": Snippets(_elbo, _elbo_python),
    "Observed image": Snippets(_known, _known_python),
    "Generated images": Snippets(_holes, _holes_python),
    "Evaluation": Snippets(_tested, _tested_python),
}
