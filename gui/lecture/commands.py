"""The keys of a lecture that runs, and the commands of the menu Lecture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from engine.lecture.shipped import contents, shipped, titles
from gui.lecture.keys import LectureKey
from gui.lecture.mode import CLOSED, LectureMode, on_desk, on_player
from gui.lecture.player import Player
from gui.page.commands import Command

KEYS = (
    LectureKey("PgDown", "Next build, or next step; reveal first", on_desk(lambda desk: desk.forward()), "always"),
    LectureKey("PgUp", "Build before, or step before", on_player(Player.back), "always"),
    LectureKey("N", "Next build or step", on_desk(lambda desk: desk.forward())),
    LectureKey("P", "Build or step before", on_player(Player.back)),
    LectureKey(
        "Right", "Next build or step (no plot has the cursor)", on_desk(lambda desk: desk.forward()), "pointing"
    ),
    LectureKey("Left", "Build or step before (no plot has the cursor)", on_player(Player.back), "pointing"),
    LectureKey("Shift+PgDown; Alt+Right", "Next step, without builds", on_player(Player.step_forward), "always"),
    LectureKey("Shift+PgUp; Alt+Left", "Step before, without builds", on_player(Player.step_back), "always"),
    LectureKey("Alt+Home", "First step", on_player(Player.first), "always"),
    LectureKey("Alt+End", "Last step", on_player(Player.last), "always"),
    LectureKey("F5", "Full screen from this step; again: leave the lecture", LectureMode.present, "always"),
    LectureKey("Shift+F5", "Full screen from the first step", LectureMode.present_from_start, "always"),
    LectureKey("Esc", "Leave the lecture", LectureMode.leave, "always"),
    LectureKey(".", "Black screen; any key of the lecture ends it", on_desk(lambda desk: desk.black()), "always"),
    LectureKey(
        "Space",
        "Reveal; or play and pause what the step plays",
        on_desk(lambda desk: desk.reveal_or_play()),
        "pressing",
    ),
    LectureKey("Q", "Question; again: the answer", on_desk(lambda desk: desk.ask())),
    LectureKey("B", "Black screen", on_desk(lambda desk: desk.black())),
    LectureKey("W", "White screen", on_desk(lambda desk: desk.white())),
    LectureKey("R", "Restore this step", on_desk(lambda desk: desk.restore())),
    LectureKey("Shift+R", "Restore the whole lecture", on_desk(lambda desk: desk.restore_all())),
    LectureKey("G", "Go to a step by its number, or by a slide: s23", on_desk(lambda desk: desk.go_to())),
    LectureKey("O", "Show or hide the panel Steps", on_desk(lambda desk: desk.toggle_steps())),
    LectureKey("H", "Show or hide the lecture bar", on_desk(lambda desk: desk.toggle_bar())),
    LectureKey("L", "Ring around the pointer", on_desk(lambda desk: desk.point())),
    LectureKey("D", "Pen", on_desk(lambda desk: desk.draw())),
    LectureKey("E", "Eraser of the pen", on_desk(lambda desk: desk.erase())),
    LectureKey("Shift+D", "Clear the strokes of the pen", on_desk(lambda desk: desk.clear())),
    LectureKey("S", "Notes window", on_desk(lambda desk: desk.toggle_notes())),
    LectureKey("X", "Swap the screens of the window and of the notes", on_desk(lambda desk: desk.swap_screens())),
)
OF_KEYS_ALONE = ("N", "P", "Right", "Left")  # the same actions as PgDown and PgUp


def _closed(mode: LectureMode) -> str:
    return "" if mode.player.running else CLOSED


def _open(selection: str) -> Callable[[LectureMode], None]:
    return lambda mode: mode.open_shipped(selection)


def _show(file: Path, id_: str) -> Callable[[LectureMode], None]:
    return lambda mode: mode.open(shipped(file), at=id_)


PRESENT = Command("Present the lecture", "Lecture", run=LectureMode.present, keys="F5", line=True,
                  tip="Show the lecture in full screen, from the step where it stopped")  # fmt: skip
OPEN = (
    Command("Long lecture", "Lecture", run=_open(""), tip="Show the whole lecture, with one step for each slide"),
    Command("Short lecture", "Lecture", run=_open("Short lecture"), tip="Show the most important steps"),
)
SAVE_ANSWERS = Command("Save my answers…", "Lecture", run=on_desk(lambda desk: desk.save_answers()),
                       unavailable=_closed, tip="Save your answers to the questions as a text or PDF")  # fmt: skip
RUNNING = tuple(
    Command(key.text, "Lecture/While it runs", run=partial(LectureMode.press, key=key), unavailable=_closed,
            tip=f"Key: {key.keys}")
    for key in KEYS
    if key.keys not in OF_KEYS_ALONE
)  # fmt: skip
STEPS = tuple(
    Command(words.title, f"Lecture/{words.section or title}", run=_show(file, words.id), tip=words.text)
    for title, file in titles()
    for words in contents(file)
)
LECTURE_COMMANDS = (PRESENT, *OPEN, SAVE_ANSWERS, *STEPS, *RUNNING)
