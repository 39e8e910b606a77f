"""Clocks that jump, stand wrong, or tell another zone (group CK): identity and order don't depend on them (P14)."""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.opening import open_catalogue
from archive.catalog.runs import fold, last_sign
from archive.dates import parse_date, parse_instant
from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.research.missed import overdue
from archive.research.status import run_report
from archive.store.lock import Locked, writer_lock
from console.answers import show_report
from pipelines.clock import ClockImplausible, SteadyClock, require_plausible, steady_clock
from pipelines.deposit import deposit
from pipelines.host_rules import retry_after
from pipelines.load import load
from pipelines.plan import plan_live, project_settings
from pipelines.session import begun
from tests.conftest import ROOT
from tests.demo_archive import differences, dump, rows
from tests.figures import figure
from tests.forked import Forked
from tests.hostile import web
from tests.one_night import PLACES, Night

BEGAN = datetime(2026, 11, 29, 23, 59, 50, tzinfo=UTC)
JUMPS = [timedelta(seconds=-1), timedelta(hours=-1), timedelta(days=-365), timedelta(days=3652), timedelta(0)]


def test_ck_01_a_jump_of_the_clock_moves_nothing_in_a_run() -> None:
    """The clock is set in the middle of a run, again and again; what the run says goes on by the machine's uptime."""
    said, passed = [BEGAN], [1000.0]
    clock = SteadyClock(lambda: said[0], lambda: passed[0])
    told = []
    for jump in JUMPS:
        passed[0] += 5
        said[0] = BEGAN + jump
        told.append(clock())
    assert told == [BEGAN + timedelta(seconds=5 * number) for number in range(1, len(JUMPS) + 1)]
    figure("CK-01", jumps=len(JUMPS), wrong=0)


def test_the_machines_clock_is_read_in_known_places_only() -> None:
    """A clock that is read beside the steady one would jump: where it is, nothing that is kept depends on it."""
    reads = re.compile(r"datetime\.now\(|date\.today\(|time\.time\(|utcnow\(")
    found = {
        str(path.relative_to(ROOT))
        for folder in ("archive", "console", "pipelines", "spiders")
        for path in (ROOT / folder).rglob("*.py")
        if path.parent.name != "site" and reads.search(path.read_text())
    }
    assert found - KNOWN == set()


# The clock itself; the holder's name in a lock. What the site shows isn't kept.
# What machines of a cluster tell each other of their clocks.
KNOWN = {"pipelines/clock.py", "archive/store/lock.py", "pipelines/cluster/about.py"}


def _library(*names: str) -> dict[str, web.Told]:
    pages = {f"{web.LIBRARY}/publication/{name}": _page(name) for name in names}
    return {f"{web.LIBRARY}/robots.txt": web.ROBOTS, web.LISTING: web.listing(*pages), **pages}


def _page(name: str) -> web.Told:
    text = f"<p>How the {name} system keeps its lists of badges in all of its rooms.</p>"
    return web.Told(web.page(f"The {name} system", text + "<p>Last Published Date: March 20, 2015</p>"))


def test_ck_01_nights_under_a_clock_that_jumped_call_nothing_gone(forked: Forked, tmp_path: Path) -> None:
    """A year back, ten years on, and back: in whichever order the nights came in, the catalogue is the same."""
    came = ["2018-01-10", "2028-01-11", "2017-01-10"]
    names = ["gate", "badge", "camera"]
    expect = {"dhs_pia": {night: {"minimum": 1, "maximum": 100} for night in came}}
    arguments = {"dhs_pia": {"listings": [web.COLLECTION]}}
    recording = tmp_path / "nights.warc.gz"
    recording.write_bytes(web.recording({night: _library(*names) for night in came}, arguments, expect))
    for name, order in (("as they came", came), ("in order", sorted(came))):
        for night in order:
            done = forked.run(tmp_path / name, "crawl", "dhs_pia", "--replay", recording, "--night", night)
            assert done.status == 0, done.said
    found = dump(tmp_path / "as they came", PLACES)
    assert differences(dump(tmp_path / "in order", PLACES), found) == {}
    archive = tmp_path / "as they came"
    assert rows(archive, "SELECT count(*) FROM documents WHERE first_seen > last_seen") == [(0,)]
    assert rows(archive, "SELECT count(*), min(listing), max(listing) FROM documents") == [(3, "listed", "listed")]
    figure("CK-01", nights=len(came), orders=2, called_gone=0)


@pytest.mark.parametrize(
    ("at", "last", "believed", "plausible"),
    [
        ("1970-01-01T00:00:10Z", "", True, False),
        ("2000-01-01T00:00:00Z", "", False, False),
        ("2025-12-31T23:59:59Z", "", False, False),
        ("2038-01-19T03:14:08Z", "", False, True),
        ("2038-01-19T03:14:08Z", "2026-11-29T03:00:00Z", False, False),
        ("2038-01-19T03:14:08Z", "2026-11-29T03:00:00Z", True, True),
        ("9999-12-31T23:59:59Z", "", True, False),
        ("2026-11-29T03:00:00Z", "2026-11-30T02:00:00Z", False, True),
        ("2026-11-29T03:00:00Z", "2026-12-30T02:00:00Z", False, False),
        ("2026-11-29T03:00:00Z", "2036-12-30T02:00:00Z", True, True),
        ("2027-11-29T03:00:00Z", "2026-11-29T03:00:00Z", False, True),
    ],
)
def test_ck_02_an_implausible_clock_captures_nothing(at: str, last: str, believed: bool, plausible: bool) -> None:
    if plausible:
        require_plausible(at, last, believed=believed)
        return
    with pytest.raises(ClockImplausible, match=f"says {at}.*set right"):
        require_plausible(at, last, believed=believed)
    figure("CK-02", at=at, last=last)


def test_ck_02_who_crawls_or_hands_in_is_refused_and_who_reads_is_not(tmp_path: Path) -> None:
    archive = ArchiveFolder.open(tmp_path)
    archive.journal.append("run-started", **_started("news-20360101T000000Z", "2036-01-01T00:00:00Z"))
    archive.journal.append("run-started", **{**_started("replayed", "2099-01-01T00:00:00Z"), "replay": True})
    assert last_sign(fold(archive.journal.read()).values()) == "2036-01-01T00:00:00Z"
    settings = project_settings(tmp_path)
    settings.set("CONTACT", "https://example.org/", priority="cmdline")
    (tmp_path / "note.pdf").write_bytes(b"%PDF-1.4\n")
    with pytest.raises(ClockImplausible, match="OVERSIGHT_CLOCK=right"):
        plan_live(settings, ["news"])
    with pytest.raises(ClockImplausible):
        deposit(archive, settings, [tmp_path / "note.pdf"])
    assert archive.connection.execute("SELECT count(*) FROM captures").fetchone()[0] == 0
    settings.set("CLOCK", "right", priority="cmdline")
    assert plan_live(settings, ["news"])
    archive.close()


def _started(run: str, at: str) -> dict[str, object]:
    return {"run": run, "source": "news", "night": at[:10], "at": at, "replay": False, "minimum": 1, "maximum": 2}


@pytest.mark.parametrize("turned", [False, True])
def test_ck_03_two_answers_in_one_second_are_both_kept_in_one_order(turned: bool, tmp_path: Path) -> None:
    """Two texts of one page in the same second: two captures, two versions, in an order that doesn't depend on which
    came first."""
    url = f"{web.LIBRARY}/publication/gate"
    bodies = [_page("gate").body, _page("other gate").body]
    found: list[dict[str, list[Any]]] = []
    for order in (bodies, bodies[::-1]) if turned else (bodies,):
        folder = tmp_path / str(len(found))
        archive = ArchiveFolder.open(folder)
        for body in order:
            response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            exchange = Exchange(url, "2018-01-26T15:00:00Z", b"GET / HTTP/1.1\r\n\r\n", response, status=200)
            archive.store.add(exchange, Asked("dhs_pia", "dhs_pia-2018", "parse_publication"))
        load(archive, project_settings(folder))
        captures = [row[0] for row in archive.connection.execute("SELECT id FROM captures ORDER BY captured_at, id")]
        assert sorted(archive.store.read(one).body for one in captures) == sorted(bodies)
        assert check_versions(archive) == 2
        archive.close()
        found.append(dump(folder, PLACES))
    assert all(differences(found[0], other) == {} for other in found)
    figure("CK-03", collisions=len(found), resolved=len(found))


def check_versions(archive: ArchiveFolder) -> int:
    """Return how many versions there are; no two of a document have the same place."""
    places = archive.connection.execute("SELECT document, ordinal FROM versions").fetchall()
    assert len({tuple(place) for place in places}) == len(places)
    return len(places)


ZONES = ("America/New_York", "Pacific/Kiritimati", "Antarctica/Troll")


def test_ck_04_the_same_catalogue_in_every_zone(night: Night) -> None:
    for number, zone in enumerate(ZONES):
        name = f"zone-{number}"
        night.prime(name)
        done = night.play(name, before=f"import os, time; os.environ['TZ'] = {zone!r}; time.tzset()")
        assert done.status == 0, done.said
        assert night.wrong_with(name) == [], zone
    figure("CK-04", zones=len(ZONES), differences=0)


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("2018-11-04 01:30:00 EDT", "2018-11-04T05:30:00Z"),
        ("2018-11-04 01:30:00 EST", "2018-11-04T06:30:00Z"),
        ("2018-03-11 02:30:00 EST", "2018-03-11T07:30:00Z"),
        ("2018-03-11 02:30:00 Eastern", None),
    ],
)
def test_ck_04_the_hour_that_is_there_twice_or_never(words: str, instant: str | None) -> None:
    found = parse_instant(words)
    assert found == instant or (instant is None and (found is None or found.startswith("2018-03-11T0")))


NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    ["Sat, 31 Dec 2016 23:59:60 GMT", "Fri, 31 Feb 2017 10:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "yesterday",
     "Fri, 31 Dec 9999 23:59:59 GMT", "", "-5", "Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 99 Xyz 2016 99:99:99 GMT"],
)  # fmt: skip
def test_ck_05_a_servers_date_stops_nothing(said: str) -> None:
    """A leap second, a day that isn't one, or garbage is no wait, or one that ends."""
    wait = retry_after(said, NOW)
    assert wait is None or wait >= 0


INVENTED = {
    "31 February 2018": None, "February 31, 2018": None, "2018": "2018", "March 2018": "2018-03", "0001-01-01": None,
    "9999-99-99": None, "2018-02-30": None, "13/32/2018": None, "soon": None, "Spring 2018": None,
}  # fmt: skip


def test_ck_05_no_day_is_invented() -> None:
    invented = {}
    for words, value in INVENTED.items():
        parsed = parse_date(words)
        if parsed is not None and (parsed.value != value and parsed.value not in words):
            invented[words] = parsed
    figure("CK-05", forms=len(INVENTED), invented=len(invented))
    assert invented == {}


def test_ck_06_a_night_across_midnight_and_one_skipped_for_a_month(forked: Forked, tmp_path: Path) -> None:
    """A run belongs to the day on which it began, whenever its answers came; after a month the next one is a night as
    any other, and two runs in one day have names of their own."""
    late = begun("news", "2026-11-29T23:59:58Z", None)
    assert (late.night, late.id) == ("2026-11-29", "news-20261129T235958Z")
    assert begun("news", "2026-11-29T23:59:59Z", None).id != late.id
    nights = ["2018-01-10", "2018-01-11", "2018-02-12"]
    expect = {"dhs_pia": {night: {"minimum": 1, "maximum": 100} for night in nights}}
    told = {night: _library("gate", "badge") for night in nights}
    recording = tmp_path / "nights.warc.gz"
    recording.write_bytes(web.recording(told, {"dhs_pia": {"listings": [web.COLLECTION]}}, expect))
    done = forked.run(tmp_path / "archive", "crawl", "dhs_pia", "--replay", recording)
    assert done.status == 0, done.said
    again = forked.run(tmp_path / "archive", "crawl", "dhs_pia", "--replay", recording, "--night", nights[0])
    assert again.status == 0, again.said
    held = rows(tmp_path / "archive", "SELECT count(*), count(DISTINCT id), count(DISTINCT night) FROM runs")
    assert held == [(3, 3, 3)]
    assert rows(tmp_path / "archive", "SELECT DISTINCT listing FROM documents") == [("listed",)]
    figure("CK-06", nights=len(nights), runs=held[0][0])


@pytest.mark.parametrize("since", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z", ""])
def test_ck_07_a_lock_is_judged_by_its_holder_and_never_by_its_age(since: str, tmp_path: Path) -> None:
    forged = json.dumps({"purpose": "crawl", "pid": os.getpid(), "since": since, "host": "here"})
    with writer_lock(tmp_path, "crawl"):
        (tmp_path / "lock").write_text(forged)
        with pytest.raises(Locked, match="is being written by"), writer_lock(tmp_path, "other"):
            pass
    (tmp_path / "lock").write_text(forged)
    with writer_lock(tmp_path, "next"):
        assert b"next" in (tmp_path / "lock").read_bytes()
    figure("CK-07", since=since, wrongly_broken=0)


def _ran(archive: ArchiveFolder, source: str, days: tuple[int, int], ending: str = "", **more: object) -> str:
    """Put a run on record that began and ended so many days ago; return its id."""
    began, ended = ((steady_clock() - timedelta(days=ago)).strftime("%Y-%m-%dT%H:%M:%SZ") for ago in days)
    run = f"{source}-{began.translate(str.maketrans('', '', '-:'))}{ending}"
    archive.journal.append("run-started", **{**_started(run, began), "source": source, **more})
    archive.journal.append("run-ended", run=run, at=ended, status="finished")
    return run


def test_ck_06_nights_that_were_missed_are_told(forked: Forked, tmp_path: Path) -> None:
    """Of sources that are followed and ran before; replays, and runs of named addresses, are no nights."""
    archive, day = ArchiveFolder.open(tmp_path), f"{steady_clock() - timedelta(days=9):%Y-%m-%d}"
    _ran(archive, "news", (10, 10))
    _ran(archive, "news", (0, 0), "-add", minimum=None, maximum=None)
    _ran(archive, "dhs_sorn", (10, 10), replay=True)
    _ran(archive, "dhs_oig", (10, 1))  # for nights within its budget
    _ran(archive, "dhs_pia", (10, 10))
    last = _ran(archive, "dhs_pia", (0, 0), minimum=0)
    load(archive, project_settings(tmp_path))
    archive.close()
    for command in ("sources", "status"):
        told = json.loads(forked.run(tmp_path, command, "--json").said)
        states = told if command == "sources" else told["sources"]
        assert {one["name"]: one["overdue"] for one in states if one["overdue"]} == {"news": day}
        assert f", overdue since {day}\n" in forked.run(tmp_path, command).said
    with closing(open_catalogue(tmp_path / "archive.db")) as catalogue:
        assert overdue(catalogue, "2099-01-01", ["references"]) == {}
        assert list(overdue(catalogue, "2099-01-01", ["news", "dhs_pia", "dhs_sorn"])) == ["news", "dhs_pia"]
        report = run_report(catalogue, [last])
    (missed,) = report["missed"]
    assert (missed["source"], missed["first"], missed["nights"]) == ("dhs_pia", day, 9)
    figure("CK-06", sources=5, overdue=1, missed_nights=missed["nights"])


def test_ck_06_a_report_names_each_stretch_of_missed_nights_once(capsys: pytest.CaptureFixture[str]) -> None:
    stretch = {"first": "2026-11-02", "last": "2026-11-10", "nights": 9}
    missed = [{"source": name, **stretch} for name in ("dhs_pia", "news")]
    show_report({"runs": [], "outcomes": [], "missed": missed})
    assert capsys.readouterr().out == "Missed: 9 nights, 2026-11-02 to 2026-11-10 (dhs_pia, news).\n"
