"""Writes a site that needs no server and no scripts: the pages of one release, as files that link to each other.

The pages of documents, sources and withdrawals are made of the site's own templates; what leads to a file instead of an
address is said in archive/site/offline_names.py. One document is held at a time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment, FileSystemLoader

from archive.export.about import Exported
from archive.release.folder import Releases
from archive.research import documents, page_parts
from archive.research.changes import Wanted, list_changes
from archive.research.citation import cite
from archive.research.lookups import count_all, list_sources, newest_documents
from archive.research.rows import Row
from archive.research.withdrawn import list_withdrawals
from archive.site.document_views import look_up
from archive.site.front_views import REMEDIES
from archive.site.offline_differences import differences, first_files
from archive.site.offline_lists import List, lists_of
from archive.site.offline_names import (
    ENTRIES_A_LIST,
    FIXED,
    NONE,
    changes_file,
    file_of,
    first_in_file,
    original_of,
    with_files,
)
from archive.site.page_sheet import sheet_of
from archive.site.rendering import FILES, FILTERS, FOLDER
from archive.site.told import About
from archive.table_csv import table_csv

Progress = Callable[[str, int, int], None]
# What gives a version's original file, as a program of its own must not be given: None where it isn't to go along.
Originals = Callable[[Row], bytes | None]

# Nothing is loaded but these files' own style sheet and pictures, and nothing runs or is sent.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'"
SUMS = "SHA256SUMS"
_STYLE = b"\na:not([href]) { color: inherit; text-decoration: none; }\n.permanent { margin-top: 1rem; }\n"


class _Paths:
    """Gives templates their addresses as a site gives them, which `with_files` then turns into files."""

    def path(self, path: str) -> str:
        return path

    def database(self, _name: str) -> str:
        return "/archive"

    def table(self, _name: str, table: str) -> str:
        return f"/archive/{table}"

    def row(self, _name: str, table: str, key: str) -> str:
        return f"/archive/{table}/{key}"


@dataclass(slots=True)
class Offline:
    """One site while it is written into an empty folder; `sums` lists its files."""

    folder: Path
    connection: sqlite3.Connection
    exported: Exported
    sums: BinaryIO
    originals: Originals
    environment: Environment = field(init=False)
    _made: str = ""

    def __post_init__(self) -> None:
        loader = FileSystemLoader([FOLDER / "offline_templates", FOLDER / "templates"])
        self.environment = Environment(loader=loader, autoescape=True)
        self.environment.filters.update(FILTERS)
        self.environment.tests["holds"] = lambda values, value: value in values
        named, built = self.exported.archive, self.exported.manifest
        release = {name: built.get(name, "") for name in ("number", "built", "digest")} | {"newest": None}
        told = {"about": About(named.name, named.contact, named.address), "release": release, "as_of": None,
                "present": "", "working": False, "without": False, "sample": self.exported.sample}  # fmt: skip
        self.environment.globals.update(
            told=told, urls=_Paths(), archive_database="archive", policy=POLICY, style_digest="", query=""
        )

    @property
    def public(self) -> str:
        """Return the public address of the archive's site, or ""."""
        return self.exported.archive.address

    def page(self, at: str, template: str, files: Mapping[str, str] = NONE, /, **facts: Any) -> None:
        """Write a page; `files` are files by their addresses, beside those that all pages know."""
        made = self.environment.get_template(template).render(**facts)
        self.write(at, with_files(made, at, self.public, files).encode("utf-8", "replace"))

    def write(self, at: str, content: bytes) -> None:
        """Write a file that isn't there yet, and list it. Raises OSError."""
        parent = at.rpartition("/")[0]
        if parent and parent != self._made:
            (self.folder / parent).mkdir(parents=True, exist_ok=True)
            self._made = parent
        with (self.folder / at).open("xb") as file:
            file.write(content)
        self.sums.write(f"{hashlib.sha256(content).hexdigest()}  {at}\n".encode())


def write_site(
    folder: Path, connection: sqlite3.Connection, releases: Releases, exported: Exported, originals: Originals,
    progress: Progress,
) -> None:  # fmt: skip
    """Fill an empty folder with the site of an open release. Raises OSError."""
    with (folder / SUMS).open("xb") as sums:
        site = Offline(folder, connection, exported, sums, originals)
        _write_files(site)
        groups = []
        for title, lists in lists_of(connection):
            groups.append((title, lists))
            for one in lists:
                _write_list(site, one)
        _write_fixed(site, releases, groups)
        _write_changes(site)
        total = connection.execute("SELECT count(*) FROM versions").fetchone()[0]
        for number, (document, tail) in enumerate(_versions(connection)):
            progress("writing documents", number, total)
            _write_version(site, document, tail)


def _write_files(site: Offline) -> None:
    for name in ("site.css", "icon.svg"):
        content = FILES[name][0] + (_STYLE if name == "site.css" else b"")
        site.write(FIXED[f"/-/oversight/{name}"], content)


def _write_fixed(site: Offline, releases: Releases, groups: list[tuple[str, list[List]]]) -> None:
    """Write the pages that there is one of."""
    connection, number = site.connection, int(site.exported.number or 0)
    counts, manifest = count_all(connection), site.exported.manifest
    newest = newest_documents(connection)
    site.page("index.html", "offline_front.html", counts=counts, newest=newest, groups=groups, permanent=site.public)
    sources = list_sources(connection)
    site.page(
        "sources.html",
        "archive_sources.html",
        sources=sources,
        remedies=REMEDIES,
        permanent=_permanent(site, "/sources"),
    )
    site.page("withdrawals.html", "archive_withdrawals.html", withdrawals=list_withdrawals(connection),
              permanent=_permanent(site, "/withdrawals"))  # fmt: skip
    site.page("about.html", "archive_about.html", counts=counts, permanent=_permanent(site, "/about"))
    stamp = releases.timestamp_path(number)
    site.page("verify.html", "offline_verify.html", manifest=manifest, stamped=stamp.exists(),
              manifest_sha256=site.exported.manifest_sha256, permanent=_permanent(site, "/releases"))  # fmt: skip
    site.write(f"release/{number}.json", releases.manifest_path(number).read_bytes())
    if stamp.exists():
        site.write(f"release/{number}.tsr", stamp.read_bytes())


def _write_list(site: Offline, one: List) -> None:
    """Write a list, cut into as many files as it needs."""
    for number, entries in enumerate(one.cut(site.connection), 1):
        site.page(one.name(number), "offline_list.html", title=one.title, entries=entries, number=number,
                  last=one.files, before=one.beside(number - 1), after=one.beside(number + 1))  # fmt: skip


def _write_changes(site: Offline) -> None:
    """Write what changed across the archive, the newest first."""
    mark, number = "", 1
    while mark or number == 1:
        found = list_changes(site.connection, Wanted(before=mark), ENTRIES_A_LIST)
        mark = found["next"]
        following = f"/changes?before={mark}" if mark else ""
        facts = {"changes": found["changes"], "following": following, "wanted": Wanted(), "kinds": {},
                 "collections": [], "feed": "/changes.atom", "data": "/changes.json"}  # fmt: skip
        files = {following: changes_file(number + 1)}
        for document in {row["document"] for row in found["changes"] if row["difference"]}:
            files |= first_files(site.connection, document)
        site.page(changes_file(number), "archive_changes.html", files, **facts, permanent=_permanent(site, "/changes"))
        number += 1


def _permanent(site: Offline, address: str) -> str:
    return site.public + address


def _versions(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield every document with an empty tail, and then with that of each of its versions."""
    after = ""
    while rows := connection.execute(
        "SELECT id FROM documents WHERE id > ? ORDER BY id LIMIT 500", (after,)
    ).fetchall():
        for (document,) in rows:
            yield document, ""
            for version in documents.list_versions(connection, document):
                yield document, documents.version_tail(version)
        after = rows[-1][0]


def _write_version(site: Offline, document: str, tail: str) -> None:
    """Write the page of a document or of one of its versions, and of a version its text and tables."""
    address = f"/d/{document}@{tail}" if tail else f"/d/{document}"
    at = str(file_of(address))
    facts = look_up(site.connection, address.removeprefix("/d/"), site.public)
    version = facts.get("version")
    original = _original(site, version) if version else ""
    link = "../" * at.count("/") + original if original else ""
    files = first_files(site.connection, document)
    site.page(at, "archive_document.html", files, **facts, permanent=_permanent(site, address), original=link)
    if version and tail:
        _write_text(site, facts)
    elif version:
        for part, parts, difference in differences(site.connection, facts["document"]):
            site.page(parts[part], "archive_diff.html", parts, **difference, permanent=_permanent(site, part))


def _original(site: Offline, version: Row) -> str:
    """Write a version's original file, where it may go along and isn't there yet; return its name, or ""."""
    content = site.originals(version)
    if content is None:
        return ""
    name = original_of(hashlib.sha256(content).hexdigest())
    if not (site.folder / name).exists():
        site.write(name, content)
    return name


def _write_text(site: Offline, facts: Row) -> None:
    """Write a version's pages, some to a file, and each table as CSV."""
    document, version = facts["document"], facts["version"]
    tables = page_parts.read_tables(site.connection, version)
    pages = documents.read_pages(site.connection, version)
    chunks: dict[int, list[Row]] = {}
    for page in pages:
        chunks.setdefault(first_in_file(page["number"]), []).append(page)
    firsts = sorted(chunks)
    for place, first in enumerate(firsts):
        shown = [_shown(site, facts, page, tables) for page in chunks[first]]
        address = documents.page_address(version, shown[0]["number"])
        near = {"before": firsts[place - 1 : place] if place else [], "after": firsts[place + 1 : place + 2]}
        around = {name: documents.page_address(version, some[0]) if some else "" for name, some in near.items()}
        at = str(file_of(address)).partition("#")[0]
        site.page(at, "offline_text.html", document=document, version=version,
                  pages=shown, permanent=_permanent(site, address), **around)  # fmt: skip
    for table in tables:
        if table["cells"]:
            name = str(file_of(table["address"]))
            site.write(name, table_csv(table["cells"]).encode("utf-8", "replace"))


def _shown(site: Offline, facts: Row, page: Row, tables: list[Row]) -> Row:
    """Return a page as it is shown: its parts, tables, what its reader found on it, and how it is cited."""
    number, document, version = page["number"], facts["document"], facts["version"]
    parted = page_parts.with_parts(page)
    article = facts["article"]
    citation = cite(
        document, version, page=number, label=page["label"], outlet=article["outlet"] if article else "",
        site=site.public, sample=site.exported.sample,
    )  # fmt: skip
    return {
        **parted,
        "sheet": sheet_of(parted, []),
        "tables": [table for table in tables if table["page"] == number],
        "facts": [fact for fact in facts["facts"] if fact["page"] == number],
        "citation": citation,
    }
