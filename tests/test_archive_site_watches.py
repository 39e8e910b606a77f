"""Watches on the site: what everybody may see, feeds that every reader reads, and nothing of what was withdrawn."""

from __future__ import annotations

import html
import importlib
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import feedparser
import feedparser_sgmllib
import pytest
from click.testing import CliRunner

from archive.folder import CATALOGUE
from archive.release.folder import Releases
from archive.site.atom import Entry, Feed, write_feed
from archive.site.server import ArchiveDatasette, open_archive
from archive.store.journal import Journal
from archive.watches.listing import list_hits
from archive.watches.messages import message_of
from archive.watches.news import make_messages
from archive.watches.public import watches_in
from archive.watches.watch_file import read_watches
from oversight import main
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.rfc4287 import broken_rules
from tests.served_releases import site_of
from tests.watching import AT, PLATES, as_told_before, put_watch

WATCH = "/watches/license-plate-readers"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Iterator[ArchiveDatasette]:
    site = site_of(Releases(demo_made.path))
    yield site
    assert site.serving is not None
    site.serving.close()


def told(site: ArchiveDatasette, path: str = f"{WATCH}.json") -> Any:
    answer = get(site, path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def every_hit(site: ArchiveDatasette) -> list[dict[str, Any]]:
    found, path = [], f"{WATCH}.json"
    while path:
        answer = told(site, path)
        found += answer["hits"]
        path = answer["next"]
    return found


def test_the_sample_has_a_watch_with_its_hits(site: ArchiveDatasette) -> None:
    (watch,) = told(site, "/watches.json")["watches"]
    assert (watch["name"], watch["public"]) == ("license-plate-readers", True)
    answer = told(site)
    hits = every_hit(site)
    assert answer["total"] == len(hits) > 30
    assert len({hit["id"] for hit in hits}) == len(hits)
    assert [hit["at"] for hit in hits] == sorted((hit["at"] for hit in hits), reverse=True)
    assert {"new", "award", "modification", "replaced"} <= {hit["kind"] for hit in hits}
    for hit in hits:
        for address in (hit["address"], hit["difference"], *(place["address"] for place in hit["places"])):
            assert re.fullmatch("(/d/.*)?", address)
    page = get(site, WATCH)
    assert "All sources behind this watch are as they should be" in page.text
    assert "what changed" in page.text
    assert "license plates" in page.text
    assert get(site, "/watches/none").status_code == 404
    assert get(site, f"{WATCH}.json?before=nonsense").status_code == 400


def test_pages_of_hits_lead_to_each_place(site: ArchiveDatasette) -> None:
    for place in [place for hit in every_hit(site)[:4] for place in hit["places"]]:
        answer = get(site, place["address"])
        assert answer.status_code == 200, place
        plain = " ".join(re.sub("<[^>]*>", " ", html.unescape(answer.text)).split())
        words = place["words"].removeprefix("… ").removesuffix(" …").split()[:3]
        assert all(word in plain for word in words), place


@pytest.mark.parametrize("path", [
    f"{WATCH}.atom", "/changes.atom", "/changes.atom?kind=delisted&source=dhs_pia", "/search.atom?q=plate",
    "/search.atom?q=nothing-has-this",
])  # fmt: skip
def test_every_feed_keeps_to_rfc_4287(site: ArchiveDatasette, path: str) -> None:
    """DL-09: by the RFC's rules, and as feedparser reads it."""
    answer = get(site, path)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert broken_rules(answer.content) == []
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo
    assert parsed.version == "atom10"


def test_a_checker_that_finds_what_is_wrong() -> None:
    """The control: each rule that is broken is found."""
    good = write_feed(Feed("x", "x", "x", "/x", "/x.atom"), [Entry("a", "A", AT, "/a", "a", "new")]).decode()
    assert broken_rules(good.encode()) == []
    broken = [
        good.replace("<updated>2026-12-01T03:00:00Z", "<updated>yesterday"),
        good.replace("<id>urn:uuid:", "<id>", 1),
        re.sub("<title>A</title>", "", good),
        good.replace('href="/a"', 'href="javascript:alert(1)"'),
        good.replace('rel="self"', 'rel="alternate" hreflang="en"'),
        good.replace("<author><name>x</name></author>", ""),
        good.replace(' term="new"', ""),
        good.replace("<entry>", "<entry><b/><link href='/a' type='text/html'/>"),
        good.replace("</entry>", "</entry>" + good[good.index("<entry>") : good.index("</feed>")]),
        good.replace("<title>A", "<title>\x0b"),
    ]
    assert [number for number, one in enumerate(broken) if not broken_rules(one.encode())] == []


def test_readers_of_feeds_read_what_is_there(site: ArchiveDatasette, tmp_path: Path) -> None:
    hits = told(site)["hits"]
    feed = get(site, f"{WATCH}.atom").content
    parsed = feedparser.parse(feed)
    assert len(parsed.entries) == len(hits)
    (tmp_path / "watch.atom").write_bytes(feed.replace(b'href="/', b'href="https://archive.example/'))
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)  # by its old name the reader's own feedparser knows it
    reader = importlib.import_module("reader").make_reader(":memory:", feed_root=str(tmp_path))
    reader.add_feed("watch.atom")
    reader.update_feeds()
    read = list(reader.get_entries())
    assert {entry.id for entry in read} == {entry.id for entry in parsed.entries}
    assert all(entry.title and entry.updated and entry.link for entry in read)
    reader.update_feeds()
    assert reader.get_entry_counts().total == len(hits)
    reader.close()


def test_what_xml_cannot_hold_breaks_no_feed() -> None:
    every = "".join(map(chr, [*range(0x20), 0x7F, 0x85, 0x2028, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1F600])) + "]]>&<x>"
    feed = write_feed(
        Feed(every, every, every or "x", "/x", "/x.atom"),
        [Entry(every + str(number), every, AT, address, every, every) for number, address in
         enumerate(["/d/x", "javascript:alert(1)", "//evil.example", "https://www.dhs.gov/a b\x0b", ""])],
    )  # fmt: skip
    assert [one for one in broken_rules(feed) if "IRI reference" not in one] == []
    parsed = feedparser.parse(feed)
    assert len(parsed.entries) == 5
    assert all("javascript" not in entry.link and not entry.link.startswith("//") for entry in parsed.entries)


def test_a_feed_that_was_read_is_not_sent_again(site: ArchiveDatasette) -> None:
    first = get(site, f"{WATCH}.atom")
    again = get(site, f"{WATCH}.atom", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get(site, f"{WATCH}.atom").content == first.content


def _many(path: Path, count: int) -> sqlite3.Connection:
    """Return a copy of a release with so many changes more, all told to its watch."""
    shutil.copyfile(path, path.with_suffix(".many"))
    connection = sqlite3.connect(path.with_suffix(".many"))
    document = "dhs-cbp-pia-022"
    rows = [(f"{number:020x}", f"2022-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z")
            for number in range(count)]  # fmt: skip
    connection.executemany(
        "INSERT INTO changes VALUES (?, ?, ?, 'delisted', NULL, NULL, '', NULL, NULL)",
        [(change, at, document) for change, at in rows],
    )
    connection.executemany(
        "INSERT INTO watch_hits VALUES ('license-plate-readers', ?, ?, ?)",
        [(change, at, document) for change, at in rows],
    )
    return connection


@pytest.mark.parametrize("count", [1_000, pytest.param(80_000, marks=pytest.mark.soak)])
def test_every_entry_of_a_long_feed_is_on_one_of_its_pages(demo_archive: Path, count: int) -> None:
    """DL-09: paging by marks gives each hit once, whatever comes in between."""
    with closing(_many(Releases(demo_archive).database(1), count)) as connection:
        (watch,) = watches_in(connection)
        total = connection.execute("SELECT count(*) FROM watch_hits").fetchone()[0]
        seen: list[str] = []
        mark, pages = "", 0
        while mark or not pages:
            found = list_hits(connection, watch, mark)
            seen += [hit["id"] for hit in found["hits"]]
            mark, pages = found["next"], pages + 1
            if pages == 2:  # something newer comes meanwhile
                connection.execute("DELETE FROM watch_hits WHERE change = ?", ("f" * 20,))
                connection.execute("INSERT INTO changes SELECT ?, '2023-01-01T00:00:00Z', document, kind, version,"
                                   " before, url, not_before, capture FROM changes LIMIT 1", ("f" * 20,))  # fmt: skip
                connection.execute("INSERT INTO watch_hits SELECT 'license-plate-readers', id, at, document FROM"
                                   " changes WHERE id = ?", ("f" * 20,))  # fmt: skip
        assert len(seen) == len(set(seen)) == total
        figure("DL-09 paging", entries=total, pages=pages, lost=0, twice=0)


@pytest.mark.soak
def test_a_hundred_thousand_entries_are_a_valid_feed() -> None:
    entries = (Entry(f"hit {number}", "T", AT, f"/d/x{number}", "words " * 20, "new") for number in range(100_000))
    feed = write_feed(Feed("x", "x", "x", "/x", "/x.atom"), entries)
    assert broken_rules(feed) == []
    assert len(feedparser.parse(feed).entries) == 100_000
    figure("DL-09", entries=100_000, validator_errors=0, bytes=len(feed))


def test_a_feed_says_that_a_source_behind_it_is_blind(demo_archive: Path) -> None:
    """DL-11: in the feeds of a watch, of a search and of all changes; of a source that it doesn't hear of it says
    nothing."""
    with closing(sqlite3.connect(demo_archive / CATALOGUE)) as catalogue, catalogue:
        catalogue.execute("UPDATE runs SET failures = 2 WHERE source = 'dhs_pia' AND night >= '2018-02-08'")
    put_watch(demo_archive, 'public = true\nterms = "plate"\n[filters]\nsource = "news"\n', name="of-news")
    site = open_archive(demo_archive, working=True)
    try:
        paths = [f"{WATCH}.atom", "/search.atom?q=plate", "/changes.atom", "/changes.atom?source=dhs_pia"]
        entries = [_of_sources(get(site, path).content) for path in paths]
        assert all(len(found) == 1 for found in entries), entries
        assert len({found[0].id for found in entries}) == 1
        assert "something may have been missed" in entries[0][0].summary
        assert "Silence here may not mean that nothing happened" in get(site, WATCH).text
        quiet = ["/watches/of-news.atom", "/search.atom?q=plate&source=news", "/changes.atom?source=news"]
        assert [_of_sources(get(site, path).content) for path in quiet] == [[], [], []]
        with closing(sqlite3.connect(demo_archive / CATALOGUE)) as catalogue, catalogue:
            catalogue.execute("UPDATE runs SET failures = 0 WHERE id = (SELECT id FROM runs WHERE source = 'dhs_pia'"
                              " ORDER BY started DESC LIMIT 1)")  # fmt: skip
        (again,) = _of_sources(get(site, f"{WATCH}.atom").content)
        assert again.title.startswith("Seen again")
        assert again.id != entries[0][0].id
        figure("DL-11 feeds", feeds=len(paths), say_so=len(entries), of_others=0)
    finally:
        assert site.serving is not None
        site.serving.close()


def _of_sources(feed: bytes) -> list[Any]:
    return [entry for entry in feedparser.parse(feed).entries if [tag.term for tag in entry.tags] == ["source"]]


def test_a_private_watch_is_in_no_release_and_on_no_public_page(demo_archive: Path) -> None:
    put_watch(demo_archive, 'title = "Secret plan"\nterms = "sightings"\n', name="private-one")
    done = CliRunner().invoke(main, ["--archive", str(demo_archive), "rebuild"])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(main, ["--archive", str(demo_archive), "release", "build"])
    assert done.exit_code == 0, done.output
    for path in (demo_archive / CATALOGUE, Releases(demo_archive).database(int(Releases(demo_archive).current() or 0))):
        with closing(sqlite3.connect(path)) as held:
            assert held.execute("SELECT name FROM watches").fetchall() == [("license-plate-readers",)]
    public, working = site_of(Releases(demo_archive)), open_archive(demo_archive, working=True)
    try:
        assert get(public, "/watches/private-one").status_code == 404
        assert "Secret" not in get(public, "/watches").text
        assert "Secret plan" in get(working, "/watches").text
        assert len(told(working, "/watches/private-one.json")["hits"]) > 5
        of_files = {hit["id"] for hit in told(working)["hits"]}
        assert of_files == {hit["id"] for hit in told(public)["hits"]}, "looked for anew it is the same"
    finally:
        for one in (public, working):
            assert one.serving is not None
            one.serving.close()


def test_what_is_withdrawn_is_in_no_feed_hit_message_or_line(demo_archive: Path) -> None:
    """WD-09, DL-12: a message was made and not sent when its document was withdrawn."""
    put_watch(demo_archive, PLATES.replace("70CDCR18P00000017", "DHS/ICE/PIA-039(a)"))
    as_told_before(demo_archive, ())
    (event,) = make_messages(demo_archive, AT).messages
    done = CliRunner().invoke(
        main, ["--archive", str(demo_archive), "withdraw", "dhs-ice-pia-039a", "--reason", "By order.", "--json"]
    )
    assert done.exit_code == 0, done.output
    releases = Releases(demo_archive)
    with closing(releases.open(int(releases.current() or 0))) as release:
        message = message_of(release, event, read_watches(demo_archive).held, ())
    said = json.dumps([repr(message.hits), message.notices])
    assert "dhs-ice-pia-039a" not in said
    assert "published no longer" in message.notices[0]
    site = site_of(releases)
    try:
        places = ["/watches", WATCH, f"{WATCH}.json", f"{WATCH}.atom", f"{WATCH}.json?as_of=1", f"{WATCH}.atom?as_of=1"]
        texts = {path: get(site, path).text for path in places}
        found = [path for path, text in texts.items() if "dhs-ice-pia-039a" in text or "PIA-039(a)" in _own(text)]
        assert found == []
        assert len(told(site)["hits"]) > 20, "the others are there"
    finally:
        assert site.serving is not None
        site.serving.close()
    lines = [json.dumps(one) for one in Journal(demo_archive).read() if one["event"] in ("message-made", "news-noted")]
    assert not [line for line in lines if "039a" in line or "licen" in line.lower()]
    figure("WD-09 watches", public_places=len(places), with_it=len(found), journal_lines=len(lines), messages=1)


def _own(text: str) -> str:
    """Return what a page says itself: what others' documents say of it stays theirs."""
    return re.sub(r'"words": "[^"]*"|: [^<]*</p>|<summary.*?</summary>', "", text, flags=re.DOTALL)
