"""SV-07, SV-13, SV-14 and SV-19 by replay: a good night, then one on which the whole site is something else.

Nothing that was good is lost, overwritten or called gone; nothing that isn't a document becomes one; the run fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from archive.outcomes import severity
from spiders.dhs_pia import DhsPia
from spiders.sam_notices import SamNotices
from tests.figures import figure
from tests.hostile import web
from tests.hostile.nights import Case, Ran, run_cases
from tests.hostile.web import (
    BAD,
    COLLECTION,
    GOOD,
    LIBRARY,
    LISTING,
    ROBOTS,
    SEARCHES,
    Told,
    listing,
    notice,
    page,
    search,
)

COUNT = 24
ALL = tuple(f"{LIBRARY}/publication/on-system-{number}" for number in range(COUNT))
SEARCH = SEARCHES[BAD]


def on(url: str) -> Told:
    name, number = url.rpartition("/")[2], int(url.rpartition("-")[2]) + 1
    return Told(page(
        f"The {name} system", f"<p>How it keeps what it is told: {number * 7} badges, {number * 11} gates.</p>"
        "<p>Created Date: March 19, 2015</p><p>Last Published Date: March 20, 2015</p>",
    ))  # fmt: skip


BASE: Mapping[str, Told] = {f"{LIBRARY}/robots.txt": ROBOTS, LISTING: listing(*ALL), **{url: on(url) for url in ALL}}
NOTICES = [notice(number) for number in range(COUNT)]
API: Mapping[str, Told] = {
    "https://api.sam.gov/robots.txt": ROBOTS, **{url: search(*NOTICES) for url in SEARCHES.values()}
}  # fmt: skip

LOGIN = Told(page(
    "Welcome to the guest network",
    "<p>Please sign in with your room number to use the internet.</p><form><input name=room><input name=name></form>",
))  # fmt: skip
PARKED = Told(page("This name may be for sale", "<p>Related searches: badges, cameras, gates. Ask the owner.</p>"))
DRESSED = Told(page(
    "Publications", "<p>What you asked for has moved. Browse what is new instead, or search the library.</p>"
    "<p>Created Date: March 19, 2015</p><p>Last Published Date: March 20, 2015</p>",
))  # fmt: skip
REDESIGNED = Told(b"<html><title>Library</title><body><div id=app>" + b"<i>Library</i> " * 300)


def library(named: Mapping[str, int], changes: Mapping[str, Told | None], **more: Any) -> Case:
    return Case("dhs_pia", changes, named, base=BASE, fewest=10, fields=DhsPia.expect.fields, **more)


def procurement(named: Mapping[str, int], told: Told, **more: Any) -> Case:
    return Case("sam_notices", {SEARCH: told}, named, base=API, fewest=10, fields=SamNotices.expect.fields, **more)


def everywhere(base: Mapping[str, Told], told: Told, *, robots: bool = True, but: str = "") -> dict[str, Told | None]:
    return {url: told for url in base if url != but and (robots or not url.endswith("/robots.txt"))}


def paged(first: tuple[str, ...], page_number: int, *, onward: bool) -> Told:
    body = listing(*first).body
    more = f'<a href="?page={page_number + 1}">Next</a>' if onward else ""
    return Told(body.replace(b"</main>", more.encode() + b"</main>"))


def renamed(record: dict[str, object], old: str, new: str) -> dict[str, object]:
    return {new if key == old else key: value for key, value in record.items()}


CASES: dict[str, Case] = {
    "control: library": library({}, {}),
    "control: procurement": procurement({}, search(*NOTICES)),
    "control: news": Case("news", {}, {}),
    "control: pages of another size": library(
        {}, {LISTING: paged(ALL[:9], 0, onward=True), f"{COLLECTION}?page=1": paged(ALL[9:], 1, onward=False)}
    ),
    "control: each row twice": library({}, {LISTING: listing(*ALL, *ALL)}),
    "SV-13 no rows": library({"below-expected": 1, "empty-listing": 1, "list-shrunk": 1}, {LISTING: listing()}),
    "SV-13 less than half the rows": library({"list-shrunk": 1}, {LISTING: listing(*ALL[:11])}),
    "SV-13 one row": library({"below-expected": 1, "list-shrunk": 1}, {LISTING: listing(ALL[0])}),
    "SV-13 field renamed": procurement(
        {"fields-missing": 1, "unmapped-field": 1},
        search(*[renamed(one, "title", "subject") for one in NOTICES]),
        versions_added=24,
    ),
    "SV-13 id renamed": procurement(
        {"below-expected": 1, "missing-field": 24, "unmapped-field": 1},
        search(*[renamed(one, "noticeId", "id") for one in NOTICES]),
    ),
    "SV-13 records renamed": procurement(
        {"below-expected": 1, "missing-field": 1},
        Told(search(*NOTICES).body.replace(b"opportunitiesData", b"results"), web.JSON),
    ),
    "SV-13 number as text": procurement(
        {"below-expected": 1, "missing-field": 1}, search(*NOTICES, totalRecords=str(COUNT))
    ),
    "SV-13 total is null": procurement({"below-expected": 1, "missing-field": 1}, search(*NOTICES, totalRecords=None)),
    "SV-13 titles are null": procurement(
        {"fields-missing": 1}, search(*[{**one, "title": None} for one in NOTICES]), versions_added=24
    ),
    "SV-13 dates are numbers": procurement(
        {"fields-missing": 1, "invalid-date": 24},
        search(*[{**one, "postedDate": 1515369600} for one in NOTICES]),
        versions_added=24,
    ),
    "SV-13 unknown kind": procurement(
        {"unknown-value": 1}, search(*[{**one, "type": "Riddle"} for one in NOTICES]), versions_added=24
    ),
    "SV-13 fields are lists": procurement(
        {"fields-missing": 2, "unmapped-field": 1},
        search(*[{**one, "title": ["A"], "type": {}} for one in NOTICES]),
        versions_added=24,
    ),
    "SV-14 all documents 404": library(
        {"below-expected": 1, "not-found": 24}, dict.fromkeys(ALL, Told(b"nothing here", status=404))
    ),
    "SV-14 all documents 410": library(
        {"below-expected": 1, "not-found": 24}, dict.fromkeys(ALL, Told(b"nothing here", status=410))
    ),
    "SV-14 all redesigned": library(
        {"below-expected": 1, "layout-changed": 1}, everywhere(BASE, REDESIGNED, robots=False)
    ),
    "SV-14 pages redesigned": library({"below-expected": 1, "layout-changed": 24}, dict.fromkeys(ALL, REDESIGNED)),
    "SV-14 domain parked": library(
        {"below-expected": 1, "empty-listing": 1, "list-shrunk": 1}, everywhere(BASE, PARKED)
    ),
    "SV-14 domain sold": library(
        {"below-expected": 1, "not-allowed-host": 1, "not-in-recording": 1},
        everywhere(BASE, Told(status=301, headers={"Location": "https://buyer.example.com/"})),
    ),
    "SV-07 soft 404 dressed as a page": library(
        {"below-expected": 1, "repeated-page": 21}, dict.fromkeys(ALL[:-3], DRESSED)
    ),
    "SV-19 captive portal: library": library(
        {"below-expected": 1, "empty-listing": 1, "list-shrunk": 1}, everywhere(BASE, LOGIN)
    ),
    "SV-19 captive portal: procurement": Case(
        "sam_notices", everywhere(API, LOGIN), {"below-expected": 1, "wrong-media-type": 1}, base=API, fewest=10
    ),
    "SV-19 captive portal: news": Case(
        "news", everywhere(web.newsroom(), LOGIN), {"below-expected": 1, "wrong-media-type": 1}
    ),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ran]:
    return run_cases(tmp_path_factory.mktemp("nights"), CASES)


def named_on(one: Ran, night: str) -> Counter[str]:
    rows = one.rows("SELECT outcome FROM outcomes WHERE run = ?", one.run(night))
    return Counter(name for (name,) in rows if severity(name) != "ok")


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_accepted_in_silence(name: str, ran: Mapping[str, Ran]) -> None:
    case, one = CASES[name], ran[name]
    assert not named_on(one, GOOD)
    assert named_on(one, BAD) == Counter(case.named)
    failed = any(severity(outcome) == "failure" for outcome in case.named)
    assert failed is not name.startswith("control")
    assert one.status == failed
    assert "Traceback" not in one.log


@pytest.mark.parametrize("name", CASES)
def test_what_was_good_stays_as_it_was(name: str, ran: Mapping[str, Ran]) -> None:
    """No document, version or title is lost, none becomes empty or gone, and no error page is a document."""
    case, one = CASES[name], ran[name]
    good = next(ran[other] for other in CASES if other.startswith("control") and CASES[other].source == case.source)
    for told in ("SELECT id, title, listing FROM documents", "SELECT state, url FROM listings"):
        assert sorted(one.rows(told)) == sorted(good.rows(told)), told
    assert set(good.rows("SELECT id FROM versions")) <= set(one.rows("SELECT id FROM versions"))
    assert len(one.rows("SELECT id FROM versions")) == len(good.rows("SELECT id FROM versions")) + case.versions_added


@pytest.mark.parametrize("group", ["SV-07", "SV-13", "SV-14", "SV-19"])
def test_figures(group: str, ran: Mapping[str, Ran]) -> None:
    names = [name for name in CASES if name.startswith(group)]
    assert len(names) > 0
    silent = [name for name in names if not any(severity(outcome) == "failure" for outcome in named_on(ran[name], BAD))]
    gone = sum(len(ran[name].rows("SELECT 1 FROM documents WHERE listing = 'delisted'")) for name in names)
    assert (silent, gone) == ([], 0)
    figure(group, changes=len(names), silently_accepted=len(silent), wrongly_gone=gone)


def soft_404s(count: int) -> Case:
    """Good pages, and beside them so many addresses that all answer with the same page and a good status."""
    lost = [f"{LIBRARY}/publication/lost-{number}" for number in range(count)]
    parts = [lost[start : start + 1000] for start in range(0, count, 1000)]
    lists = {
        f"{COLLECTION}?page={number}": paged((*ALL, *part), number, onward=number + 1 < len(parts))
        for number, part in enumerate(parts)
    }
    return library({"repeated-page": count}, {**lists, **dict.fromkeys(lost, DRESSED)}, most=COUNT + count)


@pytest.mark.parametrize("count", [60, pytest.param(3200, marks=pytest.mark.soak)])
def test_soft_404s_are_quarantined_and_good_pages_are_not(count: int, tmp_path: Path) -> None:
    """SV-07."""
    case = soft_404s(count)
    one = run_cases(tmp_path, {"soft": case})["soft"]
    assert named_on(one, BAD) == Counter(case.named)
    stored = one.rows("SELECT count(*) FROM documents WHERE url LIKE '%/lost-%'")[0][0]
    kept = one.rows("SELECT count(*) FROM documents WHERE url LIKE '%/on-system-%'")[0][0]
    quarantined = one.rows("SELECT count(*) FROM captures WHERE url LIKE '%/on-%' AND outcome = 'repeated-page'")[0][0]
    figure("SV-07", soft_404s=count, stored_as_document=stored, good=2 * COUNT, good_quarantined=quarantined)
    assert (stored, kept, quarantined) == (0, COUNT, 0)
