"""The division of a folder of images into classes, training images and test images, from the names of subfolders."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.files import quoted

TRAIN = ("train", "training", "train_images")
TEST = ("test", "testing", "test_images")
SPARE = ("val", "valid", "validation", "dev", "eval")


class Places(msgspec.Struct, frozen=True):
    """For each image: its class, whether it is a test image, and whether it is used; and remarks for the user."""

    classes: list[str]
    is_test: list[bool]
    is_used: list[bool]
    remarks: tuple[str, ...] = ()


def places(folder: Path, images: list[Path]) -> Places:
    """Return the classes and the division of the images below a folder.

    The first subfolder of an image is its class. If the subfolders of the folder have names such as train and test,
    they divide the images, and the classes are their subfolders. If a folder contains only another folder, the inner
    folder is used instead.
    """
    parts = [path.relative_to(folder).parts for path in images]
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
    """Return the names of the subfolders of the images, in lower case; "" for images in no subfolder."""
    return {p[0].lower() if len(p) > 1 else "" for p in parts}


def _class(folder: Path, parts: tuple[str, ...]) -> str:
    return quoted(parts[0] if len(parts) > 1 else folder.name)


def _remarks(parts: list[tuple[str, ...]], held_out: tuple[str, ...]) -> tuple[str, ...]:
    """Return sentences that state which subfolders are test images and which are not used."""
    tests = {p[0] for p in parts if p[0].lower() in held_out}
    spare = {p[0] for p in parts if p[0].lower() not in (*TRAIN, *held_out)}
    remarks = [f"The images in “{quoted(name)}” are the test images." for name in sorted(tests)]
    return (*remarks, *(f"The images in “{quoted(name)}” are not used." for name in sorted(spare)))
