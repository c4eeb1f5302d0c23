"""Actions of a test on the front page: committing a document, and running a command."""

from gui.page.store import Edit


def edit(window, document):
    """Commit a document to the store, as an edit that can be undone."""
    window.page.store.commit(Edit("Edit", document))


def change(window, function, *arguments):
    """Commit function(document, *arguments), where document is the present one."""
    edit(window, function(window.page.store.document, *arguments))


def run(window, command):
    """Run a command of the page, as its menu entry does."""
    view = window.page.view
    view.run(next(owned for owned in view.commands if owned.command is command))
