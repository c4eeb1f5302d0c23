"""What a test does to the page in front of a window: edits of its document, and commands by their text."""

from gui.page.store import Edit


def commit(window, text, document):
    """Make a document the present one, undoably."""
    window.page.store.commit(Edit(text, document))


def run(window, text):
    """Carry out the command of that text."""
    view = window.page.view
    view.run(next(owned for owned in view.commands if owned.command.text == text))
