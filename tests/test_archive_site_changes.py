"""/changes: what changed across the archive, as a page, as JSON and as a feed that other programs read."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from datasette.app import Datasette

from archive.catalog.opening import open_catalogue
from archive.site.atom import Entry, Feed, identity, write_feed
from tests.asking_the_site import get, open_site
from tests.catalogue_rows import Rows
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.test_archive_site_story import asked

ATOM = "{http://www.w3.org/2005/Atom}"
# Everything that broke somebody's feed: markup, half pairs, control characters, entities, other directions, nothing.
HOSTILE = [
    "<script>alert(1)</script>", "]]>&amp;&#0;", "a\x0bb\x00c\x1b", "\ufffe\uffff", "\ud83d half a pair",
    "\u202ereversed", "\"'><x y='", "\U0001f600" * 3, "&nbsp;&lt;", "", " ", "x" * 20_000,
    "line\r\nbreak\u2028\u0085", "javascript:alert(1)",
]  # fmt: skip


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Datasette:
    return open_site(demo_made.path / "archive.db")


def changes(site: Datasette, query: str = "") -> dict[str, Any]:
    answer = get(site, f"/changes.json{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def every(site: Datasette, query: str = "") -> list[dict[str, Any]]:
    """Return all changes, page after page."""
    found, path = [], f"/changes.json{query}"
    while path:
        told = get(site, path).json()
        found += told["changes"]
        path = told["next"]
    return found


def test_pages_follow_each_other_and_miss_nothing(demo_made: DemoArchive, site: Datasette) -> None:
    found = every(site, "?cosmetic=1")
    with closing(sqlite3.connect(demo_made.path / "archive.db")) as catalogue:
        held = [row[0] for row in catalogue.execute("SELECT id FROM changes ORDER BY at DESC, id DESC")]
    assert [one["id"] for one in found] == held
    assert len(held) == len(set(held)) > 50
    shown = get(site, "/changes")
    assert shown.text.count('<p class="entry">') == 50
    assert 'rel="next" href="/changes?before=' in shown.text


def test_what_nobody_would_notice_is_left_out_unless_it_is_asked_for(site: Datasette) -> None:
    without, whole = every(site), every(site, "?cosmetic=1")
    assert {one["kind"] for one in whole} - {one["kind"] for one in without} == {"re-saved"}
    assert [one for one in whole if one["kind"] != "re-saved"] == without
    assert {one["kind"] for one in every(site, "?kind=re-saved")} == {"re-saved"}


def test_filters(site: Datasette) -> None:
    whole = every(site)
    for name in ("collection", "source", "kind"):
        for value in {one[name] for one in whole}:
            kept = [one for one in whole if one[name] == value]
            assert every(site, f"?{name}={value}") == kept
    assert every(site, "?since=2019-01-01") == [one for one in whole if one["at"] >= "2019-01-01"]
    assert every(site, "?since=2019-01-01&kind=gone&source=dhs_pia") == [
        one for one in whole if one["at"] >= "2019" and one["kind"] == "gone"
    ]


@pytest.mark.parametrize("query", ["since=soon", "kind=nothing", "before=1", "source=a%0bb", "collection=" + "x" * 500])
def test_what_cannot_be_asked_is_said(site: Datasette, query: str) -> None:
    for form in ("", ".json", ".atom"):
        assert get(site, f"/changes{form}?{query}").status_code == 400


def test_a_replacement_says_what_it_changed(site: Datasette) -> None:
    replaced = [one for one in every(site, "?kind=replaced") if "uscis-elis-may2016" in one["url"]]
    assert len(replaced) == 1
    assert replaced[0]["summary"]
    assert replaced[0]["score"] > 0
    assert replaced[0]["summary"] in get(site, "/changes?kind=replaced").text.replace("&#39;", "'")


def test_a_modification_says_what_it_changed_of_the_one_before_it(site: Datasette) -> None:
    """Its address had the award before; what is told and shown is what it changed of the modification before it."""
    told = [one for one in every(site, "?kind=amended") if one["document"] == "contract-70cdcr18p00000017"]
    assert len(told) == 3
    assert "obligated 0.00 → 245000.00" in told[0]["summary"]
    for one in told:
        assert one["summary"].startswith(("3 fields changed", "4 fields changed")), one
        shown = get(site, f"{one['difference']}.json").json()
        assert shown["summary"] == one["summary"], one


def test_the_feed_is_read_by_others(site: Datasette) -> None:
    answer = get(site, "/changes.atom?kind=delisted")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    told = every(site, "?kind=delisted")
    read = feedparser.parse(answer.content)
    assert not read.bozo
    assert read.version == "atom10"
    assert [entry.updated for entry in read.entries] == [one["at"] for one in told]
    assert [entry.title for entry in read.entries] == [f"Taken off its list: {one['title']}" for one in told]
    assert read.feed.updated == max(one["at"] for one in told)
    assert [entry.id for entry in read.entries] == [identity(f"change {one['id']}") for one in told]
    page = get(site, "/").text
    assert '<link rel="alternate" type="application/atom+xml" title="What changed" href="/changes.atom">' in page
    filtered = get(site, "/changes?kind=delisted").text
    assert 'type="application/atom+xml" title="What changed" href="/changes.atom?kind=delisted">' in filtered


def test_an_empty_feed_is_one(site: Datasette) -> None:
    read = feedparser.parse(get(site, "/changes.atom?since=2099-01-01").content)
    assert (read.bozo, read.entries, read.version) == (False, [], "atom10")


def test_whatever_stands_in_a_title_the_feed_is_sound_and_says_the_rest() -> None:
    for hostile in HOSTILE:
        feed = Feed(hostile, hostile, hostile, hostile, hostile, hostile)
        entries = [Entry(f"e{n}", text, "2018-01-26T15:00:00Z", text, text, text) for n, text in enumerate(HOSTILE)]
        body = write_feed(feed, entries)
        root = ElementTree.fromstring(body)
        assert len(root.findall(f"{ATOM}entry")) == len(HOSTILE)
        assert not feedparser.parse(body).bozo
        assert {one.tag for one in root.iter()} <= {
            ATOM + name
            for name in ("feed", "id", "title", "updated", "author", "name", "link", "entry", "summary", "category")
        }, "no markup of theirs"
        assert {link.get("href", "")[:1] for link in root.iter(f"{ATOM}link")} == {"/"}
        titles = [one.findtext(f"{ATOM}title") for one in root.findall(f"{ATOM}entry")]
        assert titles[2] == "abc"
        assert titles[0] == HOSTILE[0]
    figure("XS-06", hostile_texts=len(HOSTILE) ** 2, not_well_formed=0, links_that_run=0)


def test_hostile_titles_of_the_catalogue_break_no_form(tmp_path: Path) -> None:
    catalogue = open_catalogue(tmp_path / "archive.db")
    rows = Rows(catalogue)
    rows.source("dhs_pia")
    storable = [text for text in HOSTILE if "\ud83d" not in text]
    for number, text in enumerate(storable):
        rows.document(f"d{number}", "dhs_pia", ["Page"], title=text)
        rows.add("changes", id=f"{number:020x}", at="2018-01-26T15:00:00Z", document=f"d{number}", kind="new",
                 version=None, before=None, url=text, not_before=None, capture=None)  # fmt: skip
    catalogue.commit()
    catalogue.close()
    site = open_site(tmp_path / "archive.db")
    read = feedparser.parse(get(site, "/changes.atom").content)
    assert (read.bozo, len(read.entries)) == (False, len(storable))
    page = get(site, "/changes")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert len(changes(site)["changes"]) == len(storable)


def test_the_command_says_the_same(demo_made: DemoArchive, site: Datasette) -> None:
    done = asked("changes", "--kind", "gone", "--json", "--archive", str(demo_made.path))
    assert json.loads(done.output)["changes"] == every(site, "?kind=gone")
    words = asked("changes", "--since", "2021-01-01", "--archive", str(demo_made.path)).output
    assert "back          Sample Paper on Sharing Between Towns" in words
    assert asked("changes", "--since", "soon", "--archive", str(demo_made.path)).exit_code == 2


def test_each_replaced_version_leads_to_what_changed_in_it(site: Datasette) -> None:
    found = [one for one in every(site) if one["kind"] in ("replaced", "amended")]
    page = get(site, "/changes?kind=replaced").text
    assert len(found) > 5
    for one in found:
        assert get(site, one["difference"]).status_code == 200
        assert f'href="{one["difference"]}"' in get(site, f"/d/{one['document']}").text
        assert one["kind"] == "amended" or f'href="{one["difference"]}"' in page
    assert {one["difference"] for one in every(site, "?kind=new")} == {""}


def test_nothing_that_changed_is_said_in_words(demo_made: DemoArchive) -> None:
    archive = ("--archive", str(demo_made.path), "changes")
    assert asked(*archive, "--since", "2030-01-01").output.startswith("Nothing changed")
    assert json.loads(asked(*archive, "--since", "2030-01-01", "--json").output)["changes"] == []
    wrong = asked(*archive, "--kind", "nonsense")
    assert (wrong.exit_code, "'' is" in wrong.output, "'', " in wrong.output) == (2, False, False)
    assert "'delisted'" in wrong.output
