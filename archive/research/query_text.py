"""Writes a question as a person would type it, so that another can be offered that asks a little less."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.research.query_fields import FieldAsked
from archive.research.query_tree import AllOf, AnyOf, Near, Node, Term

# A word that reads back as one word, whatever stands beside it.
_PLAIN = re.compile(r"[^\W_]\w*(?:['’.&-]\w+)*")
_OPERATORS = {"AND", "OR", "NOT", "NEAR"}


def written(tree: Node | None, fields: Iterable[FieldAsked] = ()) -> str:
    """Return what reads as this tree and these fields."""
    told = [_node(tree, top=True)] if tree is not None else []
    told += [("-" if field.excluded else "") + field.printed for field in fields]
    return " ".join(part for part in told if part)


def _node(node: Node, *, top: bool = False) -> str:
    if isinstance(node, Term):
        return _term(node)
    if isinstance(node, Near):
        return f"NEAR({' '.join(map(_term, node.terms))}, {node.distance})"
    text = " OR ".join(map(_node, node.parts)) if isinstance(node, AnyOf) else _all_of(node)
    return text if top else f"({text})"


def _all_of(node: AllOf) -> str:
    return " ".join([*map(_node, node.parts), *("-" + _node(part) for part in node.without)])


def _term(term: Term) -> str:
    plain = _PLAIN.fullmatch(term.text) and term.text not in _OPERATORS
    return (term.text if plain else f'"{term.text}"') + "*" * term.prefix
