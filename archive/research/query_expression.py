"""Makes an FTS5 expression of a question, one that is never a syntax error. Knows no catalogue.

FTS5 has no alternatives within NEAR, so each choice of spellings is a NEAR of its own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from archive.research.query_tree import AllOf, AnyOf, Near, Node, Term

# Where a single word is looked for: not among the halves of broken words, or "serv-ice" would be found for ICE.
COLUMNS = "{text also}: "
MOST_CHOICES = 16
_SPELLINGS_NEAR = 4
_WORDS = re.compile(r"\w+")

Spellings = Callable[[Term], tuple[Term, ...]]


def as_typed(term: Term) -> tuple[Term, ...]:
    """Return a term as its only spelling."""
    return (term,)


def expression(tree: Node | None, spellings: Spellings = as_typed, columns: str = COLUMNS) -> str:
    """Return the FTS5 expression of a tree; "" where there is nothing to look for.

    `spellings` gives the forms under which a term may stand on a page (those of a number). `columns` says where
    single words are looked for, "" everywhere.
    """
    return _Writer(spellings, columns).write(tree) if tree is not None else ""


@dataclass(frozen=True, slots=True)
class _Writer:
    spellings: Spellings
    columns: str

    def write(self, node: Node) -> str:
        if isinstance(node, Term):
            return _joined(" OR ", [self._quoted(form) for form in self.spellings(node)])
        if isinstance(node, Near):
            return self._near(node)
        if isinstance(node, AnyOf):
            return _joined(" OR ", [self.write(part) for part in node.parts])
        return self._all_of(node)

    def _all_of(self, node: AllOf) -> str:
        if not node.parts:
            return ""
        wanted = _joined(" AND ", [self.write(part) for part in node.parts])
        without = _joined(" OR ", [self.write(part) for part in node.without])
        return f"({wanted} NOT {without})" if without else wanted

    def _near(self, node: Near) -> str:
        forms = [self.spellings(term)[:_SPELLINGS_NEAR] for term in node.terms]
        choices = itertools.islice(itertools.product(*forms), MOST_CHOICES)
        within = "text: " if self.columns else ""
        return _joined(" OR ", [
            f"{within}NEAR({' '.join(map(_in_quotes, choice))}, {node.distance})" for choice in choices
        ])  # fmt: skip

    def _quoted(self, term: Term) -> str:
        """Return a term with where it is looked for: a phrase in all columns, since "surveil-lance" is one."""
        return (self.columns if len(_WORDS.findall(term.text)) <= 1 else "") + _in_quotes(term)


def _in_quotes(term: Term) -> str:
    return '"' + term.text.replace('"', '""') + '"' + ("*" if term.prefix else "")


def _joined(joint: str, parts: list[str]) -> str:
    kept = [part for part in parts if part]
    return kept[0] if len(kept) == 1 else "(" + joint.join(kept) + ")" if kept else ""
