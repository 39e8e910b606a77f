"""Makes releases that are kept again, without what was withdrawn since: an older release doesn't bring it back.

Each is made of its own rows, so that it says what it said, less what is gone. Its first manifest, and every later one,
is kept beside it: the next release's manifest names it by its digest. It needs no catalogue and no settings.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.kept_pictures import forget_pictures
from archive.release.build import copy_published
from archive.release.folder import Releases
from archive.release.history import REMADE
from archive.release.leaves import root_and_size
from archive.release.policies import AS_PUBLISHED
from archive.release.tables import content_digest, table_digests
from archive.release.withdrawals import CARRIED_OUT, is_pending, withdrawals_of
from archive.release.withholding import read_withheld
from archive.store.journal import Journal
from archive.store.segment import file_digest, refusal, sync_folder

READ_ONLY = 0o444
# The journal's line before a release's file is replaced: which file that is to be.
REMAKING = "release-remaking"


@dataclass(frozen=True, slots=True)
class Remade:
    """Releases that were made again, and those that weren't: their files aren't what their manifests say."""

    releases: tuple[int, ...] = ()
    damaged: tuple[int, ...] = ()


def remake_releases(folder: Path, at: str, but: Iterable[int] = ()) -> Remade:
    """Make every kept release again without what is withdrawn now, short of those in `but`.

    The one that is served comes first, then the newest. The caller holds the folder's lock. Raises StoreFull,
    StoreFailed, JournalDamaged, WithdrawalsUnreadable; what was made again by then stays so.
    """
    releases, journal = Releases(folder), Journal(folder)
    events = journal.read()
    held = [number for number in releases.numbers() if releases.database(number).exists() and number not in but]
    current = releases.current()
    made, damaged = [], []
    for number in sorted(held, key=lambda number: (number != current, -number)):
        try:
            if not _is_whole(releases, events, number):
                damaged.append(number)
            elif _remake(releases, journal, events, number, at):
                made.append(number)
        except OSError as error:
            raise refusal(releases.database(number), error) from error
    return Remade(tuple(made), tuple(damaged))


def _is_whole(releases: Releases, events: list[dict[str, Any]], number: int) -> bool:
    """Tell whether a release's file is what its manifest says, or what a command that was killed had put there."""
    found = file_digest(releases.database(number))[1]
    try:
        told = releases.manifest(number)["file"]["sha256"]
    except (ValueError, KeyError, TypeError):
        return False
    begun = [event["file"] for event in events if event["event"] == REMAKING and event["release"] == number]
    return found in {told, *begun[-1:]}


def carry_out(folder: Path, at: str, but: Iterable[int] = ()) -> Remade:
    """Finish what withdrawals need, also of a command that was killed; return what was made again.

    Nothing is done where nothing is pending. Raises as `remake_releases` does.
    """
    journal = Journal(folder)
    if not journal.path.exists() or not is_pending(journal.read()):
        return Remade()
    _forget_pictures(folder, journal.read(), at[:10])
    made = remake_releases(folder, at, but)
    _forget_pictures(folder, journal.read(), at[:10])  # what an older release let be drawn until now
    journal.append(CARRIED_OUT, at=at, releases=list(made.releases), damaged=list(made.damaged))
    return made


def _forget_pictures(folder: Path, events: list[dict[str, Any]], today: str) -> None:
    """Delete the pictures that were drawn of what is withdrawn. No release leads to them, and they have its words."""
    active = [one for one in withdrawals_of(events).values() if one.is_active(today)]
    forget_pictures(folder, {name.rpartition(":")[2] for one in active for name in (*one.contents, *one.digests)})


def _remake(releases: Releases, journal: Journal, events: list[dict[str, Any]], number: int, at: str) -> bool:
    """Make one release again; tell whether it was needed. A crash leaves the old file, or says that it isn't whole."""
    beside = releases.folder / f".{number}.db.new"
    told = releases.manifest(number)
    beside.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(f"{releases.database(number).absolute().as_uri()}?mode=ro", uri=True)) as source:
            withheld = read_withheld(source, events, at[:10])
            about = {key: str(value) for key, value in source.execute("SELECT key, value FROM about")
                     if key in ("release", "built")}  # fmt: skip
            copy_published(source, beside, AS_PUBLISHED, withheld, about)
        with closing(sqlite3.connect(beside)) as made:
            tables = table_digests(made)
            parts = {"tables": tables, **root_and_size(made, tables)}
        if content_digest(tables) == told["digest"]:
            return False
        _put_again(releases, journal, told, _manifest(releases, told, parts, beside, at, _latest(events)), beside)
    finally:
        beside.unlink(missing_ok=True)
    return True


def _latest(events: list[dict[str, Any]]) -> int:
    return max(withdrawals_of(events), default=0)


def _manifest(
    releases: Releases, told: Mapping[str, Any], parts: Mapping[str, Any], path: Path, at: str, latest: int
) -> dict[str, Any]:
    """Return a release's manifest as it is from now on: what it was, and since which withdrawal it is another."""
    size, sha256 = file_digest(path)
    first = told.get("remade", {}).get("first") or file_digest(releases.manifest_path(told["number"]))[1]
    return {
        **told,
        "digest": content_digest(parts["tables"]),
        "documents": parts["tables"]["documents"]["rows"],
        "file": {"bytes": size, "sha256": sha256},
        **parts,
        "remade": {"at": at, "withdrawal": latest, "first": first},
    }


def _put_again(
    releases: Releases, journal: Journal, told: Mapping[str, Any], manifest: dict[str, Any], path: Path
) -> None:
    """Put a release in the old one's place, and note it. The old manifest is kept under its own digest."""
    number = told["number"]
    content = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=True).encode() + b"\n"
    old = releases.manifest_path(number).read_bytes()
    named = f"{number}.{hashlib.sha256(old).hexdigest()[:16]}"
    releases.put(releases.folder / f"{named}.json", old)
    if releases.timestamp_path(number).exists():  # it is the old manifest's
        releases.timestamp_path(number).replace(releases.folder / f"{named}.tsr")
    journal.append(REMAKING, release=number, file=manifest["file"]["sha256"])
    path.chmod(READ_ONLY)
    path.replace(releases.database(number))
    sync_folder(releases.folder)
    releases.put(releases.manifest_path(number), content)
    releases.manifest_path(number).chmod(READ_ONLY)
    journal.append(
        REMADE,
        release=number,
        at=manifest["remade"]["at"],
        manifest=hashlib.sha256(content).hexdigest(),
        file=manifest["file"]["sha256"],
        digest=manifest["digest"],
        documents=manifest["documents"],
        root=manifest["root"],
    )
