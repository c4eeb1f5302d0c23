"""The table of the classes of a data set, with the number of images and some examples of each class."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from engine.latent.datasets.preview import Examples
from gui.plots.raster import image_of
from gui.shell import theme

EACH = 10  # the largest number of examples of a class
LINES, GAP = 2.2, 0.25  # the side of an image, and the gap between two images, in lines of text
ROWS = 2  # the smallest number of visible rows
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ExamplesTable(QTableWidget):
    """A table with one row for each class."""

    def __init__(self) -> None:
        super().__init__(0, 3)
        self.setAccessibleName("Classes with example images")
        for column, heading in enumerate(("Class", "Images", "Examples")):
            item = QTableWidgetItem(heading)
            item.setTextAlignment(RIGHT if column == 1 else LEFT)
            self.setHorizontalHeaderItem(column, item)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        line = self.fontMetrics().lineSpacing()
        self.side, self.gap = round(LINES * line), round(GAP * line)
        self.setIconSize(QSize(EACH * (self.side + self.gap), self.side))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.side + 2 * self.gap)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.setMinimumHeight(ROWS * (self.side + 2 * self.gap))

    def show_classes(self, classes: tuple[Examples, ...]) -> None:
        """Replace the rows."""
        self.setRowCount(len(classes))
        for row, each in enumerate(classes):
            count, strip = QTableWidgetItem(f"{each.count:,}"), QTableWidgetItem()
            count.setTextAlignment(RIGHT)
            strip.setData(Qt.ItemDataRole.DecorationRole, self._strip(each))
            for column, item in enumerate((QTableWidgetItem(each.name), count, strip)):
                self.setItem(row, column, item)

    def _strip(self, each: Examples) -> QPixmap:
        """The example images side by side at equal size. Images that are enlarged keep sharp pixels."""
        strip = QPixmap(self.iconSize())
        strip.fill(Qt.GlobalColor.transparent)
        painter = QPainter(strip)
        for i, shown in enumerate(each.shown):
            h, w = shown.shape[:2]
            scale = self.side / max(h, w)
            left, top = round((self.side - w * scale) / 2), round((self.side - h * scale) / 2)
            where = QRect(i * (self.side + self.gap) + left, top, round(w * scale), round(h * scale))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
            painter.drawImage(where, image_of(shown, theme.ink_map()))
        painter.end()
        return strip
