"""Damaged contents of files: bytes, numbers, texts and JSON values are changed at random, with a seed for each.

`mutant` damages the file as it is. `resealed` damages what is inside a container (zip, gzip, safetensors, a line with a
checksum) and makes the container sound again, so that the readers behind the container meet the damage too.
"""

import gzip
import io
import json
import re
import struct
import zipfile
import zlib

import torch
from safetensors.torch import load, save

from engine.latent.vae.networks.checkpoint import _digest

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
NUMBERS = (
    b"1e999",
    b"-1",
    b"0",
    b"NaN",
    b"-Infinity",
    b"9" * 40,
    b"1e-320",
    b"9007199254740993",
    b"1e308",
    b"2.5",
    b"-0.0",
)
BYTES = (0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x2C, 0x0A, 0x1A)
INTEGERS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
VALUES = (
    None, True, False, -1, 0, 1, 2**31, 2**53 + 1, 2**70, 1e308, -1e-320, 0.5, "", "x" * 20_000, "\0", "\ud800",
    "../../x", "/dev/zero", "C:\\x", [], {}, [[]], [None], [1e9] * 50, {"type": "Nothing"}, {"type": "Mlp"}, "<b>x</b>",
)  # fmt: skip
NESTED = 3000  # levels of a JSON value, more than a parser may call itself


def mutant(chance, content, others=()):
    """The content with one to three damages. `others` are other files, of which pieces may be put in."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        content = chance.choice(DAMAGES)(chance, content, others)
    return content


def resealed(chance, content, others=()):
    """The content with a damage inside its container, or a damaged JSON text if it is no container."""
    if content[:2] == b"PK":
        return _zip(chance, content)
    if content[:2] == b"\x1f\x8b":
        return gzip.compress(mutant(chance, gzip.decompress(content)), 1)
    if content[8:9] == b"{" and content[:1] != b"{":  # a length comes before the header
        return _tensors(chance, content)
    if re.match(rb"\n?[0-9a-f]{8} \{", content):
        text = json_mutant(chance, content.strip().split(b"\n")[-1][9:])
        return b"%b\n%08x %b\n" % (content, zlib.crc32(text), text)
    return json_mutant(chance, content) if content[:1] == b"{" else mutant(chance, content, others)


def json_mutant(chance, text):
    """A JSON text with one value replaced, removed, repeated, or named otherwise."""
    try:
        plain = json.loads(text)
    except ValueError:
        return mutant(chance, text)
    places = list(_places(plain))
    if not places:
        return mutant(chance, text)
    holder, key = chance.choice(places)
    action = chance.randrange(6)
    if action == 0:
        del holder[key]
    elif action == 1 and isinstance(holder, list):
        holder.extend(holder[: chance.choice((1, 200))])
    elif action == 2 and isinstance(holder, dict):
        holder[chance.choice(("x", "type", "bayescape", ""))] = holder[key]
    elif action == 3:
        other, name = chance.choice(places)
        holder[key] = other[name] if not isinstance(other[name], (dict, list)) else json.loads(json.dumps(other[name]))
    elif action == 4 and chance.random() < 0.1:
        holder[key] = "NESTED"
    else:
        holder[key] = chance.choice(VALUES)
    made = json.dumps(plain)
    return made.replace('"NESTED"', "[" * NESTED + "]" * NESTED).encode()


def _places(value):
    """All places of a JSON value as (holder, key)."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)


def _zip(chance, content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = chance.choice(list(members))
    if chance.random() < 0.1:
        members[chance.choice(("../x", "/x", "x" * 300, "models/" + "0" * 64 + ".safetensors"))] = members[name]
    else:
        members[name] = resealed(chance, members[name])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, inside in members.items():
            archive.writestr(each, inside)
    return made.getvalue()


def _tensors(chance, content):
    """A safetensors file with a damaged description or a damaged tensor, and the right checksum."""
    (length,) = struct.unpack("<Q", content[:8])
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    (kind,) = set(metadata) - {"sha256"}
    text, tensors = metadata[kind], load(content)
    if chance.random() < 0.6:
        text = json_mutant(chance, text.encode()).decode("utf-8", "replace")
    else:
        name = chance.choice(list(tensors))
        tensors = _with_damaged(chance, tensors, name)
    return save(tensors, {kind: text, "sha256": _digest(text, tensors)})


def _with_damaged(chance, tensors, name):
    tensor, tensors = tensors[name].clone(), dict(tensors)
    action = chance.randrange(6)
    if action == 0:
        del tensors[name]
    elif action == 1:
        tensors[name + "x"] = tensor
    elif action == 2:
        tensors[name] = tensor.to(chance.choice((torch.float64, torch.int32, torch.bool, torch.bfloat16)))
    elif action == 3:
        tensors[name] = tensor.reshape(-1)[: chance.randrange(tensor.numel() + 1)].clone()
    elif tensor.numel():
        value = chance.choice((float("nan"), float("inf"), -1.0, 1e30, 65504.0))
        flat = tensor.reshape(-1)
        if flat.is_floating_point():
            flat[chance.randrange(flat.numel())] = value
        else:
            flat[chance.randrange(flat.numel())] = chance.choice((0, 1, 7))
        tensors[name] = flat.reshape(tensor.shape)
    return tensors


def _flip(chance, content, _):
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 4, 40)) if made else 0):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


def _set(chance, content, _):
    made = bytearray(content)
    if made:
        made[chance.randrange(len(made))] = chance.choice(BYTES)
    return bytes(made)


def _cut(chance, content, _):
    return content[: chance.randrange(len(content) + 1)]


def _slice(chance, content):
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + chance.choice((1, 4, 16, 64, 512)))


def _remove(chance, content, _):
    start, end = _slice(chance, content)
    return content[:start] + content[end:]


def _repeat(chance, content, _):
    start, end = _slice(chance, content)
    return content[:end] + content[start:end] * chance.choice((1, 3, 100)) + content[end:]


def _insert(chance, content, _):
    start, _ = _slice(chance, content)
    return content[:start] + chance.randbytes(chance.choice((1, 4, 64))) + content[start:]


def _number(chance, content, _):
    found = list(NUMBER.finditer(content[:20_000]))
    if not found:
        return _flip(chance, content, ())
    start, end = chance.choice(found).span()
    return content[:start] + chance.choice(NUMBERS) + content[end:]


def _integer(chance, content, _):
    size, order = chance.choice((2, 4, 8)), chance.choice(("little", "big"))
    start = chance.randrange(max(1, min(len(content), chance.choice((16, 128, 1 << 20)))))
    value = chance.choice(INTEGERS) % 2 ** (8 * size)
    return content[:start] + value.to_bytes(size, order) + content[start + size :]


def _splice(chance, content, others):
    other = chance.choice(others) if others else content
    return content[: _slice(chance, content)[0]] + other[_slice(chance, other)[0] :]


def _json(chance, content, _):
    return json_mutant(chance, content) if content[:1] == b"{" else _flip(chance, content, ())


DAMAGES = (_flip, _flip, _set, _cut, _remove, _repeat, _insert, _number, _number, _integer, _splice, _json)
