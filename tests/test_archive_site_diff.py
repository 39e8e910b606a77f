"""Differences on the site and the command line: both versions' pages and words, at addresses that lead where they
should, whatever stands in the text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from datasette.plugins import pm

import oversight as program
from archive.catalog.opening import open_catalogue
from archive.site import plugin
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import address_of, get, has_foreign_script, open_site
from tests.catalogue_rows import AWARD, PIA, STORY, Rows, make_catalogue
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.hostile import pdf

CHANGED = "dhs-uscis-pia-056"
SPAN = "e4c4886314..fea9e7b340"
ENDS = ("", ".json", ".txt")
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'</del></ins> &amp; \u202e {{ 7*7 }} ]-} -->"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    if not pm.is_registered(plugin):
        pm.register(plugin)
    return open_archive(demo_made.path)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[Datasette, Rows]]:
    """Give a site over the small catalogue, and what changes it."""
    path = make_catalogue(tmp_path / "archive.db")
    with closing(open_catalogue(path)) as connection:
        yield open_site(path), Rows(connection)


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(program.main, list(map(str, arguments)))
    return done.exit_code, done.stdout, done.stderr


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.mark.parametrize("view", ["side", "inline"])
def test_the_page_names_the_pages_and_words_of_both_sides(site: ArchiveDatasette, view: str) -> None:
    page = get(site, f"/d/{CHANGED}/diff/{SPAN}?view={view}").text
    assert "1 page added (3)" in words(page)
    assert "<del>fifteen</del>" in page
    assert "<ins>twenty-five</ins>" in page
    assert f'href="/d/{CHANGED}@e4c4886314/p5"' in page
    assert f'href="/d/{CHANGED}@fea9e7b340/p6"' in page
    assert page.count('class="fold"') == 3, "what is the same is folded"
    assert page.count('class="pair"') == 2, "an inserted page marks itself only"
    assert not has_foreign_script(page)
    for link in set(re.findall(r'href="(/d/[^"#]+)', page)):
        assert get(site, html.unescape(link)).status_code == 200, link


def test_it_is_data_and_text_too(site: ArchiveDatasette) -> None:
    told = get(site, f"/d/{CHANGED}/diff/{SPAN}.json").json()
    assert (told["kind"], told["release"], told["sample"]) == ("real", 1, True)
    assert told["address"] == f"/d/{CHANGED}/diff/{SPAN}"
    assert [(one["before"], one["after"]) for one in told["pages"] if one["state"] == "added"] == [(None, 3)]
    edit = next(one for one in told["edits"] if one["removed"] == "fifteen")
    assert (edit["before"][0]["page"], edit["after"][0]["page"], edit["added"]) == (5, 6, "twenty-five")
    place = edit["after"][0]
    text = get(site, f"/d/{CHANGED}@fea9e7b340/p6.json").json()["page"]["text"]
    assert text[place["start"] : place["end"]] == "twenty-five"
    plain = get(site, f"/d/{CHANGED}/diff/{SPAN}.txt")
    assert plain.headers["content-type"].startswith("text/plain")
    assert "[-fifteen-] {+twenty-five+}" in plain.text


def test_addresses_lead_to_the_two_versions_by_name(site: ArchiveDatasette) -> None:
    for asked in ("diff", "diff/e4c4886314..", "diff/..fea9e7b340"):
        for ending in ("", ".json", ".txt"):
            moved = get(site, f"/d/{CHANGED}/{asked}{ending}?view=inline&as_of=1")
            assert (moved.status_code, moved.headers["location"]) == (
                302, f"/d/{CHANGED}/diff/{SPAN}{ending}?view=inline&as_of=1")  # fmt: skip
    assert get(site, f"/d/{CHANGED}/diff/e4c4..fea9").status_code == 200, "a digest may be cut short"
    first = get(site, f"/d/{CHANGED}/diff/..e4c4886314")
    assert (first.status_code, "is before “e4c4886314”" in first.text) == (404, True), "none is before the first"
    back = get(site, f"/d/{CHANGED}/diff/fea9e7b340..e4c4886314")
    assert "goes back in time" in back.text
    assert "The same" in words(get(site, f"/d/{CHANGED}/diff/e4c4..e4c4").text).replace("the same", "The same")
    assert get(site, f"/d/{CHANGED.upper()}/diff.txt").headers["location"] == f"/d/{CHANGED}/diff.txt"
    for wrong in (f"/d/{CHANGED}/diff/aaaa..bbbb", "/d/nothing/diff", "/d/dhs-ice-pia-045/diff",
                  f"/d/{CHANGED}/diff/x..y",
                  f"/d/{CHANGED}/diff/e4c4", f"/d/{CHANGED}/diffs", f"/d/{CHANGED}/diff/{'a' * 900}.."):  # fmt: skip
        assert get(site, wrong).status_code == 404, wrong


def test_two_documents_are_compared(site: ArchiveDatasette) -> None:
    answer = get(site, f"/diff?a={CHANGED}@e4c4886314&b=dhs-ice-pia-045&view=inline")
    assert answer.status_code == 200
    assert "ICE Investigative Case Management" in answer.text
    assert get(site, f"/diff.json?a={CHANGED}&b=dhs-ice-pia-045").json()["before"]["document"] == CHANGED
    told = get(site, f"/diff.json?a={CHANGED}@e4c4886314&b=dhs-ice-pia-045").json()
    assert re.fullmatch(rf"/diff\?a={CHANGED}%40e4c4886314&b=dhs-ice-pia-045%40[0-9a-f]{{10}}", told["address"])
    assert get(site, "/diff").status_code == get(site, "/diff?a=x@@&b=y").status_code == 400
    assert get(site, f"/diff?a={CHANGED}@aaaa&b=dhs-ice-pia-045").status_code == 404


def test_each_version_says_what_it_changed(site: ArchiveDatasette) -> None:
    page = get(site, f"/d/{CHANGED}").text
    assert f'href="/d/{CHANGED}/diff/{SPAN}"' in page
    assert "1 page added (3), 112 words added" in page
    newest, first = get(site, f"/d/{CHANGED}.json").json()["versions"]
    assert (newest["change"]["kind"], first["change"]) == ("real", None)
    cosmetic = get(site, "/archive/comparisons.json?kind=cosmetic&_shape=array").json()[0]
    page = get(site, f"/d/{cosmetic['document']}").text
    assert '<span class="badge">cosmetic</span>' in page


def test_search_inside_what_was_added_and_removed(site: ArchiveDatasette) -> None:
    for kind, word, place in (("added", "twenty-five", "p6"), ("removed", "fifteen", "b5")):
        told = get(site, f"/search.json?in={kind}&q={word}").json()
        (row,) = [one for one in told["results"] if one["id"] == CHANGED]
        assert row["passages"][0]["url"] == f"/d/{CHANGED}/diff/{SPAN}?at={place}#{place}"
        there = get(site, row["passages"][0]["url"].partition("#")[0])
        assert f'id="{place}"' in there.text
        assert word in words(there.text)
        assert row["passages"][0]["url"] in html.unescape(get(site, f"/search?in={kind}&q={word}").text)
        other = {"added": "removed", "removed": "added"}[kind]
        assert not any(one["id"] == CHANGED for one in get(site, f"/search.json?in={other}&q={word}").json()["results"])
    for query in ("", "%22", "***", "-plate", "text:x", "a" * 900, "%3Cscript%3E"):
        answer = get(site, f"/search?in=added&q={query}&collection=%3Cb%3E&offset=x")
        assert answer.status_code == 200, query
        assert not has_foreign_script(answer.text)


def test_records_are_told_field_by_field(small: tuple[Datasette, Rows]) -> None:
    site, _ = small
    told = get(site, get(site, f"/d/{AWARD}/diff.json").headers["location"]).json()
    assert [(one["name"], one["before"], one["after"]) for one in told["fields"]] == [
        ("award_amount", "6,100,000", "6,200,000")]  # fmt: skip
    page = get(site, get(site, f"/d/{AWARD}/diff").headers["location"]).text
    assert "award amount" in page
    assert "6,<del>100</del>,000" in page or "<del>6,100,000</del>" in page


def test_a_name_from_before_a_newer_reader_leads_on(small: tuple[Datasette, Rows]) -> None:
    site, rows = small
    before, after = (address_of(site, PIA, ordinal).partition("@")[2] for ordinal in (1, 2))
    with rows.connection:
        rows.add("aliases", alias=f"{PIA}@0123456789", document=PIA, version=f"{PIA}@{before}")
    moved = get(site, f"/d/{PIA}/diff/0123456789..{after}.json?as_of=")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/d/{PIA}/diff/{before}..{after}.json")
    moved = get(site, f"/d/pia-039a-old/diff/{before}..{after}")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/d/{PIA}/diff/{before}..{after}")
    moved = get(site, f"/diff?a=pia-039a-old&b={STORY}")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/diff?a={PIA}&b={STORY}")
    moved = get(site, f"/diff?a=pia-039a-old&b={STORY}&view=inline")
    assert moved.headers["location"] == f"/diff?a={PIA}&b={STORY}&view=inline", "what was asked besides goes along"


def test_an_excerpt_is_said_to_be_one(small: tuple[Datasette, Rows]) -> None:
    site, rows = small
    with rows.connection:
        rows.page_ids = 500
        rows.version(STORY, "news", ["The agency can now follow … the paper."], outcome="excerpt")
    page = get(site, get(site, f"/d/{STORY}/diff").headers["location"]).text
    assert "excerpts are compared" in page


def test_what_strangers_wrote_is_text_in_every_place(small: tuple[Datasette, Rows]) -> None:
    site, rows = small
    with rows.connection:
        rows.page_ids = 700
        rows.document("hostile", "dhs_pia", [f"Page of {HOSTILE} old."], title=f"Title {HOSTILE}", number=HOSTILE)
        newest = rows.version("hostile", "dhs_pia", [f"Page of {HOSTILE} new {HOSTILE}", HOSTILE])
        rows.add("facts", version=newest, ordinal=1, document="hostile", name="title", value=HOSTILE, page=1)
        cells = json.dumps([["Head", HOSTILE], [HOSTILE, "1"]])
        rows.add("page_tables", version=newest, page=1, number=1, document="hostile", headers=1, rows=2, columns=2,
                 cells=cells)  # fmt: skip
    places = 0
    for view in ("side", "inline"):
        page = get(site, get(site, f"/d/hostile/diff?view={view}").headers["location"]).text
        places += page.count("&lt;script&gt;alert")
        assert not has_foreign_script(page)
        assert "<img" not in page
        assert "&amp;amp;amp;" not in page, "escaped once"
        assert "49 " not in page.partition("<main")[2]
    assert places > 10, "the control: it stands there"
    plain = get(site, get(site, "/d/hostile/diff.txt").headers["location"])
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    figure("XS-02", contexts=["diff side by side", "diff in one text"], places=places, run=0)


def test_what_was_removed_is_searched_on_the_command_line_too(demo_made: DemoArchive) -> None:
    archive = ("--archive", demo_made.path, "search", "fifteen", "--in")
    status, said, _ = run(*archive, "removed")
    assert (status, f"/d/{CHANGED}/diff/{SPAN}?at=b5#b5" in said) == (0, True)
    assert json.loads(run(*archive, "removed", "--json")[1])["results"][0]["id"] == CHANGED
    assert CHANGED not in run(*archive, "added")[1]
    assert run(*archive, "added", "--over-time")[0] == 2


def test_two_files_are_compared_as_diff_does(tmp_path: Path) -> None:
    one, other, broken = (tmp_path / name for name in ("one.pdf", "other.pdf", "broken.pdf"))
    one.write_bytes(pdf.written(pdf.lines("Records are kept for fifteen years")))
    other.write_bytes(pdf.written(pdf.lines("Records are kept for seventy years")))
    broken.write_bytes(b"%PDF-1.4 and nothing more")
    status, said, _ = run("diff", one, other)
    assert (status, "[-fifteen-] {+seventy+}" in said) == (1, True)
    assert "\x1b" not in said, "colours are for terminals"
    assert run("diff", one, one)[0] == 0
    status, said, _ = run("diff", one, other, "--json")
    assert (status, json.loads(said)["edits"][0]["added"]) == (1, "seventy")
    status, _, error = run("diff", one, broken)
    assert (status, "malformed-pdf" in error) == (2, True)


def test_versions_are_compared_on_the_command_line(demo_made: DemoArchive) -> None:
    archive = ("--archive", demo_made.path, "diff")
    status, said, _ = run(*archive, CHANGED)
    assert (status, "[-fifteen-] {+twenty-five+}" in said) == (1, True)
    assert said.splitlines()[:3] == [
        "DHS/USCIS/PIA-056 USCIS ELIS",
        f"- {CHANGED}@e4c4886314  version 1, seen 2018-01-10 to 2018-02-08",
        f"+ {CHANGED}@fea9e7b340  version 2, seen 2019-05-14 to 2021-07-24",
    ]
    assert run(*archive, CHANGED, SPAN)[1] == said
    assert run(*archive, f"{CHANGED}@e4c4886314", CHANGED, "--release", "1")[1] == said
    assert run(*archive, CHANGED, "e4c4..e4c4")[0] == 0
    for wrong in (("nothing",), ("dhs-ice-pia-045",), (CHANGED, "aaaa.."), (CHANGED, "nothing")):
        status, _, error = run(*archive, *wrong)
        assert (status, error.startswith("oversight: ")) == (2, True), wrong


def test_what_a_withdrawn_neighbour_said_is_in_no_difference(demo_archive: Path) -> None:
    """WD-03: the words that only the earlier version had, asked of every view that puts two versions side by side."""
    if not pm.is_registered(plugin):
        pm.register(plugin)
    asked = [
        *(f"/d/{CHANGED}/diff{span}{end}" for span in ("", f"/{SPAN}", "/e4c4..", "/..fea9e7b340") for end in ENDS),
        *(f"/diff{end}?a={CHANGED}@e4c4886314&b=dhs-ice-pia-045" for end in ENDS),
        *(f"/search{end}?in={kind}&q=fifteen" for end in ("", ".json") for kind in ("added", "removed")),
        *(f"/search/time{end}?q=%22system+for+fifteen+years%22" for end in ("", ".json")),
        *(f"/d/{CHANGED}{end}?on=2018-01-26" for end in ENDS),
    ]  # fmt: skip
    before = _said(open_archive(demo_archive), asked)
    status, _, error = run("--archive", demo_archive, "withdraw", f"{CHANGED}@e4c4886314", "--reason", "An order.")
    assert status == 0, error
    # The version that stays has much of the other's text, so it waits for a person to say that it may be published.
    assert run("--archive", demo_archive, "withdraw", CHANGED, "--allow", "--reason", "It hasn't the words.")[0] == 0
    after = _said(open_archive(demo_archive), asked)
    told = {address for address, (_, text) in before.items() if "fifteen" in _without(text)}
    assert len(told) > 10, "the control: it is said"
    said = {address for address, (_, text) in after.items() if "fifteen" in _without(text)}
    gone = [address for address, (status, _) in after.items() if status == 410]
    assert {f"/d/{CHANGED}/diff/{SPAN}{end}" for end in ENDS} <= set(gone)
    assert after[f"/d/{CHANGED}?on=2018-01-26"][0] == 404, "the day is before the first that is published"
    figure("WD-03", addresses=len(asked), said_before=len(told), said_after=len(said), gone=len(gone))
    assert not said


def _without(text: str) -> str:
    """Return what an answer says, without the question that it shows again."""
    for asked in ("system for fifteen years", "system+for+fifteen+years", "q=fifteen", 'value="fifteen"',
                  "<strong>fifteen</strong>", "<title>fifteen", '"query": "fifteen"'):  # fmt: skip
        text = text.replace(asked, "")
    return text


def _said(site: ArchiveDatasette, addresses: list[str]) -> dict[str, tuple[int, str]]:
    found = {}
    for address in addresses:
        answer = get(site, address, follow_redirects=True)
        found[address] = (answer.status_code, answer.text)
    return found
