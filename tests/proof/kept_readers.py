"""The readers of what the program keeps for itself: curves, GANs, the classifier, values over epochs, choices.

Texts of the settings never refuse: what is damaged counts as not chosen.
"""

import os
from types import SimpleNamespace

import msgspec
import numpy as np

from engine.latent.unboxing import elbo_over_epochs
from engine.latent.vae.classifier.classifier import SHIPPED, load_classifier
from engine.latent.vae.gan.curves import Curves, read_curves
from engine.latent.vae.gan.gan import load_gan, save_gan
from engine.latent.vae.gan.gan_worker import finished
from engine.latent.vae.history import Epoch, History, read_history
from engine.latent.vae.recipe import Elbo
from engine.part import encode_hook
from gui.figures.look import Choices, saved_choices
from gui.shell import keys
from gui.shell.sessions.recent import Recent
from tests.engine.latent.vae.gan.small import small
from tests.proof.reader import Reader


def histories(_):
    epochs = [Epoch(10 * n, Elbo(-150.5 + n, 6.0), Elbo(-151.0, float("nan")), 2.5 * n) for n in range(1, 4)]
    return [msgspec.json.encode(History(epochs, [(5.0, -160.0, 3.5), (10.0, -150.0, 6.0)], 5, (2, -300.0, 12.0)))]


def check_history(found):
    assert found.table.shape[1:] == (6,) and found.curve.shape[1:] == (3,)


def check_curves(found):
    assert found.table.shape[1:] == (4,)


def curves(_):
    return [msgspec.json.encode(Curves([(1.0, 1.3, 0.7, 0.1), (2.0, 1.2, 0.9, 0.2)], 1))]


def gans(folder):
    training = small()
    for _ in training:
        pass
    gan = finished(training, "small")
    save_gan(folder / "gan.safetensors", gan.networks, gan.card)
    return [(folder / "gan.safetensors").read_bytes()]


def check_gan(found):
    images = found.decode(np.array([[0.1, -2.0], [3.0, 0.5]]))
    assert images.shape == (2, *found.image_shape) and np.isfinite(images).all()
    assert 0 <= images.min() <= images.max() <= 1 and np.isfinite(found.judge(images)).all()


def same_gan(one, other):
    return one.card == other.card and all(
        bool((a == b).all()) for a, b in zip(one.networks.parameters(), other.networks.parameters(), strict=True)
    )


def check_classifier(found):
    _, probabilities = found.features(np.zeros((2, 28, 28)))
    assert np.isfinite(probabilities).all() and np.allclose(probabilities.sum(axis=1), 1)


def same_classifier(one, other):
    return all(bool((a == b).all()) for a, b in zip(one.network.parameters(), other.network.parameters(), strict=True))


def values_over_epochs(_):
    return [msgspec.json.encode({"0a1b": {100: (-150.0, 6.0, -140.0, 0.01)}, "2c3d": {100: (-90.0, 5.0, -80.0, 0.1)}})]


def check_rows(found):
    assert all(len(row) == 4 for rows in found.values() for row in rows.values())


def texts(content):
    return lambda _: [content.encode()]


def setting(path):
    """Settings in which every text is that of a file."""
    text = path.read_bytes().decode("utf-8", "replace")
    return SimpleNamespace(text=lambda *_: text, store=SimpleNamespace(sync=lambda: None))


def read_recent(path):
    return Recent.paths.fget(SimpleNamespace(settings=setting(path)))


def check_recent(found):
    assert len(found) < 50_000 and not any(os.path.isfile(path) for path in found)  # noqa: PTH113  (as the menu does)


def check_keys(found):
    assert keys.read(keys.written(found)) == found


def check_choices(found):
    assert msgspec.json.decode(msgspec.json.encode(found, enc_hook=encode_hook), type=Choices) == found


KEPT = {
    "histories": Reader(histories, "history.json", lambda p: read_history(p.read_bytes()), check_history, 20),
    "curves of GANs": Reader(curves, "history.json", lambda p: read_curves(p.read_bytes()), check_curves, 10),
    "GANs": Reader(gans, "x.safetensors", load_gan, check_gan, 20, True, same_gan),
    "classifiers": Reader(
        lambda _: [SHIPPED.read_bytes()],
        "x.safetensors", load_classifier.__wrapped__, check_classifier, 5, True, same_classifier,
    ),
    "values over epochs": Reader(values_over_epochs, "elbo.json", elbo_over_epochs._read, check_rows, 10),
    "keys": Reader(
        texts('{"Draw one": "D", "Undo": "Ctrl+Z", "Fit": ""}'), "keys.txt",
        lambda p: keys.read(setting(p).text("", "")), check_keys, 10,
    ),
    "recent files": Reader(texts('["/tmp/a.bayescape", "b.json"]'), "recent.txt", read_recent, check_recent, 10),
    "choices of figures": Reader(
        texts('{"size": "width below", "width": 100.5, "unit": "pixels"}'), "figure.txt",
        lambda p: saved_choices(setting(p)), check_choices, 10,
    ),
}  # fmt: skip
