"""The workshop: the running training processes, whose reports are delivered in the thread of the GUI."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.files import why
from engine.latent.training.process import Report, TrainingProcess
from engine.latent.vae.recipe import Recipe

ENDS = ("done", "stopped", "failed")  # the states of a last report


class Workshop(QObject):
    """One training, or two at the same time: that of a model and that of the autoencoder for comparison."""

    reported = Signal(object, object)  # the Recipe, the Report
    _received = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.processes: dict[Recipe, TrainingProcess] = {}
        self.last: dict[Recipe, Report] = {}
        self._leaving: list[
            TrainingProcess
        ] = []  # processes whose last report has arrived, but which have not ended yet
        self._reports: deque[tuple[Recipe, Report]] = deque()
        self._next: tuple[Recipe, ...] = ()
        self.rest = 0.0  # seconds to wait after each batch
        self._received.connect(self._on_received)

    @property
    def busy(self) -> bool:
        """Whether a training is running or paused."""
        return bool(self.processes)

    @property
    def is_paused(self) -> bool:
        """Whether all trainings are paused."""
        return self.busy and all(self.last[recipe].state == "paused" for recipe in self.processes)

    def start(self, *recipes: Recipe) -> None:
        """Train the recipes, as soon as the running trainings have stopped. A stopped training is continued."""
        self._next = recipes
        if self.busy:
            self.stop()
        else:
            self._begin()

    def _begin(self) -> None:
        recipes, self._next = self._next, ()
        for recipe in recipes:
            self.last[recipe] = Report("loading")
            try:
                self.processes[recipe] = TrainingProcess(recipe, self._receiver(recipe))
            except OSError as error:  # the system has no more processes, files or space
                self.last[recipe] = Report("failed", reason=f"The training did not start: {why(error)}.")
                self.reported.emit(recipe, self.last[recipe])
            else:
                self.processes[recipe].go(self.rest)

    def go(self, rest: float) -> None:
        """Resume all trainings, and wait `rest` seconds after each batch."""
        self.rest = rest
        for process in self.processes.values():
            process.go(rest)

    def pause(self) -> None:
        """Pause all trainings."""
        for process in self.processes.values():
            process.pause()

    def step(self) -> None:
        """Train on one batch, then pause."""
        for process in self.processes.values():
            process.step()

    def stop(self) -> None:
        """Save a checkpoint of each training and end it."""
        for process in self.processes.values():
            process.stop()

    def close(self) -> None:
        """Stop all trainings and wait until their processes have ended."""
        self.stop()
        for process in (*self.processes.values(), *self._leaving):
            process.close()
        self.processes.clear()
        self._leaving.clear()

    def _receiver(self, recipe: Recipe) -> Callable[[Report], None]:
        def receive(report: Report) -> None:
            """Pass the report from the thread that reads the process to the thread of the GUI."""
            self._reports.append((recipe, report))
            self._received.emit()

        return receive

    def _on_received(self) -> None:
        recipe, report = self._reports.popleft()
        if recipe not in self.processes:
            return
        self.last[recipe] = report
        if report.state in ENDS:
            self._leaving = [process for process in self._leaving if not process.gone] + [self.processes.pop(recipe)]
        self.reported.emit(recipe, report)
        if not self.busy and self._next:
            self._begin()
