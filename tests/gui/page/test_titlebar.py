"""Title bars: title and caption have the room of the buttons until the buttons are painted."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget

from gui.latent.plane.pinned import Pinned
from gui.page.titlebar import TitleBar


def test_the_caption_has_the_room_of_the_buttons_until_they_are_painted(qtbot):
    dock = QDockWidget()
    qtbot.addWidget(dock)
    bar = TitleBar(dock, Pinned)
    dock.setTitleBarWidget(bar)
    dock.resize(260, 200)
    bar.caption.say("p(z|y), log colours, two modes")
    dock.show()
    QApplication.processEvents()
    first = bar.buttons["help"]
    for button in bar.buttons.values():
        button.clearFocus()  # the window gives the focus to its first control
    bar.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    bar.refresh()
    wide = bar.caption.geometry()
    assert bar.title.width() == bar.title.sizeHint().width()
    assert wide.left() > bar.title.geometry().right()
    assert wide.right() > first.x() and wide.right() <= bar.width()
    bar.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)  # as Qt does when the mouse enters
    bar.refresh()
    assert all(button.updatesEnabled() for button in bar.buttons.values())
    assert first.is_shown and bar.caption.geometry().right() < first.x()
    bar.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    bar.refresh()
    assert bar.caption.geometry() == wide
    bar.layout().invalidate()
    bar.layout().activate()  # as the layouts around it do after a lecture
    assert bar.caption.geometry() == wide
    assert all(not button.updatesEnabled() for button in bar.buttons.values())  # a new caption does not paint them
