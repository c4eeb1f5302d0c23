"""The palettes: the colours of the light, the dark and the two high-contrast appearances.

Every mark has a contrast of at least 3:1 on its ground, and every text one of at least 4.5:1 (7:1 in high contrast).
The ten classes differ by at least 10 units of CIEDE2000, also for people with dichromatic vision.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QPalette

Role = QPalette.ColorRole
# The colours of Okabe & Ito (2008), which colour-blind people can distinguish. Each has one meaning in all plots.
DARK_ROLES = {
    "prior": "#0072B2",
    "likelihood": "#E69F00",
    "posterior": "#009E73",
    "truth": "#D55E00",
    "variational": "#CC79A7",
    "hovered": "#56B4E9",
    "evidence": "#8a8a8a",
}
LIGHT_ROLES = {**DARK_ROLES, "likelihood": "#B97400", "hovered": "#1F7FB8"}  # darker, for the contrast on paper
HIGH_LIGHT_ROLES = {
    "prior": "#00337A",
    "likelihood": "#7A4C00",
    "posterior": "#007A3D",
    "truth": "#A03A00",
    "variational": "#8A2E62",
    "hovered": "#0B5FA5",
    "evidence": "#4d4d4d",
}
HIGH_DARK_ROLES = {
    "prior": "#4C9CFF",
    "likelihood": "#FFB52E",
    "posterior": "#5CFFB8",
    "truth": "#FF8A3D",
    "variational": "#F29BCB",
    "hovered": "#8AD0FF",
    "evidence": "#c0c0c0",
}
# Found by searches. Light: the brightest ten colours with enough contrast on paper and enough distance from each other,
# over all kinds of vision. Dark: the ten colours with the largest distance between the nearest two of them.
LIGHT_CLASSES = (
    "#6666ff",
    "#880088",
    "#886644",
    "#aa0044",
    "#448800",
    "#6622ee",
    "#006666",
    "#0088aa",
    "#664400",
    "#ff0088",
)
DARK_CLASSES = (
    "#5588aa",
    "#cc6677",
    "#99aaaa",
    "#888800",
    "#ffddff",
    "#8866ff",
    "#33bbff",
    "#ddaa77",
    "#eeff77",
    "#ccffdd",
)


@dataclass(frozen=True)
class Look:
    """The colours of one appearance: Qt's palette by role, the roles of the plots, and the classes."""

    colours: dict[QPalette.ColorRole, str]
    roles: dict[str, str]
    classes: tuple[str, ...]


def _palette(
    window: str, base: str, alternate: str, button: str, text: str, pale: str, mid: str, chosen: str, on_chosen: str
) -> dict[QPalette.ColorRole, str]:
    return {
        Role.Window: window,
        Role.Base: base,
        Role.AlternateBase: alternate,
        Role.Button: button,
        Role.ToolTipBase: base,
        Role.WindowText: text,
        Role.Text: text,
        Role.ButtonText: text,
        Role.ToolTipText: text,
        Role.PlaceholderText: pale,
        Role.Mid: mid,
        Role.Highlight: chosen,
        Role.HighlightedText: on_chosen,
        Role.Link: chosen if on_chosen == "#ffffff" else pale,
    }


LIGHT = Look(
    _palette("#f3f3f1", "#ffffff", "#f7f7f5", "#e9e9e6", "#1b1b1b", "#636363", "#c6c6c2", "#0072B2", "#ffffff"),
    LIGHT_ROLES,
    LIGHT_CLASSES,
)
DARK = Look(
    {
        **_palette("#242527", "#17181a", "#1f2022", "#323437", "#ececea", "#a3a3a0", "#4a4c50", "#1c6fa3", "#ffffff"),
        Role.ToolTipBase: "#323437",
        Role.Link: "#56B4E9",
    },
    DARK_ROLES,
    DARK_CLASSES,
)
HIGH_LIGHT = Look(
    _palette("#ffffff", "#ffffff", "#ffffff", "#ffffff", "#000000", "#333333", "#000000", "#003f66", "#ffffff"),
    HIGH_LIGHT_ROLES,
    LIGHT_CLASSES,
)
HIGH_DARK = Look(
    _palette("#000000", "#000000", "#000000", "#000000", "#ffffff", "#e0e0e0", "#ffffff", "#ffe14d", "#000000"),
    HIGH_DARK_ROLES,
    DARK_CLASSES,
)
LOOKS = {"light": LIGHT, "dark": DARK, "high contrast light": HIGH_LIGHT, "high contrast dark": HIGH_DARK}
