"""Dates and times in cells, converted to numbers with a unit and an origin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Literal

import msgspec

from engine.regression.data.reading.numbers import clean

Order = Literal["day first", "month first"]
ORDERS: tuple[Order, ...] = ("day first", "month first")
NAME = "[A-Za-zäÄûÛéÉç]{3,10}"  # of a month
DATE = (
    r"(?:(?P<y>\d{4})[-/.年] ?(?P<m>\d{1,2})[-/.月] ?(?P<d>\d{1,2})日?"
    r"|(?P<a>\d{1,2})(?P<mark>[-/.]) ?(?P<b>\d{1,2})(?P=mark) ?(?P<c>\d{4}|\d\d)"
    rf"|(?P<d2>\d{{1,2}})(?:er|st|nd|rd|th|º)?[-. ]+(?:de )?(?P<month2>{NAME})[-., ]+(?:de )?(?P<y2>\d{{4}}|\d\d)"
    rf"|(?P<month3>{NAME})\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}})"
    rf"|(?P<y4>\d{{4}})[-/](?P<m4>\d\d)|(?P<month5>{NAME})\.?[- ](?P<y5>\d{{4}}))"
)
TIME = (
    r"(?P<hour>\d{1,3}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)? ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)
WEEKDAY = r"(?:[A-Za-z]{2,9}\.?,? )?"
# English, German, French, Spanish, Italian, Dutch and Portuguese
MONTHS = (
    ("jan", "jän", "ene", "gen"), ("feb", "fév", "fev"), ("mar", "mär", "mrz", "mrt", "maa"),
    ("apr", "avr", "abr"), ("may", "mai", "mei", "maj", "mag"), ("jun", "juin", "giu"),
    ("jul", "juil", "lug"), ("aug", "aoû", "aou", "ago"), ("sep", "set"), ("oct", "okt", "ott", "out"),
    ("nov",), ("dec", "dez", "déc", "dic"),
)  # fmt: skip
EPOCH = datetime(1970, 1, 1)
SECOND = 1_000_000  # in microseconds, the unit of moments
UNITS = {"days": 86_400 * SECOND, "hours": 3_600 * SECOND, "minutes": 60 * SECOND, "seconds": SECOND}


class Moment(msgspec.Struct, frozen=True):
    """A date or a time of day, in microseconds since 1970 or since midnight."""

    microseconds: int
    has_date: bool
    has_time: bool
    has_zone: bool
    ambiguous: bool  # whether the order of day and month, or the century, is uncertain


class Calendar(msgspec.Struct, frozen=True):
    """The conversion of the cells of a column to numbers: the order of day and month, the unit, and the origin."""

    order: Order
    unit: str
    origin: int  # microseconds
    has_date: bool
    has_zone: bool
    ambiguous: str  # an example whose day, month or century is uncertain

    def number(self, cell: str) -> float:
        """Return the time since the origin in this unit. Raises ValueError if the cell is not such a time."""
        moment = moment_or_none(cell, self.order)
        if moment is None or (moment.has_date, moment.has_zone) != (self.has_date, self.has_zone):
            raise ValueError(cell)
        return (moment.microseconds - self.origin) / UNITS[self.unit]

    def __str__(self) -> str:
        """Return the unit and the origin, such as: minutes since 2031-02-01 08:00."""
        if not self.has_date:
            return f"{self.unit} since 00:00"
        origin = EPOCH + timedelta(microseconds=self.origin)
        zone = " UTC" if self.has_zone else ""
        midnight = not self.origin % UNITS["days"]
        return f"{self.unit} since {origin.date() if midnight and not zone else origin.isoformat(sep=' ')}{zone}"


@cache
def _grammar() -> re.Pattern[str]:
    """The pattern of moments, compiled when the first cell is read: this takes too long for the start."""
    return re.compile(rf"{WEEKDAY}{DATE}(?:(?:[T,] ?| +){TIME})?|{TIME.replace('P<', 'P<only_')}", re.ASCII)


@lru_cache(maxsize=2**12)
def moment_or_none(cell: str, order: Order) -> Moment | None:
    """Return the moment in a cell; None if the cell is not a date or a time."""
    if len(cell) < 4 or len(cell) > 60 or not any(mark in cell for mark in ":-/. 年"):
        return None
    match = _grammar().fullmatch(clean(cell))
    if match is None:
        return None
    try:
        return _moment(match, order)
    except (ValueError, OverflowError):
        return None


def is_moment(cell: str) -> bool:
    """Return whether a cell is a date or a time under either order of day and month."""
    return any(moment_or_none(cell, order) is not None for order in ORDERS)


def _moment(match: re.Match[str], order: Order) -> Moment:
    if match["only_hour"] is not None:
        time, zone = _time(match, "only_")
        return Moment(time - zone, False, True, bool(match["only_zone"]), False)
    year, month, day, ambiguous = _date(match, order)
    time, zone = _time(match, "") if match["hour"] is not None else (0, 0)
    if time >= UNITS["days"]:
        raise ValueError("A day has 24 hours.")
    date = datetime(year, month, day)
    days = (date - EPOCH).days * UNITS["days"]
    return Moment(days + time - zone, True, match["hour"] is not None, bool(match["zone"]), ambiguous)


def _date(match: re.Match[str], order: Order) -> tuple[int, int, int, bool]:
    """Return year, month and day, and whether they are ambiguous."""
    if match["y"]:
        return int(match["y"]), int(match["m"]), int(match["d"]), False
    if match["a"]:
        first, second = int(match["a"]), int(match["b"])
        day, month = (first, second) if order == "day first" else (second, first)
        either = match["mark"] != "." and first <= 12 and second <= 12 and first != second
        return _year(match["c"]), month, day, either or len(match["c"]) == 2
    if match["y4"] or match["y5"]:  # a month stands for its first day
        month = int(match["m4"]) if match["y4"] else _month(match["month5"])
        return int(match["y4"] or match["y5"]), month, 1, False
    named = "2" if match["d2"] else "3"
    short = len(match[f"y{named}"]) == 2
    return _year(match[f"y{named}"]), _month(match[f"month{named}"]), int(match[f"d{named}"]), short


def _year(text: str) -> int:
    """Return the year; two digits are from 1969 to 2068, as in POSIX."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year > 68 else 2000)


def _month(name: str) -> int:
    """Return the month from 1 to 12. Raises ValueError if the name is not one of a month."""
    found = next((i for i, names in enumerate(MONTHS, 1) if name.lower().startswith(names)), None)
    if found is None:
        raise ValueError(name)
    return found


def _time(match: re.Match[str], prefix: str) -> tuple[int, int]:
    """Return the time since midnight and the offset of its zone, in microseconds. Raises ValueError."""
    hour, minute, second = (int(match[prefix + name] or 0) for name in ("hour", "minute", "second"))
    if minute > 59 or second > 60:
        raise ValueError("An hour has 60 minutes.")
    if half := match[f"{prefix}half"]:
        if not 1 <= hour <= 12:
            raise ValueError("Hours before and after noon are 1 to 12.")
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    fraction = round(int(match[f"{prefix}fraction"] or 0) * 10 ** (6 - len(match[f"{prefix}fraction"] or "")))
    zone = match[f"{prefix}zone"] or ""
    offset = 0
    if zone[:1] in ("+", "-"):
        offset = (int(zone[1:3]) * 60 + int(zone[-2:])) * (-1 if zone[0] == "-" else 1) * UNITS["minutes"]
    return ((hour * 60 + minute) * 60 + second) * SECOND + fraction, offset


def calendar_of(cells: Sequence[str], order: Order | None, guess: Order) -> Calendar | None:
    """Return the calendar of a column with these cells; None if most cells are not dates or times.

    `order` is the order of day and month if the user has chosen it, and `guess` is the more likely order.
    """
    filled = [cell for cell in cells if cell.strip()]
    parsed = {way: [moment_or_none(cell, way) for cell in filled] for way in ORDERS}
    counts = {way: sum(moment is not None for moment in moments) for way, moments in parsed.items()}
    likely = guess if counts[guess] == max(counts.values()) else max(ORDERS, key=lambda way: counts[way])
    best = likely if order is None else order
    moments = [(cell, moment) for cell, moment in zip(filled, parsed[best], strict=True) if moment is not None]
    if not moments or 2 * len(moments) <= len(filled):
        return None
    certain = order is not None or counts["day first"] != counts["month first"]
    doubtful = next((cell for cell, m in moments if m.ambiguous and not (certain and _has_four(cell))), "")
    return _calendar([moment for _, moment in moments], best, doubtful)


def _has_four(cell: str) -> bool:
    return re.search(r"\d{4}", cell) is not None


def _calendar(moments: list[Moment], order: Order, ambiguous: str) -> Calendar:
    first = moments[0]
    alike = [m for m in moments if (m.has_date, m.has_zone) == (first.has_date, first.has_zone)]
    ticks = [m.microseconds for m in alike]
    span = max(ticks) - min(ticks)
    unit = next((name for name, size in UNITS.items() if span >= 3 * size), "seconds")
    if not any(m.has_time for m in alike):
        unit = "days"
    origin = first.microseconds if first.has_date else 0
    return Calendar(order, unit, origin, first.has_date, first.has_zone, ambiguous)
