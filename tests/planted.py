"""A release whose every column holds a numbered text that would run, load or break out, wherever it isn't escaped."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.release.folder import Releases

CANARY = (
    "\"'><script>alert({n})</script><img src=x onerror=alert({n})>&amp;{{{{7777*7}}}}</title></textarea></style>"
    "</script><svg onload=alert({n})><a href=javascript:alert({n})>-->]]>${{7777*7}}<mark id=hit name=hit>"
    "@import 'http://x.invalid/{n}'"
)
ADDRESSES = (
    "javascript:alert({n})//",
    "//x.invalid/{n}",
    "data:text/html,<script>alert({n})</script>",
    "java\tscript:alert({n})",
    'https://x.invalid/{n}" onmouseover="alert({n})',
    "https://x.invalid/?<script>alert({n})</script>",
)
# Names in other tables, and what pages of a document are found by: with these altered there would be no pages.
KEYS = {
    "id", "digest", "version", "document", "capture", "newest_version", "url_key", "key", "before", "stands_in",
    "parts", "listing", "at", "since", "until", "first_seen", "last_seen", "captured_at", "source", "run", "leaf",
}  # fmt: skip
JSON = {"cells"}
_TABLES = r"""
SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'
  AND name NOT LIKE '%\_fts%' ESCAPE '\' AND name NOT LIKE '\_%' ESCAPE '\'
"""


@dataclass
class Planted:
    """Where the archive is, and which number stands in which column."""

    folder: Path
    columns: dict[int, tuple[str, str]] = field(default_factory=dict)


def planted(demo: Path, folder: Path, *, everywhere: bool = False) -> Planted:
    """Make a server's folder with a release of the demo's, in which every text that isn't a key holds a number.

    `everywhere` has them also in keys, dates and digests: what is then shown of documents is little, but no SQL of
    ours and no file made elsewhere could bring more.
    """
    made = Planted(folder)
    releases = Releases(folder)
    releases.folder.mkdir(parents=True)
    shutil.copy(Releases(demo).database(1), releases.database(1))
    releases.database(1).chmod(0o600)
    with closing(sqlite3.connect(releases.database(1))) as connection, connection:
        connection.execute("PRAGMA foreign_keys = off")
        connection.create_function("planted", 3, _plant)
        for table, column in _columns(connection, everywhere):
            number = 1000 + len(made.columns)
            made.columns[number] = (table, column)
            connection.execute(
                f'UPDATE OR IGNORE "{table}" SET "{column}" = planted("{column}", ?, ?) WHERE "{column}" IS NOT NULL',
                (number, column),
            )
    _sign(releases, json.loads(Releases(demo).manifest_path(1).read_bytes()))
    return made


def _columns(connection: sqlite3.Connection, everywhere: bool) -> list[tuple[str, str]]:
    return [
        (table, name)
        for (table,) in connection.execute(_TABLES).fetchall()
        for _, name, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        if kind == "TEXT" and (everywhere or name not in KEYS)
    ]


def _plant(value: str, number: int, column: str) -> str:
    if column in JSON:
        return json.dumps(_in_cells(json.loads(value), number))
    if "url" in column or column in {"home", "location", "list"}:
        return ADDRESSES[(number + len(value)) % len(ADDRESSES)].format(n=number)
    return value + CANARY.format(n=number)


def _in_cells(value: Any, number: int) -> Any:
    return [_in_cells(one, number) for one in value] if isinstance(value, list) else f"{value}{CANARY.format(n=number)}"


def _sign(releases: Releases, manifest: dict[str, Any]) -> None:
    """Write the manifest anew: what a server compares with the file is right."""
    content = releases.database(1).read_bytes()
    manifest["file"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    releases.put(releases.manifest_path(1), json.dumps(manifest).encode())
    releases.set_current(1)
