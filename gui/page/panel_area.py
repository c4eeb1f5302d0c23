"""The area of a panel in its dock, which scrolls if the dock is smaller than the panel needs to be."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QSize, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea

from gui.page.panel import Panel
from gui.widgets.scrolling import CalmArea, FocusInSight

# Four columns and two rows of panels fit a window of 640×480 pixels, and at the largest text a projector of 1280×720.
# A panel that needs more scrolls, so that the window is never larger than the screen.
LARGEST_MINIMUM = QSize(150, 90)


class PanelArea(CalmArea):
    """Contains one panel. Without need it has no scroll bars."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.panel = panel
        self._font = panel.font()
        self.setWidget(panel)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(panel.title)
        FocusInSight(self)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self.panel.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.panel.minimumSizeHint().boundedTo(LARGEST_MINIMUM)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """Lay out the panel again: Qt does not do it for a panel behind a tab when the size of the text changes."""
        if self.panel.font() != self._font:
            self._font = self.panel.font()
            for inside in self.panel.findChildren(QLayout):
                inside.invalidate()
            for area in self.panel.findChildren(QScrollArea):
                QCoreApplication.sendEvent(area, QEvent(QEvent.Type.LayoutRequest))
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))
        if (layout := self.panel.layout()) is not None:
            layout.setGeometry(self.panel.rect())
