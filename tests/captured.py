"""Archives made of captures as a test wants them, with a release that shows them; no crawl, no reading."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from archive.catalog.opening import open_catalogue
from archive.folder import CATALOGUE, make_folder
from archive.model import Asked, Exchange
from archive.release.policies import Policies
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from tests.released import build

RUN = "dhs_pia-2018-01-26"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Was:
    """An answer as it was captured. `same` has the server say "not modified" of the capture before at the address."""

    url: str
    at: str = "2018-01-26T15:00:00Z"
    body: bytes = b"<p>It stood here.</p>"
    media_type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    source: str = "dhs_pia"
    method: str = "GET"
    kind: str = "response"
    outcome: str = "document"
    same: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} Told"]
        lines += [f"Content-Type: {self.media_type}"] if self.media_type else []
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + self.body


def archive_of(folder: Path, captures: Iterable[Was], policies: Mapping[str, str] | None = None) -> Path:
    """Make an archive of captures and its first release; `policies` are what is published of each source."""
    unreleased_archive_of(folder, captures)
    build(folder, policies=Policies(policies or {}))
    return folder


def unreleased_archive_of(folder: Path, captures: Iterable[Was]) -> Path:
    """Make an archive of captures, of which nothing is published."""
    make_folder(folder)
    with closing(open_catalogue(folder / CATALOGUE)) as connection:
        add_captures(folder, connection, captures)
    return folder


def add_captures(folder: Path, connection: sqlite3.Connection, captures: Iterable[Was]) -> list[str]:
    """Put captures into an archive; return their ids."""
    last: dict[str, str] = {}
    ids = []
    with CaptureStore.open(folder, connection, Journal(folder)) as store:
        for one in captures:
            run = f"{one.source}-2018-01-26"
            connection.execute("INSERT OR IGNORE INTO sources VALUES (?, ?, '', '', 'Assessments', '')",
                               (one.source, one.source))  # fmt: skip
            connection.execute("INSERT OR IGNORE INTO runs(id, source, night, started, status, replay, captures,"
                               " documents, failures) VALUES (?, ?, '2018-01-26', '', 'ok', 0, 0, 0, 0)",
                               (run, one.source))  # fmt: skip
            connection.commit()
            request = b"" if one.kind == "resource" else f"{one.method} / HTTP/1.1\r\n\r\n".encode()
            exchange = Exchange(
                one.url, one.at, request, one.body if one.kind == "resource" else one.raw(), one.method,
                304 if one.same else one.status, one.kind, confirms=last[one.url] if one.same else "",
            )  # fmt: skip
            kept = store.add(exchange, Asked(one.source, run, "parse"))
            facts = {"outcome": "unchanged" if one.same else one.outcome, **one.facts}
            sets = ", ".join(f"{name} = ?" for name in facts)
            connection.execute(f"UPDATE captures SET {sets} WHERE id = ?", (*facts.values(), kept.id))
            connection.commit()
            last.setdefault(one.url, kept.id)
            ids.append(kept.id)
    return ids
