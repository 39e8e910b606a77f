"""The site and the command line say since when, until when, and what stood on a day; over the demo's archive."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from datasette.plugins import pm

import oversight as program
from archive.site import plugin
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import get, has_foreign_script
from tests.demo_archive import DemoArchive

CHANGED = "dhs-uscis-pia-056"
FIRST, SECOND = f"{CHANGED}@e4c4886314", f"{CHANGED}@fea9e7b340"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    if not pm.is_registered(plugin):
        pm.register(plugin)
    return open_archive(demo_made.path)


def run(demo: DemoArchive, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(program.main, ["--archive", str(demo.path), *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_since_when_on_the_site_and_the_command_line(site: ArchiveDatasette, demo_made: DemoArchive) -> None:
    page = get(site, "/search/time?q=%22commercial+service%22")
    assert page.status_code == 200
    told = get(site, "/search/time.json?q=%22commercial+service%22&limit=100").json()
    assert told["release"] == 1
    assert told["sample"]
    assert 'href="/search/time.json?' in page.text
    for row in told["results"][:20]:
        for stretch in row["stretches"]:
            assert get(site, stretch["from"]["url"]).status_code == 200
            assert stretch["from"]["url"] in page.text
    _, said, _ = run(demo_made, "search", '"commercial service"', "--over-time", "--limit", "100", "--json")
    assert json.loads(said)["results"]
    _, printed, _ = run(demo_made, "search", '"commercial service"', "--over-time")
    assert "first seen 2018-01-10T" in printed


def test_nothing_typed_is_an_error_or_markup(site: ArchiveDatasette) -> None:
    for query in ("", "%22", "***", "%3Cscript%3E", "-plate", "NOT", "a" * 900, "%22" + "the+" * 40 + "%22"):
        answer = get(site, f"/search/time?q={query}&sort=%3Cb%3E&collection=%3Cb%3E&offset=-1&limit=x")
        assert answer.status_code == 200, query
        assert not has_foreign_script(answer.text)
        assert "<b>" not in answer.text


@pytest.mark.parametrize("ending", ["", ".json", ".txt", "/p2", "/p2.json", "/p2.txt"])
@pytest.mark.parametrize(("day", "version"), [("2018-01-26", FIRST), ("2019-05-13", FIRST), ("2019-05-14", SECOND)])
def test_a_day_leads_to_what_stood_on_it(site: ArchiveDatasette, ending: str, day: str, version: str) -> None:
    moved = get(site, f"/d/{CHANGED}{ending}?on={day}&q=it&as_of=1")
    assert moved.status_code == 302
    assert moved.headers["location"] == f"/d/{version}{ending}?q=it&on={day}&as_of=1"
    there = get(site, moved.headers["location"])
    assert there.status_code == 200
    if not ending:
        assert "as far as this archive knows" in there.text
    if ending == ".json":
        assert (there.json()["on"]["version"], there.json()["on"]["day"]) == (version, day)


def test_a_day_before_the_first_capture_says_what_there_is(site: ArchiveDatasette, demo_made: DemoArchive) -> None:
    page = get(site, f"/d/{CHANGED}?on=2017-01-01")
    assert page.status_code == 404
    assert f'href="/d/{FIRST}"' in page.text
    assert "May 17, 2016" in page.text, "its own date is another matter"
    told = get(site, f"/d/{CHANGED}.json?on=2017-01-01")
    assert (told.status_code, told.json()["on"]["first"]["version"]) == (404, FIRST)
    assert get(site, f"/d/{CHANGED}?on=2018-02-31").status_code == 400
    assert get(site, "/d/nothing?on=2018-02-01").status_code == 404
    other = get(site, f"/d/{SECOND}?on=2018-01-26").text
    assert f'href="/d/{FIRST}?on=2018-01-26"' in other
    status, _, error = run(demo_made, "text", CHANGED, "--on", "2017-01-01")
    assert (status, "begins with version 1" in error) == (1, True)


def test_the_text_of_a_day_on_the_command_line(demo_made: DemoArchive) -> None:
    _, then, said = run(demo_made, "text", CHANGED, "--on", "2018-01-26")
    _, now, _ = run(demo_made, "text", CHANGED)
    assert then != now
    assert "2018-01-26: version 1, captured that day" in said
    _, told, _ = run(demo_made, "text", CHANGED, "--on", "2018-01-26", "--json")
    assert json.loads(told)["on"]["version"] == json.loads(told)["version"] == FIRST
    assert run(demo_made, "text", CHANGED, "--on", "yesterday")[0] == 2
