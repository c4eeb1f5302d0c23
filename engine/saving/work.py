"""The work: the documents of all pages, the page in front and the models that the documents need, as JSON.

A saved work has format 3. It is the text `session.json` in a session file (engine/saving/session_file.py). The formats
1 and 2 hold one document and are read by engine/session.py.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.document import Document
from engine.json_errors import reason
from engine.latent.model_source import Trained
from engine.part import decode_hook
from engine.session import plain_of

FORMAT = 3
LARGEST = 256 * 2**20  # bytes
MOST_MODELS = 20
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class NeededModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that a document needs: the name and the SHA-256 of its file, and how it was trained, if that is known.

    If `inside`, the session file holds the model, and the document names it by `inner_path`.
    """

    name: Annotated[str, Meta(max_length=255)]
    sha256: Sha256
    inside: bool = False
    trained: Trained | None = None

    @property
    def inner_path(self) -> str:
        """The path of the model in the session file."""
        return f"models/{self.sha256}.safetensors"


class Work(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The documents, at most one of each page; the page in front and its arrangement; the models that are needed."""

    documents: tuple[Document, ...]
    page: str = ""
    arrangement: str = ""
    models: Annotated[tuple[NeededModel, ...], Meta(max_length=MOST_MODELS)] = ()
    bayescape: int = FORMAT


def encode(work: Work) -> bytes:
    """The work as JSON text. Raises ValueError, in one sentence, for a path of which a name is not valid UTF-8."""
    plain: dict[str, Any] = {"bayescape": FORMAT, "page": work.page, "arrangement": work.arrangement}
    plain["documents"] = [plain_of(document) for document in work.documents]
    plain["models"] = [_plain_model(model) for model in work.models]
    try:
        return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"
    except UnicodeEncodeError as error:
        raise ValueError("The session names a file whose path is not valid UTF-8: rename the file first.") from error


def _plain_model(model: NeededModel) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": model.name, "sha256": model.sha256, "inside": model.inside}
    return plain if model.trained is None else {**plain, "trained": plain_of(model.trained)}


def decode(content: bytes, name: str) -> Work:
    """The work in a text of format 3. Raises ValueError, in one sentence about the file `name`, for anything else."""
    try:
        plain = msgspec.json.decode(content, type=dict[str, Any])
        number = plain.get("bayescape")
        if number != FORMAT or type(number) is not int:
            raise ValueError(f"{name} was saved by another version of the program; this one reads format {FORMAT}.")
        work = msgspec.convert(plain, Work, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"{name} is not a session of this program: {reason(error)}.") from error
    kinds = {type(document) for document in work.documents}
    if not kinds or len(kinds) < len(work.documents):
        raise ValueError(f"{name} is not a session of this program: it does not hold one document for each page.")
    return work
