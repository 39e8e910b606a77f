"""A search as a table (CSV) and as a feed (Atom): the answers of `ask`, written down for other programs."""

from __future__ import annotations

from collections.abc import Sequence

from archive.research.hit_rows import COLUMNS, hit_rows
from archive.research.rows import Row
from archive.site.atom import Entry, Feed, write_feed
from archive.site.search_links import SearchLinks
from archive.table_csv import table_csv

CSV = "text/csv; charset=utf-8"
# Of each document; how many more there are is said.
PAGES_IN_TABLE = 20
ENTRIES = 50


def search_csv(found: Row, base: str) -> str:
    """Return what was found as CSV, a row for each page; notes on the question stand in the last rows."""
    told = [[*[""] * (len(COLUMNS) - 1), note] for note in found["notes"]]
    return table_csv([COLUMNS, *hit_rows(found, base), *told])


def search_feed(found: Row, links: SearchLinks, base: str, name: str, turns: Sequence[Entry] = ()) -> bytes:
    """Return what was found as a feed, the newest first. An entry is a document; it keeps its id for good. `turns` are
    entries that say how the sources are: a feed that is silent since one is blocked would look like one that isn't."""
    asked = " ".join([links.text, *(f"{key}: {value}" for key, value in links.here if key != "sort")]).strip()
    page = links.to()
    feed = Feed(
        name=f"search {base} {page}",
        title=f"{asked} · {name}",
        author=name,
        link=base + page,
        own=base + links.to(".atom"),
    )
    return write_feed(feed, [*turns, *(_entry(row, base) for row in found["results"])])


def _entry(row: Row, base: str) -> Entry:
    dated = row["published"] or row["posted"] or ""
    snippet = row["pages"][0]["snippet"] if row["pages"] else ""
    facts = [row["identifier"], dated, row["collection"], snippet]
    return Entry(
        name=f"document {row['id']}",
        title=row["title"] or row["identifier"] or row["id"],
        updated=row["first_seen"],
        link=base + (row["pages"][0]["url"] if row["pages"] else row["url"]),
        summary=" · ".join(filter(None, facts)),
        category=row["collection"],
    )
