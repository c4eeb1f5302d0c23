"""The import dialogs at large text: they fit a projector of 1280×720 pixels, and none of their texts is cut."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.latent.datasets.open_path import files_at
from engine.regression.data.reading.table_layout import Pasted, sniffed
from gui.importing.image_dialog import ImportDialog as ImageDialog
from gui.importing.table_dialog import ImportDialog as TableDialog
from gui.shell import theme
from tests.gui.cut import cut
from tests.gui.importing.test_image_dialog import CASES, wait
from tests.gui.importing.test_table_dialog import finish

TABLE = "temperature of the room;t\n" + "".join(f"{i},5;{i * i},25\n" for i in range(40)) + "2,5;none\n"


@pytest.fixture(params=[1.0, 1.5, 2.0, 2.5])
def large_text(request):
    theme.apply("light", request.param)
    yield
    theme.apply("light", 1.0)


def fits(dialog):
    """Whether a dialog and what it needs at least are not larger than the projector."""
    sizes = (dialog.size(), dialog.minimumSizeHint(), dialog.minimumSize())
    return all(size.width() <= 1280 and size.height() <= 720 for size in sizes)


def test_the_dialog_of_a_table(qtbot, large_text):
    source = Pasted(TABLE)
    dialog = TableDialog(None, source, sniffed(source), present=3)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    finish(qtbot, dialog)
    QApplication.processEvents()
    assert cut(dialog) == []
    assert fits(dialog), (dialog.size(), dialog.minimumSizeHint())
    dialog.reject()


@pytest.mark.parametrize("name", ["i01_values_0_to_16.npz", "i11_corrupt"])
def test_the_dialog_of_images(qtbot, large_text, name):
    dialog = ImageDialog(None, files_at(CASES / name))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    wait(qtbot, dialog)
    QApplication.processEvents()
    assert cut(dialog) == []
    assert fits(dialog), (dialog.size(), dialog.minimumSizeHint())
    dialog.reject()
