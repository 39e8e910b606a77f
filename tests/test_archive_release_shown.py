"""Which captures a release lets be shown: what is published in full, is no article, and no record with contacts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.mementos.timeline import timeline
from archive.mementos.which import is_memento
from archive.release.folder import Releases
from archive.release.policies import Policies
from tests.captured import Was, archive_of
from tests.demo_archive import DemoArchive
from tests.released import ask, build, change

URL = "https://www.dhs.gov/{}"
PDF = b"%PDF-1.4 attached"


def shown(path: Path, number: int = 1) -> set[str]:
    """Return the last part of each address that a release shows."""
    sql = "SELECT c.url FROM mementos JOIN captures AS c ON c.id = capture"
    return {row[0].rpartition("/")[2] for row in ask(path, number, sql)}


def test_only_states_of_what_stood_there_are_mementos(tmp_path: Path) -> None:
    statuses = {200, 203, 301, 302, 404, 410, 401, 403, 451, 204, 206, 304, 408, 429, 500, 503}
    captures = [Was(URL.format(status), status=status) for status in statuses]
    captures += [Was(URL.format("post"), method="POST"), Was(URL.format("rendered"), kind="conversion"),
                 Was(URL.format("handed-in"), kind="resource"), Was(URL.format("robots.txt"), outcome="robots"),
                 Was(URL.format("part"), outcome="page-part"), Was(URL.format("underived"), outcome=""),
                 Was(URL.format("of-no-source"), source="import", outcome="no-source"),
                 Was(URL.format("unchanged")),
                 Was(URL.format("unchanged"), "2018-02-08T15:00:00Z", same=True)]  # fmt: skip
    path = archive_of(tmp_path / "a", captures)
    assert shown(path) == {"200", "203", "301", "302", "404", "410", "401", "403", "451", "robots.txt", "part",
                           "unchanged"}  # fmt: skip
    assert len(ask(path, 1, "SELECT * FROM mementos WHERE url_key LIKE '%unchanged'")) == 2


def test_policies_of_a_source_and_of_a_reader_hold_back_its_captures(tmp_path: Path) -> None:
    captures = [Was(URL.format("full")), Was(URL.format("kept"), source="news"),
                Was(URL.format("copied"), source="web_archive", facts={"read_by": "news"}),
                Was(URL.format("none"), source="ice_foia_library")]  # fmt: skip
    path = archive_of(tmp_path / "a", captures, {"news": "excerpt", "ice_foia_library": "metadata"})
    assert shown(path) == {"full"}
    build(path, "2026-11-30T18:00:00Z", policies=Policies({}))
    assert shown(path, 2) == {"full", "kept", "copied", "none"}, "the control"


def test_an_article_is_held_back_whoever_took_it(tmp_path: Path) -> None:
    """At each address of an article, in whatever capture; and whatever has the bytes that one was read from."""
    body = b"<p>An article.</p>"
    captures = [Was(URL.format("story"), body=body), Was(URL.format("story"), "2018-02-08T15:00:00Z"),
                Was(URL.format("mirror"), body=body), Was(URL.format("other"))]  # fmt: skip
    path = archive_of(tmp_path / "a", captures)
    assert shown(path) == {"story", "mirror", "other"}, "the control"
    sql = "SELECT id FROM captures WHERE url LIKE '%story' AND captured_at LIKE '2018-01%'"
    ((capture,),) = ask(path, 1, sql)
    change(
        path,
        "INSERT INTO documents VALUES ('story', 'News', 'article', 'dhs_pia', 'A story', '', '', NULL, NULL, NULL,"
        " NULL, NULL, NULL, '2018-01-26T15:00:00Z', '2018-01-26T15:00:00Z', '', '', 'story@aa', 1, 0, 0)",
        "INSERT INTO versions VALUES ('story@aa', 'story', 'aa', 1, 'text/html', 1, 0, 'text', '', 'r', 'A story', '',"
        f" '{capture}', '2018-01-26T15:00:00Z', '2018-01-26T15:00:00Z')",
        "INSERT INTO articles VALUES ('story@aa', 'story', 'CDT', 'A story', '', '', NULL, NULL, '', 0)",
        "INSERT INTO addresses VALUES ('dhs.gov/story', 'story', 'https://www.dhs.gov/story', 'own')",
    )
    build(path, "2026-11-30T18:00:00Z")
    assert shown(path, 2) == {"other"}


def test_of_a_source_of_records_only_published_files_are_shown(demo_made: DemoArchive) -> None:
    path = demo_made.path
    sql = "SELECT DISTINCT c.source, c.media_type FROM mementos JOIN captures AS c ON c.id = capture"
    found = set(ask(path, 1, sql))
    assert {kind for source, kind in found if source == "sam_notices"} == {"application/pdf"}
    sources = {source for source, _ in found}
    assert not sources & {"news", "fbo_notices", "usaspending"}
    assert {"dhs_pia", "dhs_oig", "web_archive"} <= sources
    assert ask(path, 1, "SELECT 1 FROM captures WHERE source = 'news'"), "the control: they are among the captures"


def test_a_copy_counts_where_and_when_it_was_copied_from(demo_made: DemoArchive) -> None:
    path = demo_made.path
    sql = ("SELECT m.url_key, m.at, c.original_url, c.original_at, c.captured_at FROM mementos AS m JOIN captures AS c"
           " ON c.id = capture WHERE c.original_url <> ''")  # fmt: skip
    copies = ask(path, 1, sql)
    assert len(copies) == 2
    for key, at, url, original_at, captured_at in copies:
        assert key.startswith("dhs.gov/")
        assert "dhs.gov" in url
        assert (at, at < captured_at) == (original_at, True)


def test_a_release_of_an_earlier_version_shows_nothing_and_stays_as_it_is(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "a", [Was(URL.format("one"))])
    release = Releases(path).database(1)
    release.chmod(0o600)
    with closing(sqlite3.connect(release)) as made:
        made.execute("DROP TABLE mementos")
    with closing(sqlite3.connect(path / "archive.db")) as catalogue:
        assert not timeline(catalogue, URL.format("one"), whole=False), "a catalogue alone says nothing of it"
        assert timeline(catalogue, URL.format("one"), whole=True), "the operator sees all"
    with closing(sqlite3.connect(release)) as made:
        assert not timeline(made, URL.format("one"), whole=False)


@pytest.mark.parametrize(("status", "outcome", "is_one"), [(304, "unchanged", True), (304, "unexpected-status", False)])
def test_not_modified_is_one_where_it_confirms(status: int, outcome: str, *, is_one: bool) -> None:
    row = {"kind": "response", "method": "GET", "status": status, "outcome": outcome}
    assert is_memento(row) is is_one
