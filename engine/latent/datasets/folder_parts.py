"""The parts and classes of a folder of pictures, from the subfolders that they are in."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.files import quoted

TRAIN = ("train", "training", "train_images")
TEST = ("test", "testing", "test_images")
SPARE = ("val", "valid", "validation", "dev", "eval")


class Places(msgspec.Struct, frozen=True):
    """Of each picture its class, whether it is held out, and whether it is used at all; and sentences about it."""

    classes: list[str]
    is_test: list[bool]
    is_used: list[bool]
    remarks: tuple[str, ...] = ()


def places(folder: Path, pictures: list[Path]) -> Places:
    """The places of pictures below a folder.

    The first subfolder of a picture is its class. If the subfolders of the folder are called train, test or the like,
    they are parts, and the classes are in them. A folder that holds nothing but another folder stands for that one.
    """
    parts = [path.relative_to(folder).parts for path in pictures]
    while parts and all(len(p) > 2 and p[0] == parts[0][0] for p in parts):
        folder, parts = folder / parts[0][0], [p[1:] for p in parts]
    names = _names(parts)
    if not (names & set(TRAIN) and names & {*TEST, *SPARE} and names <= {*TRAIN, *TEST, *SPARE}):
        return Places([_class(folder, p) for p in parts], [False] * len(parts), [True] * len(parts))
    held_out = TEST if names & set(TEST) else SPARE
    first = [p[0].lower() for p in parts]
    return Places(
        [_class(folder, p[1:]) for p in parts],
        [name in held_out for name in first],
        [name in (*TRAIN, *held_out) for name in first],
        _remarks(parts, held_out),
    )


def _names(parts: list[tuple[str, ...]]) -> set[str]:
    """The names of the subfolders that the pictures are in; "" for pictures in none."""
    return {p[0].lower() if len(p) > 1 else "" for p in parts}


def _class(folder: Path, parts: tuple[str, ...]) -> str:
    return quoted(parts[0] if len(parts) > 1 else folder.name)


def _remarks(parts: list[tuple[str, ...]], held_out: tuple[str, ...]) -> tuple[str, ...]:
    """What is said of the parts."""
    tests = {p[0] for p in parts if p[0].lower() in held_out}
    spare = {p[0] for p in parts if p[0].lower() not in (*TRAIN, *held_out)}
    said = [f"The pictures in “{quoted(name)}” are the test images." for name in sorted(tests)]
    return (*said, *(f"The pictures in “{quoted(name)}” are not used." for name in sorted(spare)))
