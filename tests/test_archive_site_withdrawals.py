"""What the site shows of withdrawals: 410 for a version, the log, and nothing at all without a release."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.release.checked import ReleaseRefused
from archive.release.folder import Releases
from archive.release.withdrawing import Asked, undo, withdraw
from archive.store.journal import Journal
from tests.asking_the_site import get
from tests.catalogue_rows import PIA, SCAN, make_catalogue
from tests.released import build
from tests.served_releases import site_of

AT = "2026-11-29T20:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make_catalogue(tmp_path / "archive.db")
    return tmp_path


def write(path: Path, what: Any, named: str, **more: Any) -> None:
    with closing(sqlite3.connect(path / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        what(connection, Journal(path), Asked(named, "By order of a court.", AT, **more))


def test_without_a_release_nothing_is_served_once_something_is_withdrawn(path: Path) -> None:
    assert get(site_of(Releases(path)), f"/d/{PIA}").status_code == 200, "the control: until then the catalogue is"
    write(path, withdraw, PIA)
    with pytest.raises(ReleaseRefused, match="release build"):
        site_of(Releases(path))
    assert get(site_of(Releases(path), working=True), f"/d/{PIA}").status_code == 200, "the operator sees all of it"
    (path / "journal" / "journal.jsonl").write_bytes(b"no journal\n")
    with pytest.raises(ReleaseRefused):
        site_of(Releases(path))


def test_a_version_is_gone_and_the_others_are_there(path: Path) -> None:
    with closing(sqlite3.connect(path / "archive.db")) as connection:
        rows = connection.execute("SELECT id, digest FROM versions WHERE document = ? ORDER BY ordinal", (PIA,))
        (older, digest), (newer, _) = rows.fetchall()
    write(path, withdraw, older)
    build(path)
    site = site_of(Releases(path))
    for tail in (older.partition("@")[2], digest, digest[:4], digest[:30], digest.upper()):
        assert get(site, f"/d/{PIA}@{tail}").status_code == 410, tail
        assert get(site, f"/d/{PIA}@{tail}/p2.json").json()["withdrawal"]["what"] == "version"
    assert get(site, f"/d/pia-039a-old@{digest}", follow_redirects=True).status_code == 410
    assert get(site, f"/d/{newer}").status_code == 200
    assert get(site, f"/d/{PIA}@0123456789").status_code == 404, "what never was is something else"
    assert "older text" not in get(site, f"/d/{PIA}.json").text


def test_the_log_says_when_and_why_and_not_what(path: Path) -> None:
    write(path, withdraw, PIA, until="2030-01-01")
    write(path, withdraw, SCAN)
    write(path, undo, "2")
    build(path)
    site = site_of(Releases(path))
    page = get(site, "/withdrawals").text
    for said in ("By order of a court.", "2030-01-01", "assessment", "2026-11-29"):
        assert said in page
    assert PIA not in page
    first, second = get(site, "/withdrawals.json").json()["withdrawals"][::-1]
    assert (first["until"], first["undone"], second["undone"]) == ("2030-01-01", None, AT)
    assert get(site, f"/d/{SCAN}").status_code == 200
    assert "restricted until 2030-01-01" in get(site, f"/d/{PIA}").text
