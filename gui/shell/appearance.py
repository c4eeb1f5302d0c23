"""The appearance of the program: light or dark, colour map and text size, as saved in the settings."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from gui.page.commands import Command
from gui.shell import theme
from gui.shell.palettes import LOOKS as LOOKS_OF_THEME
from gui.shell.settings import Settings

APPEARANCES = ("system", *LOOKS_OF_THEME)

LECTURE_WEIGHT = 1.5  # of lines and marks: they are seen from the last row of a lecture hall


class Appearance(QObject):
    """Applies the saved appearance to the application. `changed` is emitted after each change."""

    changed = Signal()

    def __init__(self, settings: Settings, for_this_run: str, parent: QObject) -> None:
        super().__init__(parent)
        self.settings = settings
        self._text = "text"  # the key of the text size in the settings
        self._for_this_run = for_this_run  # not saved; it replaces the saved appearance in this run
        self._apply()

    @property
    def kept(self) -> str:
        """The saved appearance, one of APPEARANCES."""
        return self.settings.text("appearance", APPEARANCES[0], APPEARANCES)

    @property
    def text_size(self) -> float:
        """The text size, a factor among theme.SIZES."""
        return self.settings.number(self._text, self.settings.number("text", 1.0, theme.SIZES), theme.SIZES)

    def present(self, on: bool) -> None:
        """Use the look of lectures, or the other again: wider lines, larger marks, and a text size kept apart."""
        self._text = "lecture text" if on else "text"
        theme.use_weight(LECTURE_WEIGHT if on else 1.0)
        self.refresh()

    def use(self, appearance: str) -> None:
        """Change and save the appearance, one of APPEARANCES."""
        self.settings.keep("appearance", appearance)
        self._for_this_run = ""
        self.refresh()

    def use_colours(self, name: str) -> None:
        """Change and save the colour map, one of theme.MAPS."""
        self.settings.keep("colours", name)
        self.refresh()

    def use_text_size(self, size: float) -> None:
        """Change and save the text size, one of theme.SIZES."""
        self._resize(theme.SIZES.index(size))

    def larger(self) -> None:
        """Increase the text size by one step."""
        self._resize(theme.SIZES.index(self.text_size) + 1)

    def smaller(self) -> None:
        """Decrease the text size by one step."""
        self._resize(theme.SIZES.index(self.text_size) - 1)

    def normal(self) -> None:
        """Reset the text size to 100 %."""
        self._resize(theme.SIZES.index(1.0))

    def _resize(self, index: int) -> None:
        self.settings.keep(self._text, theme.SIZES[min(max(index, 0), len(theme.SIZES) - 1)])
        self.refresh()

    def refresh(self) -> None:
        """Apply the appearance again after the settings or the desktop's colours have changed."""
        self._apply()
        self.changed.emit()

    def _apply(self) -> None:
        theme.use_colours(self.settings.text("colours", theme.MAPS[0], theme.MAPS))
        theme.apply(self._for_this_run or self.kept, self.text_size)


def _use(appearance: str) -> Callable[[Appearance], None]:
    return lambda owner: owner.use(appearance)


def _is_used(appearance: str) -> Callable[[Appearance], bool]:
    return lambda owner: owner.kept == appearance


def _use_colours(name: str) -> Callable[[Appearance], None]:
    return lambda owner: owner.use_colours(name)


def _has_colours(name: str) -> Callable[[Appearance], bool]:
    return lambda _: theme.colours() == name


TEXT_COMMANDS = (
    Command("Larger text", "View", run=Appearance.larger, keys="Ctrl++; Ctrl+=", tip="Make all text larger"),
    Command("Smaller text", "View", run=Appearance.smaller, keys="Ctrl+-", tip="Make all text smaller"),
    Command("Text at 100 %", "View", run=Appearance.normal, keys="Ctrl+0", tip="Show all text at its default size"),
)
LOOKS = tuple(
    Command(name.capitalize(), "View/Appearance", run=_use(name), checked=_is_used(name), tip=f"Appearance: {name}")
    for name in APPEARANCES
)
COLOUR_MAPS = tuple(
    Command(name.capitalize(), "View/Colour map", run=_use_colours(name), checked=_has_colours(name),
            tip=f"Colour map of the heatmaps: {name}")
    for name in theme.MAPS
)  # fmt: skip
