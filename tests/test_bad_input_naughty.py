"""Naughty strings of our own classes in a document's texts, to pages, search, JSON, CSV and back (HT-15)."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from archive.catalog.opening import open_catalogue
from pipelines.text.cleaning import clean_line
from tests.asking_the_site import get, open_site
from tests.catalogue_rows import PIA, make_catalogue
from tests.figures import figure

NAUGHTY = (
    "undefined", "null", "NULL", "None", "NaN", "-1/0", "1e309", "0x0", "١٢٣", "１２３", "9" * 400,
    "' OR 1=1--", "'; DROP TABLE documents; --", '"', "'", "`", "\\", "\\\\", "%", "%s%n", "%00", "{0}", "{{7*7}}",
    "${x}",
    "<script>alert(1)</script>", "</title><svg/onload=x>", "&lt;b&gt;", "]]>", "<!--", "javascript:x",
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a,b\"c\nd", "../../etc/passwd", "C:\\con\\nul", "$(id)", "`id`", "| id",
    "a\u202eb", "a\u2066b\u2069", "\u200b", "\ufeff", "\U000e0041", "\ue000", "ﬁ ß İ ı", "e" + "\u0301" * 300,
    "مرحبا", "日本語", "😀👨\u200d👩\u200d👧", "\x00", "\x0b\x0c\x1b[31m", "\ud800", "\ufffe", "\u2028\u2029",
    "NOT", "AND OR",
    '"unclosed', "col:x", "a*", "^a", "(((", "NEAR(a b)",
)  # fmt: skip
COLUMNS = ("title", "published_words", "posted_words", "component")


def put(path: Path, text: str) -> None:
    with closing(open_catalogue(path)) as connection, connection:
        held = {row[1] for row in connection.execute("PRAGMA table_info(documents)")}
        for column in held & set(COLUMNS):
            connection.execute(f'UPDATE documents SET "{column}" = ? WHERE id = ?', (text, PIA))


def test_naughty_strings_come_back_unchanged_or_cleaned(tmp_path: Path) -> None:
    path = make_catalogue(tmp_path / "archive.db")
    site = open_site(path)
    asked = failed = 0
    for naughty in NAUGHTY:
        text = clean_line(naughty, 500)  # as all that comes from a page is
        put(path, text)
        asks = [f"/d/{PIA}", "/", f"/search?q={quote(text)}", f"/search.json?q={quote(naughty, errors='replace')}",
                f"/n/{quote(text, safe='')}", f"/cite?url={quote(text)}",
                f"/archive/documents?title={quote(text)}"]  # fmt: skip
        answers = [get(site, address, follow_redirects=True) for address in asks]
        answers += [get(site, f"/d/{PIA}.json"), get(site, "/archive/documents.csv?_size=max")]
        asked += len(answers)
        failed += sum(one.status_code >= 500 for one in answers)
        assert not [one.url for one in answers if one.status_code >= 500], naughty
        for one in answers[:3]:
            assert "<script>alert(1)" not in one.text
            assert "<svg/onload" not in one.text
        assert text in str(answers[-2].json()) or repr(text)[1:-1] in str(answers[-2].json()), naughty
        rows = list(csv.DictReader(io.StringIO(answers[-1].content.decode("utf-8"), newline="")))
        told = next(row["title"] for row in rows if row["id"] == PIA)
        # A spreadsheet must not take it for a formula.
        assert told in (text, f"'{text}"), naughty
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    figure("HT-15", strings=len(NAUGHTY), answers=asked, server_errors=failed)
