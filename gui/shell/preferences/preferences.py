"""The preferences: the choices of the user for the whole program, as one part, with their places in the settings.

A preference is applied at once, unless its description says that it counts from the next start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from engine import threads
from engine.part import Part
from gui.page.commands import Command
from gui.shell import keys, theme
from gui.shell.appearance import APPEARANCES, Appearance
from gui.shell.menus import Menus
from gui.shell.settings import Settings
from gui.widgets import motion

AppearanceName = Literal["system", "light", "dark", "high contrast light", "high contrast dark"]
TextSize = Literal["100 %", "115 %", "130 %", "150 %", "175 %", "200 %", "225 %", "250 %"]
ColourMap = Literal["viridis", "cividis", "magma", "grey"]


class Preferences(Part, frozen=True):
    """The preferences."""

    appearance: Annotated[
        AppearanceName,
        Meta(title="Appearance", description="The colours of the program. System: as the desktop, with its contrast."),
    ] = "system"
    text: Annotated[TextSize, Meta(title="Text size", description="The size of all texts.")] = "100 %"
    colours: Annotated[ColourMap, Meta(title="Colour map", description="The colours of the heatmaps.")] = "viridis"
    still: Annotated[
        bool,
        Meta(title="Reduce motion", description="Whatever plays or runs shows only its last step."),
    ] = False
    threads: Annotated[
        int,
        Meta(
            ge=1,
            le=threads.PROCESSORS,
            title="Threads",
            description="Threads that decode the latent plane. Counts from the next start.",
        ),
    ] = threads.PROCESSORS
    recovery: Annotated[
        bool,
        Meta(
            title="Recovery",
            description="Save each change, so that it can be recovered after a crash. Counts from the next start.",
        ),
    ] = True
    runs: Annotated[
        str,
        Meta(
            title="Folder of trainings",
            description="An existing folder for trainings and saved models; empty: the folder of the program. "
            "Counts from the next start.",
        ),
    ] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.runs and not Path(self.runs).is_dir():
            raise ValueError("The folder of trainings does not exist. Choose an existing folder, or leave it empty.")


def read(settings: Settings) -> Preferences:
    """The saved preferences; a value that is not allowed is replaced by its default."""
    default = Preferences()
    size = settings.number("text", 1.0, theme.SIZES)
    number = settings.text("threads", str(default.threads))
    runs = settings.text("runs", "")
    return Preferences(
        settings.text("appearance", APPEARANCES[0], APPEARANCES),  # type: ignore[arg-type]
        f"{round(100 * size)} %",  # type: ignore[arg-type]
        settings.text("colours", theme.MAPS[0], theme.MAPS),  # type: ignore[arg-type]
        settings.flag("still", default.still),
        min(int(number), threads.PROCESSORS) if number.isdecimal() and int(number) else default.threads,
        settings.flag("recovery", default.recovery),
        runs if Path(runs).is_dir() else "",
    )


class Chooser(QObject):
    """Applies and saves the preferences and the keys of the commands."""

    def __init__(self, window: QMainWindow, settings: Settings, appearance: Appearance, menus: Menus) -> None:
        super().__init__(window)
        self.window, self.settings, self.appearance, self.menus = window, settings, appearance, menus
        self.apply_at_start()

    def apply_at_start(self) -> None:
        """Apply what has no other owner: motion, threads and keys. Damaged keys are replaced by the defaults."""
        present = read(self.settings)
        motion.reduce(present.still)
        threads.use(present.threads)
        keys.use(keys.read(self.settings.text("keys", "")))

    def choose(self, chosen: Preferences) -> None:
        """Apply and save preferences."""
        before = read(self.settings)
        self.settings.keep_flag("still", chosen.still)
        self.settings.keep("threads", chosen.threads)
        self.settings.keep_flag("recovery", chosen.recovery)
        self.settings.keep("runs", chosen.runs)
        motion.reduce(chosen.still)
        if chosen.appearance != before.appearance:
            self.appearance.use(chosen.appearance)
        if chosen.text != before.text:
            self.appearance.use_text_size(theme.SIZES[[f"{round(100 * s)} %" for s in theme.SIZES].index(chosen.text)])
        if chosen.colours != before.colours:
            self.appearance.use_colours(chosen.colours)

    def assign(self, command: Command, key: str | None) -> None:
        """Give a command another key, none (""), or its default key (None).

        Raises ValueError, in one sentence, if another command has the key, or if the key is hard to type.
        """
        before = keys.own()
        own = {name: other for name, other in before.items() if name != keys.name_of(command)}
        if key is not None:
            own[keys.name_of(command)] = key
        keys.use(own)
        conflict = next(iter(keys.conflicts_of(command, self.menus.commands)), "")
        if conflict:
            keys.use(before)
            raise ValueError(conflict)
        self.settings.keep("keys", keys.written(keys.own()))
        self.menus.rekey()

    def reset_keys(self) -> None:
        """Give all commands their default keys."""
        keys.use({})
        self.settings.keep("keys", "")
        self.menus.rekey()
