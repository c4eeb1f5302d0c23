"""MP4 films, by the optional library PyAV, which brings its own encoder."""

from __future__ import annotations

import io
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

CODECS = ("libx264", "libopenh264", "mpeg4")  # the first that the library has; H.264 plays everywhere
MISSING = "MP4 needs the Python package av: install bayescape[film]."


def has_movies() -> bool:
    """Whether the library is installed."""
    return find_spec("av") is not None


def mp4(frames: NDArray[np.uint8], milliseconds: int) -> bytes:
    """Return an MP4 film of frames (n, h, w, 3), each shown for `milliseconds`.

    An odd width or height gets one more row or column of white, because the encoder stores colours for 2×2 pixels.
    Raises ValueError, in one sentence, if the library is not installed.
    """
    if not has_movies():
        raise ValueError(MISSING)
    av: Any = import_module("av")
    n, h, w, _ = frames.shape
    even = np.full((n, h + h % 2, w + w % 2, 3), 255, np.uint8)
    even[:, :h, :w] = frames
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as film:
        codec = next(codec for codec in CODECS if codec in av.codecs_available)
        stream = film.add_stream(codec, rate=Fraction(1000, milliseconds))
        stream.width, stream.height, stream.pix_fmt = even.shape[2], even.shape[1], "yuv420p"
        stream.options = {"crf": "16"} if codec == "libx264" else {}
        for frame in even:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        film.mux(stream.encode())
    return file.getvalue()
