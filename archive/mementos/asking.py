"""From the end of a path (an instant, and an address) to the memento that is meant, or to why there is none."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from urllib.parse import unquote

from archive.addresses import is_web_address, url_key
from archive.mementos.instants import parse_stamp
from archive.mementos.timeline import Memento, Timeline, timeline
from archive.release.tombstones import memento_name
from archive.research.rows import Row
from archive.research.withdrawn import find_gone, gone_address

_STAMPED = re.compile(r"([0-9]{4,14})(?:-([0-9a-f]{4,20}))?(?:[a-z]{2}_)?/(.*)", re.DOTALL)
# Servers before ours may have made one slash of two.
_SCHEME = re.compile(r"(https?):/{1,3}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a path asks for: an original address, and an instant with (the beginning of) a capture's id, each or ""."""

    url: str
    instant: str = ""
    exact: bool = False
    capture: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """Why there is nothing to show: `name`, and the withdrawal that took it out, if one did."""

    name: str
    withdrawal: Row | None = None


def parse_asked(rest: str) -> Asked | None:
    """Take apart what follows /web/ (path and query, percent-encoded as they came); None where it names no address."""
    stamped = _STAMPED.fullmatch(rest)
    instant = parse_stamp(stamped[1]) if stamped else ""
    if stamped and instant is None:
        return None
    url = parse_address(stamped[3] if stamped else rest)
    if url is None:
        return None
    if not stamped:
        return Asked(url)
    return Asked(url, instant or "", len(stamped[1]) == 14, stamped[2] or "")


def parse_address(given: str) -> str | None:
    """Return the original address at the end of a path; None where it is none.

    One that was encoded as a whole is decoded once; one without a scheme has http, which stands for https too.
    """
    found = _SCHEME.match(given)
    if not found and _SCHEME.match(unquote(given[:20])):
        given = unquote(given)
        found = _SCHEME.match(given)
    url = f"{found[1].lower()}://{given[found.end() :]}" if found else f"http://{given}"
    return url if is_web_address(url) else None


def look_up(connection: sqlite3.Connection, asked: Asked, *, whole: bool) -> tuple[Timeline, Memento | Absent]:
    """Return the memento that is meant, or why there is none, with all those of the address."""
    line = timeline(connection, asked.url, whole=whole)
    if not line:
        return line, _withdrawn(connection, asked) or _absent(connection, asked.url)
    if not asked.instant:
        return line, line.newest()
    there = line.at(asked.instant)
    named = [one for one in there if asked.capture and one.capture.startswith(asked.capture)]
    if named or there:
        return line, (named or there)[0]
    absent = _kept_back(connection, asked) if asked.exact else None
    return line, absent or line.nearest(asked.instant)


def _withdrawn(connection: sqlite3.Connection, asked: Asked) -> Absent | None:
    """Return that the capture of this very second was withdrawn, if it was."""
    name = memento_name(url_key(asked.url), asked.instant)
    gone = find_gone(connection, "memento", name) if asked.exact else None
    return Absent("withdrawn", gone) if gone else None


def _kept_back(connection: sqlite3.Connection, asked: Asked) -> Absent | None:
    """Return why the capture of this very second isn't shown, if there is one: another isn't shown in its place."""
    if gone := _withdrawn(connection, asked):
        return gone
    key = url_key(asked.url)
    sql = "SELECT 1 FROM captures WHERE url_key = ? AND captured_at = ? AND method = 'GET' AND original_url = ''"
    held = connection.execute(sql, (key, asked.instant)).fetchone()
    return Absent("not-shown") if held else None


def is_meant(line: Timeline, asked: Asked, found: Memento) -> bool:
    """Tell whether the path names this very memento, so that it is answered there; else the path leads to it."""
    if not asked.exact or found.at != asked.instant:
        return False
    return found.capture.startswith(asked.capture) if asked.capture else line.is_plain(found.at)


def _absent(connection: sqlite3.Connection, url: str) -> Absent:
    if gone := gone_address(connection, url):
        return Absent("withdrawn", gone)
    held = connection.execute("SELECT 1 FROM captures WHERE url_key = ? LIMIT 1", (url_key(url),)).fetchone()
    return Absent("not-shown" if held else "not-captured")
