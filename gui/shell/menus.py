"""Menus, tool bar and shortcuts, built from the commands that the window and the page in front declare."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar

from gui.page.commands import Command, Owned
from gui.page.stepper import FORWARD
from gui.shell import theme
from gui.shell.keys import key_text, keys_of
from gui.shell.page_stack import PageStack
from gui.shell.stepping import STEPS, PositionLabel

MENUS = ("&File", "&Edit", "&View", "&Observe", "&Model", "&Lecture", "&Help")
PANELS = "View/Panels"


class Menus(QObject):
    """Shows the commands of the window and of the page in front. The palette also lists the commands of other pages.

    A menu lists the `first` commands of the window, then the commands of the page, then the `last` commands of the
    window. An action has a shortcut only while it is in a menu. An unavailable command is greyed in the tool bar, and
    in a menu while the menu is open. Its shortcut shows the reason in the banner.
    """

    chosen = Signal(object)  # an Owned

    def __init__(self, menu_bar: QMenuBar, bar: QToolBar, stack: PageStack) -> None:
        super().__init__(bar)
        self._bar, self._stack = bar, stack
        self._menus: dict[str, QMenu] = {}  # by path
        self._separators: dict[str, list[QAction]] = {}  # by path, those that no menu shows now
        self._mnemonics: dict[str, set[str]] = {}  # the letters in use, by the path of the menu above
        for title in MENUS:
            self._keep(title.replace("&", ""), menu_bar.addMenu(title))
        self._first: list[Owned] = []
        self._last: list[Owned] = []
        self._actions: dict[Owned, QAction] = {}
        self._tips: dict[Owned, str] = {}  # of the commands that are available
        self._states: dict[QAction, tuple[str, bool]] = {}  # why it is unavailable, and whether it is checked
        self._on_bar: list[QAction] = []
        self._has_steps = False
        self._running: set[Owned] = set()
        self.position = PositionLabel(bar)
        self.end_of_bar = bar.addSeparator()  # before it are the commands of the page
        self.end_of_bar.setVisible(False)

    def add(self, first: Iterable[Owned], last: Iterable[Owned]) -> None:
        """Add commands of the window, to be listed before and after the commands of the page in front."""
        self._first += first
        self._last += last

    def adopt(self, owned: Owned, action: QAction) -> None:
        """Use an existing action for a command of the window."""
        action.setShortcuts(keys_of(owned.command))
        action.setToolTip(self._tip(owned))  # without it Qt takes the name of the latest edit for rich text
        self._actions[owned] = action

    @property
    def commands(self) -> tuple[Owned, ...]:
        """The commands of the window and of all pages that have been built."""
        return (*self._first, *self._stack.commands(), *self._last)

    @property
    def shown(self) -> tuple[Owned, ...]:
        """The commands of the window and of the page in front."""
        return (*self._first, *self._stack.view.commands, *self._last)

    def action(self, command: Command) -> QAction:
        """The action of a command of the window or of the page in front."""
        return self.action_of(next(owned for owned in self.shown if owned.command is command))

    def action_of(self, owned: Owned) -> QAction:
        """The action of a command, created at the first call."""
        if owned not in self._actions:
            action = QAction(self)
            action.setData(owned)
            action.setShortcuts(keys_of(owned.command))
            action.setCheckable(owned.command.checked is not None)
            action.triggered.connect(self._on_triggered)
            self._actions[owned] = action
            self._dress(action)
        return self._actions[owned]

    def text_of(self, owned: Owned) -> str:
        """The text of a command. While the process that it has started runs, it has another text."""
        return owned.command.while_running[0] if owned in self._running else owned.command.text

    # The page in front

    def show_page(self) -> None:
        """Fill menus and tool bar with the commands of the window and of the page in front."""
        for path, menu in self._menus.items():
            self._separators.setdefault(path, []).extend(_emptied(menu))
        self._put(self._first)
        self._menu(PANELS).addActions(self._stack.view.panel_actions())
        if others := self._stack.view.panel_actions(elsewhere=True):
            self._menu(f"{PANELS}/Panels of other tabs").addActions(others)
        self._put(self._stack.view.commands)
        self._put(self._last)
        for menu in self._menus.values():
            menu.menuAction().setVisible(bool(menu.actions()))
        self._fill_bar()

    def _put(self, commands: Iterable[Owned]) -> None:
        begun: set[str] = set()
        for owned in commands:
            path = owned.command.menu
            menu = self._menu(path)
            if owned.command.line or path not in begun:
                spare = self._separators.get(path)
                menu.addAction(spare.pop() if spare else _separator(menu))
            begun.add(path)
            menu.addAction(self.action_of(owned))

    def _menu(self, path: str) -> QMenu:
        """The menu of a path such as "View/Overlay", created and added to the menu above it at the first call."""
        above, _, title = path.rpartition("/")
        if path not in self._menus:
            self._keep(path, QMenu(self._with_mnemonic(title, above), self._bar))
        if above and self._menus[path].menuAction() not in self._menu(above).actions():
            self._menu(above).addMenu(self._menus[path])
        return self._menus[path]

    def _with_mnemonic(self, title: str, above: str) -> str:
        """The title of a submenu, with "&" before the first letter that no other submenu of the same menu uses."""
        taken = self._mnemonics.setdefault(above, set())
        at = next((i for i, letter in enumerate(title) if letter.isalpha() and letter.lower() not in taken), 0)
        taken.add(title[at].lower())
        return f"{title[:at]}&{title[at:]}"

    def _keep(self, path: str, menu: QMenu) -> None:
        menu.setToolTipsVisible(True)
        menu.setStyleSheet("QMenu { menu-scrollable: 1 }")  # a menu that is too tall scrolls instead of growing wide
        menu.aboutToShow.connect(self._on_open)
        menu.aboutToHide.connect(self._on_close)
        self._menus[path] = menu

    def _fill_bar(self) -> None:
        """Show the commands with an icon. The commands for stepping are hidden if the page has no steps."""
        for action in self._on_bar:
            self._bar.removeAction(action)
        self._has_steps = self._stack.view.position is not None
        commands = [owned for owned in self._stack.view.commands if owned.command.icon]
        shown = [owned for owned in commands if self._has_steps or owned.command not in STEPS]
        self._on_bar = [self.action_of(owned) for owned in shown]
        self._bar.insertActions(self.end_of_bar, self._on_bar)
        forward = [action for action, owned in zip(self._on_bar, shown, strict=True) if owned.command is FORWARD]
        self.position.stand_before(forward[0] if forward else None)
        self.refresh()

    # The state of the commands

    def refresh(self) -> None:
        """Update the tool bar: the position, and the commands that are available for the present document."""
        position = self._stack.view.position
        if (position is not None) != self._has_steps:
            self._fill_bar()
            return
        self.position.show_position(position)
        for action in self._on_bar:
            self._refresh(action)

    def _refresh(self, action: QAction) -> None:
        owned: Owned = action.data()
        reason, checked = state = self._stack.why_not(owned), self._stack.is_checked(owned)
        if self._states.get(action) != state:
            self._states[action] = state
            action.setEnabled(not reason)
            action.setToolTip(reason or self._tips[owned])
            action.setChecked(checked)  # nothing happens if it is not checkable

    def _tip(self, owned: Owned) -> str:
        keys = key_text(owned.command)
        return (owned.command.tip or self.text_of(owned)) + (f" ({keys})" if keys else "")

    def _on_open(self) -> None:
        for action in self._of_menu():
            self._refresh(action)

    def _on_close(self) -> None:
        """Enable all actions again, so that the shortcut of an unavailable command shows the reason."""
        for action in self._of_menu():
            if action not in self._on_bar:
                action.setEnabled(True)
                self._states.pop(action, None)

    def _of_menu(self) -> list[QAction]:
        menu = self.sender()
        assert isinstance(menu, QMenu)
        return [action for action in menu.actions() if isinstance(action.data(), Owned)]

    def _on_triggered(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.chosen.emit(action.data())
        self._states.pop(action, None)  # Qt has checked it, or has removed its check
        self._refresh(action)

    def show_running(self, page: str, command: Command, on: bool) -> None:
        """Mark a command of a page as running or not, and update its text and icon."""
        for owned in self._stack.pages[page].view.commands:
            if owned.command is command:
                (self._running.add if on else self._running.discard)(owned)
                self._dress(self.action_of(owned))

    def rekey(self) -> None:
        """Take the keys of all commands again, after the user has changed them."""
        for owned, action in self._actions.items():
            action.setShortcuts(keys_of(owned.command))
        self.recolour()

    def recolour(self) -> None:
        """Draw the icons again in the present colours."""
        for action in self._actions.values():
            if isinstance(action.data(), Owned):
                self._dress(action)

    def _dress(self, action: QAction) -> None:
        owned: Owned = action.data()
        text, icon = owned.command.while_running if owned in self._running else (owned.command.text, owned.command.icon)
        action.setText(text.replace("&", "&&"))
        self._tips[owned] = self._tip(owned)
        action.setToolTip(self._tips[owned])
        self._states.pop(action, None)
        if icon:
            action.setIcon(theme.icon(icon))


def _emptied(menu: QMenu) -> list[QAction]:
    """Remove all actions from a menu and return the separators, to be used again.

    `QMenu.clear` would delete actions that are used again, and PySide never forgets a separator that is deleted.
    """
    actions = menu.actions()
    for action in actions:
        menu.removeAction(action)
    return [action for action in actions if action.isSeparator()]


def _separator(menu: QMenu) -> QAction:
    action = QAction(menu)
    action.setSeparator(True)
    return action
