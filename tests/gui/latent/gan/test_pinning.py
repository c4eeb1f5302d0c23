"""Panels with another picture over the latent plane follow the chart of the document, and drop their picture."""

from types import SimpleNamespace

import pytest

from engine.derived import Scene
from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.plane import plane as plane_values
from engine.plane import Viewport
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


@pytest.mark.parametrize("kind", [Gan, ExactEvidence])
def test_a_second_plane_is_as_wide_as_the_plane_unless_the_user_has_chosen_a_viewport(qtbot, kind):
    panel, document = kind(), Latent()
    qtbot.addWidget(panel)
    panel.echo(document)
    wide, wider = Viewport(-5, 5, -5, 5), Viewport(-8, 8, -8, 8)
    panel.draw(Scene(document, {plane_values.test_image_places: SimpleNamespace(home=wide)}))
    assert panel.plot.home == wide and panel.plot.is_at_home
    panel.plot.look_at(Viewport(-1, 1, -1, 1))
    shown = panel.plot.shown
    panel.draw(Scene(document, {plane_values.test_image_places: SimpleNamespace(home=wider)}))
    assert panel.plot.home == wider and panel.plot.shown == shown
