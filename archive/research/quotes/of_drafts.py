"""Checks the quotations of a draft, each against what the draft cites for it. Nothing of a draft is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from archive.drafts.draft import Draft, Quotation
from archive.research.quotes.checking import Checker
from archive.research.quotes.outcomes import ABSENT, ELSEWHERE, EXACT, NEAR, Checked, Wanted
from archive.research.quotes.resolving import Meant, Resolved, resolve
from archive.research.scope import Scope

# Where several documents are cited for a quotation, the best of what comes of each.
_BETTER = (EXACT, ELSEWHERE, NEAR, ABSENT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A quotation of a draft, its number in the draft's order from 1, what is cited for it, and what became of it."""

    number: int
    quotation: Quotation
    cited: Resolved
    checked: Checked


def iter_entries(
    connection: sqlite3.Connection, draft: Draft, documents: Sequence[str] = (), scope: Scope | None = None
) -> Iterator[Entry]:
    """Yield an entry for each quotation of a draft, in its order, repeats included.

    `documents` (ids, numbers or addresses) are what the draft is about: cited wherever it cites nothing itself. `scope`
    is what is searched, where that was counted before.
    """
    checker = Checker(connection, scope)
    about = resolve(connection, [_given(one) for one in documents])
    known: dict[tuple[str, Resolved], Checked] = {}
    for number, quotation in enumerate(draft.quotations, 1):
        cited = resolve(connection, [(cite.kind, cite.said) for cite in quotation.cites])
        if not cited.meant and not cited.not_held:
            cited = replace(about, page=cited.page)
        key = (quotation.words, cited)
        if key not in known:
            known[key] = _checked(checker, quotation.words, cited)
        yield Entry(number, quotation, cited, known[key])


def _given(said: str) -> tuple[str, str]:
    """Return what was given as a document as what a draft would cite."""
    is_address = said.startswith(("http:", "https:", "/")) or said == said.lower()
    return ("address" if is_address else "number"), said


def _checked(checker: Checker, words: str, cited: Resolved) -> Checked:
    found = [checker.check(wanted) for wanted in _wanted(words, cited)]
    best = min(found, key=lambda one: (_BETTER.index(one.outcome), one.page_agrees is False))
    if cited.not_held:
        told = " and ".join(cited.not_held[:3])
        best = replace(best, notes=(*best.notes, f"The draft cites {told}, of which nothing is held here."))
    return best


def _wanted(words: str, cited: Resolved) -> Iterable[Wanted]:
    meant = cited.meant
    if not meant and any(not said.startswith(("http", "/")) for said in cited.not_held):
        meant = (Meant(NOT_HELD, "", cited.not_held[0]),)
    return [Wanted(words, one.document, one.version, cited.page) for one in meant] or [Wanted(words, page=cited.page)]


# No document is called so: what is found for a number of which nothing is held stands elsewhere.
NOT_HELD = "(not held)"
