"""The verbs of going about in the plane: the walk, attributes, any resolution, and what is written to files."""

from __future__ import annotations

from functools import partial

from engine.latent.model import Ink
from engine.latent.training.runs import state_path
from gui.latent.plane.any_resolution import FIXED, AnyResolution
from gui.latent.plane.attribute_arithmetic import AttributeArithmetic
from gui.latent.plane.exports import Exports
from gui.latent.plane.walk import NOWHERE, TICK, Walk
from gui.latent.training.teaching import TeachingView
from gui.latent.training.training import BEAT, Training
from gui.latent.unboxing.completions import Completions
from gui.widgets.progress import Progress


class TravellingView(TeachingView):
    """A view that can walk. Abstract: `LatentView` is the final one."""

    takes_pins = frozenset(
        {Walk.title, AttributeArithmetic.title, AnyResolution.title, Completions.title}
    )  # panels that work with what is pinned

    def __init__(self) -> None:
        super().__init__()
        self.exports = Exports(self)
        self.exports.refused.connect(self.refused)
        self.exports.progress_changed.connect(self._on_exported)
        self._progress: Progress | None = None  # of the panel whose picture is being written

    def play_walk(self) -> None:
        """Walk, or stand still."""
        self.bring(Walk).play_or_halt()

    def walk_by_click(self) -> None:
        """Let clicks in the plane add waypoints, or pins again."""
        self.bring(Walk).take_clicks()

    def walk_from_pins(self) -> None:
        """From pin to pin."""
        self.bring(Walk).take_pins()

    def show_arithmetic(self) -> None:
        """Add an attribute to an image."""
        self.bring(AttributeArithmetic)

    def show_any_resolution(self) -> None:
        """Draw one latent with any number of pixels."""
        self.bring(AnyResolution)

    def export_walk_strip(self) -> None:
        """Write the frames side by side to a file."""
        if (frames := self._walk_frames()) is not None:
            self._progress = self.bring(Walk).progress
            self.exports.strip(frames)

    def export_walk_animation(self) -> None:
        """Write the frames one after the other to a file."""
        if (frames := self._walk_frames()) is not None:
            self._progress = self.bring(Walk).progress
            self.exports.moving(frames, TICK)

    def export_training(self) -> None:
        """Write all moments of the training that is looked at, one after the other, to a file."""
        trained = self._document.trained
        if trained is None:
            self.refused.emit("There is no training to export: the model that is looked at was not trained here.")
            return
        self._progress = self.bring(Training).progress
        self.exports.film(trained.recipe, BEAT)

    def export_any_resolution(self) -> None:
        """Write the latent that is looked into, as large as was chosen, to a file."""
        panel = self.bring(AnyResolution)
        if (found := panel.found) is None or found.ink is None:
            self.refused.emit(FIXED)
            return
        self._progress = panel.progress
        self.exports.large(partial(getattr, self._document, "manifold"), found.z, found.saved)

    def save_model(self) -> None:
        """Write the model that is looked at to a file."""
        self._progress = self.bring(Training).progress
        self.exports.copy("Save model as", self._document.path)

    def save_training(self) -> None:
        """Write all that it takes to go on with a training, on another computer too, to a file."""
        trained = self._document.trained
        if trained is None:
            self.refused.emit("Only what was trained here can be saved as a training: start a training first.")
            return
        self._progress = self.bring(Training).progress
        self.exports.copy("Save training as", state_path(trained.recipe))

    def _walk_frames(self) -> Ink | None:
        """Of the walk on the screen; it is refused if there is none."""
        walked = self.scene.pictures.get("walk") if self.scene is not None else None
        if walked is None or not len(walked.ink):
            self.refused.emit(NOWHERE)
            return None
        found: Ink = walked.ink
        return found

    def cancel_export(self) -> None:
        """Write nothing, if it is not written yet."""
        self.exports.cancel()

    def _on_exported(self, words: str, part: float | None) -> None:
        if self._progress is not None:
            self._progress.tell(words, part)

    def leave(self) -> None:
        super().leave()
        self.exports.close()
