"""Dates and times in cells: they become numbers with a stated unit and origin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import msgspec

from engine.regression.data.reading.numbers import clean

Order = Literal["day first", "month first"]
ORDERS: tuple[Order, ...] = ("day first", "month first")
DATE = (
    r"(?:(?P<y>\d{4})[-/.年] ?(?P<m>\d{1,2})[-/.月] ?(?P<d>\d{1,2})日?"
    r"|(?P<a>\d{1,2})(?P<mark>[-/.]) ?(?P<b>\d{1,2})(?P=mark) ?(?P<c>\d{4}|\d\d)"
    r"|(?P<d2>\d{1,2})[-. ]+(?P<month2>[A-Za-zäÄûé]{3,9})[-., ]+(?P<y2>\d{4}|\d\d)"
    r"|(?P<month3>[A-Za-z]{3,9})\.? (?P<d3>\d{1,2}),? (?P<y3>\d{4}))"
)
TIME = (
    r"(?P<hour>\d{1,3}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)? ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)
WEEKDAY = r"(?:[A-Za-z]{2,9}\.?,? )?"
MOMENT = re.compile(rf"{WEEKDAY}{DATE}(?:(?:[T,] ?| +){TIME})?|{TIME.replace('P<', 'P<only_')}", re.ASCII)
MONTHS = (
    ("jan",), ("feb",), ("mar", "mär", "mrz"), ("apr",), ("may", "mai"), ("jun",),
    ("jul",), ("aug",), ("sep",), ("oct", "okt"), ("nov",), ("dec", "dez"),
)  # fmt: skip
EPOCH = datetime(1970, 1, 1)
SECOND = 1_000_000  # microseconds, in which moments are counted
UNITS = {"days": 86_400 * SECOND, "hours": 3_600 * SECOND, "minutes": 60 * SECOND, "seconds": SECOND}


class Moment(msgspec.Struct, frozen=True):
    """A date or a time of day, in microseconds since 1970 or since midnight."""

    microseconds: int
    has_date: bool
    has_time: bool
    has_zone: bool
    ambiguous: bool  # whether day and month, or the century, could be otherwise


class Calendar(msgspec.Struct, frozen=True):
    """How the cells of a column become numbers: the order of day and month, the unit, and the origin."""

    order: Order
    unit: str
    origin: int  # microseconds
    has_date: bool
    has_zone: bool
    ambiguous: str  # an example whose day, month or century could be otherwise

    def number(self, cell: str) -> float:
        """The time since the origin in this unit. Raises ValueError."""
        moment = moment_or_none(cell, self.order)
        if moment is None or (moment.has_date, moment.has_zone) != (self.has_date, self.has_zone):
            raise ValueError(cell)
        return (moment.microseconds - self.origin) / UNITS[self.unit]

    def __str__(self) -> str:
        """For example: minutes since 2031-02-01 08:00."""
        if not self.has_date:
            return f"{self.unit} since 00:00"
        origin = EPOCH + timedelta(microseconds=self.origin)
        zone = " UTC" if self.has_zone else ""
        midnight = not self.origin % UNITS["days"]
        return f"{self.unit} since {origin.date() if midnight and not zone else origin.isoformat(sep=' ')}{zone}"


@lru_cache(maxsize=2**12)
def moment_or_none(cell: str, order: Order) -> Moment | None:
    """The moment that a cell names, None if it names none."""
    if len(cell) < 4 or len(cell) > 60 or not any(mark in cell for mark in ":-/. 年"):
        return None
    found = MOMENT.fullmatch(clean(cell))
    if found is None:
        return None
    try:
        return _moment(found, order)
    except (ValueError, OverflowError):
        return None


def _moment(found: re.Match[str], order: Order) -> Moment:
    if found["only_hour"] is not None:
        time, zone = _time(found, "only_")
        return Moment(time - zone, False, True, bool(found["only_zone"]), False)
    year, month, day, ambiguous = _date(found, order)
    time, zone = _time(found, "") if found["hour"] is not None else (0, 0)
    if time >= UNITS["days"]:
        raise ValueError("No day has so many hours.")
    date = datetime(year, month, day)
    days = (date - EPOCH).days * UNITS["days"]
    return Moment(days + time - zone, True, found["hour"] is not None, bool(found["zone"]), ambiguous)


def _date(found: re.Match[str], order: Order) -> tuple[int, int, int, bool]:
    """Year, month and day, and whether they could be read otherwise."""
    if found["y"]:
        return int(found["y"]), int(found["m"]), int(found["d"]), False
    if found["a"]:
        first, second = int(found["a"]), int(found["b"])
        day, month = (first, second) if order == "day first" else (second, first)
        either = found["mark"] != "." and first <= 12 and second <= 12 and first != second
        return _year(found["c"]), month, day, either or len(found["c"]) == 2
    named = "2" if found["d2"] else "3"
    short = len(found[f"y{named}"]) == 2
    return _year(found[f"y{named}"]), _month(found[f"month{named}"]), int(found[f"d{named}"]), short


def _year(text: str) -> int:
    """The year; two digits are from 1969 to 2068, as in POSIX."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year > 68 else 2000)


def _month(name: str) -> int:
    return next(i for i, names in enumerate(MONTHS, 1) if name.lower().startswith(names))


def _time(found: re.Match[str], prefix: str) -> tuple[int, int]:
    """The time since midnight and the offset of its zone, in microseconds. Raises ValueError."""
    hour, minute, second = (int(found[prefix + name] or 0) for name in ("hour", "minute", "second"))
    if minute > 59 or second > 60:
        raise ValueError("No hour has so many minutes.")
    if half := found[f"{prefix}half"]:
        if not 1 <= hour <= 12:
            raise ValueError("There is no such hour before or after noon.")
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    fraction = round(int(found[f"{prefix}fraction"] or 0) * 10 ** (6 - len(found[f"{prefix}fraction"] or "")))
    zone = found[f"{prefix}zone"] or ""
    offset = 0
    if zone[:1] in ("+", "-"):
        offset = (int(zone[1:3]) * 60 + int(zone[-2:])) * (-1 if zone[0] == "-" else 1) * UNITS["minutes"]
    return ((hour * 60 + minute) * 60 + second) * SECOND + fraction, offset


def calendar_of(cells: Sequence[str], order: Order | None, guess: Order) -> Calendar | None:
    """The calendar of a column with these cells; None if most of them are no dates or times.

    `order` is the order of day and month if the user chose it, `guess` the order that is more likely.
    """
    filled = [cell for cell in cells if cell.strip()]
    found = {way: [moment_or_none(cell, way) for cell in filled] for way in ORDERS}
    counts = {way: sum(moment is not None for moment in moments) for way, moments in found.items()}
    likely = guess if counts[guess] == max(counts.values()) else max(ORDERS, key=lambda way: counts[way])
    best = likely if order is None else order
    moments = [(cell, moment) for cell, moment in zip(filled, found[best], strict=True) if moment is not None]
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
