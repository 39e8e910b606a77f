"""Items as statements: what a capture says, in canonical JSON, named by its own digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pipelines.items import Article, File, Index, Item, Listed, Notice, Problem, WebPage

KINDS: dict[type[Item], str] = {
    Index: "index",
    Listed: "listed",
    File: "file",
    WebPage: "web-page",
    Article: "article",
    Notice: "notice",
    Problem: "problem",
}
# What counts as a document of a run, and so against what its source expects.
DOCUMENTS = frozenset({"file", "web-page", "article", "notice"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a capture says. `id` is the first 20 hex digits of the SHA-256 of kind and body."""

    id: str
    kind: str
    body: str


def statement_of(item: Item) -> Statement:
    """Return an item as a statement: the same item gives the same statement, wherever it was seen."""
    kind = KINDS[type(item)]
    body = json.dumps(asdict(item), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(f"{kind}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()
    return Statement(digest[:20], kind, body)


def statements_of(items: Iterable[Item]) -> tuple[Statement, ...]:
    """Return items as statements, each once, in the order in which they were said."""
    return tuple({statement.id: statement for statement in map(statement_of, items)}.values())
