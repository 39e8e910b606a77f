"""What people write by hand about an archive is plain text on every page: reasons, titles, descriptions (XS-18)."""

from __future__ import annotations

import copy
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.joins_file import parse_corrections
from archive.links_file import parse_links
from archive.release.folder import Releases
from archive.release.withdrawing import Asked, undo, withdraw
from archive.store.journal import Journal
from tests.asking_the_site import METADATA, get
from tests.catalogue_rows import AWARD, PIA, SCAN, make_catalogue
from tests.figures import figure
from tests.released import build
from tests.served_releases import site_of

# HTML, Markdown, a template and a formula: each with the number of the field that it stands in.
PAYLOAD = (
    "\"'><script>alert({n})</script><img src=x{n} onerror=alert({n})>&lt;b&gt; **bold{n}** [x](javascript:alert({n})) "
    "![i](http://x.invalid/{n}.png) {{{{7777*7}}}} </title></textarea></style><svg onload=alert({n})>"
)
RAW = re.compile(r"<script>alert|<img src=x|<svg onload|<strong>b|href=\"?javascript|x\.invalid/\d+\.png\"|\b54439\b")
KEPT = {"sql", "license_url", "source_url", "about_url", "sort", "sort_desc", "label_column", "size"}
JOIN = "[[join]]\naddresses = ['https://a.example/1', 'https://a.example/2']\n"
LINK = f'[[link]]\ndocument = "{PIA}"\ntarget = "DHS/ICE-011"\nto = "{AWARD}"\n'
AT = "2026-11-29T20:00:00Z"


class Planted:
    """Counts the fields that hold a payload."""

    def __init__(self) -> None:
        self.fields: dict[int, str] = {}

    def text(self, field: str) -> str:
        number = 1000 + len(self.fields)
        self.fields[number] = field
        return PAYLOAD.format(n=number)

    def metadata(self, told: Any, path: str = "") -> Any:
        """Return metadata with a payload behind each text that people read."""
        if isinstance(told, dict):
            return {name: one if name in KEPT else self.metadata(one, f"{path}/{name}") for name, one in told.items()}
        return told + self.text(path) if isinstance(told, str) else told


def make_archive(folder: Path, planted: Planted) -> None:
    """Make an archive with a release; in a joins.toml, in its sources and in withdrawals stands what would run."""
    make_catalogue(folder / "archive.db")
    reason = parse_corrections(JOIN + f"reason = '''{planted.text('joins.toml/reason')}'''\n").held[0].reason
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        connection.row_factory = sqlite3.Row
        connection.execute(
            "INSERT INTO joins (document, ordinal, rule, url, other_url, score, evidence)"
            " VALUES (?, 1, 'by-hand', 'https://a.example/1', 'https://a.example/2', 0, ?)",
            (PIA, reason),
        )
        # Without anything that happened, a page has no place that tells why addresses are one document.
        connection.execute(
            "INSERT INTO changes (id, at, document, kind, url) VALUES ('c1', ?, ?, 'moved', 'https://a.example/2')",
            (AT, PIA),
        )
        told = parse_links(LINK + f"reason = '''{planted.text('links.toml/reason')}'''\n").held[0].reason
        connection.execute("UPDATE \"references\" SET corrected = ?, rule = 'number', leads_by = 'by-hand'", (told,))
        for column in ("title", "publisher", "description"):
            connection.execute(f"UPDATE sources SET {column} = ?", (planted.text(f"sources/{column}"),))
        journal = Journal(folder)
        withdraw(connection, journal, Asked(SCAN, planted.text("withdrawal/reason"), AT))
        withdraw(connection, journal, Asked(AWARD, planted.text("withdrawal/reason of what was undone"), AT))
        undo(connection, journal, Asked("2", planted.text("withdrawal/reason for undoing"), AT))
    build(folder)


def test_xs_18_what_people_write_by_hand_is_plain_text_on_every_page(tmp_path: Path) -> None:
    planted = Planted()
    make_archive(tmp_path, planted)
    told = copy.deepcopy(METADATA)
    archive = told["databases"]["archive"]
    told = {**planted.metadata({name: one for name, one in told.items() if name != "plugins"}),
            "plugins": {"oversight": {"name": planted.text("name"), "contact": planted.text("contact")}}}  # fmt: skip
    site = site_of(Releases(tmp_path), metadata=told)
    paths = ["/", "/about", "/sources", "/withdrawals", "/dashboard", "/releases", "/search?q=plate", "/changes",
             f"/d/{PIA}", f"/d/{PIA}/story", f"/d/{SCAN}", "/archive", "/release-1", "/archive?sql=select+1",
             "/archive?sql=select+evidence+from+joins", "/unmatched", "/gaps", "/nothing", "/-/metadata",
             *(f"/archive/{name}" for name in (*archive["tables"], *archive["queries"])),
             "/archive/joins?_facet=evidence", "/archive/sources?_facet=title", "/archive/withdrawals?_facet=reason",
             f"/archive/documents/{SCAN}", f"/archive/documents/{PIA}"]  # fmt: skip
    shown, pages, raw = set[int](), 0, list[tuple[str, str]]()
    for path in paths:
        answer = get(site, path)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        pages += 1
        raw += [(path, found[0]) for found in RAW.finditer(answer.text)]
        shown |= {int(number) for number in re.findall(r"&lt;script&gt;alert\((\d+)\)", answer.text)}
    unseen = sorted(name for number, name in planted.fields.items() if number not in shown)
    figure("XS-18", fields=len(planted.fields), shown=len(shown), pages=pages, raw=len(raw))
    assert raw == []
    assert unseen == []


def test_xs_18_the_metadata_has_no_html_of_its_own() -> None:
    """Datasette shows `description_html` as it is: nothing that is written by hand is put there."""
    assert re.findall(r'"[a-z_]+_html"', (Path(__file__).parent.parent / "datasette_metadata.json").read_text()) == []
