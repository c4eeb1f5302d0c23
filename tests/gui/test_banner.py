"""The banner: a message lies over the page, and goes when the page has changed."""

from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from gui.page.jobs import Failure
from gui.page.store import Edit
from tests.gui.acting import commit
from tests.gui.conftest import settle

LONG = "x.csv was not imported: it is no table. " * 20


def change(window):
    document = window.page.store.document
    changed = document.with_input(FromData(7)) if isinstance(document, Latent) else replace(document, seed=7)
    commit(window, "Change the page", changed)


def test_a_message_moves_nothing_and_stays_inside_the_window(window):
    before = window.stack.geometry()
    for text in ("Short.", LONG):
        window.banner.say(text)
        assert window.stack.geometry() == before
        assert window.centralWidget().rect().contains(window.banner.geometry())
        assert window.banner.text.height() >= window.banner.text.heightForWidth(window.banner.text.width())


def test_a_refusal_goes_with_the_next_edit_of_the_same_page(window):
    window.stack.build_all()
    window.page.view.refused.emit("This is refused.")
    latent = window.pages["latent"].store
    latent.commit(Edit("Change the other page", latent.document.with_input(FromData(7))))
    assert window.banner.isVisible()
    change(window)
    assert not window.banner.isVisible()


def test_a_message_goes_with_its_tab_and_at_escape_but_an_internal_error_stays(qtbot, window):
    window.page.view.refused.emit("This is refused.")
    window.show_page("latent")
    assert not window.banner.isVisible()
    window.page.failed.emit(Failure("This fails.", "details"))
    window.show_page("unboxing")  # the same page, whose values are still missing
    assert window.banner.isVisible()
    window.page.view.refused.emit("This is refused.")
    window.show_page("latent")
    assert not window.banner.isVisible()
    window.page.failed.emit(Failure("This fails.", "details"))
    window.show_page("regression")
    assert not window.banner.isVisible()
    window.banner.show_failure(Failure("This is an error.", "details"))
    window.show_page("latent")
    assert window.banner.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.banner.isVisible()


def test_a_failure_goes_with_the_next_edit(window):
    window.page.failed.emit(Failure("This fails.", "details"))
    assert window.banner.isVisible()
    change(window)
    assert not window.banner.isVisible()


def test_a_failure_goes_when_the_computation_succeeds_without_an_edit(qtbot, window):
    for said in ("This fails.", "Another message."):
        window.page.scenes.submit(fail)
        qtbot.waitUntil(window.banner.isVisible)
        window.banner.say(said)
        window.page.view.outdated.emit()
        settle(qtbot, window)
        assert window.banner.isVisible() is (said != "This fails.")


def fail():
    raise ValueError("This fails.")


def test_an_internal_error_stays_until_it_is_dismissed(window):
    window.banner.show_failure(Failure("This is an error.", "details"))
    change(window)
    assert window.banner.isVisible()
    window.banner.dismiss.click()
    assert not window.banner.isVisible()
