"""Upgrade of session files from format 1 to format 2, on plain JSON and before validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Plain = dict[str, Any]

LATENT: Mapping[str, tuple[str, str]] = {
    "recipe": ("TrainingSettings", "recipe"),
    "beside": ("TrainingSettings", "with_autoencoder"),
    "show_digits": ("PlaneSettings", "show_test_images"),
    "hidden": ("PlaneSettings", "hidden"),
    "samples": ("PriorSamples", "count"),
    "seed": ("PriorSamples", "seed"),
    "scale": ("LatentHeatmapSettings", "scale"),
}  # field of the document in format 1 -> (type of the setting, field of the setting)
LATENT_PARTS = {
    "gallery": "GallerySettings",
    "overlay": "OverlaySettings",
    "trick": "ReparameterisationSettings",
    "estimating": "EstimatingSettings",
    "generating": "GeneratedImagesSettings",
    "walk": "WalkSettings",
    "arithmetic": "ArithmeticSettings",
    "any_resolution": "AnyResolutionSettings",
    "completing": "CompletionsSettings",
}  # field of the document in format 1, an object -> type of the setting that replaces it
REGRESSION: Mapping[str, tuple[str, str]] = {
    "display.samples": ("DataSpaceSettings", "samples"),
    "display.band": ("DataSpaceSettings", "band"),
    "display.deviations": ("DataSpaceSettings", "deviations"),
    "display.show_basis": ("DataSpaceSettings", "show_basis"),
    "display.predictive": ("PredictiveSettings", "shows"),
    "display.samples_of": ("SamplesSettings", "of"),
    "display.logarithmic": ("HeatmapSettings", "logarithmic"),
    "display.notation": ("Display", "notation"),
    "display.across": ("Display", "across"),
    "display.up": ("Display", "up"),
    "display.show_truth": ("Display", "show_truth"),
    "primer": ("PrimerPoints", "points"),
}
REGRESSION_PARTS = {"ways": "VariationalSettings", "coverage": "CoverageSettings"}


def upgraded(plain: Plain) -> Plain:
    """Return the session `plain` of format 1 in format 2. Raises KeyError or TypeError for anything else."""
    document = dict(plain["document"])
    upgrade: Callable[[Plain], Plain] = {"Latent": _latent, "Regression": _regression}[document["type"]]
    return {**plain, "document": upgrade(document), "bayescape": 2}


def _latent(document: Plain) -> Plain:
    """A Latent document in format 2: a checkpoint replaces the model, `subject` becomes `input`, q becomes a field."""
    trained = document.pop("trained", None)
    if trained is not None:
        document["model"] = trained
    for old, new in (("subject", "input"), ("unseen", "waiting")):
        if old in document:
            document[new] = document.pop(old)
    trick = document.get("trick")
    if trick is not None:
        document["trick"] = {name: value for name, value in trick.items() if name != "q"}
        if trick.get("q") is not None:
            document["q"] = {**trick["q"], "type": "GaussianQ"}
    return _with_settings(document, LATENT, LATENT_PARTS)


def _regression(document: Plain) -> Plain:
    """A Regression document in format 2: the fields of `display` move to the settings of their panels."""
    display = document.pop("display", {})
    dotted = {f"display.{name}": value for name, value in display.items() if name != "type"}
    return _with_settings({**document, **dotted}, REGRESSION, REGRESSION_PARTS)


def _with_settings(document: Plain, fields: Mapping[str, tuple[str, str]], parts: Mapping[str, str]) -> Plain:
    """The document with `fields` and `parts` moved into its list of settings."""
    settings: dict[str, Plain] = {}
    for old, (kind, field) in fields.items():
        if old in document:
            settings.setdefault(kind, {"type": kind})[field] = document.pop(old)
    for old, kind in parts.items():
        if old in document:
            settings[kind] = {**document.pop(old), "type": kind}
    return {**document, "settings": list(settings.values())}
