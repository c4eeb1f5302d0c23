"""Everything the program can be told to do: one table, from which menus, tool bar and shortcuts are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from gui.shell import theme

SUBMENUS = {
    "ELBO and gap": "Latent",
    "Recipes": "Latent",
    "Export": "File",
    "Lay over the plane": "Latent",
    "Step": "Latent",
    "Look at the image": "Latent",
}  # each stands where its first command does
MENUS = ("File", "Edit", "View", "Observe", "Model", "Latent", "Lecture", "Help")
Key = QKeySequence.StandardKey


@dataclass(frozen=True)
class Command:
    """One entry: `verb` is a method of the window, or of the view of `page`. With an `icon` it is on the tool bar."""

    menu: str
    text: str
    verb: str
    keys: str | QKeySequence.StandardKey
    page: str = ""
    icon: str = ""
    tip: str = ""
    line: bool = False  # a separator above
    under_way: tuple[str, str] = ("", "")  # text and icon while what it has started goes on


PAUSE = ("Pause", "pause")


def _stepping(
    text: str, verb: str, keys: str, icon: str, tip: str, under_way: tuple[str, str] = ("", "")
) -> tuple[Command, Command]:
    """The same on both pages: through observations, and through what is seen of an image."""
    points, sights = tip.format("observation"), tip.format("thing that is seen")
    return (
        Command("Observe", text, verb, keys, "regression", icon, points, under_way=under_way),
        Command("Step", text, verb, keys, "latent", icon, sights, under_way=under_way),
    )


COMMANDS = (
    Command("File", "New", "new", Key.New, tip="Start this page afresh, undoably"),
    Command("File", "Open…", "open", Key.Open, tip="Open a session, a model, a table or images"),
    Command("File", "Save as…", "save", Key.Save, tip="Save this page's document as a session"),
    Command(
        "File", "Import observations…", "import_observations", "Ctrl+I", "regression", tip="From a table", line=True
    ),
    Command(
        "File",
        "Train on a folder of pictures…",
        "train_on_folder",
        "Ctrl+L, D, P",
        "latent",
        tip="Its subfolders are the classes",
        line=True,
    ),
    Command("File", "Train on a file of images…", "train_on_file", "Ctrl+L, D, F", "latent", tip="IDX or NPZ"),
    Command("Export", "Observations…", "export_observations", "Ctrl+E, O", "regression", tip="As a table"),
    Command("Export", "Ledger…", "export_ledger", "Ctrl+E, L", "regression", tip="Its rows as a table"),
    Command("Export", "Predictive curve…", "export_predictive_curve", "Ctrl+E, P", "regression", tip="As a table"),
    Command("Export", "Samples…", "export_samples", "Ctrl+E, S", "regression", tip="The sample lines as a table"),
    Command("Export", "Walk as a strip…", "export_walk_strip", "Ctrl+E, W", "latent", tip="As PNG or SVG", line=True),
    Command("Export", "Training as an animation…", "export_training", "Ctrl+E, T", "latent", tip="All its moments"),
    Command("Export", "Walk as an animation…", "export_walk_animation", "Ctrl+E, A", "latent", tip="GIF, PNG, WebP"),
    Command("Export", "Picture at any resolution…", "export_any_resolution", "Ctrl+E, R", "latent", tip="As PNG"),
    Command("File", "Save picture of the window…", "save_picture", "Ctrl+Shift+P", line=True),
    Command("File", "Quit", "close", "Ctrl+Q", line=True),
    Command("Edit", "Paste observations…", "paste_observations", Key.Paste, "regression", line=True),
    Command("Edit", "Paste a picture", "paste_picture", Key.Paste, "latent", tip="Look into the copied picture"),
    Command("View", "Regression", "show_regression", "Ctrl+1"),
    Command("View", "Latent space", "show_latent", "Ctrl+2"),
    Command("View", "Unboxing", "show_unboxing", "Ctrl+3"),
    Command("View", "Reset layout", "reset_layout", "Ctrl+Shift+R", line=True),
    Command("View", "Fit all pictures", "fit", "Ctrl+0", tip="Show in every picture what it starts with"),
    Command("View", "Larger text", "larger", Key.ZoomIn, line=True),
    Command("View", "Smaller text", "smaller", Key.ZoomOut),
    Command("View", "Full screen", "present", "F5"),
    *_stepping("First", "step_first", "Ctrl+PgUp", "first", "Before the first {}"),
    *_stepping("Back", "step_back", "PgUp", "back", "One {} fewer"),
    *_stepping("Forward", "step_forward", "PgDown", "forward", "One {} more"),
    *_stepping("Last", "step_last", "Ctrl+PgDown", "last", "After the last {}"),
    *_stepping("Play", "play", "Ctrl+P", "play", "One {} more again and again, from the start if all are there", PAUSE),
    Command("Observe", "Draw a point from the truth", "draw_one", "Ctrl+D", "regression", "draw_one", line=True),
    Command("Observe", "Draw 20 points from the truth", "draw_twenty", "Ctrl+Shift+D", "regression", "draw_many"),
    Command("Observe", "Observe where it helps most", "observe_best", "Ctrl+B", "regression"),
    Command("Observe", "Walk through the samples", "walk", "Ctrl+W", "regression", tip="Start or stop the walk"),
    Command("Observe", "Remove the latest observation", "remove_latest", "Ctrl+Backspace", "regression", line=True),
    Command("Observe", "Clear", "clear", "Ctrl+Shift+Backspace", "regression", "clear", "Remove observations and pins"),
    Command(
        "Observe",
        "Standardise x and t",
        "standardise",
        "Ctrl+Shift+U",
        "regression",
        tip="Model (x − mean)/sd and (t − mean)/sd; again: back to the original units",
        line=True,
    ),
    Command("Model", "Flat prior", "prior_flat", "Ctrl+Alt+1", "regression", tip="α = 0.0001: it says nearly nothing"),
    Command("Model", "The lecture's prior", "prior_lecture", "Ctrl+Alt+2", "regression", tip="Isotropic, α = 2"),
    Command(
        "Model", "Confident and wrong prior", "prior_wrong", "Ctrl+Alt+3", "regression", tip="Sure of what is not so"
    ),
    Command("Latent", "Draw 64 samples from p(z)", "draw_samples", "Ctrl+Alt+D", "latent", "samples"),
    Command("Latent", "Show or hide test images", "toggle_digits", "Ctrl+Alt+I", "latent", "digits"),
    Command("Latent", "Linear or equal-probability chart", "toggle_chart", "Ctrl+Alt+C", "latent", "chart"),
    Command("Lay over the plane", "Nothing", "overlay_none", "Ctrl+L, O, N", "latent"),
    Command("Lay over the plane", "Aggregate posterior", "overlay_aggregate", "Ctrl+L, O, A", "latent"),
    Command("Lay over the plane", "Reconstruction error", "overlay_error", "Ctrl+L, O, R", "latent"),
    Command("Lay over the plane", "Decoder sensitivity", "overlay_sensitivity", "Ctrl+L, O, S", "latent"),
    Command("Lay over the plane", "Factor contours", "overlay_factors", "Ctrl+L, O, F", "latent"),
    Command("Latent", "Draw fresh ε", "fresh_epsilon", "Ctrl+L, E", "latent", tip="In the panel Reparameterisation"),
    Command("Recipes", "For digits", "recipe_digits", "Ctrl+T, D", "latent", tip="The default recipe"),
    Command("Recipes", "For faces", "recipe_faces", "Ctrl+T, F", "latent", tip="Learns smile and head turn"),
    Command("Recipes", "For any resolution", "recipe_coordinates", "Ctrl+T, R", "latent", tip="Digits as a function"),
    Command("Latent", "Start training", "train_start", "Ctrl+T, S", "latent", tip="By the recipe", line=True),
    Command("Latent", "Pause training", "train_pause", "Ctrl+T, P", "latent", under_way=("Go on with training", "")),
    Command("Latent", "Train on one batch", "train_step", "Ctrl+T, B", "latent"),
    Command("Latent", "Stop training", "train_stop", "Ctrl+T, X", "latent", tip="Keep what there is and end"),
    Command("Latent", "Continue training", "continue_training", "Ctrl+T, C", "latent", tip="As many epochs again"),
    Command("Latent", "Keep model…", "keep_model", "Ctrl+T, K", "latent", tip="In the panel Models", line=True),
    Command("Latent", "Delete model…", "delete_model", "Ctrl+T, Delete", "latent", tip="Chosen in the panel Models"),
    Command("Latent", "Save model as…", "save_model", "Ctrl+T, M", "latent"),
    Command("Latent", "Save training as…", "save_training", "Ctrl+T, T", "latent", tip="To go on with it elsewhere"),
    Command("Latent", "Play the walk", "play_walk", "Ctrl+L, W, P", "latent", tip="Walk, or stand still", line=True),
    Command("Latent", "Clicks add waypoints or pins", "walk_by_click", "Ctrl+L, W, C", "latent", tip="For the walk"),
    Command("Latent", "Walk from pin to pin", "walk_from_pins", "Ctrl+L, W, N", "latent"),
    Command("Latent", "Attribute arithmetic", "show_arithmetic", "Ctrl+L, A", "latent", tip="Add an attribute"),
    Command("Latent", "Any resolution", "show_any_resolution", "Ctrl+L, R", "latent", tip="Draw one latent large"),
    Command("Latent", "Why variational", "show_why_variational", "Ctrl+L, N, W", "latent", tip="ln p(x), estimated"),
    Command("Latent", "Generating", "show_generating", "Ctrl+L, N, G", "latent", tip="New pictures, or remembered?"),
    Command("Latent", "Generate other pictures", "generate_again", "Ctrl+L, N, D", "latent", tip="In Generating"),
    Command("Latent", "Gallery", "show_gallery", "Ctrl+L, G", "latent", tip="Choose an image to look into", line=True),
    Command("Latent", "Sketch pad", "show_sketch_pad", "Ctrl+L, K, S", "latent", tip="Draw an image to look into"),
    Command("Latent", "Draw or erase", "toggle_eraser", "Ctrl+L, K, E", "latent", tip="Switch the eraser on or off"),
    Command("Latent", "Clear the image", "clear_subject", "Ctrl+L, K, C", "latent", tip="Look into no image"),
    Command("ELBO and gap", "Identity", "show_identity", "Ctrl+L, U, I", "latent", tip="What ln p(x) is made of"),
    Command("ELBO and gap", "Test images", "show_test_images", "Ctrl+L, U, T", "latent", tip="The same of all of them"),
    Command(
        "ELBO and gap", "Over epochs", "show_over_epochs", "Ctrl+L, U, O", "latent", tip="In the course of training"
    ),
    Command("Latent", "Look closer at the posterior", "look_closer", "Ctrl+L, Z", "latent", "closer", line=True),
    Command("Latent", "Completions", "show_completions", "Ctrl+L, C, S", "latent", tip="What the whole image may be"),
    Command("Latent", "Fresh completions", "fresh_completions", "Ctrl+L, C, F", "latent", tip="Other samples of it"),
    Command("Latent", "Next colours of the heatmaps", "next_scale", "Ctrl+L, L", "latent", tip="Density or logarithm"),
    Command("ELBO and gap", "Snap q to best", "snap_q", "Ctrl+L, U, B", "latent", tip="The highest ELBO", line=True),
    Command("ELBO and gap", "Encoder's q", "encoder_q", "Ctrl+L, U, E", "latent", tip="What the encoder says"),
    Command("ELBO and gap", "q by hand", "hand_q", "Ctrl+L, U, H", "latent", tip="Start from the present q"),
    Command("Look at the image", "The whole image", "look_whole", "Ctrl+L, B, W", "latent", tip="Every pixel as it is"),
    Command("Look at the image", "Brushed pixels", "look_brushed", "Ctrl+L, B, B", "latent", tip="Stroke by stroke"),
    Command("Look at the image", "Upper half", "look_upper", "Ctrl+L, B, T", "latent", tip="The lower is completed"),
    Command("Look at the image", "Lower half", "look_lower", "Ctrl+L, B, L", "latent", tip="The upper is completed"),
    Command("Look at the image", "Averages of blocks", "look_blocks", "Ctrl+L, B, A", "latent", tip="Super-resolution"),
    Command("Look at the image", "Blurred", "look_blurred", "Ctrl+L, B, U", "latent", tip="Deblurring"),
    Command("Look at the image", "Gaussian noise", "look_noisy", "Ctrl+L, B, G", "latent", tip="Denoising"),
    Command("Look at the image", "Salt and pepper", "look_peppered", "Ctrl+L, B, P", "latent", tip="Denoising"),
    Command("Look at the image", "Grey from colour", "look_grey", "Ctrl+L, B, Y", "latent", tip="Colourisation"),
    Command(
        "Look at the image", "Fresh noise", "fresh_noise", "Ctrl+L, B, N", "latent", tip="Of the same kind", line=True
    ),
    Command("Look at the image", "Take the latest stroke back", "take_stroke_back", "Ctrl+L, B, Backspace", "latent"),
    Command("Look at the image", "Clear all strokes", "clear_strokes", "Ctrl+L, B, Delete", "latent"),
    Command("Latent", "Use the shipped model", "use_shipped", "Ctrl+Alt+M", "latent", line=True),
    Command("Latent", "Clear samples and pins", "clear", "Ctrl+Alt+Backspace", "latent", "clear"),
    Command("Help", "What the mouse and keys do", "show_keys", "F1"),
    Command("Help", "About Bayescape", "about", "Shift+F1", line=True),
)


class Actions:
    """The table as actions of a window. Each has its command as data, and calls `run`."""

    def __init__(self, window: QMainWindow, bar: QToolBar, run: Callable[[], None]) -> None:
        self.menus: dict[str, QMenu] = {name: window.menuBar().addMenu(name) for name in MENUS}
        self.made: dict[Command, QAction] = {}
        self.under_way: set[str] = set()  # verbs
        self._page = ""
        for command in COMMANDS:
            if command.menu not in self.menus:
                self.menus[command.menu] = self.menus[SUBMENUS[command.menu]].addMenu(command.menu)
            if command.line:
                self.menus[command.menu].addSeparator()
            action = QAction(command.text, window)
            action.setShortcut(QKeySequence(command.keys))
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{command.tip or command.text} ({keys})")
            action.setData(command)
            action.triggered.connect(run)
            self.menus[command.menu].addAction(action)
            self.made[command] = action
            if command.icon:
                bar.addAction(action)

    def add_choice(
        self, menu: str, title: str, names: tuple[str, ...], chosen: str, slot: Callable[[str], None]
    ) -> None:
        """A submenu with one tick."""
        choices = self.menus[menu].addMenu(title)
        group = QActionGroup(choices)
        for name in names:
            action = choices.addAction(name.capitalize(), partial(slot, name))
            action.setCheckable(True)
            action.setChecked(name == chosen)
            group.addAction(action)

    def show_page(self, page: str) -> None:
        """Enable what belongs to `page`, and hide from the tool bar what does not."""
        self._page = page
        for command, action in self.made.items():
            if command.page:
                action.setEnabled(command.page == page)
                if command.icon:
                    action.setVisible(command.page == page)
        for menu in ("Observe", "Model"):
            self.menus[menu].menuAction().setVisible(page == "regression")
        self.menus["Latent"].menuAction().setVisible(page == "latent")

    def action(self, verb: str, page: str = "") -> QAction:
        """The action of a verb, the first one unless a page is named."""
        found = self._actions(verb)
        return next(action for action in found if page in ("", action.data().page))

    def _actions(self, verb: str) -> list[QAction]:
        """One for each page that has it."""
        return [action for command, action in self.made.items() if command.verb == verb]

    def show_position(self, position: tuple[int, int] | None) -> None:
        """Enable stepping where there is somewhere to step to: so many of so many steps are taken."""
        taken, all_of_them = position or (0, 0)
        for verb, possible in (
            ("step_first", taken > 0),
            ("step_back", taken > 0),
            ("step_forward", taken < all_of_them),
            ("step_last", taken < all_of_them),
            ("play", all_of_them > 0),
        ):
            for action in self._actions(verb):
                here = action.data().page == self._page
                action.setEnabled(here and possible)
                action.setVisible(here and position is not None)

    def show_switched(self, verb: str, on: bool) -> None:
        """Say that what `verb` starts is under way, so that it now ends it; or is no more."""
        (self.under_way.add if on else self.under_way.discard)(verb)
        for action in self._actions(verb):
            action.setText(self._dress_of(action.data())[0])
        self.recolour()

    def _dress_of(self, command: Command) -> tuple[str, str]:
        """Text and icon."""
        return command.under_way if command.verb in self.under_way else (command.text, command.icon)

    def recolour(self) -> None:
        """Take icons in the colours now in force."""
        for command, action in self.made.items():
            if command.icon:
                action.setIcon(theme.icon(self._dress_of(command)[1]))
