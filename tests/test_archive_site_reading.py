"""What a reader found, on the site: parts, tables as HTML and CSV, outline, facts and warnings; nothing as markup."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from archive.catalog.opening import open_catalogue
from archive.research.rows import Row
from archive.site.fact_words import FOUND, SAID, told_of
from archive.site.page_sheet import is_prose, sheet_of
from tests.asking_the_site import get, has_foreign_script, open_site
from tests.catalogue_rows import STORY, Rows, make_catalogue

HOSTILE = '"><script>alert(1)</script>{{7*7}}'
COLUMNS = (
    "ICE queries what a vendor keeps of every\nplate that was read. The vendor decides how\n"
    "long each read is kept, and by whom."
)
TITLE = "Privacy Impact Assessment\nfor the\nReaders"
# One page: (kind, text), a blank line between them.
PIECES = [
    ("header", "Privacy Impact Assessment\nReaders, Page 3"),
    ("heading", "2.1 Retention"),
    ("text", COLUMNS + "\n\n" + TITLE),
    ("table", "Year Reads\n2017 =1+1"),
    ("side-note", "See 2.3 for the surveillance."),
    ("note", f"1 A note. {HOSTILE}"),
    ("footer", "3"),
]
CELLS = [["Year", "Reads"], ["2017", "=1+1"], ["-5", HOSTILE]]


def laid_out(pieces: list[tuple[str, str]]) -> tuple[str, list[list[Any]]]:
    text, parts = "", list[list[Any]]()
    for kind, piece in pieces:
        text += "\n\n" if text else ""
        parts.append([kind, len(text), len(text) + len(piece)])
        text += piece
    return text, parts


def make(path: Path, *, sample: bool = False) -> Path:
    """Make the catalogue of the small story with one document more, of which a reader found all that it can."""
    make_catalogue(path, sample=sample)
    with closing(open_catalogue(path)) as connection, connection:
        rows = Rows(connection)
        rows.page_ids = 1000
        rows.document("read", "dhs_pia", ["", "A picture's words", "The last page."], title="Read by all means")
        version = connection.execute("SELECT id FROM versions WHERE document = 'read'").fetchone()[0]
        text, parts = laid_out(PIECES)
        connection.execute(
            "UPDATE pages SET text = ?, parts = ?, outcome = 'text', broken = 'surveil-lance', covered = 12"
            " WHERE id = 1001",
            (text, json.dumps(parts)),
        )
        connection.execute("UPDATE pages SET origin = 'ocr', confidence = 0.926 WHERE id = 1002")
        connection.execute("UPDATE pages SET label = 'iii' WHERE id = 1003")
        of = {"version": version, "document": "read"}
        for number, cells in enumerate([CELLS, [["x"]] * 400, []], 1):
            rows.add(
                "page_tables",
                **of,
                page=1,
                number=number,
                headers=int(number == 1),
                rows=len(cells) or 9,
                columns=2,
                cells=json.dumps(cells),
            )
        for n in range(40):
            rows.add(
                "outline",
                **of,
                ordinal=n + 1,
                level=1 + n % 9,
                number=f"{n}.1",
                title=HOSTILE if n == 1 else f"Section {n}",
                page=1 + n % 3,
            )
        for n, name in enumerate([*SAID, *FOUND, HOSTILE, *["quotation"] * 9]):
            rows.add("facts", **of, ordinal=n + 1, name=name, value=f"said of {name} {HOSTILE}", page=n % 3)
        digest = connection.execute("SELECT content_digest FROM captures WHERE id = 'dhs_pia-capture'").fetchone()[0]
        rows.add(
            "readings",
            digest=digest,
            reader="pdf-3",
            outcome="text",
            detail="",
            pages=3,
            words=9,
            cover="",
            text_digest="",
            metadata=json.dumps({"Producer": f"A program {HOSTILE}"}),
        )
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return open_site(make(tmp_path_factory.mktemp("reading") / "archive.db"))


@pytest.fixture(scope="module")
def address(site: Datasette) -> str:
    return str(get(site, "/d/read.json").json()["versions"][0]["address"])


def shown_text(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def test_the_parts_of_a_page_are_told_apart_and_none_is_lost(site: Datasette, address: str) -> None:
    page = get(site, f"{address}/p1").text
    sheet = page[page.index('class="sheet"') : page.index("</article>")]
    assert f'<div class="part header"><p class="kept">{PIECES[0][1]}</p></div>' in sheet
    assert '<h2 class="part heading">2.1 Retention</h2>' in sheet
    assert f"<p>{COLUMNS}</p>" in sheet, "prose flows; its line ends stay in the text"
    assert f'<p class="kept">{TITLE}</p>' in sheet
    assert '<div class="part side-note" role="note" aria-label="Note at the side">' in sheet
    assert '<div class="part footer"><p class="kept">3</p></div>' in sheet
    assert HOSTILE not in page
    assert "{{7*7}}" in page


def test_marks_stand_in_parts(site: Datasette, address: str) -> None:
    page = get(site, f"{address}/p1?q=surveil-lance").text
    assert 'See 2.3 for the <mark id="hit">surveillance</mark>.' in page
    over_two = get(site, f"{address}/p1", params={"q": "kept, and by whom. Privacy Impact Assessment for the"}).text
    assert over_two.count('id="hit"') == 1
    assert (
        '<mark id="hit">kept, and by whom</mark>' in over_two or '<mark id="hit">kept, and by whom.</mark>' in over_two
    )
    assert "<mark>Privacy Impact Assessment\nfor the</mark>" in over_two


def test_what_a_reader_of_the_page_has_to_know(site: Datasette, address: str) -> None:
    covered, ocr = shown_text(get(site, f"{address}/p1").text), shown_text(get(site, f"{address}/p2").text)
    assert "Bad redaction: 12 letters under a drawn box are left out. Covered text is not shown here." in covered
    assert "Read by OCR from a picture, 93 % sure: check it against the original before quoting." in ocr
    assert "OCR" not in covered
    assert "redaction" not in ocr


@pytest.mark.parametrize("words", ["surveillance", "surveil-lance"])
def test_datasettes_own_search_finds_both_forms(site: Datasette, words: str) -> None:
    found = get(site, "/archive/pages.json", params={"_search": words, "_shape": "array"}).json()
    assert [row["id"] for row in found] == [1001]


def test_tables_are_shown_and_saved(site: Datasette, address: str) -> None:
    page = get(site, f"{address}/p1").text
    assert '<tr><th scope="col">Year</th><th scope="col">Reads</th></tr>' in page
    assert "<td>2017</td><td>=1+1</td>" in page
    assert "Not all of it is shown" in page
    assert "too large to be shown" in page
    link = re.search(r'Table 1: 3 rows, 2 columns · <a href="([^"]+)"', page)
    assert link is not None
    assert link[1] == f"{address}/p1/t1.csv"
    saved = get(site, link[1])
    assert saved.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert saved.headers["content-disposition"] == 'attachment; filename="read-page-1-table-1.csv"'
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert list(csv.reader(io.StringIO(saved.text, newline=""))) == [
        ["Year", "Reads"],
        ["2017", "'=1+1"],
        ["-5", HOSTILE],
    ]
    assert get(site, f"{address}/p1/t2.csv").headers["content-type"].endswith("header=absent")


def test_tables_that_arent_there(site: Datasette, address: str) -> None:
    for path in (
        "/p1/t3.csv",
        "/p1/t9.csv",
        "/p2/t1.csv",
        "/p9/t1.csv",
        "/t1.csv",
        "/p1/t1.csv.json",
        "/p1/t123456.csv",
    ):
        assert get(site, f"{address}{path}").status_code == 404, path
    moved = get(site, "/d/read/p1/t1.csv", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (302, f"{address}/p1/t1.csv")


def test_the_document_page_leads_to_sections_and_tables(site: Datasette, address: str) -> None:
    page = get(site, "/d/read").text
    assert f'<li class="l3"><a href="{address}/p3"><span class="number">2.1</span> Section 2</a>' in page
    assert "Section 2 page 3 (printed “iii”)" in shown_text(page)
    assert "20 more sections" in page
    assert f'<a href="{address}/p1#t2">Page 1, table 2</a>' in page
    assert f'<a href="{address}/p1/t1.csv">CSV</a>' in page
    assert 'href="#tables">3 tables</a>' in page
    assert '<span class="badge">OCR</span> A picture' in page
    assert '<span class="badge warn">bad redaction</span>' in page
    assert "2.1 Retention ICE queries" in shown_text(page), "a page's opening is its running text"


def test_facts_stand_under_the_words_of_people(site: Datasette) -> None:
    page = get(site, "/d/read").text
    said, found = page[page.index('id="said"') : page.index('id="outline"')], page[page.index('id="file"') :]
    assert "Reviewing official" in said
    assert "said of contact" in said
    assert "mailto:" not in page
    assert "As the file says; not verified." in found
    assert '<span class="badge warn">JavaScript</span>' in found
    assert "Covered text" in found
    assert "A program" in found
    assert "5 more" in said, "of ten quotations five are shown at first"
    assert HOSTILE not in page
    assert not has_foreign_script(page)


def test_of_an_article_the_text_comes_first(tmp_path: Path) -> None:
    path = make(tmp_path / "archive.db")
    with closing(open_catalogue(path)) as connection, connection:
        version = connection.execute("SELECT newest_version FROM documents WHERE id = ?", (STORY,)).fetchone()[0]
        Rows(connection).add(
            "facts", version=version, document=STORY, ordinal=1, name="correction", value="Not so.", page=1
        )
    page = get(open_site(path), f"/d/{STORY}").text
    assert page.index('id="pages"') < page.index("Correction") < page.index('id="referred-by"')
    assert "<td>Not so.</td>" in page.replace("\n", ""), "on its only page, so no page is named"


@pytest.mark.parametrize("table", ["pages", "page_tables", "outline", "facts"])
def test_datasettes_own_pages_show_them_too(site: Datasette, table: str) -> None:
    page = get(site, f"/archive/{table}")
    assert page.status_code == 200
    assert HOSTILE not in page.text
    assert get(site, f"/archive/{table}.json?_shape=array").json()


def test_json_holds_all_of_it(site: Datasette, address: str) -> None:
    document = get(site, "/d/read.json").json()
    assert [len(document[name]) for name in ("tables", "outline", "facts")] == [3, 40, len(SAID) + len(FOUND) + 10]
    assert document["metadata"]["Producer"].startswith("A program")
    page = get(site, f"{address}/p1.json").json()["page"]
    assert page["parts"][0] == {"kind": "header", "start": 0, "end": len(PIECES[0][1])}
    assert (page["also"], page["covered"], page["tables"][0]["cells"]) == (["surveil-lance"], 12, CELLS)


def test_a_sample_says_so_in_the_name_of_a_file(tmp_path: Path) -> None:
    site = open_site(make(tmp_path / "archive.db", sample=True))
    saved = get(site, "/d/read/p1/t1.csv", follow_redirects=True)
    assert 'filename="sample-read-page-1-table-1.csv"' in saved.headers["content-disposition"]


@pytest.mark.parametrize(
    ("paragraph", "flows"),
    [
        (COLUMNS, True), (TITLE, False), ("One line of a paragraph.", True), ("short", True), ("two\nshort", False),
        ("• the first of the things that are kept\n• the second of the things that are kept", False),
        ("It is kept for five years after the last\nuse. The vendor", True),
    ],
    ids=["columns", "title", "one line", "short", "two short", "list", "ends short"],
)  # fmt: skip
def test_lines_flow_where_they_are_prose(paragraph: str, flows: bool) -> None:
    assert is_prose(paragraph) is flows


def test_a_page_without_parts_or_with_text_beside_them_is_shown_whole() -> None:
    def letters(page: Row) -> str:
        parts = sheet_of(page, [])
        return "".join(str(one.markup) for part in parts for one in part.paragraphs)

    text = "Before.\n\nA heading\n\nAfter."
    assert letters({"text": text, "parts": []}) == "Before.A headingAfter."
    assert letters({"text": text, "parts": [{"kind": "heading", "start": 9, "end": 18}]}) == "Before.A headingAfter."
    assert sheet_of({"text": " \n", "parts": []}, []) == []


def test_every_fact_has_words() -> None:
    said, found = told_of({"name": name, "value": "", "page": 0} for name in ("odd-thing", "javascript", "title"))
    assert [told.label for told in (*said, *found)] == ["Title", "JavaScript", "Odd thing"]
    assert [told.grave for told in found] == [True, False]
