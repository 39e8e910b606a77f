"""Bad input through the whole chain, one kind a case: a good night, then a rotten one, by `oversight crawl --replay`.

Each bad thing is named and counted in the run's report, is never stored as what it isn't, and costs nothing that was
stored before; the exit status tells a scheduler.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from archive.outcomes import OUTCOMES, severity
from archive.store.journal import Journal
from spiders._sam_fields import CSV_LAYOUT
from tests.hostile import pdf, web
from tests.hostile.nights import Case, Ran, command, run_cases, run_commands
from tests.hostile.web import (
    BAD,
    CSV,
    FEED,
    FILES,
    GOOD,
    HTML,
    JSON,
    LIBRARY,
    LISTING,
    NEWSROOM,
    PAGES,
    PDF,
    SEARCHES,
    STORIES,
    TABLE,
    XML,
    Told,
    feed,
    file_of,
    listing,
    notice,
    page,
    publication,
    search,
    story,
)

GATE, BADGES = FILES["gate-cameras"], FILES["visitor-badges"]
GATE_PAGE, BADGES_PAGE = PAGES["gate-cameras"], PAGES["visitor-badges"]
SEARCH = SEARCHES[BAD]
WALL = page("Just a moment...", "<p>Checking your browser before accessing dhs.gov. Enable JavaScript and cookies.</p>")
NOT_FOUND = page("Page Not Found", "<p>The page that you are looking for could not be found.</p>")
GZIP = {"Content-Encoding": "gzip"}
ZIP = b"PK\x03\x04" + bytes(30)
HOSTILE = b"<html><body><main><h1>x</h1><p " + b" ".join(b"a%d=1" % n for n in range(80_000)) + b">x</p></main>"


def library(named: Mapping[str, int], changes: Mapping[str, Told | None], **more: Any) -> Case:
    return Case("dhs_pia", changes, named, **more)


def procurement(named: Mapping[str, int], told: Told, **more: Any) -> Case:
    return Case("sam_notices", {SEARCH: told}, named, **more)


def table(named: Mapping[str, int], told: Told, **more: Any) -> Case:
    base = {"https://sam.gov/robots.txt": web.ROBOTS, TABLE: rows(record("1"), record("2"))}
    return Case("sam_notices", {TABLE: told}, named, base=base, arguments={"key": False}, **more)


def newsroom(named: Mapping[str, int], changes: Mapping[str, Told | None], **more: Any) -> Case:
    return Case("news", changes, named, **more)


def all_night(source: str, told: Told, *kept: str) -> dict[str, Told | None]:
    """Answer every request but those for robots.txt alike."""
    return {url: told for url in web.SITES[source]() if not url.endswith("/robots.txt") and url not in kept}


COLUMNS = [*CSV_LAYOUT.fields, *CSV_LAYOUT.out_of_scope]


def record(digit: str, **changes: str) -> str:
    said = {
        "NoticeId": digit * 32, "Title": f"BADGES LOT {digit}", "Sol#": f"70CDCR18Q0000000{digit}",
        "Department/Ind.Agency": "HOMELAND SECURITY, DEPARTMENT OF", "CGAC": "070",
        "PostedDate": "2018-01-08 10:00:00.000-05", "Type": "Solicitation", "BaseType": "Solicitation", **changes,
    }  # fmt: skip
    return ",".join('"' + said.get(name, "").replace('"', '""') + '"' for name in COLUMNS)


def rows(*records: str) -> Told:
    return Told("\r\n".join([",".join(COLUMNS), *records, ""]).encode(), CSV)


CASES: dict[str, Case] = {
    "nothing bad": library({}, {}),
    "nothing bad: procurement": procurement({}, search(notice(1), notice(2))),
    "nothing bad: table": table({}, rows(record("1"), record("2"))),
    "nothing bad: news": newsroom({}, {}),
    # In place of a file.
    "truncated PDF": library({"malformed-pdf": 1}, {GATE: Told(file_of("gate")[:150], PDF)}),
    "malformed PDF": library({"malformed-pdf": 1}, {GATE: Told(b"%PDF-1.7\n" + b"\xff" * 900, PDF)}),
    "encrypted PDF": library({"encrypted": 1}, {GATE: Told(pdf.encrypted(b"secret"), PDF)}, versions_added=1),
    "bot wall for a PDF": library({"bot-wall": 1}, {GATE: Told(WALL, HTML)}),
    "bot wall that says PDF": library({"bot-wall": 1}, {GATE: Told(WALL, PDF)}),
    "error page for a PDF": library({"error-page": 1}, {GATE: Told(NOT_FOUND)}),
    "page for a PDF": library({"wrong-media-type": 1}, {GATE: publication("gate-cameras")}),
    "zip for a PDF": library({"wrong-media-type": 1}, {GATE: Told(ZIP, PDF)}),
    "PDF for a page": library({"wrong-media-type": 1}, {GATE_PAGE: Told(file_of("gate"), HTML), GATE: None}),
    "PDF that says text": library({}, {GATE: Told(file_of("gate-cameras"), "text/plain")}),
    "broken gzip": library(
        {"decode-failed": 1}, {GATE: Told(b"\x1f\x8b\x08\x00" + b"\xff" * 90, PDF, headers=GZIP)}
    ),
    "broken gzip for a listing": library(
        {"decode-failed": 1, "below-expected": 1},
        {LISTING: Told(b"no gzip at all", HTML, headers=GZIP)},
    ),
    "empty body": library({"empty-body": 1}, {GATE: Told(b"", PDF)}),
    "blank body": library({"empty-body": 1}, {GATE: Told(b" \r\n \x00", PDF)}),
    "cut off by the one who recorded it": library(
        {"truncated": 1}, {GATE: Told(file_of("gate")[:600], PDF, truncated="disconnect")}
    ),
    "too large for the one who recorded it": library(
        {"too-large": 1}, {GATE: Told(file_of("gate")[:600], PDF, truncated="length")}
    ),
    "too slow for the one who recorded it": library(
        {"timed-out": 1}, {GATE: Told(file_of("gate")[:600], PDF, truncated="time")}
    ),
    # Statuses.
    "gone": library({"not-found": 1}, {GATE: Told(NOT_FOUND, status=404)}),
    "403 all night": library({"blocked": 1, "below-expected": 1}, all_night("dhs_pia", Told(WALL, status=403))),
    "429 all night": library({"blocked": 1, "below-expected": 1}, all_night("dhs_pia", Told(b"slow down", status=429))),
    "503 all night": library({"server-error": 1, "below-expected": 1}, all_night("dhs_pia", Told(b"x", status=503))),
    "418": library({"unexpected-status": 1}, {GATE: Told(b"short and stout", "text/plain", 418)}),
    "206": library({"unexpected-status": 1}, {GATE: Told(file_of("gate")[:600], PDF, 206)}),
    "not recorded": library({"not-in-recording": 1}, {GATE: None}),
    "redirect loop": library({"redirect-loop": 1}, {
        GATE: Told(status=302, headers={"Location": f"{GATE}?again"}),
        f"{GATE}?again": Told(status=302, headers={"Location": GATE}),
    }),
    "redirect to itself": library({"redirect-loop": 1}, {GATE: Told(status=301, headers={"Location": GATE})}),
    "redirect to another site": library(
        {"not-allowed-host": 1}, {GATE: Told(status=302, headers={"Location": "https://elsewhere.example.com/a.pdf"})}
    ),
    "redirect to this machine": library(
        {"address-refused": 1}, {GATE: Told(status=302, headers={"Location": "http://127.0.0.1:8080/a.pdf"})}
    ),
    "redirect to the cloud's metadata": library(
        {"address-refused": 1}, {GATE: Told(status=302, headers={"Location": "http://169.254.169.254/latest/"})}
    ),
    "redirect to a local file": library(
        {"unexpected-status": 1}, {GATE: Told(status=302, headers={"Location": "file:///etc/passwd"})}
    ),
    # Listings.
    "bot wall for a listing": library({"bot-wall": 1, "below-expected": 1}, {LISTING: Told(WALL)}),
    "error page for a listing": library({"error-page": 1, "below-expected": 1}, {LISTING: Told(NOT_FOUND)}),
    "listing without a row": library({"empty-listing": 1, "below-expected": 1}, {LISTING: listing()}),
    "listing redesigned": library(
        {"layout-changed": 1, "below-expected": 1},
        {LISTING: Told(b"<html><title>Assessments</title><body><div id=app>" + b"Assessments " * 300)},
    ),
    # As many as are expected at least: what is missing was taken off. Fewer: the run failed, and takes nothing off.
    "listing shrunk": library({}, {LISTING: listing(GATE_PAGE)}, delisted=2, fewest=1),
    "listing shrunk below what is expected": library(
        {"below-expected": 1}, {LISTING: listing(GATE_PAGE)}, delisted=0, fewest=4
    ),
    # The one that is no web address is named; of the others none is asked for.
    "listing of private addresses": library({"missing-field": 1}, {LISTING: listing(
        *PAGES.values(), "http://127.0.0.1/publication/a", "http://169.254.169.254/publication/b",
        "http://[::1]/publication/c", "file:///publication/d", "https://evil.example/publication/e.pdf",
    )}),
    "robots forbids": library(
        {"robots-disallowed": 2}, {f"{LIBRARY}/robots.txt": Told(b"User-agent: *\nDisallow: /sites/", "text/plain")}
    ),
    # Markup.
    "one tag of 850 KB": library({"hostile-markup": 1}, {GATE_PAGE: Told(HOSTILE), GATE: None}),
    "one tag of 850 KB for a listing": library(
        {"hostile-markup": 1, "below-expected": 1}, {LISTING: Told(HOSTILE)}
    ),
    # Fields.
    "31 February": library({"invalid-date": 1}, {GATE_PAGE: publication("gate-cameras", "February 31, 2018")}),
    "Yesterday": library({"invalid-date": 1}, {GATE_PAGE: publication("gate-cameras", "Yesterday")}),
    "a file dated 13/45/2018": library(
        {"invalid-date": 1}, {GATE_PAGE: publication("gate-cameras", row_date="13/45/2018")}
    ),
    "publication page redesigned": library(
        {"layout-changed": 1}, {GATE_PAGE: Told(page("A page", "<p>" + "Words and words. " * 200)), GATE: None}
    ),
    # The API.
    "unknown notice type": procurement({"unknown-value": 1}, search(notice(1), notice(2), notice(3, type="Riddle")),
                                       added=1),
    "duplicate ids": procurement(
        {"duplicate-id": 1}, search(notice(1), notice(2), notice(2, title="ANOTHER TITLE")), versions_added=1
    ),
    "no notice id": procurement(
        {"missing-field": 1}, search(notice(1), {k: v for k, v in notice(2).items() if k != "noticeId"})
    ),
    "new field": procurement({"unmapped-field": 1}, search(notice(1), notice(2, mood="cheerful")) ),
    "notice of 31 February": procurement(
        {"invalid-date": 1}, search(notice(1), notice(2), notice(3, postedDate="2018-02-31")), added=1
    ),
    "notice due Yesterday": procurement(
        {"invalid-date": 1}, search(notice(1), notice(2), notice(3, responseDeadLine="Yesterday")), added=1
    ),
    "search without a row": procurement({"empty-listing": 1, "below-expected": 1}, search()),
    "another department's notice": procurement({}, search(notice(1), notice(2), notice(
        3, fullParentPathName="DEFENSE, DEPARTMENT OF", fullParentPathCode="097"))),
    "cut JSON": procurement({"malformed-json": 1, "below-expected": 1}, Told(b'{"totalRecords": 2, "opp', JSON)),
    "NaN": procurement({"malformed-json": 1, "below-expected": 1}, Told(b'{"totalRecords": NaN}', JSON)),
    "deep JSON": procurement({"malformed-json": 1, "below-expected": 1}, Told(b"[" * 99_999 + b"]" * 99_999, JSON)),
    "doubled keys": procurement(
        {"malformed-json": 1, "below-expected": 1},
        Told(b'{"totalRecords": 0, "opportunitiesData": [], "opportunitiesData": [{}]}', JSON),
    ),
    "JSON of another shape": procurement({"missing-field": 1, "below-expected": 1}, Told(b'{"data": [{}]}', JSON)),
    "JSON error with 200": procurement(
        {"error-page": 1, "below-expected": 1}, Told(b'{"error": {"code": "API_KEY_INVALID"}}', JSON)
    ),
    "page for JSON": procurement({"wrong-media-type": 1, "below-expected": 1}, publication("gate-cameras")),
    # The table.
    "unclosed quote": table({"malformed-csv": 1}, rows(record("1").replace('LOT 1"', "LOT 1"), record("2"))),
    "ragged row": table({"malformed-csv": 1}, rows(record("1"), record("2") + ",one more")),
    "header alone": table({"empty-listing": 1, "below-expected": 1}, rows()),
    "other columns": table({"layout-changed": 1, "below-expected": 1}, Told(b"a,b,c\n1,2,3\n4,5,6\n", CSV)),
    # The newsroom.
    "malformed feed": newsroom(
        {"malformed-xml": 1}, {FEED: Told(feed(*STORIES.values()).body.replace(b"</channel></rss>", b"<item><"), XML)}
    ),
    "empty feed": newsroom({"empty-listing": 1, "below-expected": 1}, {FEED: feed()}),
    "page for a feed": newsroom({"wrong-media-type": 1, "below-expected": 1}, {FEED: publication("gate-cameras")}),
    "page without an article": newsroom(
        {"no-article": 1}, {STORIES["first"]: Told(b"<html><title>The first story</title><body></body>")}
    ),
    "article without a headline": newsroom(
        {"layout-changed": 1}, {STORIES["first"]: Told(b"<html><body><article><p>" + b"Words. " * 300)}
    ),
    "article of 31 February": newsroom({"invalid-date": 1}, {STORIES["first"]: story("first", "2018-02-31")}),
    "article with a hostile tag": newsroom({"hostile-markup": 1}, {STORIES["first"]: Told(HOSTILE)}),
    "newsroom's robots forbids": newsroom(
        {"robots-disallowed": 1, "below-expected": 1},
        {f"{NEWSROOM}/robots.txt": Told(b"User-agent: *\nDisallow: /", "text/plain")},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ran]:
    """Every case's command, run. What is read on the good nights is read once, and its cache handed to the others."""
    base = tmp_path_factory.mktemp("nights")
    first = {name: case for name, case in CASES.items() if name.startswith("nothing bad")}
    found = run_cases(base, first)
    cache = base / "cache"
    for one in found.values():
        with suppress(FileNotFoundError):  # notices are read by their source alone
            shutil.copytree(one.folder / "archive" / "cache", cache, dirs_exist_ok=True)
    return found | run_cases(base, {name: case for name, case in CASES.items() if name not in first}, cache)


def named_on(one: Ran, night: str) -> Counter[str]:
    """Count a night's outcomes, those left out that are as they should be."""
    rows = one.rows("SELECT outcome FROM outcomes WHERE run = ?", one.run(night))
    return Counter(name for (name,) in rows if severity(name) != "ok")


@pytest.mark.parametrize("name", CASES)
def test_a_bad_thing_is_named_and_counted(name: str, ran: Mapping[str, Ran]) -> None:
    case, one = CASES[name], ran[name]
    assert not named_on(one, GOOD)
    assert named_on(one, BAD) == Counter(case.named), one.rows("SELECT outcome, subject, detail FROM outcomes")
    reported = {row["outcome"]: row["count"] for row in one.report["outcomes"] if row["severity"] != "ok"}
    assert reported == case.named
    failed = any(severity(outcome) == "failure" for outcome in case.named)
    assert one.status == failed
    assert bool(one.report["failures"]) is failed
    as_expected = "finished" if "below-expected" not in case.named else "failed"
    assert [run["status"] for run in one.report["runs"]] == ["finished", as_expected]
    assert "Traceback" not in one.log


@pytest.mark.parametrize("name", CASES)
def test_outcomes_add_up_to_inputs(name: str, ran: Mapping[str, Ran]) -> None:
    one = ran[name]
    own = one.rows(
        "SELECT captures.id, captures.outcome, count(outcomes.id) FROM captures"
        " LEFT JOIN outcomes ON outcomes.capture = captures.id AND outcomes.outcome = captures.outcome"
        " AND outcomes.subject = captures.url AND outcomes.run = captures.run GROUP BY captures.id"
    )
    assert {(outcome in OUTCOMES, count) for _, outcome, count in own} == {(True, 1)}
    # What the web was asked for is what it told, and what it had nothing to tell of.
    counted = dict(one.rows("SELECT run, count(*) FROM captures GROUP BY run"))
    assert counted == {run["id"]: run["captures"] for run in one.report["runs"]}
    journal = Journal(one.folder / "archive").read()
    requests = [event for event in journal if event["event"] == "outcome"]
    without = one.rows("SELECT 1 FROM outcomes WHERE capture IS NULL AND outcome NOT IN ('below-expected')")
    assert len(without) == len(requests)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_stored_as_what_it_is_not_and_nothing_is_lost(name: str, ran: Mapping[str, Ran]) -> None:
    case, one = CASES[name], ran[name]
    good = ran[next(other for other in CASES if CASES[other].source == case.source and CASES[other].base == case.base)]
    for table, added in (("documents", case.added), ("versions", case.added + case.versions_added)):
        held, had = set(one.rows(f"SELECT id FROM {table}")), set(good.rows(f"SELECT id FROM {table}"))
        assert had <= held
        assert len(held - had) == added, held - had
    texts = "SELECT text FROM pages WHERE version IN (SELECT version FROM pages) ORDER BY id"
    assert set(good.rows(texts)) <= set(one.rows(texts))
    delisted = one.rows("SELECT id FROM documents WHERE listing = 'delisted'")
    assert len(delisted) == case.delisted, delisted


def test_a_replay_reaches_nobody(ran: Mapping[str, Ran]) -> None:
    """Whatever its pages link to: no connection is tried, and no name looked up."""
    tried = {name: (one.folder / "connections").read_text() for name, one in ran.items()
             if (one.folder / "connections").exists()}  # fmt: skip
    assert not tried


def test_all_that_was_told_is_kept(ran: Mapping[str, Ran]) -> None:
    """The bytes of what was quarantined are in the archive."""
    kept = ran["bot wall for a PDF"].rows("SELECT payload_bytes FROM captures WHERE outcome = 'bot-wall'")
    assert kept == [(len(WALL),)]


@pytest.mark.parametrize("name", ["cut JSON", "listing redesigned", "article without a headline"])
def test_what_could_not_be_read_is_not_counted_as_read(name: str, ran: Mapping[str, Ran]) -> None:
    (named,) = CASES[name].named.keys() - {"below-expected"}
    assert len(ran[name].rows("SELECT id FROM captures WHERE outcome = ?", named)) == 1


def test_the_same_rotten_night_again_adds_nothing(ran: Mapping[str, Ran]) -> None:
    one = ran["redirect loop"]
    before = {path: path.stat().st_size for path in one.folder.rglob("*") if path.suffix in (".gz", ".jsonl")}
    counted = one.rows("SELECT outcome, count(*) FROM outcomes GROUP BY outcome")
    assert run_commands([{"folder": str(one.folder), "arguments": command(one.folder, "dhs_pia")}]) == [1]
    assert one.rows("SELECT outcome, count(*) FROM outcomes GROUP BY outcome") == counted
    assert {path: path.stat().st_size for path in one.folder.rglob("*") if path.suffix in (".gz", ".jsonl")} == before


REBUILT = (  # one of each part of settling
    "redirect to this machine",
    "truncated PDF",
    "listing without a row",
    "duplicate ids",
    "page without an article",
)


def test_a_rebuild_names_the_same_things(ran: Mapping[str, Ran]) -> None:
    tables = ("captures", "outcomes", "runs", "documents", "versions", "listings", "notices", "dates", "statements")

    def held(one: Ran) -> dict[str, list[Any]]:
        return {table: sorted(map(repr, one.rows(f"SELECT * FROM {table}"))) for table in tables}

    before = {name: held(ran[name]) for name in REBUILT}
    folders = [ran[name].folder for name in REBUILT]
    commands = [
        {"folder": str(folder), "arguments": ["--archive", str(folder / "archive"), "rebuild"]} for folder in folders
    ]
    assert run_commands(commands) == [0] * len(commands)
    assert {name: held(ran[name]) for name in REBUILT} == before
