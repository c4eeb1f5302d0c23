"""Names for screen readers: no name hides the text of a label, and each combo box has a visible label."""

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QComboBox, QLabel

from engine.latent.vae.recipe import Recipe
from engine.regression.data.truths import Source
from engine.regression.model.linear_model import LinearModel
from gui.forms.forms import Form
from gui.widgets.value_label import ValueLabel
from tests.gui.test_controls import every_panel, made


def spoken(widget):
    """The name that screen readers read."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def labels_of(panel, combo):
    """The labels of a combo box. They are visible unless the panel hides them together with the combo box."""
    labels = [label for label in panel.findChildren(QLabel) if label.buddy() is combo and label.text()]
    return [label for label in labels if label.isVisibleTo(panel) or not combo.isVisibleTo(panel)]


@every_panel
def test_the_name_of_a_label_contains_its_text(qtbot, page, kind):
    panel = made(qtbot, page, kind)
    for label in panel.findChildren(QLabel):
        if type(label).setText in (QLabel.setText, ValueLabel.setText) and label.accessibleName():
            label.setText("0.25")
            assert "0.25" in spoken(label)
            assert spoken(label) != "0.25"


@every_panel
def test_a_combo_box_has_a_visible_label(qtbot, page, kind):
    panel = made(qtbot, page, kind)
    for combo in panel.findChildren(QComboBox):
        assert labels_of(panel, combo), combo.currentText()


@pytest.mark.parametrize("kind", [LinearModel, Source, Recipe], ids=lambda kind: kind.__name__)
def test_a_choice_in_a_form_has_a_visible_label(qtbot, kind):
    form = Form(kind)
    qtbot.addWidget(form)
    form.show_part(kind())
    form.show()
    combos = [combo for combo in form.findChildren(QComboBox) if combo.isVisible()]
    assert combos
    for combo in combos:
        labels = [label for label in form.findChildren(QLabel) if label.buddy() is combo]
        assert [label for label in labels if label.isVisible() and label.text()], combo.currentText()
