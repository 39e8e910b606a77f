"""A release held against its manifest, the manifest against the journal and the one before it, and both against theirs.

It knows what a release says of itself; whether the working catalogue still says so is no matter: releases stay.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.nights import FILE as NIGHT
from archive.nights import nights_in, public_bytes
from archive.proof.damage import Checked, Damage
from archive.proof.rows import check_index
from archive.release.folder import CURRENT, FOLDER, Releases
from archive.release.history import BUILT, PRUNED, REMADE, STAMPED, History
from archive.release.leaves import root_and_size
from archive.release.tables import content_digest, table_digests
from archive.store.chain import Head
from archive.store.segment import file_digest

PART = "releases"

Event = Mapping[str, Any]


def release_numbers(folder: Path, events: Sequence[Event]) -> list[int]:
    """Return the numbers of all releases that there are, or that the journal knows."""
    return sorted({*Releases(folder).numbers(), *History.of(events).built})


def check_release(folder: Path, number: int, events: Sequence[Event], heads: Mapping[int, Head]) -> Checked:
    """Check one release. `heads` says where the journal stood after how many lines."""
    releases, damages = Releases(folder), list[Damage]()
    told_of, size = [event for event in events if event.get("release") == number], 0
    manifest, problem = _manifest(releases, number, told_of)
    if problem:
        damages.append(Damage("release-altered", f"{FOLDER}/{number}.json", problem))
    database = releases.database(number)
    pruned = any(event["event"] == PRUNED for event in told_of)
    if database.exists():
        size = database.stat().st_size
        damages += _database(database, manifest)
    elif not pruned:
        damages.append(Damage("release-missing", f"{FOLDER}/{database.name}", "the release's file is gone"))
    if manifest:
        damages += _anchors(releases, manifest, events, heads)
    damages += _tokens(releases, number, told_of)
    return Checked(PART, 1, size, tuple(damages))


def _manifest(releases: Releases, number: int, events: Sequence[Event]) -> tuple[dict[str, Any], str]:
    """Return a release's manifest, as far as it can be read, and what is wrong with it."""
    noted = [event for event in events if event["event"] in (BUILT, REMADE)]
    try:
        content = releases.manifest_path(number).read_bytes()
        manifest = releases.manifest(number)
    except (OSError, ValueError, RecursionError) as error:
        return {}, f"the manifest is gone, or can't be read: {type(error).__name__}"
    if not noted:
        return manifest, "the journal knows no such release"
    if noted[-1].get("manifest") != hashlib.sha256(content).hexdigest():
        return manifest, "not the manifest that the journal tells of"
    return manifest, ""


def _database(path: Path, manifest: Mapping[str, Any]) -> Iterator[Damage]:
    subject = f"{FOLDER}/{path.name}"
    size, sha256 = file_digest(path)
    told = manifest.get("file")
    if told != {"bytes": size, "sha256": sha256}:
        yield Damage("release-altered", subject, "the file is not the one that its manifest tells of")
    if any(path.with_name(path.name + tail).exists() for tail in ("-wal", "-shm", "-journal")):
        yield Damage("release-altered", subject, "something beside it would change what is read of it")
    try:
        with closing(sqlite3.connect(":memory:")) as copy:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
                yield from _content(file, subject, manifest)
                file.backup(copy)
            yield from check_index(copy)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        yield Damage("release-altered", subject, f"it can't be read as a release: {error}"[:300])


def _content(file: sqlite3.Connection, subject: str, manifest: Mapping[str, Any]) -> Iterator[Damage]:
    """Compare what a release says with the digests and the tree of its manifest."""
    tables = table_digests(file)
    told = manifest.get("tables", {})
    for name in sorted({*tables, *told}):
        if tables.get(name) != told.get(name):
            yield Damage("release-altered", f"{subject} {name}", "the table's rows are not those of the manifest")
    if content_digest(tables) != manifest.get("digest"):
        yield Damage("release-altered", subject, "its content is not what the manifest says")
    if {name: manifest.get(name) for name in ("root", "leaves")} != root_and_size(file, tables):
        yield Damage("release-altered", subject, "its tree is not the one whose root the manifest has")
    if manifest.get("documents") != tables.get("documents", {}).get("rows"):
        yield Damage("release-altered", subject, "it has another number of documents than the manifest says")


def _anchors(
    releases: Releases, manifest: Mapping[str, Any], events: Sequence[Event], heads: Mapping[int, Head]
) -> Iterator[Damage]:
    """Compare what a manifest says of the one before it, and of the journal."""
    number = manifest["number"]
    before = [event for event in events if event["event"] in (BUILT, REMADE) and event.get("manifest")]
    known = {event["manifest"] for event in before if event.get("release") != number}
    if manifest.get("previous") and manifest["previous"] not in known:
        yield Damage("release-altered", f"{FOLDER}/{number}.json", "no release before it has the manifest it names")
    told = manifest.get("journal")
    head = heads.get(told.get("lines", -1)) if isinstance(told, dict) else None
    if head is None or told != {"lines": head.lines, "size": head.size, "chain": head.chain}:
        yield Damage(
            "journal-altered", "journal/journal.jsonl", f"it is not the journal that release {number} was built from"
        )
    first = manifest.get("remade", {}).get("first")
    if first is not None:
        yield from _kept_manifests(releases, number)


def _kept_manifests(releases: Releases, number: int) -> Iterator[Damage]:
    """Look whether each earlier manifest of a release that was made again is what its name says."""
    for path in sorted(releases.folder.glob(f"{number}.*.json")):
        if hashlib.sha256(path.read_bytes()).hexdigest()[:16] != path.name.split(".")[1]:
            yield Damage("release-altered", f"{FOLDER}/{path.name}", "not the earlier manifest that its name tells of")


def _tokens(releases: Releases, number: int, events: Sequence[Event]) -> Iterator[Damage]:
    """Compare each time-stamp with the one that was noted; that it is an authority's, its own signature says."""
    noted = {str(event.get("token")): str(event.get("manifest")) for event in events if event["event"] == STAMPED}
    held = set()
    for path in sorted(releases.folder.glob(f"{number}*.tsr")):
        if path.name.split(".")[0] != str(number):
            continue
        token = file_digest(path)[1]
        held.add(noted.get(token, ""))
        if token not in noted:
            yield Damage("release-altered", f"{FOLDER}/{path.name}", "not a time-stamp that was noted")
    manifest = releases.manifest_path(number)
    if manifest.exists() and (digest := file_digest(manifest)[1]) in noted.values() and digest not in held:
        yield Damage("release-missing", f"{FOLDER}/{number}.tsr", "its time-stamp is gone")


def check_current(folder: Path, events: Sequence[Event]) -> Iterator[Damage]:
    """Look whether the release that is served is the one that the journal says is."""
    releases, history = Releases(folder), History.of(events)
    try:
        current = releases.current()
    except (OSError, ValueError):
        yield Damage("release-altered", f"{FOLDER}/{CURRENT}", "it names no release")
        return
    if current != history.current:
        said = f"it says {current}, the journal {history.current}"
        yield Damage("release-altered", f"{FOLDER}/{CURRENT}", said)
    elif current is not None and (releases.folder / CURRENT).read_bytes() != f"{current}\n".encode():
        yield Damage("release-altered", f"{FOLDER}/{CURRENT}", "more stands in it than a number")


def check_night(folder: Path, events: Sequence[Event]) -> Iterator[Damage]:
    """Look whether what is told of the last night is what the journal says: of the last, or the one before it, where
    the command was killed behind the journal's line."""
    path = folder / FOLDER / NIGHT
    if path.exists() and path.read_bytes() not in {public_bytes(night) for night in nights_in(events)[-2:]}:
        yield Damage("release-altered", f"{FOLDER}/{NIGHT}", "not what the journal says of the last night")


def unknown_files(folder: Path, numbers: Sequence[int]) -> Iterator[Damage]:
    """Yield what lies among the releases and is no part of one."""
    known = {CURRENT, NIGHT, *(f"{number}.{tail}" for number in numbers for tail in ("db", "json", "tsr"))}
    for path in sorted((folder / FOLDER).glob("*")):
        kept = path.name.split(".")[0].isdecimal() and path.name.endswith((".json", ".tsr"))
        if path.name not in known and not kept:
            yield Damage("release-unknown", f"{FOLDER}/{path.name}", "no part of a release")
