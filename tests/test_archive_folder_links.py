"""An archive's folder that is a link, leads to none, or is swapped for another while it is written or read (PT-08)."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.store.errors import StoreFailed
from archive.store.lock import Locked, writer_lock
from oversight import main
from tests.asking_the_site import get
from tests.catalogue_rows import PIA
from tests.demo_archive import run
from tests.figures import figure
from tests.served_releases import an_archive, publish, site_of

ASKED = Asked("dhs_pia", "dhs_pia-run", "parse")
COMMANDS = (["status"], ["sources"], ["search", "plate"], ["serve"], ["verify"], ["rebuild"], ["release", "build"],
            ["crawl", "dhs_pia"], ["demo", "--no-serve"], ["deposit", "README.md"])  # fmt: skip


def exchange(number: int) -> Exchange:
    answer = b"HTTP/1.1 200 OK\r\n\r\nhello %d" % number
    at = f"2018-01-26T15:00:0{number}Z"
    return Exchange("https://www.dhs.gov/a", at, b"GET /a HTTP/1.1\r\n\r\n", answer, status=200)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wrong_places(folder: Path) -> dict[str, Path]:
    """Return places where there is no archive's folder, and can't be."""
    names = ("dangling", "loop", "file", "link to a file", "below a file")
    places = dict(zip(names, (folder / name.replace(" ", "-") for name in names), strict=True))
    places["dangling"].symlink_to(folder / "unmounted")
    places["loop"].symlink_to("loop")
    places["file"].write_text("no archive\n")
    places["link to a file"].symlink_to("file")
    return places | {"below a file": folder / "file" / "archive"}


def test_pt_08_what_is_no_folder_is_told_with_status_2(tmp_path: Path) -> None:
    tried = 0
    places = wrong_places(tmp_path)
    before = sorted(tmp_path.iterdir())
    for name, place in places.items():
        for words in COMMANDS:
            line, environment = ["--archive", str(place), *words], {"OVERSIGHT_CONTACT": "https://ours.example/"}
            if tried % 2:
                line, environment = words, environment | {"ARCHIVE_DIR": str(place)}
            done = CliRunner().invoke(main, line, env=environment)
            assert done.exit_code == 2, (name, words, done.output, done.exception)
            assert "--archive or ARCHIVE_DIR" in done.output, (name, words, done.output)
            tried += 1
    ran = run([sys.executable, "-m", "scrapy", "crawl", "dhs_pia", "-s", f"ARCHIVE_DIR={places['dangling']}"])
    assert (ran.returncode, "isn't there" in ran.stderr) == (2, True), ran.stderr
    assert sorted(tmp_path.iterdir()) == before
    figure("PT-08", places=len(places), commands=tried + 1, made_or_not_told=0)


def test_pt_08_a_link_to_a_folder_is_that_folder(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(an_archive(tmp_path / "real").archive)
    with writer_lock(link, "crawl"), closing(ArchiveFolder.open(link)) as archive:
        archive.store.add(exchange(1), ASKED)
        with pytest.raises(Locked), writer_lock(tmp_path / "real", "other"):
            pass
    assert [path.name for path in (tmp_path / "real" / "warc").iterdir()] != []
    done = CliRunner().invoke(main, ["--archive", str(link), "status"])
    assert done.exit_code == 0, done.output


def swap(folder: Path, how: str) -> None:
    """Put the archive `other` at the path of `folder`; a folder is moved away, or a link led there."""
    other = folder.with_name("other")
    if how == "link":
        folder.unlink()
        folder.symlink_to(other)
    else:
        folder.rename(folder.with_name("away"))
        if how == "folder":
            shutil.copytree(other, folder)
        elif how == "folder for a link":
            folder.symlink_to(other)


@pytest.mark.parametrize("how", ["link", "folder", "folder for a link", "gone"])
def test_pt_08_nothing_is_written_into_a_folder_that_took_the_place(tmp_path: Path, how: str) -> None:
    folder, real = tmp_path / "archive", tmp_path / ("real" if how == "link" else "archive")
    for one in (real, tmp_path / "other"):
        with closing(ArchiveFolder.open(one)) as archive:
            archive.store.add(exchange(1), ASKED)
    if how == "link":
        folder.symlink_to(real)
    before = files(tmp_path / "other")
    with writer_lock(folder, "crawl"):
        archive = ArchiveFolder.open(folder)
        archive.store.add(exchange(2), ASKED)
        swap(folder, how)
        with pytest.raises(StoreFailed, match="put the first one back"):
            archive.store.add(exchange(3), ASKED)
        with pytest.raises(StoreFailed, match="put the first one back"):
            archive.journal.append("run-ended", run="dhs_pia-run")
        with pytest.raises(StoreFailed, match="put the first one back"):
            ArchiveFolder.open(folder)
        with pytest.raises(StoreFailed, match="put the first one back"):
            archive.close()
        archive.journal.close()
        archive.connection.close()
    assert files(tmp_path / "other") == before
    if how == "folder":
        assert files(folder) == before
    if how != "gone":  # who begins anew is in the other archive, and may
        with writer_lock(folder, "crawl"), closing(ArchiveFolder.open(folder)) as archive:
            archive.store.add(exchange(4), ASKED)


def test_pt_08_each_answer_is_from_one_archive_while_the_served_folder_is_swapped(tmp_path: Path) -> None:
    for number, name in ((1, "real"), (2, "other")):
        publish(an_archive(tmp_path / name), number)
    link = tmp_path / "archive"
    link.symlink_to(tmp_path / "real")
    site = site_of(type(an_archive(tmp_path / "third"))(link))
    assert site.serving is not None
    try:
        for number in (1, 2):
            told = get(site, f"/d/{PIA}.txt").text
            assert (f"[of {number}]" in told, f"[of {3 - number}]" in told) == (True, False)
            assert f"[of {number}]" in get(site, "/archive/documents.csv").text
            swap(link, "link")
    finally:
        site.serving.close()
