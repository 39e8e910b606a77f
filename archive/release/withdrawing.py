"""Writes withdrawals into the journal: of a document or a version, undone, or what was held and may be published.

What follows from the lines stands in archive/release/withholding.py and remaking.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from archive.addresses import url_key
from archive.identifiers import parse_identifier
from archive.release.likeness import HELD
from archive.release.withdraw_target import NoTarget, Target, describe_withdrawal, find_target
from archive.release.withdrawals import (
    ALLOWED,
    ERASURE,
    UNDONE,
    WITHDRAWN,
    Withdrawal,
    event_of,
    next_number,
    withdrawals_of,
)
from archive.release.withholding import read_withheld
from archive.store.journal import Journal


class NotWithdrawn(Exception):  # noqa: N818
    """What was asked for can't be written; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks: by which name, why, when ("2018-01-26T15:00:00Z"), and until which day, "" for good."""

    named: str
    reason: str
    at: str
    until: str = ""
    erase: bool = False

    @property
    def today(self) -> str:
        """The day on which it is asked."""
        return self.at[:10]


def withdraw(connection: sqlite3.Connection, journal: Journal, asked: Asked) -> Withdrawal:
    """Withdraw what is named; when this returns, the journal has it. Raises NoTarget, NotWithdrawn.

    Something that is withdrawn already isn't withdrawn twice; it may still be ordered to be erased.
    """
    held = withdrawals_of(events := journal.read())
    known = [one for one in _known(held, connection, asked.named) if one.is_active(asked.today)]
    if known and not (asked.erase and not known[0].erased):
        raise NotWithdrawn(f"That is withdrawn already, by withdrawal {known[0].number} of {known[0].at[:10]}.")
    if known:
        done = known[0]
    else:
        target = find_target(connection, asked.named)
        _check_reason(target, asked.reason)
        done = describe_withdrawal(connection, target, next_number(events), asked.at, asked.reason, asked.until)
        journal.append(WITHDRAWN, **event_of(done))
    if asked.erase:
        journal.append(ERASURE, withdrawal=done.number, at=asked.at)
    return done


def undo(connection: sqlite3.Connection, journal: Journal, asked: Asked) -> list[Withdrawal]:
    """Undo every withdrawal of what is named (also by a withdrawal's number). Raises NoTarget, NotWithdrawn."""
    held = withdrawals_of(journal.read())
    known = [one for one in _known(held, connection, asked.named) if not one.undone]
    if not known:
        raise NotWithdrawn(
            f"Nothing withdrawn is known as {asked.named!r}. /withdrawals on the site names all by number."
        )
    for one in known:
        journal.append(UNDONE, withdrawal=one.number, at=asked.at, reason=asked.reason)
    return known


def allow(connection: sqlite3.Connection, journal: Journal, asked: Asked) -> Target:
    """Let something be published that is held back since it looks like something withdrawn.

    Raises NoTarget, and NotWithdrawn where it isn't held back.
    """
    target = find_target(connection, asked.named)
    events = journal.read()
    held = read_withheld(connection, events, asked.today)
    versions = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM versions WHERE document = ? ORDER BY id", (target.document["id"],)
        )
        if target.version is None or row[0] == target.version["id"]
    ]
    about = {found.subject for found in held.held if found.outcome == HELD}
    if not about & {target.document["id"], *versions}:
        raise NotWithdrawn(f"{target.document['id']} isn't held back. What was withdrawn comes back with --undo.")
    active = [one.number for one in withdrawals_of(events).values() if one.is_active(asked.today)]
    whole = target.document["id"] if target.version is None else ""
    journal.append(ALLOWED, withdrawals=active, at=asked.at, reason=asked.reason, document=whole, versions=versions)
    return target


def _known(held: Mapping[int, Withdrawal], connection: sqlite3.Connection, named: str) -> list[Withdrawal]:
    """Return the withdrawals of what is named: by the catalogue, or where that knows it no more, by the journal."""
    if named.isdecimal() and int(named) in held:
        return [held[int(named)]]
    try:
        target = find_target(connection, named)
    except NoTarget:
        number = parse_identifier(named)
        names = {named, url_key(named), number.value if number else named}
        return [one for one in held.values() if names & {*one.names, *one.versions, *one.addresses, *one.numbers}]
    if target.version is not None:
        return [one for one in held.values() if one.what == "version" and target.version["id"] in one.versions]
    return [one for one in held.values() if one.what == "document" and one.document == target.document["id"]]


def _check_reason(target: Target, reason: str) -> None:
    """Refuse a reason that says what was withdrawn: it is public. Raises NotWithdrawn."""
    said = " ".join(reason.split()).casefold()
    for name in ("id", "title", "number", "url"):
        value = " ".join(str(target.document[name] or "").split()).casefold()
        if len(value) > 4 and value in said:
            raise NotWithdrawn(f"The reason is shown in public, and has the document's {name} in it. Leave that out.")
