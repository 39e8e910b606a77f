"""`oversight rebuild`: the same catalogue from the captures and the journal, whatever became of the old one."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from tests.demo_archive import (
    DemoArchive,
    command,
    differences,
    dump,
    files_of,
    left_running,
    oversight,
    rows,
    run,
    start,
)


def _delete(path: Path) -> None:
    (path / "archive.db").unlink()


def _spoil(path: Path) -> None:
    for tail in ("-wal", "-shm"):
        (path / f"archive.db{tail}").unlink(missing_ok=True)
    (path / "archive.db").write_bytes(b"not a database\n" * 500)


def _truncate(path: Path) -> None:
    with (path / "archive.db").open("r+b") as file:
        file.truncate(50_000)


def _alter(path: Path) -> None:
    """Make rows that nothing says, take some away, and change some."""
    with closing(connect(path / "archive.db")) as catalogue, catalogue:
        catalogue.execute('DELETE FROM "references"')
        catalogue.execute("UPDATE documents SET title = 'Another title'")
        catalogue.execute("UPDATE captures SET outcome = 'not-found' WHERE outcome = 'document'")
        catalogue.execute("INSERT INTO about VALUES ('more', 'of it')")
        catalogue.execute("CREATE TABLE mine (note TEXT)")


def _forget_readings(path: Path) -> None:
    shutil.rmtree(path / "cache")


@pytest.mark.parametrize("harm", [_forget_readings, _delete, _spoil, _truncate])
def test_the_same_catalogue(demo_made: DemoArchive, demo_archive: Path, harm: Callable[[Path], None]) -> None:
    files = files_of(demo_archive, "warc", "journal")
    harm(demo_archive)
    done = oversight("rebuild", "--json", "--archive", demo_archive)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["findings"] == []
    assert differences(dump(demo_made.path), dump(demo_archive)) == {}
    assert [
        path.name for path in demo_archive.glob("*.db*") if not path.name.endswith((".damaged", "-wal", "-shm"))
    ] == ["archive.db"]
    assert not list(demo_archive.glob("archive.rebuilding*"))
    assert files_of(demo_archive, "warc", "journal") == files


def test_no_request_is_made(demo_made: DemoArchive, demo_archive: Path) -> None:
    namespace = ["unshare", "-rn"]
    if shutil.which("unshare") is None or run([*namespace, "true"]).returncode:
        pytest.skip("a network namespace can't be made here (unshare -rn, Debian package util-linux)")
    _alter(demo_archive)
    done = run([*namespace, *command("rebuild", "--archive", demo_archive)])
    assert done.returncode == 0, done.stderr
    assert differences(dump(demo_made.path), dump(demo_archive)) == {}


def test_a_reader_sees_the_old_catalogue_or_the_new(demo_archive: Path) -> None:
    with closing(connect(f"file:{demo_archive / 'archive.db'}?mode=ro", uri=True)) as reader:
        count = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM pages_fts WHERE pages_fts MATCH 'ice')"
        before = reader.execute(count).fetchone()
        process = start("rebuild", "--archive", demo_archive)
        seen = set()
        while process.poll() is None:
            seen.add(reader.execute(count).fetchone())
            time.sleep(0.05)
        seen.add(reader.execute(count).fetchone())
    assert (process.returncode, seen) == (0, {before})


def test_killed_it_leaves_the_old_catalogue_in_use(demo_made: DemoArchive, demo_archive: Path) -> None:
    chance = random.Random(20180126)
    _forget_readings(demo_archive)
    whole = dump(demo_made.path)
    for _ in range(2):
        process = start("rebuild", "--archive", demo_archive)
        time.sleep(chance.uniform(0.5, 0.8 * demo_made.seconds))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert left_running(process.pid) == []
        assert differences(whole, dump(demo_archive)) == {}
    assert oversight("rebuild", "--archive", demo_archive).returncode == 0
    assert differences(whole, dump(demo_archive)) == {}
    assert not list(demo_archive.glob("archive.rebuilding*"))


def test_damaged_captures_are_named_and_the_rest_is_there(demo_archive: Path) -> None:
    file, offset, capture = rows(
        demo_archive,
        "SELECT warc, response_offset, capture FROM records JOIN captures ON captures.id = capture"
        " WHERE media_type = 'application/pdf' ORDER BY captured_at LIMIT 1",
    )[0]
    with (demo_archive / "warc" / file).open("r+b") as damaged:
        damaged.seek(offset + 200)
        damaged.write(bytes(100))
    done = oversight("rebuild", "--json", "--archive", demo_archive)
    assert done.returncode == 1
    assert any(one["outcome"] in ("record-altered", "record-missing") for one in json.loads(done.stdout)["findings"])
    assert "Traceback" not in done.stderr
    held = {name for (name,) in rows(demo_archive, "SELECT id FROM captures")}
    assert capture not in held
    assert len(held) > 150


def test_a_folder_that_is_no_archive(tmp_path: Path) -> None:
    done = oversight("rebuild", "--archive", tmp_path)
    assert done.returncode == 2
    assert "is not an archive" in done.stderr
    assert list(tmp_path.iterdir()) == []
