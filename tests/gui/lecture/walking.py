"""A walk at random through the two documents and a lecture. The same seed makes the same walk."""

import random

from engine.lecture.answers import Given
from engine.lecture.files import encode
from gui.lecture.authoring.author import AUTHOR_COMMANDS
from gui.page.store import Edit
from gui.pages import TITLES
from tests.gui.lecture.pressing import FEW

AUTHORED = [command for command in AUTHOR_COMMANDS if not command.text.endswith("…")]


class Walk:
    """Carries out acts of the user one after the other, and checks after each act what must be true.

    `own` are the documents that the user has outside the lecture. `pushed` names the pages whose undo history of the
    lecture has grown, in this order, and `start` is the document of each page before its first act in the lecture.
    `done` lists the acts, for the message of a failure.
    """

    def __init__(self, window, seed):
        self.window, self.random = window, random.Random(seed)
        self.player, self.predict = window.lecture.player, window.lecture.desk.predict
        self.stores = {name: page.store for name, page in window.pages.items()}
        self.own = window.session.documents
        for store in self.stores.values():
            store.lecture.clear()  # what other tests have done
        self.pushed, self.start, self.done = [], {}, []
        self.changed = set()  # pages whose own document was edited outside the lecture

    @property
    def documents(self):
        return {name: store.document for name, store in self.stores.items()}

    @property
    def state(self):
        """What the undo of one act brings back: the version of the lecture, the step and the documents."""
        if not self.player.running:
            return b"", "", self.documents
        return encode(self.player.course.lecture), self.player.step.id, self.documents

    def act(self):
        """Carry out one act that is possible now, and often undo and redo it."""
        acts = [self.edit, self.edit, self.undo, self.redo, self.show_tab]
        if self.player.running:
            acts += [
                self.forward,
                self.forward,
                self.back,
                self.jump,
                self.jump,
                self.restore,
                self.reveal,
                self.answer,
            ]
            acts += [self.answer, self.author, self.author, self.author]
            acts += [self.leave] if self.random.random() < 0.3 else []
        else:
            acts += [self.begin, self.begin]
        act = self.random.choice(acts)
        was_running, before, counts = self.player.running, self.state, self.counts()
        self.done.append(act.__name__)
        self.done[-1] += f" {act() or ''}"
        if was_running or self.player.running:
            grown = self.follow(counts, before[-1] if was_running else {})
            assert self.window.session.documents == self.own  # a lecture never changes the documents of the user
            if len(grown) == 1 and act != self.redo:
                self.undo_and_redo(self.stores[grown[0]], before)
        else:
            self.changed |= {name for name, document in self.documents.items() if document != self.own[name]}
            self.own = self.documents

    def counts(self):
        return {name: store.lecture.index() for name, store in self.stores.items()}

    def follow(self, before, documents):
        """Note which undo histories of the lecture have grown or have gone back. Return those that have grown."""
        grown = []
        for name, count in self.counts().items():
            if before[name] == 0 < count:
                self.start[name] = documents[name]
            grown += [name] * (count - before[name])
            for _ in range(before[name] - count):
                del self.pushed[len(self.pushed) - 1 - self.pushed[::-1].index(name)]
        self.pushed += grown
        return grown

    def undo_and_redo(self, store, before):
        """The undo of an act gives back what was before it, and its redo what it has done."""
        after = self.state
        store.stack.undo()
        assert not (found := differences(self.state, before)), found
        store.stack.redo()
        assert not (found := differences(self.state, after)), found

    def undo_all(self):
        """Undo what was done in the lecture, the last act first."""
        for name in reversed(self.pushed):
            self.stores[name].stack.undo()

    # Acts

    def begin(self):
        self.window.lecture.open(FEW)

    def leave(self):
        self.player.leave()

    def forward(self):
        self.random.choice([self.player.forward, self.player.step_forward])()

    def back(self):
        self.random.choice([self.player.back, self.player.step_back])()

    def jump(self):
        self.player.go(self.random.randrange(len(self.player.course.steps)))
        return self.player.step.id

    def restore(self):
        self.player.restore(everything=self.random.random() < 0.3)

    def show_tab(self):
        self.window.show_page(tab := self.random.choice(list(TITLES)))
        return tab

    def edit(self):
        """Choose a command of the page in front that changes its document."""
        page = self.window.page
        command = self.random.choice([owned.command for owned in page.view.commands if owned.command.edit is not None])
        if reason := command.why_not(page.store.document):
            return reason
        try:
            page.store.commit(Edit(command.text, command.edit(page.store.document)))
        except ValueError as refusal:
            return f"{command.text}: {refusal}"
        return command.text

    def author(self):
        """Choose a command of the menu Lecture ▸ Edit."""
        command = self.random.choice(AUTHORED)
        try:
            command.run(self.window.author)
        except ValueError as refusal:
            return f"{command.text}: {refusal}"
        return command.text

    def undo(self):
        self.window.undo.trigger()

    def redo(self):
        self.window.redo.trigger()

    def reveal(self):
        self.predict.reveal()

    def answer(self):
        """Answer the question of the step."""
        if self.player.step.question is not None:
            if self.predict.card.isHidden():
                self.predict.ask()
            self.predict.card.answered.emit(Given(numbers=(self.random.random(),)))


def differences(found, right):
    """What of two states is not equal, in words."""
    names = ["lecture", "step", *right[-1]]
    pairs = zip(names, [*found[:-1], *found[-1].values()], [*right[:-1], *right[-1].values()], strict=True)
    return [f"{name}: {a!r:.300} {b!r:.300}" for name, a, b in pairs if a != b]
