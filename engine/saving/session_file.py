"""Session files: a zip archive with the text of the work and with the user's own models (docs/decisions/039).

The archive holds `session.json`, deflated, and `models/SHA256.safetensors`, stored. Nothing else in it is read. Every
size is limited before anything is unpacked, and no name in the archive becomes a path on this computer.
"""

from __future__ import annotations

import hashlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from engine.files import (
    OLD,
    open_regular,
    quoted,
    regular,
    remove_unfinished,
    size_in_words,
    unreadable,
    unwritable,
    why,
    written,
)
from engine.saving.work import LARGEST, NeededModel, Work, decode, encode

TEXT = "session.json"
LARGEST_FILE = 2**31  # bytes
LARGEST_MODEL = 2**29  # bytes of a model that is saved inside
MOST_MEMBERS = 100
MOST_PARTS = 2_000_000  # brackets and quotation marks in the text: each list, object and word takes some 100 bytes
SURE = 48 * 2**20  # bytes; a larger text may have MOST_COMPRESSED times its compressed size, at most
MOST_COMPRESSED = 20  # times; numbers are compressed 2 to 10 times
BLOCK = 2**20
DAMAGE = (  # what zipfile and the decompressors raise for damaged archives, besides OSError
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, UnicodeDecodeError),
    *(NotImplementedError, EOFError, RuntimeError),
)
EPOCH = (2000, 1, 1, 0, 0, 0)  # the date of all members, so that equal works give equal files


def write(path: Path, work: Work, files: dict[str, Path] | None = None) -> None:
    """Write a session file; an old file at `path` is replaced only when the new one is complete.

    `files` are the files of the models that are inside, by their SHA-256. Raises ValueError, in one sentence.
    """
    text = encode(work)
    try:
        with written(path) as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr(_member(TEXT), text, zipfile.ZIP_DEFLATED)
            for model in work.models:
                if model.inside:
                    _put(archive, model, (files or {})[model.sha256])
    except OSError as error:
        raise unwritable(path, error) from error


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, EPOCH)


def _put(archive: zipfile.ZipFile, model: NeededModel, source: Path) -> None:
    info = _member(model.inner_path)
    info.file_size = regular(source).st_size
    with open_regular(source) as read, archive.open(info, "w") as file:
        if _copied(read, file.write, LARGEST_MODEL) != model.sha256:
            raise ValueError(f"{quoted(source.name)} was changed while the session was saved. Save it again.")


def read(path: Path) -> Work:
    """The work in a session file, without its models. Raises ValueError, in one sentence, for anything else.

    What a process left that was killed while it saved in this folder is removed.
    """
    name = quoted(path.name)
    remove_unfinished(path.parent, OLD)
    with _opened(path) as archive:
        info = archive.getinfo(TEXT)
        if info.file_size > LARGEST:
            raise unreadable(path, f"its text has more than {size_in_words(LARGEST)}")
        if info.file_size > max(SURE, MOST_COMPRESSED * info.compress_size):
            raise unreadable(path, f"its text has {size_in_words(info.file_size)}, too much for its compressed size")
        with archive.open(info) as file:
            text = file.read(LARGEST)
        if sum(text.count(sign) for sign in (b"{", b"[", b'"')) > MOST_PARTS:
            raise unreadable(path, "its text has too many parts")
        return decode(text, name)


def unpack(path: Path, model: NeededModel, target: Path) -> None:
    """Write a model of a session file to `target`, completely or not at all. Raises ValueError, in one sentence."""
    with _opened(path) as archive, archive.open(model.inner_path) as file:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with written(target) as unpacked:
                if _copied(file, unpacked.write, LARGEST_MODEL) != model.sha256:
                    raise unreadable(path, "its model is damaged")
        except OSError as error:
            raise ValueError(f"The model of {quoted(path.name)} cannot be saved: {why(error)}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; every error inside the block becomes a ValueError with one sentence."""
    if regular(path).st_size > LARGEST_FILE:
        raise unreadable(path, f"it has more than {size_in_words(LARGEST_FILE)}")
    with open_regular(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                if len(archive.infolist()) > MOST_MEMBERS:
                    raise unreadable(path, "it holds too many files")
                yield archive
        except KeyError as error:
            raise ValueError(f"{quoted(path.name)} is not a session of this program: a part is missing.") from error
        except DAMAGE as error:
            raise ValueError(f"{quoted(path.name)} is damaged or not a session of this program.") from error
        except (OSError, MemoryError) as error:
            raise unreadable(path, why(error)) from error


def _copied(source: IO[bytes] | BinaryIO, put: Callable[[bytes], object], most: int) -> str:
    """Copy at most `most` bytes and return their SHA-256. Raises ValueError, in one sentence, if there are more."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        size += len(block)
        if size > most:
            raise ValueError(f"The model has more than {size_in_words(most)} and cannot be in a session file.")
        digest.update(block)
        put(block)
    return digest.hexdigest()


def sha256_of(path: Path, watch: Callable[[bytes], object] = lambda _: None) -> str:
    """The SHA-256 of a regular file, of which `watch` sees each block.

    Raises ValueError, in one sentence, if the file cannot be read.
    """
    with open_regular(path) as file:
        try:
            return _copied(file, watch, LARGEST_FILE)
        except OSError as error:
            raise unreadable(path, why(error)) from error
