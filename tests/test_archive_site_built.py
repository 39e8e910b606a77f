"""Releases as the builder makes them, served: every address answers, and another archive's release never does."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.release.checked import ReleaseRefused, check_release, open_release
from archive.release.folder import Releases
from archive.release.publishing import GatesClosed, prune_releases, use_release
from archive.research.search import search
from oversight import main
from samples.documents import KEY_PAGE, KEY_SENTENCE
from tests.asking_the_site import METADATA, get
from tests.figures import figure
from tests.released import build, change, unreleased
from tests.served_releases import site_of

__all__ = ["unreleased"]


def test_a_built_release_answers_at_every_address(unreleased: Path) -> None:
    build(unreleased)
    releases, site = Releases(unreleased), site_of(Releases(unreleased))
    with closing(open_release(check_release(releases, 1))) as release:
        documents = [row[0] for row in release.execute("SELECT id FROM documents")]
        tables = [row[0] for row in release.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert len(search(release, "license plate", limit=100)["results"]) == 25
    paths = ["/", "/search?q=license+plate", "/sources", "/releases", "/about", "/archive", "/cite", "/n"]
    paths += [f"/d/{one}{ending}" for one in documents for ending in ("", ".json", ".txt")]
    paths += [f"/archive/{name}{ending}" for name in tables for ending in (".json", ".csv")]
    paths += [
        f"/archive/{name}.json?words=plate&number=PIA-039" for name in METADATA["databases"]["archive"]["queries"]
    ]
    for path in paths:
        answer = get(site, path)
        assert answer.status_code == 200, path
        assert answer.headers["oversight-release"] == "1", path
        if "html" in answer.headers["content-type"]:
            assert "was written for the sample" in answer.text, path
    page = get(site, f"/d/dhs-ice-pia-039a/p{KEY_PAGE}", follow_redirects=True).text
    assert KEY_SENTENCE in " ".join(re.sub(r"<[^>]+>", "", page).split())
    figure("RS-07", addresses=len(paths), answered=len(paths))


def test_the_first_release_takes_the_catalogues_place_without_a_gap(unreleased: Path) -> None:
    """It is there, and noted, before it is named; no reader is told that nothing is published."""
    site = site_of(Releases(unreleased))
    assert get(site, "/").headers["oversight-release"] == "working"
    build(unreleased)
    current = unreleased / "releases" / "current"
    current.rename(unreleased / "releases" / ".current")
    answer = get(site, "/")
    assert (answer.status_code, answer.headers["oversight-release"]) == (200, "working")
    (unreleased / "releases" / ".current").rename(current)
    assert get(site, "/").headers["oversight-release"] == "1"


def test_before_the_first_release_the_catalogue_is_shown_to_its_own_machine_alone(unreleased: Path) -> None:
    """A site that was installed before its first night would show whole articles, which no release holds."""
    site = site_of(Releases(unreleased))
    (article,) = [row["id"] for row in get(site, "/archive/documents.json?_shape=array&kind=article&_size=1").json()]
    paths = ["/", f"/d/{article}", f"/d/{article}.txt", "/search.json?q=plate", "/archive/pages.json", "/about.json"]
    strangers = [{"Host": "archive.example.org"}, {"X-Forwarded-For": "203.0.113.9"}]
    for path in paths:
        assert get(site, path, follow_redirects=True).status_code == 200, path
        for headers in strangers:
            answer = get(site, path, headers=headers)
            assert (answer.status_code, answer.text) == (503, "Nothing is published here yet."), path
    build(unreleased)
    for path in paths:
        for headers in strangers:
            assert get(site, path, headers=headers).headers["oversight-release"] == "1", path


def test_once_something_was_withdrawn_a_catalogue_isnt_shown_until_there_is_a_release(unreleased: Path) -> None:
    site = site_of(Releases(unreleased))
    assert get(site, "/d/dhs-ice-pia-039a").status_code == 200
    change(unreleased, "DELETE FROM sources WHERE name = 'news'")  # no release can be built of this
    line = ["--archive", str(unreleased), "withdraw", "dhs-ice-pia-039a", "--reason", "a court's order"]
    CliRunner().invoke(main, line)
    assert not Releases(unreleased).numbers()
    answer = get(site, "/d/dhs-ice-pia-039a")
    assert (answer.status_code, "plate" in answer.text) == (503, False)
    assert get(site_of(Releases(unreleased), working=True), "/d/dhs-ice-pia-039a").status_code == 200


def test_another_archives_release_is_never_served(unreleased: Path, tmp_path: Path) -> None:
    """Also where its file and its manifest fit each other, and it has the number that is looked for."""
    build(unreleased)
    other = Path(shutil.copytree(unreleased, tmp_path / "other"))
    change(unreleased, "UPDATE sources SET description = description || ' One of them.'")
    change(other, "UPDATE sources SET description = description || ' The other.'")
    build(unreleased, at="2026-11-29T19:00:00Z")
    build(other, at="2026-11-29T19:00:01Z")
    site = site_of(Releases(unreleased))
    assert get(site, "/sources").headers["oversight-release"] == "2"
    for name in ("2.db", "2.json"):
        (unreleased / "releases" / name).unlink()
        shutil.copy(other / "releases" / name, unreleased / "releases" / name)
    assert "One of them." in get(site, "/sources").text
    assert "journal" in get(site, "/releases.json").json()["refused"]
    with pytest.raises(ReleaseRefused, match="isn't the one that this archive's journal tells of"):
        site_of(Releases(unreleased))


def test_a_release_that_was_made_again_tells_so_and_shows_its_first_manifest(unreleased: Path) -> None:
    build(unreleased)
    first = Releases(unreleased).manifest_path(1).read_bytes()
    Releases(unreleased).timestamp_path(1).write_bytes(b"of the first")
    site = site_of(Releases(unreleased))
    document = "dhs-cbp-pia-049"
    assert get(site, f"/d/{document}").status_code == 200
    line = ["--archive", str(unreleased), "withdraw", document, "--reason", "a court's order"]
    assert CliRunner().invoke(main, line).exit_code == 0
    for path in (f"/d/{document}", f"/d/{document}?as_of=1", f"/d/{document}.json?as_of=1"):
        assert get(site, path).status_code == 410, path
    told = {row["number"]: row for row in get(site, "/releases.json").json()["releases"]}
    assert told[1]["remade"]["first"] == hashlib.sha256(first).hexdigest()
    named = f"/releases/1.{told[1]['remade']['first'][:16]}"
    assert f'href="{named}.json"' in get(site, "/releases").text
    assert get(site, f"{named}.json").content == first
    assert get(site, f"{named}.tsr").content == b"of the first"
    assert get(site, "/releases/1.tsr").status_code == 404
    assert told[1]["withdrawn_since"] == 1


def test_a_release_that_was_chosen_again_is_served_and_a_pruned_one_is_told(unreleased: Path) -> None:
    build(unreleased)
    site = site_of(Releases(unreleased))
    for number in (2, 3):
        change(unreleased, "UPDATE sources SET description = description || '!'")
        build(unreleased, at=f"2026-11-29T19:0{number}:00Z")
    assert get(site, "/").headers["oversight-release"] == "3"
    use_release(unreleased, 2, "2026-11-29T20:00:00Z", "3 is odd")
    assert get(site, "/").headers["oversight-release"] == "2"
    assert get(site, "/search.json?q=plate&as_of=1").status_code == 200
    assert prune_releases(unreleased, 1, "2026-11-29T21:00:00Z") == [1]
    assert get(site, "/search.json?q=plate&as_of=1").status_code == 404
    assert get(site, "/").headers["oversight-release"] == "2"
    told = get(site, "/releases.json").json()
    assert {row["number"]: row["kept"] for row in told["releases"]} == {3: True, 2: True, 1: False}
    assert "its file is kept no longer" in get(site, "/releases").text
    assert get(site, "/releases/1.json").status_code == 200, "a manifest is kept: the next one names it"


def test_why_no_release_is_built_is_told(unreleased: Path) -> None:
    build(unreleased)
    site = site_of(Releases(unreleased))
    assert get(site, "/releases.json").json()["gate_failure"] is None
    change(unreleased, "DELETE FROM documents WHERE collection <> 'news-articles'")
    with pytest.raises(GatesClosed):
        build(unreleased, at="2026-11-29T19:00:00Z")
    told = get(site, "/releases.json").json()["gate_failure"]
    assert told["at"] == "2026-11-29T19:00:00Z"
    assert told["gates"]
    assert "The last release that was tried was not built" in get(site, "/releases").text
    assert str(unreleased) not in json.dumps(told)
