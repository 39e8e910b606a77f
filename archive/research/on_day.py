"""Which version of a document was in force on a day, as far as the archive knows: the newest captured by its end."""

from __future__ import annotations

import re
import sqlite3
from datetime import date

from archive.research.documents import list_dates, version_address
from archive.research.rows import Row
from archive.research.sightings import Sighting, Timeline, timeline

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar in the form 2018-01-26."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def on_day(connection: sqlite3.Connection, document: str, day: str) -> Row:
    """Return what is known of a document on a day (of UTC).

    `version` was in force, None where nothing had been captured by then. `captured` is its last capture by the end of
    the day, `again` its next one after that, if no other version was seen between; `next` the first sight of another
    version after the day; `first` the first version held. `dates` are the version's own, which are another matter:
    a document may be dated before it was put up, and be put up long before anybody captured it.
    """
    line = timeline(connection, document)
    held = line.on(day)
    first = min(line.sightings, key=lambda one: (one.at, line.versions[one.version]["ordinal"]), default=None)
    told: Row = {"day": day, "version": None, "first": _told(line, first) if first else None, "next": None}
    if held is None:
        return told
    version = held.last.version
    seen = [one for one in line.sightings if one.version == version]
    by_then = [instant for one in seen for instant in (one.at, one.until) if instant[:10] <= day]
    later = [one for one in line.sightings if one.at[:10] > day and one.version != version]
    after = min(later, key=lambda one: one.at, default=None)
    again = [instant for one in seen for instant in (one.at, one.until) if instant[:10] > day]
    again = [instant for instant in again if line.beside or after is None or instant < after.at]
    return {
        **told,
        "version": version,
        "ordinal": line.versions[version]["ordinal"],
        "address": version_address(line.versions[version]),
        "captured": max(by_then),
        "captured_that_day": max(by_then)[:10] == day,
        "again": min(again, default=None),
        "beside": line.beside,
        "next": _told(line, after) if after else None,
        "dates": list_dates(connection, line.versions[version]),
    }


def _told(line: Timeline, one: Sighting) -> Row:
    version = line.versions[one.version]
    return {"version": one.version, "ordinal": version["ordinal"], "at": one.at, "address": version_address(version)}
