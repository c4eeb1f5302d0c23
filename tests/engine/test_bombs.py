"""Small files that unfold to much: no reader takes more than 500 MB or 2 s for a file under 2 MB."""

import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SMALL = 2**21
READ = """
import sys, time
from pathlib import Path
from engine import session
from engine.saving import session_file
import engine.latent.training.training
from engine.latent.datasets.open_path import files_at
from engine.latent.datasets.own_files import drained
from engine.latent.datasets.preview import looking
from engine.latent.vae import load_model
import numpy.lib.format
from msgspec.structs import replace
import PIL.Image

def images(path):
    source = files_at(path)
    drained(looking(source if "plain" in path.name else replace(source, stretch=True), 4))

def peak():
    return int(next(line.split()[1] for line in open("/proc/self/status") if "VmHWM" in line))

path = Path(sys.argv[1])
if path.suffix == ".safetensors":
    load_model("mnist")
before, started = peak(), time.process_time()
try:
    kinds = {".json": session.read, ".bayescape": session_file.read, ".safetensors": lambda path: load_model(str(path))}
    kinds.get(path.suffix, images)(path)
except ValueError as error:
    assert str(error).endswith("."), error
print(time.process_time() - started, peak() - before)
"""


def pictures(mode, mega, kind):
    def make(path):
        path.mkdir()
        side = round((mega * 1e6) ** 0.5)
        Image.new(mode, (side, side)).save(path / f"a.{kind}", **({"compression": "tiff_lzw"} if kind == "tif" else {}))
        (path / f"b.{kind}").write_bytes((path / f"a.{kind}").read_bytes())

    return make


def head(shape, kind, *, by_columns=False):
    made = io.BytesIO()
    np.lib.format.write_array_header_1_0(made, {"descr": kind, "fortran_order": by_columns, "shape": shape})
    return made.getvalue()


def archive(n, kind, *, by_columns=False):
    """n images of 256×256 zeros."""

    def make(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("x.npy", "w") as member:
            member.write(head((n, 256, 256), kind, by_columns=by_columns))
            for _ in range(n):
                member.write(bytes(65_536 * np.dtype(kind).itemsize))

    return make


def long_head(path):
    """An array whose head is 1.9 GB of blanks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("x.npy", "w", force_zip64=True) as member:
        member.write(b"\x93NUMPY\x02\x00" + struct.pack("<I", 300 * 2**20))
        for _ in range(300):
            member.write(b" " * 2**20)


def idx(n):
    def make(path):
        path.write_bytes(gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", n, 256, 256) + bytes(n * 65_536)))

    return make


def many_points(path):
    point = [0.5, 0.5, 0.5]
    strokes = [{"type": "Stroke", "points": [point] * 400} for _ in range(200)]
    document = {"type": "Latent", "input": {"type": "Sketch", "strokes": strokes}}
    path.write_text(json.dumps({"bayescape": 2, "document": document}, separators=(",", ":")))


def folded(part, count):
    """A session file of `count` equal parts of JSON."""

    def make(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("session.json", "w") as member:
            member.write(b'{"bayescape":3,"documents":[')
            for _ in range(count // 1000):
                member.write(part * 1000)
            member.write(part[:-1] + b"]}")

    return make


BOMBS = {
    "grey": (pictures("L", 29, "png"), "folder"),
    "colour and cover": (pictures("RGBA", 29, "png"), "folder"),
    "palette": (pictures("P", 29, "png"), "folder"),
    "ninety megapixels": (pictures("LA", 88, "png"), "folder"),
    "deep": (pictures("I;16", 29, "png"), "folder"),
    "32 bits": (pictures("I", 14, "tif"), "folder"),
    "more of 32 bits": (pictures("I", 29, "tif"), "folder"),
    "webp": (pictures("RGB", 29, "webp"), "folder"),
    "gif": (pictures("L", 29, "gif"), "folder"),
    "bytes": (archive(1400, "u1"), "plain.npz"),
    "bytes, stretched": (archive(1400, "u1"), "x.npz"),
    "halves": (archive(700, "<f2"), "x.npz"),
    "doubles": (archive(180, "<f8"), "x.npz"),
    "by columns": (archive(180, "<f8", by_columns=True), "x.npz"),
    "too many bytes": (archive(5000, "u1"), "x.npz"),
    "long head": (long_head, "x.npz"),
    "zipped idx": (idx(1400), "x.idx.gz"),
    "too much zipped idx": (idx(5000), "x.idx.gz"),
    "many points": (many_points, "x.json"),
    "nested": (lambda path: path.write_bytes(b"[" * 2_000_000), "x.json"),
    "numbers": (lambda path: path.write_bytes(b"[" + b"1," * 900_000 + b"1]"), "x.json"),
    "folded objects": (folded(b'{"a":[]},', 3_000_000), "x.bayescape"),
    "folded numbers": (folded(b"1,", 40_000_000), "x.bayescape"),
    "long header": (lambda path: path.write_bytes(struct.pack("<Q", 10**6) + b"{" * 10**6), "x.safetensors"),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of the memory is read from /proc")
@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_takes_little_time_and_memory(tmp_path, name):
    make, file = BOMBS[name]
    make(tmp_path / file)
    sizes = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert max(sizes) < SMALL
    done = subprocess.run(
        [sys.executable, "-c", READ, tmp_path / file], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seconds, kilobytes = map(float, done.stdout.split())
    assert seconds < 2 * len(sizes)
    assert kilobytes < 500 * 1024
