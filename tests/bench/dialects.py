"""Counts the tables whose separator is found, by this program, clevercsv and csv: `python -m tests.bench.dialects`.

The tables are those of `tests/data/tables` and 2,000 in random styles. The decision 033 holds the counts.
"""

import csv
import random
import tempfile
from collections import Counter
from pathlib import Path

import clevercsv

from engine.regression.data.reading.table_layout import TextFile, sniffed
from tests.engine.regression.data.table_styles import (
    ABOVE,
    ENCODINGS,
    ENDS,
    EXTRAS,
    GROUPS,
    HEADS,
    MINUS,
    QUOTING,
    SEPARATORS,
    Style,
)

CASES = Path(__file__).parents[1] / "data" / "tables"
OTHERS = {
    ";": "t01 t02 t03 t03b t04 t04b t10 t11 t11b t13 t17 t18c t40 t43",
    " ": "t06 t08 t08b t27 t27b t35 d03",
    "\t": "t12b t34",
    "|": "t14",
}
COUNT, SEED = 2000, 7
BINARY = ENCODINGS[:-1]  # cp1252 has not all signs


def separator_of(path):
    """The separator of a case; most have commas."""
    name = path.name.split("_")[0]
    return next((separator for separator, names in OTHERS.items() if name in names.split()), ",")


def styles():
    """Random styles, and rows of numbers of all sizes to write in them."""
    draw = random.Random(SEED)
    for _ in range(COUNT):
        style = Style(
            draw.choice(SEPARATORS),
            draw.choice(".,"),
            draw.choice([*GROUPS, *["none"] * len(GROUPS)]),
            draw.choice([0, 1, 2, 3, 4, 6]),
            draw.choice(MINUS),
            draw.choice(["", "", "", "e", "E", "D"]),
            draw.choice(["", "", "", "", "", "", "%", " cm", " °C"]),
            draw.choice(ENDS),
            draw.choice(list(ABOVE)),
            draw.choice(HEADS),
            draw.choice(EXTRAS),
            draw.choice([*QUOTING, *["none"] * len(QUOTING)]),
            draw.choice([*BINARY, *["utf-8"] * len(BINARY)]),
        )
        size = draw.choice([1, 10, 1000, 1e5, 1e7])
        yield style, [(draw.uniform(-size, size), draw.uniform(-size, size)) for _ in range(draw.randint(3, 12))]


def found(path):
    """The separator that each of the three finds."""
    source = TextFile(path)
    layout = sniffed(source)
    with source.open(layout.variant) as file:
        text = file.read()
    own = (layout.original or layout.dialect).separator or " "
    return {"own": own, "clevercsv": _guess(clevercsv.Sniffer(), text), "csv": _guess(csv.Sniffer(), text)}


def _guess(sniffer, text):
    try:
        return sniffer.sniff(text).delimiter
    except (clevercsv.Error, csv.Error, AttributeError):
        return None


def main():
    """Print both counts."""
    cases, variants, plain = Counter(), Counter(), Counter()
    tables = [path for path in sorted(CASES.glob("[det]*")) if not path.name.startswith("table")]
    for path in tables:
        cases.update(who for who, separator in found(path).items() if separator == separator_of(path))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        for style, rows in styles():
            path.write_bytes(style.content(rows))
            right = [who for who, separator in found(path).items() if separator == (style.separator.strip(" ") or " ")]
            variants.update(right)
            if style.above == "nothing":
                plain.update([*right, "all"])
    print(f"of {len(tables)} cases: {dict(cases)}")
    print(f"of {COUNT:,} styles: {dict(variants)}; of {plain.pop('all')} without lines above the table: {dict(plain)}")


if __name__ == "__main__":
    main()
