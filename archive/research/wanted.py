"""What the archive cites and doesn't hold, and what it asked for in vain: addresses and numbers worth another try."""

from __future__ import annotations

import sqlite3
from itertools import islice
from typing import NamedTuple

from archive.addresses import url_key

# What came of an address that may be had elsewhere. What robots.txt asks us to leave is left.
IN_VAIN = (
    "blocked", "bot-wall", "not-found", "error-page", "repeated-page", "server-error", "name-not-resolved",
    "connection-failed", "timed-out",
)  # fmt: skip
HELD = ("document", "listing", "unchanged")
MOST = 5_000


class Wanted(NamedTuple):
    """Something that isn't held: `kind` is "link", "copy" or a number's scheme, `target` the address or number."""

    kind: str
    target: str


def cited_and_not_held(connection: sqlite3.Connection, night: str) -> list[Wanted]:
    """Return what versions seen by the end of `night` (an ISO day) refer to and nothing held answers to.

    What most documents cite comes first; at most MOST of them.
    """
    rows = connection.execute(
        'SELECT kind, target FROM "references" JOIN versions ON versions.id = "references".version'
        " WHERE target_document IS NULL AND leads_by = '' AND kind <> 'title' AND versions.first_seen <= ?"
        ' GROUP BY kind, target ORDER BY count(DISTINCT "references".document) DESC, kind, target LIMIT ?',
        (f"{night}T23:59:59Z", MOST),
    )
    return [Wanted(*row) for row in rows]


def worth_a_look(connection: sqlite3.Connection, night: str) -> list[Wanted]:
    """Return what is cited and not held, and then the addresses of what was taken off its lists: nothing else would
    ask for these again, and whether they still answer would never be known."""
    off = connection.execute(
        "SELECT DISTINCT url FROM server_spans WHERE since <= :end AND document IN (SELECT document FROM listing_spans"
        " AS l WHERE since <= :end AND state = 'delisted' AND NOT EXISTS (SELECT 1 FROM listing_spans AS later"
        " WHERE later.document = l.document AND later.ordinal > l.ordinal AND later.since <= :end))"
        " ORDER BY url LIMIT :most",
        {"end": f"{night}T23:59:59Z", "most": MOST},
    )
    return [*cited_and_not_held(connection, night), *(Wanted("link", url) for (url,) in off)]


def asked_in_vain(connection: sqlite3.Connection, night: str) -> list[Wanted]:
    """Return the addresses that were asked for by the end of `night` and never answered well."""
    marks = ", ".join("?" * len(IN_VAIN))
    failed = connection.execute(
        "SELECT subject FROM outcomes JOIN runs ON runs.id = outcomes.run"  # noqa: S608 (question marks)
        f" WHERE outcome IN ({marks}) AND subject LIKE 'http%' AND runs.night <= ? GROUP BY subject ORDER BY subject",
        (*IN_VAIN, night),
    )
    good = (
        "SELECT 1 FROM captures JOIN outcomes ON outcomes.capture = captures.id"  # noqa: S608 (question marks)
        f" WHERE url_key = ? AND outcomes.outcome IN ({', '.join('?' * len(HELD))})"
    )
    first: dict[str, str] = {}
    for (url,) in failed:
        first.setdefault(url_key(url), url)
    wanted = (
        Wanted("copy", url)
        for key, url in first.items()
        if not key.endswith("/robots.txt") and connection.execute(good, (key, *HELD)).fetchone() is None
    )
    return list(islice(wanted, MOST))


def copies_held(connection: sqlite3.Connection, before: str) -> list[str]:
    """Return the addresses of the copies that were captured before an instant: what a copy holds doesn't change."""
    rows = connection.execute(
        "SELECT DISTINCT url FROM captures WHERE original_url <> '' AND captured_at < ? ORDER BY url", (before,)
    )
    return [url for (url,) in rows]


def was_asked(connection: sqlite3.Connection, url: str, since: str) -> bool:
    """Say whether an address was asked for on or after the day `since`, whatever came of it."""
    captured = "SELECT 1 FROM captures WHERE url_key = ? AND captured_at >= ?"
    failed = "SELECT 1 FROM outcomes JOIN runs ON runs.id = outcomes.run WHERE subject = ? AND night >= ?"
    return bool(
        connection.execute(captured, (url_key(url), since)).fetchone()
        or connection.execute(failed, (url, since)).fetchone()
    )
