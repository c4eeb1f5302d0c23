"""The files that come with the program, and the names of the models among them."""

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


def shipped_models() -> tuple[str, ...]:
    """The names of the models that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in (RESOURCES / "models").glob("*.safetensors")))
