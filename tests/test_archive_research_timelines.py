"""Timelines: dates no more exact than they are printed, money exact, thousands by month, pictures without a script."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from archive.folder import CATALOGUE
from archive.research.timeline_events import Timeline, read_timeline
from archive.research.timelines import MOST_DRAWN, MOST_TOLD, Event, as_data, by_month, in_order
from archive.site.lanes_picture import Lane, Mark, draw_lanes
from archive.site.server import ArchiveDatasette, open_archive
from archive.site.timeline_views import picture
from oversight import main
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive
from tests.figures import figure

PIID = "70CDCR18P00000017"
SPENDING = "https://www.usaspending.gov/award/"
HOSTILE = '"><script>alert(1)</script>\u0000\ud800'


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


@pytest.fixture
def catalogue(demo_made: DemoArchive) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{demo_made.path / CATALOGUE}?mode=ro", uri=True)) as connection:
        yield connection


def event(since: str, kind: str = "mention", cents: int | None = None) -> Event:
    return Event(since, since, kind, f"words {since}", "a", "/d/a", cents)


@pytest.mark.parametrize("asked", [PIID, "70CDCR-18-P-00000017", f"{SPENDING}CONT_AWD_{PIID}_7012_-NONE-_-NONE-/"])
def test_a_number_has_money_modifications_notices_and_mentions(catalogue: sqlite3.Connection, asked: str) -> None:
    found = read_timeline(catalogue, asked)
    assert found.read_as == "number"
    kinds = {one.kind for one in found.events}
    assert kinds >= {"mention", "modification", "money", "version", "capture"}
    assert sum(one.cents or 0 for one in found.events if one.kind == "money") == 210_000_000
    mentions = {one.document.partition("-")[0] for one in found.events if one.kind == "mention"}
    assert {"theverge", "cdt", "thinkprogress"} <= mentions
    assert found.events == in_order(found.events)


def test_what_is_asked_is_taken_for_what_it_is(catalogue: sqlite3.Connection) -> None:
    asked = {"dhs-ice-pia-039a": "document", "/d/dhs-ice-pia-039a@239d076958": "document", "PIA 39 a": "number",
             'vendor:"west publishing corporation"': "vendor", "vendor:thomson": "vendor", '"license plate"': "words",
             "plate": "words", "": "nothing", 'vendor:"none"': "vendor", "AND OR (": "words"}  # fmt: skip
    assert {words: read_timeline(catalogue, words).read_as for words in asked} == asked
    assert read_timeline(catalogue, 'vendor:"none"').events == []
    document = read_timeline(catalogue, "dhs-ice-pia-039a")
    assert {"version", "capture", "listing", "server", "change", "mention"} <= {one.kind for one in document.events}


def test_a_month_is_a_month_and_no_day_of_it(catalogue: sqlite3.Connection) -> None:
    """A mention is dated as its document is; in the picture it is as long as what is known."""
    months = {row[0] for row in catalogue.execute("SELECT id FROM documents WHERE published_precision = 'month'")}
    assert months
    told = [one for one in read_timeline(catalogue, "plate").events if one.document in months]
    assert {one.precision for one in told} <= {"month"}
    widths = []
    for since in ("2018", "2018-02", "2018-02-03"):
        drawn = draw_lanes([Lane("a", [Mark(since, since, "x"), Mark("2017-01-01", "2019-12-31", "y")])], "t", "n")
        widths.append(float(re.findall(r'width="([0-9.]+)"[^>]*><title>x', str(drawn))[0]))
    assert widths[0] > 10 * widths[1] > 10 * widths[2]


def test_many_events_are_told_by_month_and_counted_whole() -> None:
    days = [
        f"20{year:02}-{month:02}-{day:02}" for year in range(5, 25) for month in range(1, 13) for day in range(1, 11)
    ]
    events = [event(day) for day in days] + [event(day, "money", 100) for day in days]
    told = as_data(in_order(events))
    assert (told["total"], told["told"]) == (4800, MOST_TOLD)
    assert sum(row["events"] for row in told["by_month"]) == 4800
    assert {row["cents"] for row in told["by_month"]} == {1000, None}
    drawn = str(picture(Timeline("x", events=events)))
    assert drawn.count("<rect") == 2 * 240
    assert "2,400, by month" in drawn
    few = [event(f"2018-01-{day:02}") for day in range(1, 29)] * 4
    assert str(picture(Timeline("x", events=in_order(few)))).count("<rect") == 28 <= MOST_DRAWN
    assert [row.month for row in by_month([event("2018"), event(""), event("2018-03")])] == ["2018", "2018-03"]
    figure("TL-01", events=4800, drawn=480, told=MOST_TOLD)


def test_the_picture_is_sound_holds_no_markup_and_says_itself_in_words(site: ArchiveDatasette) -> None:
    hostile = [
        Event(HOSTILE, HOSTILE, "mention", HOSTILE, "a", "/d/a"),
        event("9999-12-31"),
        event("0000-00-00"),
        Event("2018-01-01", "2017-01-01", "server", HOSTILE, "a", "/d/a"),
    ]
    drawn = str(picture(Timeline("x", name="<b>", events=hostile)))
    assert "<script" not in drawn
    assert ElementTree.fromstring(drawn).get("role") == "img"
    answer = get(site, f"/timeline.svg?of={PIID}")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.text)
    desc = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert "245,000.00" in desc
    assert not [one for one in root.iter() if one.tag.endswith(("script", "foreignObject", "image"))]


def test_page_json_and_table_say_the_same(site: ArchiveDatasette) -> None:
    data = get(site, f"/timeline.json?of={PIID}").json()
    rows = list(csv.DictReader(io.StringIO(get(site, f"/timeline.csv?of={PIID}").text)))
    assert len(rows) == data["total"] == data["told"]
    assert [row["cents"] for row in rows if row["kind"] == "money"] == ["185500000", "0", "0", "0", "24500000"]
    page = get(site, f"/timeline?of={PIID}").text
    assert page.count("<tr>") >= data["total"]
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="lanes"' in page
    for path in ("/d/dhs-ice-pia-039a", f"/chain/{PIID}", "/vendors/west-publishing-corporation", "/search?q=plate"):
        assert 'href="/timeline?of=' in get(site, path).text, path


@pytest.mark.parametrize("asked", ["%00", "<script>", '"' * 40, "a" * 3000, "vendor:", "(" * 300, "=1+1", "\u202e"])
@pytest.mark.parametrize("form", ["", ".json", ".csv", ".svg"])
def test_hostile_questions_are_answered(site: ArchiveDatasette, asked: str, form: str) -> None:
    answer = get(site, f"/timeline{form}", params={"of": asked})
    assert answer.status_code in (200, 404)
    assert "<script>" not in answer.text.replace("<script src", "")


def test_the_command_tells_the_same(demo_made: DemoArchive, site: ArchiveDatasette) -> None:
    def run(*words: str) -> Any:
        return CliRunner().invoke(main, ["--archive", str(demo_made.path), "timeline", *words])

    assert "245,000.00 US$" in run(PIID).stdout
    assert json.loads(run("vendor:west publishing corporation", "--json").stdout)["read_as"] == "vendor"
    assert run("zzxxyq").exit_code == 1
