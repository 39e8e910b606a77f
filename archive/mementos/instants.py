"""Instants as HTTP writes them, as addresses do, and as the archive does ("2018-01-26T15:00:00Z"); asks no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP = re.compile(
    rf"({'|'.join(_DAYS)}), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT", re.IGNORECASE | re.ASCII
)
# What is left out of a shortened instant is its first: "2018" is the first second of that year.
_FIRST = "00000101000000"
LONGEST_STAMP = len(_FIRST)


def parse_http(printed: str) -> str | None:
    """Return the instant that an Accept-Datetime names (RFC 7089 2.1: RFC 1123, always GMT); None where it names none.

    A day of the week that isn't that day's is a bad date.
    """
    found = _HTTP.fullmatch(printed.strip())
    if found is None:
        return None
    day, month, year = int(found[2]), _MONTHS.index(found[3].title()) + 1, int(found[4])
    try:
        instant = datetime(year, month, day, int(found[5]), int(found[6]), int(found[7]), tzinfo=UTC)
    except ValueError:
        return None
    return iso(instant) if _DAYS[instant.weekday()] == found[1].title() else None


def http(instant: str) -> str:
    """Return an instant as HTTP writes it: "Fri, 26 Jan 2018 15:00:00 GMT"."""
    at = moment(instant)
    clock = f"{at.hour:02}:{at.minute:02}:{at.second:02}"
    return f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year:04} {clock} GMT"


def stamp(instant: str) -> str:
    """Return the fourteen digits of an instant: "20180126150000"."""
    return "".join(character for character in instant if character.isdigit())


def parse_stamp(digits: str) -> str | None:
    """Return the instant of four to fourteen digits, the earliest that they fit; None where they are none."""
    if not 4 <= len(digits) <= LONGEST_STAMP or not (digits.isascii() and digits.isdigit()) or len(digits) % 2:
        return None
    whole = digits + _FIRST[len(digits) :]
    try:
        return iso(datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC))
    except ValueError:
        return None


def iso(instant: datetime) -> str:
    """Return an instant in the archive's form."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def moment(instant: str) -> datetime:
    """Return an instant of the archive's form to reckon with."""
    return datetime.fromisoformat(instant)


def apart(one: str, other: str) -> timedelta:
    """Return how far two instants are apart."""
    return abs(moment(one) - moment(other))
