"""Controls that leave the wheel and the Space key to the panel: combo boxes, sliders, spin boxes and buttons.

The wheel changes a control only while the control has the focus; otherwise the wheel scrolls the panel. A button takes
the focus by Tab and not by a click, so that Space takes the next step after a click.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)

from gui.shell import theme

BOX = 0.75  # the side of a box to tick, in heights of a line of text
BROAD = 2  # pixels, the frame of a widget with the focus
PALE = 0.4  # the opacity of the outline of a control that is not available


def outline(widget: QWidget, rect: QRect | None = None) -> None:
    """Draw an outline around a control that can be seen in every appearance: that of the style follows the window."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.outline())
    painter.setOpacity(1.0 if widget.isEnabled() else PALE)
    painter.drawRoundedRect(QRectF(rect or widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)


def frame_focus(widget: QWidget) -> None:
    """Draw a frame inside a widget that has the focus, or inside its viewport, after it is painted."""
    if widget.hasFocus():
        inside = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
        painter = QPainter(inside)
        painter.setPen(QPen(widget.palette().highlight().color(), BROAD))
        painter.drawRect(inside.rect().adjusted(1, 1, -1, -1))


class Line(QLineEdit):
    """A line of text."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self.hasFocus():
            outline(self)


WRAPPED = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextShowMnemonic
CONTROL = "control"  # the property of a widget that consists of controls, which a figure leaves out


class Combo(QComboBox):
    """A combo box that shrinks in a narrow panel to the width of its current text.

    Its label is a buddy beside it (`labelled`). A longer `name` is also its description: on Linux the accessible name
    of a combo box is its current text.
    """

    def __init__(self, options: Iterable[str] = (), name: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setAccessibleDescription(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        self.currentTextChanged.connect(self.updateGeometry)
        self.addItems(list(options))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self.hasFocus():
            outline(self)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        words = QSize(self.fontMetrics().horizontalAdvance(self.currentText()) + 4, self.fontMetrics().height())
        size = self.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, words, self)
        return QSize(size.width(), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        return super().sizeHint().expandedTo(self.minimumSizeHint())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def labelled(control: QWidget, text: str) -> QWidget:
    """Return a row with a control and its label, which is the buddy of the control."""
    holder, label = QWidget(), QLabel(text)
    label.setBuddy(control)
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(label)
    row.addWidget(control, 1)
    return holder


class Slider(QSlider):
    """A horizontal slider."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        frame_focus(self)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class SpinBox(QSpinBox):
    """A spin box."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self.hasFocus():
            outline(self)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Button(QPushButton):
    """A button with a text, and a line below it while it is checked, which darkness alone would hardly show."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self.hasFocus():
            outline(self)
        if self.isChecked():
            line = QRect(0, self.height() - 2 * BROAD, self.width(), BROAD).adjusted(3 * BROAD, 0, -3 * BROAD, 0)
            QPainter(self).fillRect(line, self.palette().highlight())


class ToolButton(QToolButton):
    """A button with an icon that grows with the text."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(theme.icon_size())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self.autoRaise() and not self.hasFocus():
            outline(self)
        frame_focus(self)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setIconSize(theme.icon_size())


def box_side(widget: QWidget) -> int:
    """The side of a box to tick in a widget, in pixels: it grows with the text, which it does not in Qt's styles."""
    usual = widget.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth, None, widget)
    return max(usual, round(BOX * widget.fontMetrics().height()))


class CheckBox(QCheckBox):
    """A check box whose text has several lines where it is narrow."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred)  # it may be narrower than its text on one line
        policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)  # and then higher
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def box(self) -> QRect:
        """The place of the box."""
        side = box_side(self)
        return QRect(BROAD, (self.height() - side) // 2, side, side)

    @property
    def _beside(self) -> int:
        """The width of the box and the space beside it, in pixels."""
        space = self.style().pixelMetric(QStyle.PixelMetric.PM_CheckBoxLabelSpacing, None, self)
        return box_side(self) + space + 2 * BROAD

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        longest = max(map(self.fontMetrics().horizontalAdvance, self.text().split()), default=0)
        height = max(super().minimumSizeHint().height(), box_side(self) + 2 * BROAD)
        return QSize(self._beside + longest + 1, height)

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        inside = QRect(0, 0, max(1, width - self._beside), 10_000)
        words = self.fontMetrics().boundingRect(inside, WRAPPED, self.text())
        return max(self.minimumSizeHint().height(), words.height() + 2 * BROAD)

    def hitButton(self, at: QPoint) -> bool:  # noqa: N802
        return self.rect().contains(at)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        option, style, painter = QStyleOptionButton(), self.style(), QPainter(self)
        self.initStyleOption(option)
        words, option.rect = self.rect().adjusted(self._beside, 0, 0, 0), self.box
        style.drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorCheckBox, option, painter, self)
        flags, enabled = WRAPPED.value | Qt.AlignmentFlag.AlignVCenter.value, self.isEnabled()
        style.drawItemText(painter, words, flags, option.palette, enabled, self.text(), QPalette.ColorRole.WindowText)
        painter.end()
        outline(self, self.box)
        frame_focus(self)


class TextList(QListWidget):
    """A list of texts."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        frame_focus(self)
