"""What a search that found nothing could ask less of: without which word, or which filter, something is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.research.query import Query, parse_query
from archive.research.query_text import written
from archive.research.query_tree import AllOf, Node, Term, all_of, any_of, only_leaves_out, terms_of
from archive.research.suggestions import words_of

MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class Loosened:
    """A question that asks less: `text` as typed, and what of the other it leaves out (`told`)."""

    text: str
    told: str


def missing_terms(tree: Node | None, is_there: Callable[[Node], bool]) -> list[str]:
    """Return the words and phrases that are on no page at all."""
    terms = list(dict.fromkeys(terms_of(tree)))[:MOST_TRIED]
    return [written(term) for term in terms if not is_there(term)]


def loosened(query: Query, is_there: Callable[[Node], bool]) -> Iterator[Loosened]:
    """Yield questions that find pages where this one finds none, the nearest first. `is_there` asks for a tree."""
    tree = query.tree
    phrases = _without_quotes(tree)
    if phrases is not None and phrases != tree and is_there(phrases):
        yield Loosened(written(phrases, query.fields), "the words of each phrase anywhere on a page")
    if not isinstance(tree, AllOf):
        return
    for part in (*tree.without, *tree.parts)[:MOST_TRIED]:
        rest = _without(tree, part)
        if rest is not None and is_there(rest):
            sign = "-" if part in tree.without else ""
            yield Loosened(written(rest, query.fields), f"without {sign}{_short(part)}")
    either = any_of(tree.parts)
    if either is not None and len(tree.parts) > 2 and is_there(either):
        yield Loosened(written(either, query.fields), "any one of the words")


def without_fields(query: Query) -> Iterator[Loosened]:
    """Yield the question without each of the filters that stand in it."""
    for name in dict.fromkeys(field.name for field in query.fields):
        kept = [field for field in query.fields if field.name != name]
        printed = " ".join(field.printed for field in query.fields if field.name == name)
        text = written(query.tree, kept)
        if text and parse_query(text).filters != query.filters:
            yield Loosened(text, f"without {printed}")


def _without(tree: AllOf, part: Node) -> Node | None:
    if part in tree.without:
        return all_of(tree.parts, [other for other in tree.without if other != part])
    rest = all_of([other for other in tree.parts if other != part], tree.without)
    return None if rest is None or only_leaves_out(rest) else rest


def _without_quotes(node: Node | None) -> Node | None:
    """Return a tree with the words of each phrase in its place, where phrases are all that it joins."""
    parts = node.parts if isinstance(node, AllOf) else (node,)
    if not all(isinstance(part, Term) for part in parts):
        return None
    words = [Term(word) for part in parts if isinstance(part, Term) for word in words_of(part.text)]
    return all_of(words, node.without if isinstance(node, AllOf) else ())


def _short(node: Node) -> str:
    text = written(node)
    return text if len(text) <= 60 else text[:59] + "…"
