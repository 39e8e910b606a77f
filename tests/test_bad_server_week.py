"""SV-09, SV-10, SV-12, SV-15, SV-17 and SV-18 every night for a week, after one good night, through the whole chain.

What is wrong has its name on each of the seven nights; no document of the good night is lost, changed or called gone;
no byte that was captured is written over.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from archive.outcomes import severity
from spiders.dhs_pia import MOST_PAGES, DhsPia
from tests.conftest import ROOT
from tests.counted_site import CountedSite, Reply
from tests.demo_archive import environment, rows
from tests.figures import figure
from tests.hostile.nights import command, run_commands
from tests.hostile.pdf import lines, written
from tests.hostile.web import (
    ARGUMENTS,
    FEED,
    LISTING,
    NEWSROOM,
    OUTLET,
    STORIES,
    XML,
    Told,
    feed,
    listing,
    newsroom,
    recording,
)
from tests.live_crawls import HTML, crawled
from tests.scripted_server import ScriptedServer, answer
from tests.test_bad_server_nights import ALL, BASE, COUNT, paged
from tests.test_bad_server_pages import CHARSETS, WORDS, site_of
from tests.test_pipelines_wire_tls import CERTIFICATES, NAMES, Authority
from tests.test_sources_sam_answers import NIGHT, Api, spread

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

ROWS = 120  # of an interface: more than its source must have
NIGHTS = [f"2018-01-{day}" for day in range(10, 18)]  # a good one, and a week


@dataclass
class Kept:
    """An archive over some nights. Each `night()` holds it against what was there before."""

    folder: Path
    documents: set[Any] = field(default_factory=set)
    bytes_of: dict[Path, bytes] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)

    def night(self, *, grows: bool = False) -> Counter[str]:
        """Return what the night's run named that isn't as it should be; assert that nothing of before has changed."""
        (run,) = {name for (name,) in rows(self.folder, "SELECT id FROM runs")} - self.runs
        documents = set(rows(self.folder, "SELECT id, title, listing FROM documents"))
        files = {file: file.read_bytes() for file in self.folder.rglob("*.warc.gz")}
        assert self.documents <= documents
        assert grows or not self.runs or documents == self.documents
        assert all(files[file].startswith(content) for file, content in self.bytes_of.items())
        self.runs.add(run)
        self.documents, self.bytes_of = documents, files
        named = rows(self.folder, "SELECT outcome FROM outcomes WHERE run = ?", run)
        return Counter(name for (name,) in named if severity(name) != "ok")


def crawl(
    archive: Path, source: str, host: str, arguments: Mapping[str, Any], *, names: bool = False, **settings: Any
) -> None:
    """Crawl a server on loopback as the other tests of bad servers do; `names` are looked up in their script."""
    told = {"archive": str(archive), "source": source, "names": names, "settings": {
        "ADDRESS_GUARD_ADMIT": host, "SOURCE_ARGUMENTS": {source: arguments}, "LOG_LEVEL": "WARNING", **settings,
    }}  # fmt: skip
    # Equal answers within one second are one capture; two nights are never so close.
    time.sleep(1 - time.time() % 1)
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.live", json.dumps(told)], cwd=ROOT, env=environment(),
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert not [words for words in ("Spider error", "Unhandled", "CRITICAL") if words in done.stderr], done.stderr


@pytest.mark.parametrize("case", CERTIFICATES)
def test_sv_09_a_certificate_that_does_not_hold(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path, "trusted")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    pdf = answer(written(lines("A file from behind a certificate.")), Content_Type="application/pdf")
    listing = answer(b'<html><body><h1>All</h1><a href="/a.pdf">A</a>', Content_Type="text/html")
    kept, named = Kept(tmp_path / "archive"), []
    with ScriptedServer({"/": listing, "/a.pdf": pdf}, authority.server()) as server:
        for night in range(8):
            if night == 1:
                asked, server.context = len(server.requests), CERTIFICATES[case](authority)
            crawl(kept.folder, "links", server.host, {"listing": f"{server.url}/"})
            named.append(kept.night())
        assert len(server.requests) == asked, "nothing was said to a server that can't say who it is"
    assert len(kept.documents) == 1
    assert "tls-failed" not in named[0]
    assert all(one["tls-failed"] for one in named[1:]), named
    figure("SV-09", week=case, nights=7, named=7, requests_sent=0, documents_lost=0)


def test_sv_10_names_that_do_not_resolve(tmp_path: Path) -> None:
    links = "".join(f'<a href="http://{name}/x.pdf">X</a>' for name in NAMES)
    pdf = answer(written(lines("A file of a host that has a name.")), Content_Type="application/pdf")
    kept, slowest = Kept(tmp_path / "archive"), 0.0
    with ScriptedServer({"/a.pdf": pdf}) as server:
        for night in range(8):
            body = f'<html><body><h1>All</h1><a href="/a.pdf">A</a>{links if night else ""}'.encode()
            server.scripts["/"] = answer(body, Content_Type="text/html")
            began = time.monotonic()
            crawl(
                kept.folder, "named_links", server.host, {"listing": f"{server.url}/"}, DOWNLOAD_TIMEOUT=2.0,
                DOWNLOAD_DEADLINE=4.0, names=True,
            )  # fmt: skip
            slowest = max(slowest, time.monotonic() - began)
            kept.night()
            last = "(SELECT id FROM runs ORDER BY started DESC LIMIT 1)"
            named = dict(rows(kept.folder, f"SELECT subject, outcome FROM outcomes WHERE run = {last}"))
            for name, end in ENDS.items():
                assert named.get(f"http://{name}/robots.txt", "") == (end if night else "")
                # Nothing is asked of a host whose robots.txt can't be had; an address that may not be asked isn't.
                asked = end if end == "address-refused" else "robots-unreachable"
                assert named.get(f"http://{name}/x.pdf", "") == (asked if night else "")
    assert len(kept.documents) == 1
    figure("SV-10", week=sorted(NAMES), nights=7, seconds_of_the_slowest_crawl=round(slowest, 1), documents_lost=0)


ENDS = {
    "unknown.example.com": "name-not-resolved",
    "silent.example.com": "timed-out",
    "slow.example.com": "address-refused",
    "alias-of-inside.example.com": "address-refused",
    "only-inside-v6.example.com": "address-refused",
    "flapping.example.com": "name-not-resolved",
}


def test_sv_12_charsets(tmp_path: Path) -> None:
    """One version of each page in all the week, with its text as it was meant or marked."""
    made = {name: reply(f"{WORDS} {number}") for number, (name, (reply, _)) in enumerate(CHARSETS.items(), 10)}
    pages = {f"/c{number}": reply for number, reply in enumerate(made.values(), 10)}
    kept = Kept(tmp_path)
    with CountedSite(site_of(pages), validators=False) as site:
        for _ in range(8):
            crawled(tmp_path, site)
            kept.night()
    texts = rows(tmp_path, "SELECT versions.url, pages.text FROM pages JOIN versions ON pages.version = versions.id")
    sizes = rows(tmp_path, "SELECT url, payload_bytes FROM captures WHERE url LIKE '%/c__'")
    read, wrong = dict(texts), 0
    assert len(read) == len(texts), "as many versions as pages"
    for number, (name, (_, readable)) in enumerate(CHARSETS.items(), 10):
        url = f"{site.url}/c{number}"
        assert [length for of, length in sizes if of == url] == [len(made[name].body)] * 8, name
        as_meant = WORDS in read.get(url, "") or name in ("utf-7", "cut in a letter", "nul")
        wrong += as_meant is not readable
    figure("SV-12", week=len(CHARSETS), nights=7, versions=len(read), wrong=wrong)
    assert wrong == 0


@dataclass(frozen=True)
class Week:
    """A site as it is on the good night and, with `changes`, on each night of the week; what these nights name."""

    source: str
    changes: Callable[[str], Mapping[str, Told]]
    named: Mapping[str, int]
    base: Mapping[str, Told]
    fewest: int = 1
    fields: Mapping[str, float] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)


def library(changes: Mapping[str, Told], named: Mapping[str, int]) -> Week:
    return Week("dhs_pia", lambda night: changes, named, BASE, 10, DhsPia.expect.fields)


COLLECTION = LISTING.partition("?")[0]
CALENDAR = {f"{COLLECTION}?page={n}": paged(ALL if n == 0 else ALL[n % COUNT :][:1], n, onward=True)
            for n in range(MOST_PAGES + 3)}  # fmt: skip
CIRCLE = {f"{COLLECTION}?page={number}": paged(ALL[half], number, onward=True) for number, half in
          enumerate((slice(0, 12), slice(12, 24)))} | {
    f"{COLLECTION}?page=2": Told(paged(ALL[:1], 2, onward=True).body.replace(b"?page=3", b"?page=0"))
}  # fmt: skip


def sessions(night: str) -> dict[str, Told]:
    """Return the library as it is for a night's session, which stands in every address."""
    named = {f"{url}?sid={night}": told for url, told in BASE.items() if url in ALL}
    return {LISTING: listing(*named), **named}


SITEMAP = f"{NEWSROOM}/sitemap.xml"
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PRESS: Mapping[str, Any] = {"outlets": [{**OUTLET, "sitemaps": [SITEMAP]}]}


def sitemap(inner: str, root: str = "urlset", before: str = "") -> Told:
    return Told(f'<?xml version="1.0"?>{before}<{root} {SPACE}>{inner}</{root}>'.encode(), XML)


ADDRESSES = "".join(f"<url><loc>{url}</loc></url>" for url in STORIES.values())
PAPER: Mapping[str, Told] = {**newsroom(), SITEMAP: sitemap(ADDRESSES)}
INDEX = sitemap(f"<sitemap><loc>{SITEMAP}</loc></sitemap><sitemap><loc>{NEWSROOM}/other.xml</loc></sitemap>",
                "sitemapindex")  # fmt: skip
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {n} "{f"&{m};" * 10}">' for m, n in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
BURST = "<url><loc>&i;</loc></url>"
ITEMS = "".join(f"<item><title>Old</title><link>{STORIES['first']}</link></item>" for _ in range(20_000))
FUTURE = "".join(
    f"<item><title>New</title><link>{url}</link><pubDate>Tue, 09 Jan 2099 10:00:00 GMT</pubDate></item>"
    for url in STORIES.values()
)


def rss(items: str, before: str = "") -> Told:
    return Told(
        f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode(),
        XML,
    )


def press(changes: Mapping[str, Told], named: Mapping[str, int]) -> Week:
    return Week("news", lambda night: changes, named, PAPER, arguments=PRESS)


WEEKS: dict[str, Week] = {
    "control: library": library({}, {}),
    "control: news": press({}, {}),
    "SV-15 a calendar of pages without end": library(CALENDAR, {"trap": 1}),
    "SV-15 next links in a circle": library(CIRCLE, {}),
    "SV-15 more links than a page may have": library({LISTING: paged(ALL * 200, 0, onward=False)}, {"trap": 1}),
    "SV-15 a session in each address": Week("dhs_pia", sessions, {}, BASE, 10, DhsPia.expect.fields),
    "SV-17 an index of sitemaps in a circle": press({SITEMAP: INDEX, f"{NEWSROOM}/other.xml": INDEX}, {"trap": 1}),
    "SV-17 a bomb in a sitemap": press({SITEMAP: sitemap(ADDRESSES + BURST, before=BOMB)}, {"malformed-xml": 1}),
    "SV-17 a bomb in a feed": press({FEED: rss("<item><title>&i;</title></item>", BOMB)}, {"hostile-markup": 1}),
    "SV-17 a feed of 20,000 items": press({FEED: rss(ITEMS)}, {"trap": 1}),
    "SV-17 a feed of the future": press({FEED: rss(FUTURE)}, {"invalid-date": 1}),
    "SV-17 a feed that is cut": press({FEED: Told(feed(*STORIES.values()).body[:-30], XML)}, {"malformed-xml": 1}),
}  # fmt: skip


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Replay every site's eight nights; return the folders."""
    base, commands = tmp_path_factory.mktemp("weeks"), []
    for name, week in WEEKS.items():
        folder = base / name.replace(":", "")
        folder.mkdir()
        nights = {night: {**week.base, **(week.changes(night) if night != NIGHTS[0] else {})} for night in NIGHTS}
        expected = {"minimum": week.fewest, "maximum": 100, "fields": dict(week.fields)}
        expect = {week.source: dict.fromkeys(NIGHTS, expected)}
        arguments = {week.source: {**ARGUMENTS[week.source], **week.arguments}}
        (folder / "nights.warc.gz").write_bytes(recording(nights, arguments, expect))
        commands.append({"folder": str(folder), "arguments": command(folder, week.source)})
    run_commands(commands, 1500)
    return {name: base / name.replace(":", "") for name in WEEKS}


@pytest.mark.parametrize("name", WEEKS)
def test_sv_15_and_17_by_replay(name: str, weeks: Mapping[str, Path]) -> None:
    week, archive = WEEKS[name], weeks[name] / "archive"
    good = weeks["control: library" if week.source == "dhs_pia" else "control: news"] / "archive"
    assert "Traceback" not in (weeks[name] / "stderr").read_text()
    found = rows(archive, "SELECT night, outcome FROM outcomes JOIN runs ON runs.id = outcomes.run")
    for night in NIGHTS:
        named = Counter(outcome for of, outcome in found if of == night and severity(outcome) != "ok")
        assert named == Counter(week.named if night != NIGHTS[0] else {}), night
    for held in ("SELECT id, title, listing FROM documents", "SELECT state, url FROM listings WHERE state != 'listed'",
                 "SELECT id FROM versions"):  # fmt: skip
        assert sorted(rows(archive, held)) == sorted(rows(good, held)), held
    requests = rows(archive, "SELECT max(n) FROM (SELECT count(*) AS n FROM captures GROUP BY run)")[0][0]
    figure(
        name.partition(" ")[0],
        week=name.partition(" ")[2],
        nights=7,
        named_each_night=dict(week.named),
        most_captures_a_night=requests,
    )


def twice(held: dict[str, Any], since: str) -> dict[str, Any]:
    records = [one for one in held["opportunitiesData"] for _ in range(2)]
    return {**held, "opportunitiesData": records, "totalRecords": len(records)}


def shuffled(held: dict[str, Any], since: str) -> dict[str, Any]:
    return {**held, "opportunitiesData": random.sample(held["opportunitiesData"], len(held["opportunitiesData"]))}


LIES: dict[str, tuple[Callable[[dict[str, Any], str], Mapping[str, Any]], str]] = {
    "order unstable": (shuffled, ""),
    "every row twice": (twice, "duplicate-id"),
    "total too small": (lambda held, since: {**held, "totalRecords": held["totalRecords"] - 1}, "count-differs"),
    "total of a million": (lambda held, since: {**held, "totalRecords": 10**6}, "trap"),
    "total as text": (lambda held, since: {**held, "totalRecords": str(held["totalRecords"])}, "missing-field"),
    "no rows": (lambda held, since: {**held, "opportunitiesData": None}, "missing-field"),
    "quota spent": (lambda held, since: {"error": {"code": "OVER_RATE_LIMIT", "message": "over"}}, "error-page"),
    "key revoked": (lambda held, since: {"error": "API_KEY_DISABLED"}, "error-page"),
    "nothing at all": (lambda held, since: {**held, "totalRecords": 0, "opportunitiesData": []}, "below-expected"),
}


@pytest.mark.parametrize("lie", LIES)
def test_sv_18_an_interface_that_lies(lie: str, tmp_path: Path) -> None:
    """Every row of the good night once, whatever the interface says of it afterwards."""
    change, named = LIES[lie]
    api, kept = Api(spread(ROWS)), Kept(tmp_path / "archive")

    def told(path: str, headers: Mapping[str, str], before: int) -> Reply:
        return Reply(api.answer(path), 200, {"Content-Type": "application/json"})

    with CountedSite({"/search": told, "/robots.txt": Reply(b"", 200, HTML)}, validators=False) as site:
        arguments = {"api": f"{site.url}/search", "key": True, "since": "2018-01-01", "until": NIGHT}
        for night in range(8):
            if night == 1:
                api.change = change
            crawl(kept.folder, "sam_notices", site.host, arguments, CREDENTIALS_ADMIT=site.host)
            found = kept.night()
            assert found[named] > 0 if night and named else not found, (night, found)
    held = rows(kept.folder, "SELECT count(*), count(DISTINCT notice_id) FROM notices")
    figure("SV-18", week=lie, nights=7, rows=ROWS, held=held[0][0], doubled=held[0][0] - held[0][1])
    assert held == [(ROWS, ROWS)]
