"""Naughty strings in every text field (HT-15): from a source's items to pages, search, JSON, CSV and back."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from pipelines.items import AWARD_FIELDS, NOTICE_FIELDS
from pipelines.statements import storable
from tests.asking_the_site import get, open_site
from tests.every_field import OTHER_FIELDS, SITE, every_field
from tests.figures import figure
from tests.test_bad_input_naughty import NAUGHTY

TABLES = ("documents", "pages", "notices", "awards", "articles", "listings", "outcomes", "identifiers", "dates")
# Columns that hold what a source said as it was printed, in each table.
AS_PRINTED = {
    "notices": ("title", "awardee", "department", "office", "description"),
    "awards": ("recipient", "agency", "office", "description", "competition"),
    "articles": ("outlet", "headline", "byline", "section"),
    "listings": ("title",),
}
RAW = ("<script>alert(1)", "<svg/onload", "</title><svg")


def as_told(text: str) -> set[str]:
    """Return how a field may be printed: unchanged, or cleaned as a statement is, blanks at its ends left off."""
    cleaned = storable(text)
    return {cleaned, cleaned.strip(), " ".join(cleaned.split())}


def asked(ids: list[str]) -> list[str]:
    pages = [f"/d/{quote(name)}{'.json' if place % 3 == 0 else ''}" for place, name in enumerate(ids)]
    words = [quote(storable(text), safe="") for text in NAUGHTY]
    looked_up = [f"/search{'.json' if place % 2 else ''}?q={word}" for place, word in enumerate(words)]
    looked_up += [f"/cite?url={word}" for word in words[::2]] + [f"/cite?url={quote(SITE)}/0/w", "/", "/sources"]
    shown = [f"/archive/{name}?_size=max" for name in TABLES]
    return [*pages, *looked_up, *shown]


def lost_from(table: str, rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Return what isn't in a column of a table as it was printed."""
    held = {name: {row[name] for row in rows} for name in AS_PRINTED.get(table, ())}
    return [
        (f"{table}.{name}", text) for name, values in held.items() for text in NAUGHTY if not values & as_told(text)
    ]


def test_every_field_comes_back_unchanged_or_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with closing(every_field(*NAUGHTY).connection) as made, closing(sqlite3.connect(path)) as file:
        ids = [row[0] for row in made.execute("SELECT id FROM documents ORDER BY id")]
        made.backup(file)
    site = open_site(path)
    answers, errors, raw, lost = 0, [], [], []
    for address in asked(ids):
        page = get(site, address, follow_redirects=True)
        answers += 1
        errors += [address] if page.status_code >= 500 else []
        if page.headers.get("content-type", "").startswith("text/html"):
            raw += [address for one in RAW if one in page.text]
    for table in TABLES:
        rows = get(site, f"/archive/{table}.json?_shape=array&_size=max").json()
        lines = get(site, f"/archive/{table}.csv?_size=max").content.decode()
        answers += 2
        lost += lost_from(table, rows)
        assert len(list(csv.DictReader(io.StringIO(lines, newline="")))) == len(rows), table
    fields = len(NOTICE_FIELDS) + len(AWARD_FIELDS) + OTHER_FIELDS
    figure("HT-15", strings=len(NAUGHTY), fields=fields, answers=answers, server_errors=len(errors), changed=len(lost))
    assert (errors, raw, lost) == ([], [], [])
    assert len(ids) > 4 * len(NAUGHTY)
