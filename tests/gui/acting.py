"""Actions of a test on the front page: committing a document, and running a command by its text."""

from gui.page.store import Edit


def commit(window, text, document):
    """Commit a document to the store, as an edit that can be undone."""
    window.page.store.commit(Edit(text, document))


def run(window, text):
    """Run the command with this text."""
    view = window.page.view
    view.run(next(owned for owned in view.commands if owned.command.text == text))
