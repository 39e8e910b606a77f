"""CO-10: a verifier with one check taken out is caught: each check finds some harm that all others pass over."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive.proof import captures, curation, journal_check, releases, rows
from archive.proof.audit import Scope
from archive.proof.damage import Damage
from archive.store import chain, journal
from archive.store.record import read_record
from archive.store.seals import manifest_path, read_manifest
from archive.store.unit import warcinfo_bytes
from pipelines import remaking, verify
from pipelines.text.stored_reading import from_bytes, to_bytes
from tests.figures import figure
from tests.small_archive import FILE, Files, Rows, make_small_archive, verifier
from tests.test_proof_tricks import WARC, rechained, stamped

REST = Scope()
# Of the archive at hand, for what stands in the place of a check.
ACCEPTED: str = ""
TOLD: str = ""
TREE: dict[str, Any] = {}


@dataclass(frozen=True)
class Sabotage:
    """A check (an attribute of a module), what stands in its place, and harm that then goes unseen."""

    name: str
    where: Any
    check: str
    instead: Any
    harm: Callable[[Path], object]
    scope: Scope = REST
    # What must be among the findings while the check is there, and not once it is gone.
    sees: Callable[[list[Damage]], bool] = lambda damages: any(one.outcome != "unsealed" for one in damages)


def nothing(*_: object, **__: object) -> Iterator[Damage]:
    return iter(())


def sql(statement: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "archive.db")) as catalogue, catalogue:
            catalogue.execute(statement)

    return harm


def line_altered(folder: Path) -> None:
    path = journal.Journal(folder).path
    path.write_bytes(path.read_bytes().replace(b'"reason": "ours"', b'"reason": "mine"'))


def believing(self: chain.Chain, line: bytes) -> bytes:
    """Follow a line without looking whether its chain is right."""
    self._chain = line[-67:-3].decode()
    self._lines += 1
    self._bytes += len(line)
    return chain._event(line) or b""


def last_line_gone(folder: Path) -> None:
    kept = journal.Journal(folder)
    kept.append("verified", scope="nothing")
    kept.close()
    kept.path.write_bytes(b"".join(kept.path.read_bytes().splitlines(keepends=True)[:-1]))


def note_gone(folder: Path) -> None:
    journal.Journal(folder).head_path.unlink()


def reason_altered(folder: Path) -> None:
    rechained(folder, lambda event: {**event, "reason": "mine"} if "reason" in event else event)


def another_first_record(folder: Path) -> None:
    """Put another first record in its place, as long as it was and as right as it was, and index the file anew."""
    path = folder / "warc" / WARC
    content = path.read_bytes()
    record, end = read_record(content, 0)
    dates = (f"2018-01-{day:02}T{hour:02}:00:00Z" for day in range(1, 26) for hour in range(24))
    made = next(one for date in dates if len(one := warcinfo_bytes(WARC, date)) == end and one != content[:end])
    assert record.type == "warcinfo"
    path.write_bytes(made + content[end:])


def record_altered(folder: Path) -> None:
    entry = read_manifest(manifest_path(folder, WARC).read_bytes())[1]
    path = folder / "warc" / WARC
    content = path.read_bytes()
    place = entry.offset + entry.length // 2
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    (folder / "archive.db").unlink()


def list_altered(folder: Path) -> None:
    path = manifest_path(folder, WARC)
    path.write_bytes(path.read_bytes().replace(b"2018-01-26", b"2018-01-25"))


def index_word_more(folder: Path) -> None:
    sql("INSERT INTO pages_fts(rowid, text, also, broken) SELECT id, 'uninvited', '', '' FROM pages")(folder)


def reading_altered(folder: Path) -> None:
    path = next(folder.glob("cache/readings/*/*.gz"))
    reading = from_bytes(path.read_bytes(), path.name.split(".")[1])
    page = reading.pages[0]
    pages = (type(page)(**{**{name: getattr(page, name) for name in page.__slots__}, "text": "Another", "parts": ()}),)
    path.write_bytes(to_bytes(type(reading)(**{**{name: getattr(reading, name) for name in reading.__slots__},
                                               "pages": pages})))  # fmt: skip


def release_bytes(folder: Path) -> None:
    """Change what SQLite keeps of itself in the file: no row, no page of the index."""
    path = folder / "releases" / "1.db"
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(60)  # the user version
        file.write(b"\0\0\0\7")


def release_rows(change: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        database, manifest_file = folder / "releases" / "1.db", folder / "releases" / "1.json"
        database.chmod(0o600)
        manifest_file.chmod(0o600)
        with closing(sqlite3.connect(database)) as release, release:
            release.execute(change)
        manifest, content = json.loads(manifest_file.read_bytes()), database.read_bytes()
        manifest["file"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        told = json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n"
        manifest_file.write_bytes(told)
        digest = hashlib.sha256(told).hexdigest()
        rechained(folder, lambda event: {**event, "manifest": digest} if event["event"] == "release-built" else event)

    return harm


def manifest_altered(folder: Path) -> None:
    path = folder / "releases" / "1.json"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b'"failing": []', b'"failing": [1]'))


SABOTAGES = [
    Sabotage("the chain", chain.Chain, "follow", believing, line_altered),
    Sabotage("the note of the end", journal.Journal, "noted", lambda self: None, last_line_gone,
             sees=lambda damages: any("end is gone" in one.detail for one in damages)),
    Sabotage("that there is a note", journal_check, "_note", lambda kept: [], note_gone),
    Sabotage("what releases say of the journal", releases, "_anchors", nothing, reason_altered),
    Sabotage("the seal", captures, "_against_seal", nothing, another_first_record),
    Sabotage("the list, without a catalogue", captures, "_against_list", nothing, record_altered,
             sees=lambda damages: any(one.capture for one in damages)),
    Sabotage("the list's own digest", captures, "_manifest", lambda *_: ([], []), list_altered),
    Sabotage("the index of captures", captures, "_against_index", nothing,
             sql("UPDATE records SET offset = offset + 1 WHERE offset > 1000"), Files()),
    Sabotage("places without captures", verify, "rows_without_record", lambda index: [],
             sql("INSERT INTO records SELECT 'x', 'x.warc', 0, 0, 0, '', '' FROM records LIMIT 1"), Files(),
             lambda damages: any("without its capture" in one.detail for one in damages)),
    Sabotage("rows", rows, "_table", lambda *_: ([], 1), sql("UPDATE documents SET title = 'Another'"), Rows()),
    Sabotage("tables", rows, "_schema", nothing, sql("CREATE TABLE mine (note TEXT)"), Rows()),
    Sabotage("the full-text index", rows, "check_index", nothing, index_word_more, Rows()),
    Sabotage("readings", remaking, "_problem", lambda *_: "", reading_altered, Files()),
    Sabotage("curation", curation, "file_digest", lambda path: (1, ACCEPTED), lambda folder:
             (folder / "curation" / FILE).write_text("mine")),
    Sabotage("the release's file", releases, "file_digest", lambda path: (path.stat().st_size, TOLD), release_bytes),
    Sabotage("the release's rows", releases, "_content", nothing, release_rows("UPDATE documents SET title = 'Other'"),
             sees=lambda damages: any("documents" in one.subject for one in damages)),
    Sabotage("the release's tree", releases, "root_and_size", lambda file, tables: TREE,
             release_rows("UPDATE leaves SET leaf = replace(leaf, '2018', '2017')"),
             sees=lambda damages: any("its tree" in one.detail for one in damages)),
    Sabotage("the release's manifest", releases, "_manifest", lambda held, number, told: (held.manifest(number), ""),
             manifest_altered),
    Sabotage("time-stamps", releases, "_tokens", nothing, lambda folder: stamped(folder).write_bytes(b"another")),
    Sabotage("which release is served", releases, "check_current", nothing,
             lambda folder: (folder / "releases" / "current").write_text("7\n")),
    Sabotage("what lies among releases", releases, "unknown_files", nothing,
             lambda folder: (folder / "releases" / "x").write_text("x")),
    Sabotage("what lies among lists", captures, "unknown_manifests", nothing,
             lambda folder: (folder / "manifest" / "x").write_text("x")),
    Sabotage("what lies among WARC files", captures, "warc_files", lambda folder: [],
             lambda folder: (folder / "warc" / "x").write_text("x")),
]  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_each_check_is_missed(small: Path, tmp_path: Path, sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "archive"))
    look = verifier(folder)
    assert look(sabotage.scope).damages == []
    manifest = json.loads((folder / "releases" / "1.json").read_bytes())
    monkeypatch.setitem(globals(), "ACCEPTED", curation.digest_of(folder / "curation" / FILE))
    monkeypatch.setitem(globals(), "TOLD", manifest["file"]["sha256"])
    monkeypatch.setitem(globals(), "TREE", {name: manifest[name] for name in ("root", "leaves")})
    sabotage.harm(folder)
    with_it = look(sabotage.scope).damages
    assert sabotage.sees(with_it), with_it
    monkeypatch.setattr(sabotage.where, sabotage.check, sabotage.instead)
    without = look(sabotage.scope).damages
    assert not sabotage.sees(without), without
    figure("CO-10", check=sabotage.name, found_with_it=len(with_it))


def test_as_many_checks_as_there_are() -> None:
    figure("CO-10", checks_taken_out=len(SABOTAGES), caught=len({one.name for one in SABOTAGES}))
