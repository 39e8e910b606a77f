"""The search page and its other forms: filters as links, snippets that lead to the page, CSV, Atom, a batch by POST."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import random
import re
import sqlite3
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest
from datasette.app import Datasette

from archive.catalog.opening import open_catalogue
from archive.research.batch import COLUMNS, MOST_BYTES, MOST_QUERIES, OUTCOMES
from archive.site import batch_views
from archive.site.server import open_archive
from tests.asking_the_site import get, open_site
from tests.catalogue_rows import AWARD, PIA, STORY, make_catalogue
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.test_archive_research_query import random_question
from tests.test_bad_input_naughty import NAUGHTY

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return open_site(make_catalogue(tmp_path_factory.mktemp("site") / "archive.db"))


def post(site: Datasette, path: str, **options: Any) -> Any:
    async def ask() -> Any:
        return await site.client.post(path, **options)

    return asyncio.run(ask())


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def links(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="(/[^"]*)"', page)]


def test_filters_are_links_that_add_and_remove_them(site: Datasette) -> None:
    page = get(site, "/search?q=plate").text
    assert "/search?q=plate&component=ICE" in links(page)
    page = get(site, "/search?q=plate&component=ICE&kind=award").text
    assert {"/search?q=plate&kind=award", "/search?q=plate&component=ICE"} <= set(links(page))
    assert '<input type="hidden" name="component" value="ICE">' in page
    typed = get(site, "/search?q=plate+component%3AICE+-type%3Aaward").text
    assert {"/search?q=plate+-type%3Aaward", "/search?q=plate+component%3AICE"} <= set(links(typed))
    assert "1 document" in typed
    several = get(site, "/search.json?component=ICE&component=CBP&collection=Privacy+impact+assessments").json()
    assert (several["total"], several["filters"]["component"]) == (2, ["ICE", "CBP"])


def test_a_snippet_leads_to_its_page_with_the_words_marked(site: Datasette) -> None:
    page = get(site, "/search?q=vendor+component%3AICE").text
    hit = next(link for link in links(page) if link.endswith("#hit"))
    assert "?q=vendor#hit" in hit
    assert "<mark" in get(site, hit.partition("#")[0]).text


def test_days_are_asked_for_by_fields_and_their_spellings(site: Datasette) -> None:
    assert get(site, "/search.json?q=plate&after=December+2017&before=2018-01").json()["total"] == 1
    wrong = get(site, "/search.json?q=plate&after=soon").json()
    assert wrong["total"] == 3
    assert "no date" in wrong["notes"][0]
    assert 'name="on" type="date" value="2018-01-26"' in get(site, "/search?q=plate&on=2018-01-26").text


def test_where_nothing_is_found_links_lead_to_something(site: Datasette) -> None:
    page = get(site, "/search?q=plate+zebra&component=CBP").text
    assert "On no page stands <strong>zebra</strong>" in page
    offered = re.search(r'id="instead-word".*?</section>', page, re.DOTALL)
    assert offered
    assert "/search?q=plate&component=CBP" in links(offered[0])
    assert "/search?q=plate" in links(get(site, "/search?q=plate&component=CBP").text)


def test_a_release_knows_its_words(demo_made: DemoArchive) -> None:
    """Where a release is served, spellings come from its own words, and facets have vendors and outlets."""
    site = open_archive(demo_made.path)
    page = get(site, "/search?q=lisense+plate").text
    assert "/search?q=license+plate" in links(page)
    assert "Did you mean" in page
    found = get(site, "/search.json?q=surveilla*").json()
    assert found["total"] == get(site, "/search.json?q=surveillance").json()["total"] > 0
    assert get(site, "/search.json?q=plate").json()["facets"]["outlet"]
    answer = get(site, "/search.csv?q=plate")
    again = get(site, "/search.csv?q=plate", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_table_has_a_row_for_each_page(site: Datasette) -> None:
    rows = rows_of(get(site, "/search.csv?q=plate"))
    assert [(row["document"], row["page"]) for row in rows][:2] == [(PIA, "2"), (PIA, "1")]
    assert {row["document"] for row in rows} == {PIA, AWARD, STORY}
    assert rows[0]["address"] == f"/d/{rows[0]['version']}/p2"
    assert rows[0]["date"] == "2017-12-27"
    cut = rows_of(get(site, "/search.csv?q=plate&limit=1"))
    assert cut[-1]["note"] == "2 more documents hold it; offset=1 has them"
    assert get(site, "/search.csv?q=plate").headers["content-type"].startswith("text/csv")
    assert "asterisk" in rows_of(get(site, "/search.csv?q=p*"))[-1]["note"]


def test_a_feed_has_the_newest_first_under_lasting_names(site: Datasette) -> None:
    answer = get(site, "/search.atom?q=plate&component=ICE")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert len(feed.entries) == 2
    again = feedparser.parse(get(site, "/search.atom?q=vendor").content)
    assert {entry.id for entry in again.entries} <= {entry.id for entry in feed.entries}
    assert again.feed.id != feed.feed.id
    assert get(site, "/search.atom").status_code == 400
    assert get(site, "/search.atom?sql=select+1").status_code == 400


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[tuple[Datasette, sqlite3.Connection]]:
    path = make_catalogue(tmp_path / "archive.db")
    with closing(open_catalogue(path)) as connection:
        yield open_site(path), connection


CELLS = ("=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1", 'a"b,c\nd', "<script>alert(1)</script>",
         "]]><x/>", "&lt;b&gt;", "javascript:alert(1)", "\x0b\x0c\x1b[31m", "\ufffe", "مرحبا", "'=1")  # fmt: skip


def test_hostile_titles_are_text_in_every_form(hostile: tuple[Datasette, sqlite3.Connection]) -> None:
    site, connection = hostile
    calculated = broken = 0
    for title in CELLS:
        with connection:
            connection.execute("UPDATE documents SET title = ?, number = ?, component = ?", (title, title, title))
        row = rows_of(get(site, "/search.csv?q=plate"))[0]
        calculated += bool(re.match(r"[=+\-@＝\t\r]", row["title"]))
        assert row["title"].removeprefix("'") == title.removeprefix("'") or row["title"] == "'" + title
        feed = get(site, "/search.atom?q=plate").content
        ET.fromstring(feed)
        broken += bool(feedparser.parse(feed).bozo)
        page = get(site, "/search?q=plate").text
        assert "<script>alert(1)" not in page + feed.decode()
        data = get(site, "/search.json?q=plate")
        assert data.headers["x-content-type-options"] == "nosniff"
        assert "<script" not in data.text
        assert data.json()["results"][0]["title"] == title
        batch = rows_of(post(site, "/search/batch.csv", data={"lines": "plate"}))[0]
        calculated += bool(re.match(r"[=+\-@＝\t\r]", batch["title"]))
    figure("XS-06", feeds=len(CELLS), not_well_formed=broken)
    figure("XS-08", cells=2 * len(CELLS), taken_for_formulas=calculated)
    assert not calculated
    assert not broken


def test_hostile_questions_are_text_in_every_form(site: Datasette) -> None:
    """XS-05: the box, filters, order and days; also in the page's title and in feeds."""
    asked = failed = 0
    payloads = [*CELLS, '"><img src=x onerror=alert(1)>', "'-alert(1)-'", "</title><svg/onload=x>", "${7*7}", "{{7*7}}"]
    for payload in [*payloads, *NAUGHTY]:
        text = payload.encode("utf-8", "replace").decode()
        every = ("q", "component", "vendor", "sort", "after", "on", "number", "title", "year", "offset", "limit")
        for name in every if payload in payloads else ("q", "vendor"):
            for form in ("", ".atom") if name == "q" else ("",):
                answer = get(site, f"/search{form}?{urlencode({'q': 'plate', name: text})}")
                asked += 1
                failed += answer.status_code >= 500
                assert not re.search(r"<img src=x|<svg/onload|<script>alert", answer.text), (name, payload)
    figure("XS-05", asked=asked, answered_5xx=failed, unescaped=0)
    assert not failed


def test_a_batch_answers_every_question_in_its_order(site: Datasette) -> None:
    sent = b'note,query\nx,plate\ny,"""license plate"""\nz,no-such-thing\n,\na,-toll\nb,plate\nc,"component:ICE,CBP"\n'
    rows = rows_of(post(site, "/search/batch.csv", content=sent, headers={"content-type": "text/csv"}))
    order = list(dict.fromkeys((row["row"], row["query"], row["outcome"], row["documents"]) for row in rows))
    assert order == [
        ("2", "plate", "found", "3"), ("3", '"license plate"', "found", "2"), ("4", "no-such-thing", "nothing", "0"),
        ("6", "'-toll", "not-understood", "0"), ("7", "plate", "found", "3"), ("8", "component:ICE,CBP", "found", "3"),
    ]  # fmt: skip
    assert list(rows[0]) == list(COLUMNS)
    assert {row["outcome"] for row in rows} <= set(OUTCOMES)


def test_a_batch_from_the_form(site: Datasette) -> None:
    page = get(site, "/search/batch").text
    assert 'enctype="multipart/form-data"' in page
    told = post(site, "/search/batch.csv", data={"lines": 'plate\r\n"license plate"', "each": "1"},
                files={"file": ("", b"")})  # fmt: skip
    assert {(row["query"], row["document"]) for row in rows_of(told)} == {("plate", PIA), ('"license plate"', PIA)}
    for name, file in (
        ("q.csv", b'q\n"""license plate"""'),
        ("q.txt", b'"license plate"'),
        ("q.csv", "\ufeffquery\nplaté".encode("utf-16")),
    ):
        told = post(site, "/search/batch.csv", data={"lines": "unread"}, files={"file": (name, file)})
        assert rows_of(told)[0]["document"] == PIA, name


def test_a_batch_is_bounded_and_alone(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    assert post(site, "/search/batch.csv", content=b"x" * (MOST_BYTES + 1)).status_code == 413
    assert post(site, "/search/batch.csv", content=b"").status_code == 400
    assert get(site, "/search/batch.csv").status_code == 405
    assert post(site, "/search", content=b"q=plate").status_code == 405
    many = "\n".join(["zzz"] * (MOST_QUERIES + 7)).encode()
    monkeypatch.setattr(batch_views, "SECONDS", 0.0)
    rows = rows_of(post(site, "/search/batch.csv", content=many, headers={"content-type": "text/plain"}))
    assert len(rows) == MOST_QUERIES + 1
    assert {row["outcome"] for row in rows} == {"not-asked"}
    assert rows[-1]["note"].startswith("7 more")
    monkeypatch.undo()
    monkeypatch.setattr(batch_views, "QUESTION_MS", 0)

    async def two() -> list[Any]:
        return await asyncio.gather(
            *(site.client.post("/search/batch.csv", data={"lines": "plate\n" * 30}) for _ in range(2)),
            site.client.get("/search?q=plate"),
        )

    first, second, reader = asyncio.run(two())
    assert sorted([first.status_code, second.status_code]) == [200, 503] or "Another batch" in first.text + second.text
    assert reader.status_code == 200
    busy = second if second.status_code == 503 else first
    assert busy.status_code != 503 or busy.headers["retry-after"]
    assert post(site, "/search/batch.csv", data={"lines": "plate"}).status_code == 200, "the next one has its turn"


@pytest.mark.parametrize(
    "body", [b"\x00\xff\xfe", b'"', b'"a\nb', b"--x\r\n\r\n", b"\xff\xfea", b"a" * 200_000, b"," * 999]
)
@pytest.mark.parametrize("kind", ["text/csv", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data",
                                  "application/x-www-form-urlencoded", "", "x; y=\u00e9"])  # fmt: skip
def test_no_batch_is_an_error(site: Datasette, body: bytes, kind: str) -> None:
    answer = post(site, "/search/batch.csv", content=body, headers={"content-type": kind.encode("latin-1")})
    assert answer.status_code in {200, 400}


def test_from_another_page_a_batch_reads_what_all_may_read_and_sets_nothing(site: Datasette) -> None:
    """It needs no token (CSRF): it writes nothing, and no cookie says who asks."""
    forged = {"origin": "https://evil.example", "cookie": "ds_csrftoken=x; other=1"}
    answer = post(site, "/search/batch.csv", data={"lines": "plate"}, headers=forged)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.soak
def test_readers_are_answered_while_a_whole_batch_runs(demo_made: DemoArchive) -> None:
    """SQ-11: 2,500 random questions, many of them the grammar's worst, and a reader who asks all the while."""
    site = open_archive(demo_made.path)
    rng = random.Random(11)
    lines = [random_question(rng).replace("\n", " ") or "x" for _ in range(MOST_QUERIES)]

    async def ask(until: asyncio.Event, took: list[float], least: int) -> int:
        failed = 0
        while not until.is_set() or len(took) < least:
            began = time.perf_counter()
            failed += (await site.client.get("/search?q=license+plate")).status_code != 200
            took.append(time.perf_counter() - began)
        return failed

    async def both() -> tuple[Any, list[float], list[float], int]:
        done = asyncio.Event()
        alone: list[float] = []
        beside: list[float] = []
        done.set()
        failed = await ask(done, alone, 40)
        done.clear()
        reading = asyncio.create_task(ask(done, beside, 1))
        text = "\n".join(line.encode("utf-8", "replace").decode() for line in lines)
        batch = await site.client.post(
            "/search/batch.csv", content=text.encode(), headers={"content-type": "text/plain"}
        )
        done.set()
        return batch, alone, beside, failed + await reading

    batch, alone, beside, failed = asyncio.run(both())
    rows = rows_of(batch)
    told = Counter(outcome for _, outcome in {(row["row"], row["outcome"]) for row in rows})
    middle, worst = sorted(beside)[len(beside) // 2], sorted(beside)[-max(len(beside) // 100, 1)]
    figure("SQ-11", questions=len(lines), outcomes=dict(told), readers_failed=failed, asked_beside=len(beside),
           median_to_alone=round(middle / sorted(alone)[len(alone) // 2], 1),
           p99_to_alone=round(worst / sorted(alone)[-1], 1))  # fmt: skip
    assert not failed
    assert set(told) <= set(OUTCOMES)
