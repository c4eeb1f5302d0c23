"""Picture files: raster pictures are known by their first bytes, and everything else is refused before Qt sees it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage, QImageReader

from gui.latent.image import picture_files

ROOT = Path(__file__).resolve().parents[4]
CASES = ROOT / "tests" / "data" / "cases"
GREY = np.random.default_rng(0).integers(0, 256, (12, 16), dtype=np.uint8)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tif", "pgm"])
@pytest.mark.parametrize("name", ["a.{}", "a.txt", "a"])
def test_a_raster_picture_is_read_whatever_its_name(tmp_path, suffix, name):
    path = tmp_path / name.format(suffix)
    Image.fromarray(GREY).save(tmp_path / f"made.{suffix}", quality=100)
    (tmp_path / f"made.{suffix}").rename(path)
    grey = picture_files.from_file(path).light[..., 0] * 255
    assert np.abs(grey - GREY).max() <= (12 if suffix in ("jpg", "webp") else 0.5)


@pytest.mark.parametrize(("suffix", "most", "of_a_jpeg"), [("png", 192, 0), ("jpg", 0, 192), ("png", 191, 999)])
def test_more_pixels_than_allowed_are_refused_and_a_jpeg_may_have_more(tmp_path, monkeypatch, suffix, most, of_a_jpeg):
    for name, value in (("MOST", most), ("MOST_FOR_EACH", 0), ("MOST_OF_A_JPEG", of_a_jpeg)):
        monkeypatch.setattr(picture_files, name, value)
    Image.fromarray(GREY).save(tmp_path / f"a.{suffix}")
    if most == 191:
        with pytest.raises(ValueError, match="is too large: it has 16×12 pixels"):
            picture_files.from_file(tmp_path / "a.png")
    else:
        assert picture_files.from_file(tmp_path / f"a.{suffix}").light.shape[:2] == GREY.shape


@pytest.mark.parametrize("path", sorted((CASES / "robustness" / "svg").iterdir()), ids=lambda path: path.name)
def test_a_drawing_is_never_rendered_whatever_its_name(tmp_path, path, monkeypatch):
    def read(*_):
        raise AssertionError("Qt sees the file")

    monkeypatch.setattr(picture_files, "QImageReader", read)
    with pytest.raises(ValueError, match="it is none of the kinds PNG, JPEG"):
        picture_files.from_file(path)
    (tmp_path / "gzipped.png").write_bytes(b"\x1f\x8b" + path.read_bytes())
    (tmp_path / "spaces.png").write_bytes(b"\xef\xbb\xbf  \n" + path.read_bytes())
    for other in ("gzipped.png", "spaces.png"):
        with pytest.raises(ValueError, match="none of the kinds"):
            picture_files.from_file(tmp_path / other)


def test_the_readers_that_are_named_exist():
    available = {bytes(kind.data()) for kind in QImageReader.supportedImageFormats()}
    assert set(picture_files.STARTS.values()) <= available


def test_what_is_no_file_never_blocks(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero"), Path("/dev/ptmx"), tmp_path, tmp_path / "gone.png"):
        with pytest.raises(ValueError, match="cannot be read"):
            picture_files.from_file(path)


READ = """
import resource, sys, time
from pathlib import Path
from PySide6.QtGui import QGuiApplication
application = QGuiApplication(["x", "-platform", "offscreen"])
from gui.latent.image import picture_files
started = time.process_time()
try:
    picture_files.from_file(Path(sys.argv[1]))
except ValueError:
    pass
print(time.process_time() - started, next(line.split()[1] for line in open("/proc/self/status") if "VmHWM" in line))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of the memory is read from /proc")
@pytest.mark.parametrize(("mode", "mega"), [("L", 29), ("RGBA", 29), ("RGBA", 80), ("P", 29)])
def test_a_small_file_takes_little_time_and_memory(tmp_path, mode, mega):
    side = round((mega * 1e6) ** 0.5)
    Image.new(mode, (side, side)).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size < 2**21
    done = subprocess.run(
        [sys.executable, "-c", READ, tmp_path / "a.png"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, kilobytes = map(float, done.stdout.split())
    assert seconds < 2
    assert kilobytes < 700 * 1024  # 200 MB are Python and Qt


@pytest.mark.parametrize(("width", "height"), [(3, 50), (50, 3)])
def test_a_tall_and_a_wide_picture_keep_their_pixels(width, height):
    grey = np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)
    image = QImage(np.ascontiguousarray(grey).data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    read = picture_files.from_image(image, "noise").light[..., 0] * 255
    np.testing.assert_allclose(read, grey, atol=0.5)
