"""Builds a release: made, held against the gates, numbered, put in its place, noted in the journal, and then served.

Whatever stops it, the release that is served stays the old one or is the new one; what a crash left is cleared away by
the next build.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from archive.release.build import copy_published
from archive.release.folder import Releases
from archive.release.gate import Candidate, Closed, Limits, Proved
from archive.release.gates import ACCEPTABLE, closed_gates, journal_gate, journal_lost, told
from archive.release.history import ADDRESSES, BUILT, LOST, PRUNED, REFUSED, USED, History
from archive.release.leaves import root_and_size
from archive.release.policies import Policies
from archive.release.tables import content_digest, table_digests
from archive.release.withdrawals import WithdrawalsUnreadable
from archive.release.withheld import Withheld
from archive.release.withholding import read_withheld
from archive.store.journal import Journal
from archive.store.segment import file_digest, refusal, sync_folder

READ_ONLY = 0o444
# Ids that one line of the journal takes.
BATCH = 500


class GatesClosed(Exception):  # noqa: N818
    """No release was built: what `closed` says isn't as it has to be. The last one is served on."""

    def __init__(self, closed: Sequence[Closed]) -> None:
        super().__init__("; ".join(f"{one.gate}: {one.reason}" for one in closed))
        self.closed = tuple(closed)


@dataclass(frozen=True, slots=True)
class Order:
    """What a release is to be built by.

    `at` is the instant, `policies` what is published of each source, `failing` the sources whose last run failed,
    `accepted` the gates that a person lets stand open, with the reason; the journal knows of others, and what is
    withdrawn. `limits` are those of the gates, `own` those of single sources, `proved` what was verified.
    """

    at: str
    policies: Policies
    failing: tuple[str, ...] = ()
    accepted: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    own: Mapping[str, Limits] = field(default_factory=dict)
    proved: Proved | None = None

    def accepts(self, closed: Closed) -> str | None:
        """Return the reason why a gate that is closed may stand open; None where it may not."""
        if closed.gate not in ACCEPTABLE:
            return None
        narrow = self.accepted.get(f"{closed.gate}:{closed.source}") if closed.source else None
        return narrow or self.accepted.get(closed.gate)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The release that says what the archive says now, whether it is new, and what of it should be looked at."""

    number: int
    manifest: Mapping[str, Any]
    new: bool
    looks: tuple[Closed, ...] = ()


def build_release(folder: Path, catalogue: sqlite3.Connection, order: Order) -> Outcome:
    """Build a release of the archive in `folder`, and have it served; nothing where the last one says the same.

    The caller holds the folder's lock; `catalogue` is open for reading. Raises GatesClosed, which is noted in the
    journal; StoreFull, StoreFailed, JournalDamaged, OSError and sqlite3.Error, after which the last release is served.
    """
    releases = Releases(folder)
    with closing(Journal(folder)) as journal:
        history = History.of(journal.read())
        try:
            if closed := list(_journal_gate(releases, history, journal)):
                _refuse(journal, order, closed)
            _prepare(releases, history)
            standing = replace(order, accepted={**history.accepted_on(order.at[:10]), **order.accepted})
            return _build(releases, journal, history, catalogue, standing)
        except OSError as error:
            raise refusal(releases.folder, error) from error


def _build(
    releases: Releases, journal: Journal, history: History, catalogue: sqlite3.Connection, order: Order
) -> Outcome:
    number = history.next_number
    made = releases.folder / f".{number}.db.new"
    try:
        withheld = _withheld(catalogue, journal, order)
        copy_published(catalogue, made, order.policies, withheld, {"release": str(number), "built": order.at})
        with closing(sqlite3.connect(f"{made.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            tables = table_digests(connection)
            if (same := _same(releases, history, content_digest(tables))) is not None:
                return same
            with _last_attached(releases, history, connection) as size:
                candidate = _candidate(connection, withheld, history, order, (made.stat().st_size, size))
                accepted, looks = _pass(journal, candidate, order)
            ids, parts = _ids(connection), root_and_size(connection, tables)
        return _put(
            releases, journal, history, order, _Made(number, made, {"tables": tables, **parts}, ids, accepted, looks)
        )
    finally:
        made.unlink(missing_ok=True)


# What of the last release the gates ask.
_ASKED = {"documents", "versions", "pages", "references", "changes"}


@contextmanager
def _last_attached(releases: Releases, history: History, made: sqlite3.Connection) -> Iterator[int]:
    """Attach the last release that was built as `last`, and give its size in bytes; 0 where none can be asked."""
    path = releases.database(max(history.built, default=0))
    try:
        size = path.stat().st_size
        made.execute("ATTACH ? AS last", (f"{path.absolute().as_uri()}?mode=ro&immutable=1",))
        held = {row[0] for row in made.execute("SELECT name FROM last.sqlite_master WHERE type = 'table'")}
    except (OSError, sqlite3.Error):  # it isn't kept, or is damaged, which whoever serves it says
        held, size = set(), 0
    try:
        yield size if held >= _ASKED else 0
    finally:
        made.rollback()
        with suppress(sqlite3.Error):  # it may not be attached
            made.execute("DETACH last")


def _candidate(
    made: sqlite3.Connection, withheld: Withheld, history: History, order: Order, sizes: tuple[int, int]
) -> Candidate:
    return Candidate(
        made,
        withheld,
        frozenset(history.given),
        before=history.built[max(history.built)]["documents"] if history.built else 0,
        failing=order.failing,
        has_last=bool(sizes[1]),
        limits=order.limits,
        own=order.own,
        proved=order.proved,
        sizes=sizes,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that passed the gates, what its manifest says of its tables and its tree, which closed gates a person
    accepted, and what is to be looked at."""

    number: int
    path: Path
    parts: Mapping[str, Any]
    ids: frozenset[str]
    accepted: Mapping[str, str]
    looks: tuple[Closed, ...]


def _prepare(releases: Releases, history: History) -> None:
    """Make the folder; clear away what a crash left, and let the release be served that was to be served."""
    releases.make_folder()
    for path in releases.folder.iterdir():
        stem = path.name.partition(".")[0]
        unfinished = stem.isdecimal() and int(stem) not in history.built
        if unfinished or (path.name.startswith(".") and path.name.endswith(".new")):
            path.unlink()
    if history.current in releases.numbers() and releases.current() != history.current:
        releases.set_current(int(history.current or 0))


def _journal_gate(releases: Releases, history: History, journal: Journal) -> Iterator[Closed]:
    """Look whether the journal has all that it had, by the newest manifest and by what is served."""
    current, numbers = releases.current(), releases.numbers()
    if current is not None and current not in history.built:
        yield journal_lost(f"it doesn't know release {current}, which is served")
    if numbers:
        content = journal.path.read_bytes() if journal.path.exists() else b""
        yield from journal_gate(content, releases.manifest(numbers[-1]))


def _last(releases: Releases, history: History) -> Mapping[str, Any] | None:
    """Return the manifest of the last release that was built; None where there is none, or it isn't the one noted."""
    number = max(history.built, default=0)
    path = releases.manifest_path(number)
    if not path.exists() or file_digest(path)[1] != history.built[number]["manifest"]:
        return None
    return releases.manifest(number)


def _withheld(catalogue: sqlite3.Connection, journal: Journal, order: Order) -> Withheld:
    """Return what is left out. Raises GatesClosed where the journal's withdrawals can't be read."""
    try:
        return read_withheld(catalogue, journal.read(), order.at[:10])
    except WithdrawalsUnreadable as unreadable:
        _refuse(journal, order, [Closed("journal", str(unreadable))])


def _same(releases: Releases, history: History, digest: str) -> Outcome | None:
    """Return the last release, if it says what a new one would say."""
    last = _last(releases, history)
    if last is None or last["digest"] != digest or not _is_whole(releases, last):
        return None
    return Outcome(last["number"], last, new=False)


def _is_whole(releases: Releases, manifest: Mapping[str, Any]) -> bool:
    """Tell whether a release's file is the one that its manifest tells of."""
    path = releases.database(manifest["number"])
    told_of = (manifest["file"]["bytes"], manifest["file"]["sha256"])
    return path.exists() and file_digest(path) == told_of


def _pass(journal: Journal, candidate: Candidate, order: Order) -> tuple[dict[str, str], tuple[Closed, ...]]:
    """Go through the gates; return which closed ones a person accepted, and what should be looked at.

    Raises GatesClosed for those that are closed and not accepted; both are noted.
    """
    found = closed_gates(candidate)
    closed = [(one, order.accepts(one)) for one in found if one.holds]
    if shut := [one for one, reason in closed if reason is None]:
        _refuse(journal, order, shut)
    for one, reason in closed:
        journal.append("gate-accepted", at=order.at, accepted=reason, **told(one))
        if one.gate == "addresses":
            journal.append(LOST, ids=list(one.subjects))
    accepted = {f"{one.gate}:{one.source}" if one.source else one.gate: str(reason) for one, reason in closed}
    return accepted, tuple(one for one in found if not one.holds)


def _refuse(journal: Journal, order: Order, closed: Sequence[Closed]) -> NoReturn:
    """Note once that these gates are closed. Raises GatesClosed."""
    told_of = [told(one) for one in closed]
    last = History.of(journal.read()).refused
    if last is None or last["gates"] != told_of:
        journal.append(REFUSED, at=order.at, gates=told_of)
    raise GatesClosed(closed)


def _ids(connection: sqlite3.Connection) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute("SELECT id FROM documents UNION SELECT id FROM versions"))


def _put(releases: Releases, journal: Journal, history: History, order: Order, made: _Made) -> Outcome:
    """Put a release in its place: database, manifest, the journal's lines, and `current` last."""
    manifest = _manifest(releases, journal, history, order, made)
    content = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=True).encode() + b"\n"
    database = releases.database(made.number)
    made.path.chmod(READ_ONLY)
    made.path.rename(database)
    sync_folder(releases.folder)
    releases.put(releases.manifest_path(made.number), content)
    releases.manifest_path(made.number).chmod(READ_ONLY)
    new = sorted(made.ids - history.given)
    for begin in range(0, len(new), BATCH):
        journal.append(ADDRESSES, release=made.number, ids=new[begin : begin + BATCH])
    journal.append(
        BUILT,
        release=made.number,
        at=order.at,
        manifest=hashlib.sha256(content).hexdigest(),
        file=manifest["file"]["sha256"],
        digest=manifest["digest"],
        documents=manifest["documents"],
        root=manifest["root"],
    )
    releases.set_current(made.number)
    return Outcome(made.number, manifest, new=True, looks=made.looks)


def _manifest(releases: Releases, journal: Journal, history: History, order: Order, made: _Made) -> dict[str, Any]:
    with made.path.open("rb") as file:
        os.fsync(file.fileno())
    size, sha256 = file_digest(made.path)
    previous = history.built[max(history.built)] if history.built else None
    return {
        "number": made.number,
        "built": order.at,
        "digest": content_digest(made.parts["tables"]),
        "documents": made.parts["tables"]["documents"]["rows"],
        "file": {"bytes": size, "sha256": sha256},
        **made.parts,
        "previous": str(previous["manifest"]) if previous else "",
        "journal": asdict(journal.head()),
        "accepted": dict(made.accepted),
        "failing": list(order.failing),
        # Without what they are about: a manifest stays, and what it names may be withdrawn.
        "looks": [{"gate": one.gate, "reason": one.reason} for one in made.looks],
    }


def use_release(folder: Path, number: int, at: str, reason: str) -> None:
    """Have a release served that is there already. The caller holds the lock, and has seen its manifest."""
    with closing(Journal(folder)) as journal:
        journal.append(USED, release=number, at=at, reason=reason)
        Releases(folder).set_current(number)


def prune_releases(folder: Path, keep: int, at: str) -> list[int]:
    """Delete the databases of all but the newest releases, and never the one that is served; return their numbers.

    Manifests and time-stamps are kept: they are small, and each names the one before it.
    """
    releases = Releases(folder)
    current, held = releases.current(), [n for n in releases.numbers() if releases.database(n).exists()]
    gone = [number for number in held[:-keep] if number != current]
    with closing(Journal(folder)) as journal:
        for number in gone:
            journal.append(PRUNED, release=number, at=at)
            releases.database(number).unlink()
    sync_folder(releases.folder)
    return gone
