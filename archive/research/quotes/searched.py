"""What was searched for a quotation that isn't found: how much, of what, as of when; and where to ask the same
again."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from urllib.parse import urlencode

from archive.research.quotes.quotation import Quotation
from archive.research.quotes.signs import WORD
from archive.research.scope import Scope, read_scope

# An address holds so many words of a quotation; a search has no more.
MOST_WORDS = 24


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched: a sentence, `documents` and `pages` (of all their versions), up to when they were
    captured, which release it was; what is known to be missing there; and the address that asks for the words again."""

    sentence: str
    documents: int
    pages: int
    captured_until: str
    release: int | None
    gaps: tuple[str, ...]
    address: str


class Searching:
    """What is searched in one catalogue or release, counted once."""

    def __init__(self, connection: sqlite3.Connection, scope: Scope | None = None) -> None:
        self._connection, self._scope = connection, scope

    def of(self, quotation: Quotation) -> Searched:
        """Return what was searched for a quotation."""
        self._scope = self._scope or read_scope(self._connection)
        scope = self._scope
        of = f"release {scope.release}" if scope.release is not None else "the working catalogue"
        sentence = (
            f"It isn't in the {scope.pages:,} page{'s'[: scope.pages != 1]} of {scope.documents:,}"
            f" document{'s'[: scope.documents != 1]} in all their versions, of {len(scope.sources)}"
            f" source{'s'[: len(scope.sources) != 1]}, as captured up to {scope.captured_until or 'no capture'}, {of}."
        )
        return Searched(sentence, scope.documents, scope.pages, scope.captured_until, scope.release,
                        tuple(gap.told for gap in scope.gaps), self._address(quotation, scope))  # fmt: skip

    @staticmethod
    def _address(quotation: Quotation, scope: Scope) -> str:
        """Return the path that asks for the longest part of a quotation as a phrase."""
        longest = max(quotation.plain, key=len, default=[])
        words = [token.text for token in longest if token.kind == WORD][:MOST_WORDS]
        pairs = [("q", f'"{" ".join(words)}"'), *([("as_of", str(scope.release))] if scope.release is not None else [])]
        return f"/absence?{urlencode(pairs, errors='replace')}"
