"""What a question asks for, as a tree: words, phrases and how they are joined. Knows neither how people write it nor
how it is asked of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a word or a phrase; `prefix` where anything that begins so will do."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Words and phrases that stand together: at most `distance` words between the end of the first and the last."""

    terms: tuple[Term, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of `parts`, on the same page, and none of `without`."""

    parts: tuple[Node, ...]
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of `parts`."""

    parts: tuple[Node, ...]


Node = Term | Near | AllOf | AnyOf


def all_of(parts: Iterable[Node], without: Iterable[Node] = ()) -> Node | None:
    """Return what asks for all of `parts` and none of `without`, as flat as it can be; None for nothing at all.

    What has no parts asks for nothing by itself; it only leaves out.
    """
    kept: list[Node] = []
    left_out = list(without)
    for part in parts:
        if isinstance(part, AllOf):
            kept += part.parts
            left_out += part.without
        else:
            kept.append(part)
    wanted = tuple(dict.fromkeys(kept))
    if len(wanted) == 1 and not left_out:
        return wanted[0]
    return AllOf(wanted, tuple(dict.fromkeys(left_out))) if wanted or left_out else None


def any_of(parts: Iterable[Node]) -> Node | None:
    """Return what asks for one of `parts`, as flat as it can be; None where there are none."""
    kept: list[Node] = []
    for part in parts:
        kept += part.parts if isinstance(part, AnyOf) else [part]
    alternatives = tuple(dict.fromkeys(kept))
    return alternatives[0] if len(alternatives) == 1 else AnyOf(alternatives) if alternatives else None


def only_leaves_out(node: Node) -> bool:
    """Tell whether a node names nothing to look for, only what must not be there."""
    return isinstance(node, AllOf) and not node.parts


def terms_of(node: Node | None) -> Iterator[Term]:
    """Yield all that is looked for, in the order typed; not what is left out."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Near):
        yield from node.terms
    elif node is not None:
        for part in node.parts:
            yield from terms_of(part)
