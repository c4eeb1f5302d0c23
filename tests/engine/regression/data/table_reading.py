"""Reading of a whole table, for the tests of tables."""

from engine.regression.data.reading.table import reading
from engine.regression.data.reading.table_layout import AUTOMATIC, sniffed


def read(source, x=None, t=None, by_hand=AUTOMATIC):
    """Return the layout of a source and its table, from the columns chosen automatically or from the given ones."""
    layout = sniffed(source, by_hand)
    job = reading(source, layout, layout.x if x is None else x, layout.t if t is None else t)
    while True:
        try:
            next(job)
        except StopIteration as end:
            return layout, end.value


def observed(table):
    """Return the observations as pairs."""
    return list(zip(table.observations.x.tolist(), table.observations.t.tolist(), strict=True))
