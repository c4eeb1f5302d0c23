"""JSON merge patches (RFC 7396): a document as the difference from another document."""

from __future__ import annotations

from typing import Any

Plain = dict[str, Any]


def merged(target: Any, patch: Any) -> Any:
    """Return `target` with `patch` merged into it, as RFC 7396 defines: null removes a member, arrays are replaced."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def difference(before: Plain, after: Plain) -> Plain:
    """Return the smallest patch with merged(before, patch) == after. `after` contains no null outside arrays."""
    removed: Plain = {name: None for name in before if name not in after}
    changed: Plain = {}
    for name, value in after.items():
        former = before.get(name)
        if isinstance(value, dict) and isinstance(former, dict):
            if inner := difference(former, value):
                changed[name] = inner
        elif name not in before or not _same(former, value):
            changed[name] = value
    return {**removed, **changed}


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal. For Python True equals 1, for JSON it does not."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
