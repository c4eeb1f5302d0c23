"""Styles in which programs and countries write tables, for the law and for the count."""

from dataclasses import dataclass

GROUPS = {
    "none": "",
    "comma": ",",
    "point": ".",
    "apostrophe": "'",
    "curly apostrophe": "’",
    "no-break space": "\u00a0",
    "narrow space": "\u202f",
    "thin space": "\u2009",
    "space": " ",
}
MINUS = ["-", "−", "–", "‐", "－"]
SEPARATORS = [",", ";", "\t", "|", " ", "   "]
ENDS = ["\n", "\r\n", "\r", "\r\r\n"]
ABOVE = {
    "nothing": [],
    "logger": ["Logger XY-3", "Serial: 0000123", "Start: 2031-01-02 09:00", ""],
    "comments": ["# made by a device", "# gain 3, offset 4"],
    "sep": None,  # sep= and the separator
    "long": [f"Channel {n:04} setting: gain auto, filter off" for n in range(700)],
}
HEADS = ["none", "names", "units", "quoted", "several lines", "R"]
EXTRAS = ["none", "trailing separators", "index", "text", "footer", "blank lines", "comment lines", "short rows"]
BETWEEN = {"blank lines": ["", "  "], "comment lines": ["# a break in the middle of it"]}
QUOTING = ["none", "double", "single", "whole line"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]


@dataclass
class Style:
    """A style of writing a table."""

    separator: str = ","
    decimal: str = "."
    group: str = "none"
    decimals: int = 3
    minus: str = "-"
    exponent: str = ""  # e, E or D: every number has one
    unit: str = ""
    end: str = "\n"
    above: str = "nothing"
    head: str = "names"
    extra: str = "none"
    quoting: str = "none"
    encoding: str = "utf-8"

    def __post_init__(self):
        """Exclude styles that no program writes: a separator that occurs in unquoted numbers."""
        if GROUPS[self.group] == self.decimal or (self.exponent and self.group != "none"):
            self.group = "none"
        marks = {self.decimal if self.decimals else "", GROUPS[self.group]}
        blank = not self.separator.strip(" ")
        if self.separator in marks or (blank and (" " in marks or self.unit)):
            self.quoting = "double"
        if blank and self.extra in ("trailing separators",):
            self.extra = "none"
        if self.head == "R" and self.extra != "none":
            self.extra = "none"
        if self.above == "sep" and blank:
            self.above = "nothing"
        if self.quoting == "single" and GROUPS[self.group] in "'’" and self.group != "none":
            self.quoting = "double"

    def number(self, value):
        """Return a number in this style."""
        if self.exponent:
            text = f"{abs(value):.{self.decimals}e}".replace("e", self.exponent)
        else:
            text = f"{abs(value):,.{self.decimals}f}"
        text = text.replace(",", "\0").replace(".", self.decimal).replace("\0", GROUPS[self.group])
        return (self.minus if value < 0 else "") + text + self.unit

    def value(self, value):
        """Return the value of a number that was written in this style."""
        written = f"{value:.{self.decimals}e}" if self.exponent else f"{value:.{self.decimals}f}"
        return float(written)

    def quoted(self, cell):
        mark = {"double": '"', "single": "'"}.get(self.quoting, "")
        return f"{mark}{cell}{mark}"

    def line(self, cells):
        """Return a line of cells."""
        text = self.separator.join(cells) + self.separator * (self.extra == "trailing separators")
        return '"' + text.replace('"', '""') + '"' if self.quoting == "whole line" else text

    def lines(self, rows):
        """Return the lines of a table."""
        above = [f"sep={self.separator}"] if self.above == "sep" else ABOVE[self.above]
        made = [*above, *self._head()]
        for n, row in enumerate(rows, 1):
            cells = [self.quoted(self.number(value)) for value in row]
            if self.head == "R" or self.extra == "index":
                cells = [f'"{n}"', *cells]
            if self.extra == "text":
                cells = [*cells, "abc"]
            made.append(self.line(cells))
            if n == 2 and self.extra in BETWEEN:
                made += BETWEEN[self.extra]
            if n == 2 and self.extra == "short rows":
                made.append(self.line(cells[:1]))
        if self.extra == "footer":
            made.append(self.line(["Total", self.number(sum(row[1] for row in rows))]))
        return made

    def _head(self):
        more_before = ["n"] if self.extra == "index" else []
        more_behind = ["note"] if self.extra == "text" else []
        if self.head == "none":
            return []
        if self.head == "R":
            return [self.line(['"x"', '"y"'])]
        if self.head == "several lines" and self.quoting != "whole line":
            return [self.line([*more_before, '"depth\nof lake"', '"level\nof lake"', *more_behind])]
        names = [*more_before, "depth", "level", *more_behind]
        names = [f'"{name}"' for name in names] if self.head == "quoted" else names
        units = ["" for _ in more_before] + ["m", "cm"] + ["" for _ in more_behind]
        return [self.line(names), *([self.line(units)] if self.head == "units" and self.separator.strip(" ") else [])]

    def content(self, rows):
        """Return the bytes of the file."""
        text = self.end.join(self.lines(rows)) + self.end
        return text.encode(self.encoding, "replace" if self.encoding == "cp1252" else "strict")
