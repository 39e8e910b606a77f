"""Badges and the last night: how the sources are, also where the last night built no release."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.nights import ENDED, FILE, put_night
from archive.proof.releases import check_night
from archive.release.folder import Releases
from archive.site.badge_views import of_all, of_source
from archive.site.badges import BAD, COLOURS, GOOD, LOOK, UNKNOWN, Badge
from archive.site.server import ArchiveDatasette
from archive.store.journal import Journal
from tests.asking_the_site import get
from tests.served_releases import site_of

NIGHT: dict[str, Any] = {
    "event": ENDED, "night": "2026-11-30", "began": "2026-11-30T02:00:00Z", "at": "2026-11-30T03:00:00Z", "status": 1,
    "sources": [{"name": "news", "run": "news-1", "status": "finished", "captures": 3, "documents": 0, "failures": 2}],
    "added": {"documents": 1}, "changes": {"new": 1}, "release": {"number": 2, "new": True, "closed": []},
    "needs": [{"about": "source", "name": "news", "why": "2 blocked", "do": "Wait."},
              {"about": "disk", "name": "disk", "why": "room for 3 more nights", "do": "Make room."}],
}  # fmt: skip
OK = {"name": "dhs_pia", "health": "ok", "last_run": "2026-11-29T03:00:00Z", "run": {"id": "x"}}
NEWS = {**OK, "name": "news"}


@pytest.fixture
def site(demo_archive: Path) -> Iterator[ArchiveDatasette]:
    site = site_of(Releases(demo_archive))
    yield site
    assert site.serving is not None
    site.serving.close()


def test_a_badge_goes_by_whichever_is_later() -> None:
    assert of_source(NEWS, None) == Badge("news", "ok, 2026-11-29", GOOD)
    assert of_source(NEWS, NIGHT) == Badge("news", "failing, 2026-11-30", LOOK)
    later = {**NEWS, "last_run": "2026-12-01T03:00:00Z"}
    assert of_source(later, NIGHT) == Badge("news", "ok, 2026-12-01", GOOD)
    assert of_source({**NEWS, "health": "never run", "last_run": None, "run": None}, None).state == UNKNOWN


def test_the_badge_of_all_says_first_that_nothing_is_published() -> None:
    assert of_all([OK, NEWS], None, None) == Badge("archive", "2 sources ok", GOOD)
    assert of_all([OK, NEWS], NIGHT, None) == Badge("archive", "1 of 2 sources need a look", LOOK)
    held = {**NIGHT, "release": {"number": None, "new": False, "closed": ["counts"]}}
    assert of_all([OK, NEWS], held, None) == Badge("archive", "no release since 2026-11-30", BAD)
    assert of_all([OK], None, {"at": "2026-11-20T03:00:00Z"}).message == "no release since 2026-11-20"
    assert of_all([], None, None).state == UNKNOWN


def test_a_badge_is_a_picture_that_says_what_it_shows() -> None:
    for state in COLOURS:
        made = ET.fromstring(Badge("<news>", 'ok & "so"', state).svg())
        assert made.get("aria-label") == '<news>: ok & "so"'
        assert [one.text for one in made.iter("{http://www.w3.org/2000/svg}text")] == ["<news>", 'ok & "so"']


def test_badges_are_served_and_known_again(site: ArchiveDatasette, demo_archive: Path) -> None:
    for path in ("/badge", "/sources/news"):
        told = get(site, f"{path}.json").json()
        assert {"schemaVersion", "label", "message", "color"} <= told.keys()
        picture = get(site, f"{path}.svg")
        assert picture.headers["content-type"] == "image/svg+xml; charset=utf-8"
        assert told["message"] in picture.text
        assert picture.headers["cache-control"] == "no-cache"
        assert get(site, f"{path}.svg", headers={"If-None-Match": picture.headers["etag"]}).status_code == 304
    before = get(site, "/sources/news.svg")
    put_night(Releases(demo_archive), NIGHT)
    after = get(site, "/sources/news.svg", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, "failing, 2026-11-30" in after.text) == (200, True)
    assert get(site, "/sources/nothing.svg").status_code == 404
    assert get(site, "/sources/news.svg?as_of=1").text == before.text, "as of a release, what that says"


def test_the_last_night_stands_on_sources_without_what_is_the_operators(
    site: ArchiveDatasette, demo_archive: Path
) -> None:
    assert get(site, "/sources.json").json()["last_night"] is None
    put_night(Releases(demo_archive), NIGHT)
    told = get(site, "/sources.json").json()["last_night"]
    assert (told["night"], told["status"], [one["name"] for one in told["needs"]]) == ("2026-11-30", 1, ["news"])
    page = get(site, "/sources").text
    assert "Last night" in page
    assert "2 blocked" in page
    assert "room for 3" not in page


def test_what_is_told_of_a_night_is_held_against_the_journal(demo_archive: Path) -> None:
    releases, journal = Releases(demo_archive), Journal(demo_archive)
    journal.append(ENDED, **{name: value for name, value in NIGHT.items() if name != "event"})
    journal.close()
    put_night(releases, NIGHT)
    assert list(check_night(demo_archive, journal.read())) == []
    path = releases.folder / FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "status": 0}))
    (found,) = check_night(demo_archive, journal.read())
    assert found.outcome == "release-altered"
