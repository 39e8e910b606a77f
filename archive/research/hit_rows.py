"""What a search found as rows of a table, one for each page that holds it; what is left out is a row that says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archive.research.rows import Row

COLUMNS = ("document", "number", "title", "collection", "component", "date", "version", "page", "hits", "snippet",
           "address", "note")  # fmt: skip


def hit_rows(found: Row, base: str = "", *, with_rest: bool = True) -> Iterator[list[str]]:
    """Yield the rows of a search's answer, in the order of COLUMNS; `base` is put before each address.

    A document that is found by its number or its title, on no page, has a row without a page. `note` says how many
    pages of a document aren't listed; a last row says how many documents aren't, unless `with_rest` is False.
    """
    for row in found["results"]:
        facts = [row["id"], row["identifier"], row["title"], row["collection"], row["component"],
                 row["published"] or row["posted"] or ""]  # fmt: skip
        more = row["pages_found"] - len(row["pages"])
        note = f"{more:,} more pages of this document hold it" if more > 0 else ""
        pages = row["pages"] or [{}]
        for page in pages:
            yield [*facts, *_page(page), base + page.get("url", row["url"]), note if page is pages[-1] else ""]
    left = found["total"] - found["offset"] - len(found["results"])
    if left > 0 and with_rest:
        about = "about " if found.get("total_about") else ""
        yield [*[""] * (len(COLUMNS) - 1), f"{about}{left:,} more documents hold it; offset={_next(found)} has them"]


def _page(page: dict[str, Any]) -> list[str]:
    return [str(page.get(name, "")) for name in ("version", "number", "hits", "snippet")]


def _next(found: Row) -> int:
    return int(found["offset"]) + len(found["results"])
