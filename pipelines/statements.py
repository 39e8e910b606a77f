"""Items as statements: what a capture says, in canonical JSON, named by its own digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from archive.outcomes import OUTCOMES
from pipelines.items import Article, Award, Copy, File, Index, Item, Listed, Notice, Problem, WebPage
from pipelines.text.cleaning import UNSTORABLE

KINDS: dict[type[Item], str] = {
    Index: "index",
    Listed: "listed",
    File: "file",
    WebPage: "web-page",
    Article: "article",
    Notice: "notice",
    Award: "award",
    Copy: "copy",
    Problem: "problem",
}
# What counts as a document of a run, and so against what its source expects.
DOCUMENTS = frozenset({"file", "web-page", "article", "notice", "award"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a capture says. `id` is the first 20 hex digits of the SHA-256 of kind and body."""

    id: str
    kind: str
    body: str


_INSTEAD = {"\r": "\r", "\ufeff": ""}  # a byte order mark shows nothing
_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")


def storable(text: str) -> str:
    """Return text as it can be stored and shown: controls, noncharacters and lone surrogates are U+FFFD.

    Tabs and line ends stay as printed; the rare ones are line feeds.
    """
    if text.isprintable():
        return text
    return UNSTORABLE.sub(lambda found: _INSTEAD.get(found[0], "\ufffd"), _LINE_ENDS.sub("\n", text))


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(inner) for key, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list | tuple) else value


def statement_of(item: Item) -> Statement:
    """Return an item as a statement: the same item gives the same statement, wherever it was seen.

    Raises TypeError for what is no item or holds what JSON has no form for, ValueError for a problem under a name
    that isn't in archive/outcomes.py. What no text may hold is U+FFFD (`storable`).
    """
    if type(item) not in KINDS:
        raise TypeError(f"a {type(item).__name__} is no item")
    if isinstance(item, Problem) and item.outcome not in OUTCOMES:
        raise ValueError(f"no outcome is called {item.outcome[:80]!r}")
    kind = KINDS[type(item)]
    facts = _storable(asdict(item))
    body = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    digest = hashlib.sha256(f"{kind}\n{body}".encode()).hexdigest()
    return Statement(digest[:20], kind, body)


def statements_of(items: Iterable[Item]) -> tuple[Statement, ...]:
    """Return items as statements, each once, in the order in which they were said."""
    return tuple({statement.id: statement for statement in map(statement_of, items)}.values())
