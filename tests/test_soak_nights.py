"""SV-20: many nights of a web of three sites, with faults drawn from one seed; each night's report is checked against
what the servers really had.

One replayed recording for each source; the promise is P1 to P16: nothing lost, nothing made up, nothing called gone
that is there, every fault named in the night on which it happened. Nights of a live web: tests/test_sixty_nights.py.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from archive.outcomes import severity
from tests.figures import figure
from tests.hostile import web
from tests.hostile.nights import Ran, command, run_commands
from tests.hostile.web import API, ARGUMENTS, COLLECTION, FEED, LIBRARY, NEWSROOM, ROBOTS, Told, notice

HELD = "SELECT documents.url FROM versions JOIN documents ON versions.document = documents.id"
SEED = int(os.environ.get("OVERSIGHT_SEED", "20180110"))
NIGHTS = int(os.environ.get("OVERSIGHT_NIGHTS", "60"))
FIRST = date(2018, 1, 10)
LISTING = f"{COLLECTION}?page=0"
NOT_FOUND = web.page("Page Not Found", "<p>The page that you are looking for could not be found.</p>")
WALL = web.page("Just a moment...", "<p>Checking your browser before accessing dhs.gov. Enable JavaScript.</p>")
LOGIN = web.page("Welcome to the guest network", "<p>Please sign in with your room number.</p><form></form>")
GZIP = {"Content-Encoding": "gzip"}

# What stands in place of an answer, and the outcome that says so.
PLACES: Mapping[str, tuple[Told, str]] = {
    "403": (Told(b"no", status=403), "blocked"),
    "404": (Told(NOT_FOUND, status=404), "not-found"),
    "429": (Told(b"slower", status=429), "blocked"),
    "500": (Told(b"oops", status=500), "server-error"),
    "204": (Told(b"", status=204), "unexpected-status"),
    "206": (Told(b"<html>half", status=206), "unexpected-status"),
    "304": (Told(b"", status=304), "unexpected-status"),
    "soft 404": (Told(NOT_FOUND), "error-page"),
    "wall": (Told(WALL), "bot-wall"),
    "empty": (Told(b""), "empty-body"),
    "cut": (Told(b"<html><h1>x", truncated="disconnect"), "truncated"),
    "too large": (Told(b"<html><h1>x", truncated="length"), "too-large"),
    "too slow": (Told(b"<html><h1>x", truncated="time"), "timed-out"),
    "gzip": (Told(b"\x1f\x8b\x08\x00" + b"\xff" * 90, headers=GZIP), "decode-failed"),
    "zip": (Told(b"PK\x03\x04" + bytes(30)), "wrong-media-type"),
    "inside": (Told(status=302, headers={"Location": "http://169.254.169.254/latest/"}), "address-refused"),
    "away": (Told(status=302, headers={"Location": "https://elsewhere.example.com/"}), "not-allowed-host"),
}  # fmt: skip


@dataclass
class Site:
    """What a source's server really has, by a name of each document: its version, and whether a list shows it."""

    source: str
    told: Callable[[Mapping[str, int], str], dict[str, Told]]
    address: Callable[[str], str]
    versions: dict[str, int] = field(default_factory=dict)
    seen: dict[str, set[int]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    nights: dict[str, dict[str, Told]] = field(default_factory=dict)
    named: dict[str, Counter[str]] = field(default_factory=dict)


def page_of(name: str, version: int) -> Told:
    told = f"How it keeps {version * 7 + 3} lists of {int(name.rpartition('-')[2]) * 13} badges in all of its rooms."
    return Told(web.page(
        f"The {name} system", f"<p>{told}</p><p>Created Date: March 19, 2015</p>"
        "<p>Last Published Date: March 20, 2015</p>",
    ))  # fmt: skip


def library(versions: Mapping[str, int], night: str) -> dict[str, Told]:
    pages = {page_address(name): page_of(name, version) for name, version in versions.items()}
    return {f"{LIBRARY}/robots.txt": ROBOTS, LISTING: web.listing(*pages), **pages}


def page_address(name: str) -> str:
    return f"{LIBRARY}/publication/{name}"


def newsroom(versions: Mapping[str, int], night: str) -> dict[str, Told]:
    stories = {story_address(name): web.story(f"{name} {'again ' * version}") for name, version in versions.items()}
    return {f"{NEWSROOM}/robots.txt": ROBOTS, FEED: web.feed(*stories), **stories}


def story_address(name: str) -> str:
    return f"{NEWSROOM}/2018/01/{name}-told-here"


def interface(versions: Mapping[str, int], night: str) -> dict[str, Told]:
    records = [
        notice(int(name.rpartition("-")[2]), title=f"BADGES {name} {version}") for name, version in versions.items()
    ]
    day = f"{night[5:7]}/{night[8:]}/{night[:4]}"
    url = f"{API}?postedFrom=01/01/2018&postedTo={day}&organizationCode=070&limit=1000&offset=0"
    return {"https://api.sam.gov/robots.txt": ROBOTS, url: web.search(*records)}


def change(site: Site, chance: random.Random, number: int) -> None:
    """Have the publisher work: a new document, another text of one, one taken off the list."""
    if chance.random() < 0.3:
        site.versions[f"item-{number + 100}"] = 0
    if chance.random() < 0.3:
        site.versions[chance.choice(sorted(site.versions))] += 1
    if chance.random() < 0.1 and len(site.versions) > 14:
        del site.versions[chance.choice(sorted(site.versions))]


def night_of(site: Site, night: str, chance: random.Random) -> None:
    """Write down what the server tells on a night, faults included, and what must come of it."""
    told = site.told(site.versions, night)
    index = list(told)[1]
    named: Counter[str] = Counter()
    kind = chance.choice(["none", "some", "some", "index", "all", "portal", "gone"])
    lost = dict.fromkeys(list(told)[2:], False)
    index_lost = False
    if kind == "some":
        for url in chance.sample(sorted(lost), min(len(lost), chance.randint(1, 3))):
            told[url], outcome = PLACES[chance.choice(sorted(PLACES))]
            named[outcome], lost[url] = named[outcome] + 1, True
    elif kind in ("index", "all"):
        place, outcome = PLACES[chance.choice(sorted(PLACES))]
        told |= dict.fromkeys([index, *(lost if kind == "all" else ())], place)
        named[outcome], index_lost = 1, True
    elif kind == "portal":
        told, index_lost = dict.fromkeys(told, Told(LOGIN)), True
    elif kind == "gone":
        told |= dict.fromkeys(lost, Told(NOT_FOUND, status=404))
        lost = dict.fromkeys(lost, True)
        named["not-found"] = len(lost)
    site.nights[night], site.named[night] = told, named
    if index_lost:
        return
    if kind != "gone":
        site.listed = set(site.versions)
    for name, version in site.versions.items():
        if not lost.get(site.address(name), False):
            site.seen.setdefault(name, set()).add(version)


def played(sites: list[Site], folder: Path) -> dict[str, Ran]:
    commands, found = [], {}
    for site in sites:
        own = folder / site.source
        own.mkdir()
        expect = {site.source: {night: {"minimum": 1, "maximum": 10_000} for night in site.nights}}
        arguments = {site.source: {**ARGUMENTS[site.source]}}
        (own / "nights.warc.gz").write_bytes(web.recording(site.nights, arguments, expect))
        commands.append({"folder": str(own), "arguments": command(own, site.source)})
    for site, status in zip(sites, run_commands(commands, 3000), strict=True):
        found[site.source] = Ran(folder / site.source, status)
    return found


def wrong_reports(site: Site, one: Ran) -> list[str]:
    """Compare what the archive says with what the server had."""
    wrong = []
    for night, expected in site.named.items():
        rows = one.rows("SELECT outcome FROM outcomes WHERE run = ?", one.run(night))
        named = Counter(name for (name,) in rows if severity(name) != "ok")
        wrong += [f"{night}: {name} is not named: {dict(named)}" for name in expected if named[name] < expected[name]]
        if {told.body for told in site.nights[night].values()} == {LOGIN} and not any(
            severity(name) == "failure" for name in named
        ):
            wrong.append(f"{night}: the portal is not named")
    versions = Counter(
        url for (url,) in one.rows("SELECT documents.url FROM versions JOIN documents ON document = documents.id")
    )
    wrong += held_wrongly(site, versions) if site.source != "sam_notices" else notices_wrong(site, one)
    return wrong + gone_wrongly(site, one)


def held_wrongly(site: Site, versions: Mapping[str, int]) -> list[str]:
    expected = {site.address(name): len(seen) for name, seen in site.seen.items()}
    return [f"{url}: {versions.get(url, 0)} versions, {expected.get(url, 0)} were told"
            for url in expected.keys() | versions.keys() if versions.get(url, 0) != expected.get(url, 0)]  # fmt: skip


def notices_wrong(site: Site, one: Ran) -> list[str]:
    ((documents,),) = one.rows("SELECT count(*) FROM documents")
    ((versions,),) = one.rows("SELECT count(*) FROM versions")
    told = (len(site.seen), sum(map(len, site.seen.values())))
    return [] if (documents, versions) == told else [f"{documents} notices, {versions} versions; told {told}"]


def gone_wrongly(site: Site, one: Ran) -> list[str]:
    """The library's list was last walked as a whole on the last night on which it and its pages could be had."""
    delisted = {url for (url,) in one.rows("SELECT url FROM documents WHERE listing = 'delisted'")}
    off = site.seen.keys() - site.listed if site.source == "dhs_pia" else set()
    return [f"{url}: delisted by one alone" for url in delisted ^ {site.address(name) for name in off}]


def made(nights: int) -> list[Site]:
    sites = [
        Site("dhs_pia", library, page_address),
        Site("news", newsroom, story_address),
        Site("sam_notices", interface, lambda name: ""),
    ]
    for site in sites:
        chance = random.Random(f"{SEED} {site.source}")
        site.versions = {f"item-{number}": 0 for number in range(12)}
        for number in range(nights):
            if number:
                change(site, chance, number)
            night = (FIRST + timedelta(number)).isoformat()
            night_of(site, night, chance if number else random.Random(0))
    return sites


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_nights(tmp_path: Path) -> None:
    nights = NIGHTS
    sites = made(nights)
    began = time.monotonic()
    ran = played(sites, tmp_path)
    wrong = [f"{site.source} {one}" for site in sites for one in wrong_reports(site, ran[site.source])]
    faults = sum(sum(named.values()) for site in sites for named in site.named.values())
    minutes = round((time.monotonic() - began) / 60, 1)
    figure(
        "SV-20", seed=SEED, nights=nights, sources=len(sites), faults=faults, wrong_reports=len(wrong), minutes=minutes
    )
    assert faults > 0
    assert not wrong, "\n".join(wrong)
    assert not [one for one in ran.values() if "Traceback" in one.log]
    for site in sites:  # what is compared can differ
        site.seen.popitem()
        site.named[FIRST.isoformat()]["trap"] = 1
        assert len(wrong_reports(site, ran[site.source])) >= 2
