"""The numbers behind the plots of a panel, as a table, compared with the document."""

import csv
import io

import numpy as np
import pytest

from engine.regression.document import Regression
from gui.figures.figure import made
from gui.figures.look import Look
from gui.figures.numbers import HEADINGS, numbers_of, table_of
from gui.regression.data_space import DataSpace
from gui.regression.ledger import Ledger
from gui.regression.model import Model
from gui.regression.weight_space import Prior
from gui.shell import theme

DOCUMENT = Regression().observe(0.9, 0.15).observe(-0.6, -0.6)


@pytest.fixture(scope="module", autouse=True)
def light(qapp):
    theme.apply("light", 1.0)


def rows_of(kind, document=DOCUMENT):
    """Return the rows of the table of a panel, as dictionaries, by the name of their layer."""
    figure = made(kind, document, Look())
    text = table_of(numbers_of(figure.panel))
    figure.close()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == HEADINGS
    layers = {}
    for row in rows:
        layers.setdefault(row["layer"], []).append(row)
    return layers


def places(rows):
    return np.array([(float(row["x"]), float(row["y"])) for row in rows])


def test_the_observations_and_the_mean_are_those_of_the_model():
    layers = rows_of(DataSpace)
    found = np.concatenate([places(rows) for name, rows in layers.items() if len(rows) <= 2 and "x" in rows[0]])
    for observation in ([0.9, 0.15], [-0.6, -0.6]):
        assert np.any(np.all(np.isclose(found, observation), axis=1))
    x, t = places(layers["mean"]).T
    # m₂ of the lecture's line after two points, as exact fractions
    assert t == pytest.approx(-711 / 2510 + 5823 / 12550 * x, abs=1e-9)


def test_a_heatmap_is_a_fraction_of_its_maximum():
    """The prior N(0, I/2) of the weights has density exp(−(w₀² + w₁²)) of its maximum; shades are steps of 1/255."""
    rows = rows_of(Prior, Regression())["raster"]
    w = places(rows)
    value = np.array([float(row["value"]) for row in rows])
    assert len(rows) > 10_000
    assert value == pytest.approx(np.exp(-(w**2).sum(axis=1)), abs=0.01)


def test_a_table_has_its_cells():
    layers = rows_of(Ledger)
    assert [row["value"] for row in layers["x"]] == ["0.900", "−0.600"]


def test_a_panel_without_numbers_says_so():
    figure = made(Model, DOCUMENT, Look())
    with pytest.raises(ValueError, match="has no numbers"):
        numbers_of(figure.panel)
    figure.close()
