"""Panels with another picture over the latent plane follow the chart of the document, and drop their picture."""

import pytest

from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from gui.latent.gan.discriminator import Discriminator
from gui.latent.gan.gan import Gan
from gui.latent.training.exact_evidence import ExactEvidence


@pytest.mark.parametrize("kind", [Gan, Discriminator, ExactEvidence])
def test_another_chart_has_its_own_axes_home_and_pins_and_no_picture_of_before(qtbot, kind, monkeypatch):
    panel, cleared = kind(), []
    qtbot.addWidget(panel)
    document = Latent().pin((0.0, 1.0))
    panel.echo(document)
    monkeypatch.setattr(panel, "clear", lambda: cleared.append(True))
    panel.drawn = {"key": "picture"}
    panel.echo(document.pin((0.5, 0.5)))
    assert not cleared and panel.drawn
    other = document.with_chart(EqualProbability())
    panel.echo(other)
    assert cleared == [True] and panel.drawn == {}
    assert panel.plot.home == other.chart.home != document.chart.home
    assert panel.plot._names == other.chart.axes
    assert panel.plot._handles == pytest.approx(other.pin_places)
