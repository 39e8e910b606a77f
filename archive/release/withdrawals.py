"""Withdrawals, as the journal tells them: what was taken out of publication, why, and what was undone or allowed since.

The journal's events are `withdrawn` (all that `Withdrawal` says of what it is about), `withdrawal-undone` (withdrawal,
at, reason), `withdrawal-allowed` (withdrawal, at, reason, document, versions: what was held and may be published all
the same), `erasure-ordered` (withdrawal, at) and `withdrawal-carried-out` (withdrawal, at, event: what it was about,
release). The line is the withdrawal: what a release leaves out follows from these lines and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from archive.store.journal import Journal, JournalDamaged

WITHDRAWN, UNDONE, ALLOWED = "withdrawn", "withdrawal-undone", "withdrawal-allowed"
ERASURE, CARRIED_OUT = "erasure-ordered", "withdrawals-carried-out"
ERASED = "withdrawal-erased"
# What wants a new release, and older ones made again.
CHANGES = frozenset({WITHDRAWN, UNDONE, ALLOWED})


class WithdrawalsUnreadable(Exception):  # noqa: N818
    """A line about a withdrawal that can't be understood; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One withdrawal, of a document with all its versions or (`what` "version") of one of them.

    `names` are the document's id and aliases, `versions` the ids of what was withdrawn, each with the keys of its
    pages in `pages`; what a version was called before stands there too. It is known again by
    `addresses` (keys), by `numbers` (canonical values of its own), by the digests of its captures' `contents` and of
    its versions (`digests`), by that of its words (`texts`), and by the sampled `shingles` of these
    (archive/release/sketch.py; one in `sampled` is kept).
    """

    number: int
    at: str
    reason: str
    what: str
    kind: str
    collection: str
    document: str
    names: tuple[str, ...]
    versions: tuple[str, ...]
    pages: Mapping[str, list[int]]
    addresses: tuple[str, ...]
    numbers: tuple[str, ...]
    contents: tuple[str, ...]
    digests: tuple[str, ...]
    texts: tuple[str, ...]
    shingles: str
    sampled: int
    until: str = ""
    undone: str = ""
    undone_reason: str = ""
    erased: bool = False
    allowed_documents: frozenset[str] = field(default_factory=frozenset)
    allowed_versions: frozenset[str] = field(default_factory=frozenset)

    def is_active(self, today: str) -> bool:
        """Tell whether it holds on a day ("2018-01-26"): it wasn't undone, and its date, if it has one, is to come."""
        return not self.undone and (not self.until or today < self.until)


_OWN = {one.name for one in fields(Withdrawal)} - {
    "number", "undone", "undone_reason", "erased", "allowed_documents", "allowed_versions",
}  # fmt: skip
_LISTS = {"names", "versions", "addresses", "numbers", "contents", "digests", "texts"}


def event_of(withdrawal: Withdrawal) -> dict[str, object]:
    """Return the facts of the journal's line for a new withdrawal."""
    facts = {name: getattr(withdrawal, name) for name in sorted(_OWN)}
    return {"withdrawal": withdrawal.number} | {
        name: list(value) if name in _LISTS else dict(value) if name == "pages" else value
        for name, value in facts.items()
    }


def withdrawals_of(events: Iterable[Mapping[str, Any]]) -> dict[int, Withdrawal]:
    """Return every withdrawal by its number, undone ones too. Raises WithdrawalsUnreadable."""
    found: dict[int, Withdrawal] = {}
    for event in events:
        kind = event.get("event")
        if kind not in (WITHDRAWN, UNDONE, ALLOWED, ERASURE):
            continue
        try:
            if kind == WITHDRAWN:
                number = int(event["withdrawal"])
                found[number] = _begun(number, event)
                continue
            for number in event["withdrawals"] if kind == ALLOWED else [event["withdrawal"]]:
                found[number] = _changed(found[number], event)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            told = f"the journal's line “{kind}” can't be understood"
            raise WithdrawalsUnreadable(f"{told} ({error!r}); restore the journal from a backup") from error
    return found


def _begun(number: int, event: Mapping[str, Any]) -> Withdrawal:
    facts = {name: event[name] for name in _OWN}
    for name in _LISTS:
        facts[name] = tuple(map(str, facts[name]))
    return Withdrawal(number=number, **{**facts, "pages": {str(k): list(v) for k, v in facts["pages"].items()}})


def _changed(held: Withdrawal, event: Mapping[str, Any]) -> Withdrawal:
    if event["event"] == UNDONE:
        return replace(held, undone=event["at"], undone_reason=event["reason"])
    if event["event"] == ERASURE:
        return replace(held, erased=True)
    return replace(
        held,
        allowed_documents=held.allowed_documents | {str(event["document"])},
        allowed_versions=held.allowed_versions | set(map(str, event["versions"])),
    )


def erased_addresses(events: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the addresses (keys) of documents that were erased for good, each with its withdrawal's number.

    Where one version of a document was erased, its address may give another by now. Raises WithdrawalsUnreadable.
    """
    gone = [one for one in withdrawals_of(events).values() if one.erased and not one.undone and one.what == "document"]
    return {key: one.number for one in gone for key in one.addresses}


def next_number(events: Iterable[Mapping[str, Any]]) -> int:
    """Return the number that the next withdrawal has."""
    return 1 + max((int(event["withdrawal"]) for event in events if event.get("event") == WITHDRAWN), default=0)


def is_pending(events: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a withdrawal, or a change to one, was written down and not yet carried out: a command was killed."""
    pending = False
    for event in events:
        if event.get("event") in CHANGES:
            pending = True
        elif event.get("event") == CARRIED_OUT:
            pending = False
    return pending


def anything_withdrawn(folder: Path, today: str) -> bool:
    """Tell whether an archive's journal has a withdrawal that holds today, or can't be read: then nobody knows."""
    try:
        return any(one.is_active(today) for one in withdrawals_of(Journal(folder).read()).values())
    except (JournalDamaged, WithdrawalsUnreadable, OSError):
        return True
