"""Values computed ahead: those of a document that will probably be shown next, before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from engine.derived import PENDING, Derived, Pending, Wanted, with_pauses
from engine.plane import Viewport


class Ahead:
    """Holds the complete values of one document, by key and viewport. A thread may compute while another one reads."""

    def __init__(self) -> None:
        self._document: Any = None
        self._values: dict[Derived[Any], tuple[Viewport, Any]] = {}

    def ready(self, document: Any, wanted: Wanted) -> Mapping[Derived[Any], Any]:
        """Return the values of `wanted` that were computed for an equal document and equal viewports."""
        values = self._values
        if not values or (document is not self._document and document != self._document):
            return {}
        return {key: values[key][1] for key, view in wanted.items() if key in values and values[key][0] == view}

    def forget(self) -> None:
        """Forget all values, because something outside the document has changed."""
        self._document, self._values = None, {}

    def compute(self, document: Any, wanted: Wanted, is_given_up: Callable[[], bool]) -> Generator[Pending, None, None]:
        """Compute the values of `wanted` that are not ready; stop at the first step at which they are given up.

        It continues where an earlier call for an equal document stopped. An error of a value is ignored here: it is
        raised again when the value is computed to be shown.
        """
        done = self.ready(document, wanted)
        if document is not self._document:
            self._document, self._values = document, {key: (wanted[key], value) for key, value in done.items()}
        rest = sorted((key for key in wanted if key not in done), key=lambda key: (not key.first, key.last))
        for step in with_pauses(self._steps(document, {key: wanted[key] for key in rest})):
            if is_given_up():
                return
            yield step

    def _steps(self, document: Any, wanted: Wanted) -> Generator[Pending, None, None]:
        for key, viewport in wanted.items():
            yield PENDING
            last: Any = None
            try:
                values = key.compute(document, viewport)
                if isinstance(values, Generator):
                    for value in values:
                        last = last if value is PENDING else value
                        yield PENDING
                else:
                    last = values
            except Exception:
                continue
            if self._document is document:
                self._values = {**self._values, key: (viewport, last)}
