"""Dates as documents print them: read by python-dateutil, with their precision and words, and no part invented."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from dateutil import parser, tz

LONGEST = 100
YEARS = range(1800, 2101)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as far as it was printed: `value` is "2018-01-08", "2017-12" or "2017"; `words` are as printed.

    `precision` is "day", "month" or "year". Values sort as text.
    """

    value: str
    precision: str
    words: str


class _FixedCentury(parser.parserinfo):  # type: ignore[misc]  # dateutil has no types
    """dateutil puts a two-digit year within fifty years of today: here "68" is always 2068 and "69" is 1969."""

    def convertyear(self, year: int, century_specified: bool = False) -> int:
        if year >= 100 or century_specified:
            return year
        return year + (2000 if year <= 68 else 1900)


_READER = parser.parser(_FixedCentury())

# dateutil fills what isn't printed from a default: a part that two defaults agree on was printed.
_DEFAULTS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 2, 2, tzinfo=UTC))

# The clocks that American sources name. "ET" is whichever of standard and summer time held on that day.
_CLOCKS = {"E": "New_York", "C": "Chicago", "M": "Denver", "P": "Los_Angeles"}
_HOURS = {"E": -5, "C": -6, "M": -7, "P": -8}
_ZONES: dict[str, tzinfo] = {
    **{f"{letter}T": tz.gettz(f"America/{city}") for letter, city in _CLOCKS.items()},
    **{f"{letter}ST": tz.tzoffset(f"{letter}ST", hours * 3600) for letter, hours in _HOURS.items()},
    **{f"{letter}DT": tz.tzoffset(f"{letter}DT", (hours + 1) * 3600) for letter, hours in _HOURS.items()},
    **dict.fromkeys(("Z", "UTC", "GMT"), UTC),
}

_FOLD = str.maketrans("\u2010\u2011\u2012\u2013\u2212\u00a0\u2007\u2009\u202f", "-----    ")
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May\.?|June?\.?|July?\.?|Aug(?:ust|\.)?"
    r"|Sep(?:tember|t\.?|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day|\.)?,?\s{1,3})?"
_DAY = r"[0-3]?[0-9](?:st|nd|rd|th)?"
_YEAR = r"[12][0-9]{3}"
_BY_NAME = (
    rf"{_WEEKDAY}{_MONTH}\s{{0,3}}{_DAY}(?:,\s{{0,3}}|\s{{1,3}}){_YEAR}"
    rf"|{_WEEKDAY}{_DAY}[\s-]{{1,3}}(?:of\s)?{_MONTH}[\s,-]{{1,3}}{_YEAR}"
    rf"|{_MONTH}(?:,|\sof)?\s{{1,3}}{_YEAR}"
)
_BY_NUMBER = rf"{_YEAR}(?P<mark>[-/])[01]?[0-9](?P=mark)[0-3]?[0-9]|[0-3]?[0-9]/[0-3]?[0-9]/(?:{_YEAR}|[0-9]{{2}})"
_OTHER = (
    rf"{_YEAR}[-/][01][0-9]|[01]?[0-9]/{_YEAR}|{_YEAR}[01][0-9][0-3][0-9]|{_YEAR}"
    rf"|[0-3]?[0-9](?P<sign>[-.])[0-3]?[0-9](?P=sign)(?:{_YEAR}|[0-9]{{2}})|{_DAY}-{_MONTH}-[0-9]{{2}}"
)
_TIME = (
    r"(?:T|,?\s{1,3}(?:at\s|-\s)?)(?P<clock>[0-2]?[0-9]:[0-5][0-9](?::[0-6][0-9](?:\.[0-9]{1,9})?)?"
    r"(?:\s?[ap]\.?m\.?)?)\s{0,3}(?P<zone>Z|[+-][0-1][0-9](?::?[0-5][0-9])?|[A-Z][A-Za-z. ]{0,30})?"
)

# The shapes that are read at all: dateutil alone takes "10", "12:30" and "January 5-7, 2018" for dates.
ALONE = re.compile(rf"(?i:(?P<date>{_BY_NAME}|{_BY_NUMBER}|{_OTHER}))(?i:{_TIME})?", re.ASCII)
# In running text a month begins with a capital ("it may 2018 times"); a number is no part of a longer one.
IN_TEXT = re.compile(
    rf"(?u:(?<![\w/.]))(?=[A-Z0-9])(?i:{_BY_NAME})(?u:(?!\w))"
    rf"|(?u:(?<![\w/.-]))(?:{_BY_NUMBER})(?u:(?=T[0-9])|(?![\w/-]))",
    re.ASCII,
)
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)", re.IGNORECASE)


def parse_date(words: str) -> PartialDate | None:
    """Return the date that the whole of `words` prints, as precise as it is printed; None for anything else.

    "03/04/2018" is 4 March: the sources are American. The day comes first only where the first number can't be
    a month ("15/05/2018"). Of an instant the day is kept as printed, in whatever zone that was. Two-digit years
    run from 1969 to 2068. Years outside 1800 to 2100, days that don't exist and garbage give None; nothing raises.
    """
    return _parsed(words) if len(words) <= LONGEST else None


def parse_instant(words: str) -> str | None:
    """Return the instant that `words` print as UTC ("2018-01-26T15:00:00Z"); None without day, time or zone."""
    match = _shape(words)
    if match is None or not match["clock"] or not match["zone"]:
        return None
    zone = match["zone"].upper()
    named = re.match(r"(EASTERN|CENTRAL|MOUNTAIN|PACIFIC)", zone)
    zone = f"{zone[0]}T" if named else zone.strip(". ")
    if not zone.startswith(("+", "-")) and zone not in _ZONES:
        return None
    partial = _partial(match["date"], words)
    moment = _read(f"{partial.value} {match['clock']} {zone}", _DEFAULTS[0]) if partial else None
    if partial is None or moment is None or partial.precision != "day":
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find_dates(text: str, limit: int = 20) -> list[PartialDate]:
    """Return the first `limit` different dates printed in `text`, in its order.

    Months by name (with capital), full dates by number; bare years and other numbers are left alone.
    """
    found: dict[PartialDate, None] = {}
    for match in IN_TEXT.finditer(text.translate(_FOLD)):
        if len(found) == limit:
            break
        if date := _partial(match[0], text[match.start() : match.end()]):
            found[date] = None
    return list(found)


@lru_cache(maxsize=1 << 16)  # the same words stand on the same pages night after night
def _parsed(words: str) -> PartialDate | None:
    match = _shape(words)
    return _partial(match["date"], words.strip()) if match else None


def _shape(words: str) -> re.Match[str] | None:
    return ALONE.fullmatch(words.translate(_FOLD).strip(" \t\r\n()[].,;:")) if len(words) <= LONGEST else None


def _partial(printed: str, words: str) -> PartialDate | None:
    plain = _ORDINAL.sub("", " ".join(printed.split()))
    one, other = (_read(plain, default) for default in _DEFAULTS)
    if one is None or other is None or one.year != other.year or one.year not in YEARS:
        return None
    if one.month != other.month:
        return PartialDate(f"{one.year}", "year", words)
    if one.day != other.day:
        return PartialDate(f"{one:%Y-%m}", "month", words)
    return PartialDate(f"{one:%Y-%m-%d}", "day", words)


def _read(text: str, default: datetime) -> datetime | None:
    try:
        read = _READER.parse(text, default=default, tzinfos=_ZONES)
    except (ValueError, OverflowError):
        return None
    return read if isinstance(read, datetime) else None
