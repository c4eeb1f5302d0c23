"""Contrast and distance of colours, for people with full and with dichromatic vision.

Contrast: WCAG 2.2, "relative luminance". Distance: CIEDE2000 (Sharma, Wu & Dalal 2005). Dichromatic vision: the
matrices of Machado, Oliveira & Fernandes (2009) for a severity of 1, applied to linear RGB.
"""

import numpy as np

VISIONS = {
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ.sum(axis=1)


def linear(rgb):
    """Linear RGB from sRGB values (…, 3) between 0 and 255."""
    share = np.asarray(rgb, float) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The contrast ratio of two sRGB colours, from 1 to 21."""
    lights = sorted(float(np.dot((0.2126, 0.7152, 0.0722), linear(rgb))) for rgb in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(rgb, vision="full"):
    """CIELAB coordinates (…, 3) of sRGB colours (…, 3), as they appear with a kind of vision."""
    seen = np.clip(linear(rgb) @ np.transpose(VISIONS[vision]), 0, 1)
    share = seen @ TO_XYZ.T / WHITE
    bent = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(bent, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def distance(one, other):
    """CIEDE2000 of two colours (…, 3) in CIELAB."""
    (l1, a1, b1), (l2, a2, b2) = (
        np.moveaxis(np.asarray(one, float), -1, 0),
        np.moveaxis(np.asarray(other, float), -1, 0),
    )
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, stretch * a1)) % 360, np.degrees(np.arctan2(b2, stretch * a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    middle = np.where(grey, h1 + h2, (h1 + np.where(np.abs(h1 - h2) > 180, turn, h2 - h1) / 2) % 360)
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    shape = (
        1 - 0.17 * np.cos(np.radians(middle - 30)) + 0.24 * np.cos(np.radians(2 * middle))
        + 0.32 * np.cos(np.radians(3 * middle + 6)) - 0.20 * np.cos(np.radians(4 * middle - 63))
    )  # fmt: skip
    tilt = -2 * np.sqrt(c**7 / (c**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((middle - 275) / 25) ** 2))))
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    dc, dh = (c2 - c1) / (1 + 0.045 * c), hue / (1 + 0.015 * c * shape)
    return np.sqrt(dl**2 + dc**2 + dh**2 + tilt * dc * dh)
