"""What a test does on the page in front: it commits a document, or carries out a command."""

from gui.page.store import Edit


def edit(window, document):
    """Make a document the present one, undoably."""
    window.page.store.commit(Edit("Edit", document))


def change(window, function, *what):
    """Make another document of the present one."""
    edit(window, function(window.page.store.document, *what))


def run(window, command):
    """Carry out a command of the page, as its menu entry does."""
    view = window.page.view
    view.run(next(owned for owned in view.commands if owned.command is command))
