"""MP4 films: the frames come back from the file."""

import io

import numpy as np
import pytest

from engine.latent.plane import movie
from engine.latent.plane.animation import animation


def test_the_frames_come_back():
    av = pytest.importorskip("av")
    frames = np.zeros((5, 33, 47, 3), np.uint8)
    for n, frame in enumerate(frames):
        frame[:] = 40 * n
    with av.open(io.BytesIO(animation(frames, "mp4", 500))) as film:
        found = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        assert float(film.streams.video[0].average_rate) == pytest.approx(2.0)
    assert len(found) == 5
    assert found[0].shape == (34, 48, 3)
    assert [float(frame[:32, :46].mean()) for frame in found] == pytest.approx([0, 40, 80, 120, 160], abs=4)


def test_without_the_library_a_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(movie, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="install bayescape"):
        movie.mp4(np.zeros((1, 2, 2, 3), np.uint8), 100)
