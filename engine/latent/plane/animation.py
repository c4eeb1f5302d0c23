"""Animation: frames as an animated image or as a strip, in common file formats.

Each pixel of an image becomes a square of whole pixels, so that the file contains exactly the decoded values. A GIF of
at most 256 colours is exact. With more colours all frames share one palette without dithering, because dithering
flickers.
"""

from __future__ import annotations

import base64
import io
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.latent.model import Pixels8
from engine.latent.plane.movie import mp4

Frames = NDArray[np.uint8]  # (n, h, w, 3)
Kind = Literal["gif", "png", "webp", "mp4"]
COLUMNS = 24  # frames in a row of a strip
PALETTE = 256  # colours of a GIF, at most
BITS = np.array([65536, 256, 1], np.uint32)  # a colour as one number: red, green, blue


def coloured(images: Pixels8, table: NDArray[np.uint8]) -> Frames:
    """Return frames (n, h, w, 3) of images: ink (n, h, w) by a colour `table` (256, 3), light unchanged."""
    return images if images.ndim == 4 else table[images]


def enlarged(frames: Frames, least: int) -> Frames:
    """Repeat each pixel as a square, so that the shorter side has at least `least` pixels."""
    times = max(1, -(-least // min(frames.shape[1:3])))
    return frames.repeat(times, axis=1).repeat(times, axis=2)


def animation(frames: Frames, kind: Kind, milliseconds: int) -> bytes:
    """Return an animated GIF, PNG or WebP that repeats endlessly, or an MP4, with `milliseconds` for each frame.

    A GIF rounds them to 10 milliseconds. Only a GIF of more than 256 colours is not exact. Equal consecutive frames
    become one longer frame.
    """
    if kind == "mp4":
        return mp4(frames, milliseconds)
    first, *rest = _images(frames, kind)
    options: dict[str, Any] = {"webp": {"lossless": True}, "gif": {"optimize": False}, "png": {}}[kind]
    file = io.BytesIO()
    first.save(file, kind.upper(), save_all=True, append_images=rest, duration=milliseconds, loop=0, **options)
    return file.getvalue()


def _images(frames: Frames, kind: Kind) -> list[Any]:
    from PIL import Image

    if kind != "gif":
        return [Image.fromarray(frame) for frame in frames]
    indexed, colours = _indexed(frames)
    if indexed is None:
        return _reduced(frames)
    images = [Image.fromarray(frame, "P") for frame in indexed]
    for image in images:
        image.putpalette(colours.tobytes())
    return images


def _indexed(frames: Frames) -> tuple[NDArray[np.uint8] | None, NDArray[np.uint8]]:
    """Indices (n, h, w) into colours (m, 3); None if there are more than PALETTE colours."""
    packed = frames @ BITS
    number = np.zeros(PALETTE**3, np.uint8)
    number[packed.ravel()] = 1
    colours = np.flatnonzero(number)
    if len(colours) > PALETTE:
        return None, np.empty((0, 3), np.uint8)
    number[colours] = np.arange(len(colours))
    return number[packed], (colours[:, None] // BITS % PALETTE).astype(np.uint8)


def _reduced(frames: Frames) -> list[Any]:
    """The frames in one common palette of 256 colours, without dithering."""
    from PIL import Image

    whole = Image.fromarray(frames.reshape(-1, *frames.shape[2:]))
    palette = whole.quantize(PALETTE, Image.Quantize.MEDIANCUT)
    return [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


def strip_png(frames: Frames) -> bytes:
    """Return all frames in rows of COLUMNS as one PNG; the unused end of the last row is transparent."""
    n, h, w, _ = frames.shape
    columns = min(n, COLUMNS)
    rows = -(-n // columns)
    sheet = np.zeros((rows * columns, h, w, 4), np.uint8)
    sheet[:n, ..., :3], sheet[:n, ..., 3] = frames, 255
    return png(sheet.reshape(rows, columns, h, w, 4).swapaxes(1, 2).reshape(rows * h, columns * w, 4))


def strip_svg(frames: Frames, side: int = 112, gap: int = 8) -> bytes:
    """Return the strip as an SVG drawing: each frame is an image of width `side` with its number below."""
    n, h, w, _ = frames.shape
    across, down = side + gap, round(side * h / w) + gap + 16
    columns = min(n, COLUMNS)
    size = gap + columns * across, gap - (-n // columns) * down
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{size[0]}" '
        f'height="{size[1]}" viewBox="0 0 {size[0]} {size[1]}" font-family="sans-serif" font-size="11">'
    ]
    for i, frame in enumerate(frames):
        x, y = gap + i % columns * across, gap + i // columns * down
        content = base64.b64encode(png(frame)).decode()
        lines.append(
            f'<image x="{x}" y="{y}" width="{side}" height="{round(side * h / w)}" style="image-rendering:pixelated" '
            f'xlink:href="data:image/png;base64,{content}"/>'
            f'<text x="{x + side / 2}" y="{y + round(side * h / w) + 13}" text-anchor="middle">{i + 1}</text>'
        )
    return "\n".join([*lines, "</svg>\n"]).encode()


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return grey (h, w), colour (h, w, 3) or colour with opacity (h, w, 4) as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
