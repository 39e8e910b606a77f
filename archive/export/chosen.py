"""Which captures an export of a release may hold: those whose bytes tell nothing that the release keeps back.

A release says what was read of a file; the file itself may hold more: an article's whole text, an official's telephone
number, a neighbour that was withdrawn. So a capture goes along only where a version that is published in full was read
from these very bytes, and nothing else was.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin

from archive.export.about import Exported
from archive.export.wacz import Page
from archive.release.policies import FULL, Policies, restricted
from archive.release.restricting import EXCERPTED, KEPT_BACK
from archive.release.withheld import Withheld

# Why a document's captures stay behind, for people.
REASONS = {
    "excerpt": "belongs to its publisher, and is published as an excerpt or without its text",
    "contacts": "a record that holds contacts, which a release masks",
    "withdrawn": "holds, or leads to, what was withdrawn",
    "not-shown": "an answer that the release doesn't let be shown as it was captured",
}
_LINK = re.compile(
    rb"""(?:href|src|action|data-[a-z-]{1,40})\s{0,20}=\s{0,20}"""
    rb"""(?:"([^"]{1,4000})|'([^']{1,4000})|([^\s"'>]{1,4000}))""",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Chosen:
    """The captures that go along, in the order of their instants; `left_out` counts versions and captures that don't,
    by reason."""

    captures: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Publication:
    """What is asked for what may go along: a release, the catalogue that it was made of, and what is kept back."""

    release: sqlite3.Connection
    catalogue: sqlite3.Connection
    policies: Policies
    withheld: Withheld


def choose(asked: Publication, documents: Iterable[str] | None, body: Callable[[str], bytes]) -> Chosen:
    """Return the captures of some documents of a release, or of all of them (None), that may be given away.

    `body` returns a capture's payload; it is asked only of pages, and only where anything is withdrawn.
    """
    chosen, kept_back = Chosen(), _kept_back(asked)
    outside = _contents_of_withheld(asked) | {content for _, content, why in kept_back if why}
    reasons = {version: why for version, _, why in kept_back}
    contents = set()
    for version, content in _versions(asked.release, documents):
        why = reasons.get(version) or ("withdrawn" if content in outside else "")
        if why:
            chosen.left_out[why] += 1
        else:
            contents.add(content)
    for capture, url, media_type, policy, shown in _captures(asked, contents):
        if policy != FULL:
            chosen.left_out["excerpt"] += 1
        elif _leads_to_withheld(asked, capture, url, media_type, body):
            chosen.left_out["withdrawn"] += 1
        elif not shown:
            chosen.left_out["not-shown"] += 1
        else:
            chosen.captures.append(capture)
    return chosen


def choose_working(catalogue: sqlite3.Connection, documents: Iterable[str] | None) -> Chosen:
    """Return all captures of some documents of the working archive, or all that it holds: for its operator only."""
    if documents is None:
        rows = catalogue.execute("SELECT id FROM captures ORDER BY captured_at, id")
    else:
        rows = catalogue.execute(
            "WITH named(id) AS (SELECT value FROM json_each(?)) SELECT id FROM captures WHERE id IN"
            " (SELECT capture FROM versions WHERE document IN named) OR url_key IN"
            " (SELECT url_key FROM addresses WHERE document IN named) ORDER BY captured_at, id",
            (json.dumps(list(documents)),),
        )
    return Chosen([row[0] for row in rows])


def _versions(release: sqlite3.Connection, documents: Iterable[str] | None) -> Iterator[tuple[str, str]]:
    """Yield versions with the digest of the bytes that they were read from."""
    where, values = _named(documents)
    question = f"SELECT v.id, c.content_digest FROM versions AS v JOIN captures AS c ON c.id = v.capture{where}"  # noqa: S608
    return ((row[0], row[1]) for row in release.execute(f"{question} ORDER BY v.id", values))


def _kept_back(asked: Publication) -> list[tuple[str, str, str]]:
    """Return the versions that aren't published in full: id, digest of the bytes, and why."""
    by_policy = restricted(asked.release, asked.policies)
    rows = asked.release.execute(
        "SELECT v.id, c.content_digest, v.outcome IN (?, ?), v.id IN"
        " (SELECT version FROM notices UNION ALL SELECT version FROM awards)"
        " FROM versions AS v JOIN captures AS c ON c.id = v.capture",
        (EXCERPTED, KEPT_BACK),
    )
    found = []
    for version, content, held, record in rows:
        why = "excerpt" if held or version in by_policy else "contacts" if record else ""
        if why:
            found.append((version, content, why))
    return found


def _contents_of_withheld(asked: Publication) -> set[str]:
    """Return the digests of all bytes that something withdrawn was read from, whatever else was."""
    named = json.dumps(sorted(asked.withheld.versions)), json.dumps(sorted(asked.withheld.captures))
    rows = asked.catalogue.execute(
        "WITH out(id) AS (SELECT value FROM json_each(?1)) SELECT content_digest FROM captures WHERE id IN"
        " (SELECT capture FROM versions WHERE id IN out UNION SELECT capture FROM notices WHERE version IN out"
        " UNION SELECT capture FROM awards WHERE version IN out UNION SELECT value FROM json_each(?2))"
        " AND payload_bytes > 0",
        named,
    )
    return {row[0] for row in rows}


def _captures(asked: Publication, contents: set[str]) -> Iterator[tuple[str, str, str, str, bool]]:
    """Yield the release's captures of some bytes: id, address, type, the policy that they stand under, and whether the
    release lets them be shown as they were captured (releases of before don't say that of any)."""
    told = asked.release.execute("SELECT 1 FROM sqlite_master WHERE name = 'mementos'").fetchone()
    shown = "kind <> 'response' OR id IN (SELECT capture FROM mementos)" if told else "1"
    rows = asked.release.execute(
        f"SELECT id, url, media_type, source, read_by, {shown} FROM captures WHERE payload_bytes > 0"  # noqa: S608
        " AND method = 'GET' AND content_digest IN (SELECT value FROM json_each(?)) ORDER BY captured_at, id",
        (json.dumps(sorted(contents)),),
    )
    for capture, url, media_type, source, reader, may in rows:
        policy = asked.policies.of(source, reader or source, article=False)
        yield capture, url, media_type, policy, bool(may)


def _leads_to_withheld(
    asked: Publication, capture: str, url: str, media_type: str, body: Callable[[str], bytes]
) -> bool:
    """Tell whether a file links to what was withdrawn: the link's words, or its address, may say what that was."""
    if not asked.withheld.addresses and not asked.withheld.documents:
        return False
    targets = [
        row[0]
        for row in asked.catalogue.execute(
            "SELECT target FROM \"references\" WHERE kind = 'link' AND version IN (SELECT id FROM versions"
            " WHERE capture IN (SELECT id FROM captures WHERE content_digest ="
            " (SELECT content_digest FROM captures WHERE id = ?)))",
            (capture,),
        )
    ]
    if media_type.startswith("text/") or "xml" in media_type or "html" in media_type:
        for found in _LINK.finditer(body(capture)):
            told = unescape(b"".join(part or b"" for part in found.groups()).decode("utf-8", "replace"))
            targets.append(_absolute(url, told))
    return any(map(asked.withheld.named_by, targets))


def _absolute(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def iter_pages(
    connection: sqlite3.Connection, going: frozenset[str], documents: Iterable[str] | None, told: Exported
) -> Iterator[tuple[str, Page]]:
    """Yield, for the list of pages, each version whose capture goes along, with its document."""
    where, values = _named(documents)
    rows = connection.execute(
        "SELECT v.document, v.capture, c.url, c.captured_at, v.title, d.title, d.number, v.ordinal, d.versions"  # noqa: S608
        " FROM versions AS v JOIN captures AS c ON c.id = v.capture JOIN documents AS d ON d.id = v.document"
        f"{where} ORDER BY v.document, v.ordinal",
        values,
    )
    for document, capture, url, captured_at, title, known, number, ordinal, versions in rows:
        if capture in going:
            name = title or known or document
            name = name if not number or number in name else f"{number} {name}"
            which = f" (version {ordinal} of {versions})" if versions > 1 else ""
            yield document, Page(url, captured_at, f"{'Sample: ' if told.sample else ''}{name}{which}")


def _named(documents: Iterable[str] | None) -> tuple[str, tuple[str, ...]]:
    """Return what chooses the versions of some documents, in SQL, and its values."""
    if documents is None:
        return "", ()
    return " WHERE v.document IN (SELECT value FROM json_each(?))", (json.dumps(list(documents)),)
