"""A release is compared with its manifest before it is read from (RS-03, RS-07): each way in which it can differ."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.folder import CATALOGUE
from archive.release.checked import (
    NoSuchRelease,
    ReleaseRefused,
    check_release,
    named_release,
    open_release,
    table_counts,
)
from archive.release.folder import Releases
from archive.release.listing import list_releases
from tests.figures import figure
from tests.served_releases import an_archive, copy_of, publish


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    made = an_archive(tmp_path_factory.mktemp("published") / "archive")
    publish(made, 1)
    publish(made, 2)
    return made


@pytest.fixture
def releases(published: Releases, tmp_path: Path) -> Releases:
    return copy_of(published, tmp_path / "archive")


def _edit(releases: Releases, **changed: object) -> None:
    path = releases.manifest_path(2)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def _flip(releases: Releases) -> None:
    path = releases.database(2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _swap(releases: Releases) -> None:
    shutil.copy(releases.database(1), releases.database(2))


def _half(releases: Releases) -> None:
    content = releases.database(2).read_bytes()
    releases.database(2).write_bytes(content[: len(content) // 2])


def _catalogue(releases: Releases) -> None:
    shutil.copy(releases.archive / CATALOGUE, releases.database(2))


def _folder(releases: Releases) -> None:
    releases.database(2).unlink()
    releases.database(2).mkdir()


def _linked(releases: Releases) -> None:
    releases.database(2).rename(releases.folder / "elsewhere")
    releases.database(2).symlink_to(releases.folder / "elsewhere")


HARMS: dict[str, Callable[[Releases], object]] = {
    "a flipped bit": _flip,
    "half a file": _half,
    "another release's file": _swap,
    "the working catalogue": _catalogue,
    "a link": _linked,
    "no file": lambda releases: releases.database(2).unlink(),
    "a folder": _folder,
    "another number": lambda releases: _edit(releases, number=3),
    "no digest": lambda releases: _edit(releases, file={"bytes": 1}),
    "a manifest that is a list": lambda releases: releases.manifest_path(2).write_text("[2]"),
    "half a manifest": lambda releases: releases.manifest_path(2).write_text('{"number": 2'),
    "a manifest of brackets": lambda releases: releases.manifest_path(2).write_text("[" * 100_000),
    "an empty manifest": lambda releases: releases.manifest_path(2).write_text(""),
}


@pytest.mark.parametrize("harm", HARMS)
def test_rs_07_a_file_that_is_not_what_its_manifest_says_is_refused(releases: Releases, harm: str) -> None:
    with closing(open_release(check_release(releases, 2))) as connection:
        assert table_counts(connection)["documents"] == 4
    HARMS[harm](releases)
    with pytest.raises(ReleaseRefused, match="oversight release build"):
        check_release(releases, 2)
    assert check_release(releases, 1).number == 1
    figure("RS-07", harm=harm, refused=1)


def test_rs_07_a_file_that_is_replaced_after_the_check_is_not_opened(releases: Releases) -> None:
    checked = check_release(releases, 2)
    shutil.copy(releases.database(1), releases.folder / "other")
    (releases.folder / "other").replace(releases.database(2))
    with pytest.raises(ReleaseRefused, match="replaced after it was checked"):
        open_release(checked)


def test_rs_07_a_file_that_is_no_catalogue_is_refused_though_its_digest_fits(releases: Releases) -> None:
    publish(releases, 3, "DROP TABLE documents")
    with pytest.raises(ReleaseRefused, match="is no catalogue"):
        open_release(check_release(releases, 3))


def test_rs_03_a_release_of_a_newer_version_is_refused(releases: Releases) -> None:
    publish(
        releases,
        3,
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('catalogue', 'm099_later', '')",
    )
    with pytest.raises(ReleaseRefused, match="newer version of this program: it knows m099_later"):
        open_release(check_release(releases, 3))


def test_an_unknown_release_is_told_from_a_broken_one(releases: Releases) -> None:
    with pytest.raises(NoSuchRelease, match="There are: 1, 2"):
        check_release(releases, 7)


def test_which_release_is_named(releases: Releases) -> None:
    assert named_release(releases) == 2
    for nonsense in ("two", "", "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")):
        (releases.folder / "current").write_text(nonsense, "latin-1")
        with pytest.raises(ReleaseRefused, match="names no release"):
            named_release(releases)
    (releases.folder / "current").unlink()
    with pytest.raises(ReleaseRefused, match="none is named"):
        named_release(releases)
    shutil.rmtree(releases.folder)
    assert named_release(releases) is None


def test_reading_a_release_writes_nothing_beside_it(releases: Releases) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in releases.folder.iterdir()}
    with closing(open_release(check_release(releases, 2))) as connection:
        connection.execute("SELECT count(*) FROM pages_fts WHERE pages_fts MATCH 'plate'").fetchall()
        assert {path.name: path.stat().st_mtime_ns for path in releases.folder.iterdir()} == before


def test_the_list_says_what_each_has_more_than_the_one_before(releases: Releases) -> None:
    publish(releases, 4, "DELETE FROM pages WHERE number = 3")
    _edit(releases, tables=[])
    newest, broken, first = list_releases(releases)
    assert (newest["number"], broken["number"], first["number"]) == (4, 2, 1)
    assert broken == {"number": 2, "problem": "its manifest can't be read (AttributeError)"}
    assert first["more"] is None
    assert newest["more"] == {"documents": 0, "versions": 0, "pages": -1, "references": 0, "captures": 0}
