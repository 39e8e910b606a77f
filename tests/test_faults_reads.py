"""DF-05: the disk gives back an error where something is read: it is named, and nothing else stops."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from console.ending import Exit
from tests.demo_archive import rows
from tests.figures import figure
from tests.one_night import Night
from tests.tracing import Fault

READING = ("read", "pread64")


@pytest.fixture
def archive(night: Night, tmp_path: Path) -> Path:
    """Give a copy of the night's archive that a test may do anything to."""
    if why_not := night.forked.why_not_traced():
        pytest.skip(why_not)
    return Path(shutil.copytree(night.folder / "undisturbed", tmp_path / "archive"))


def test_df_05_a_file_that_cannot_be_read_is_named_with_its_documents(night: Night, archive: Path) -> None:
    """As by a sector that went bad: who maps such a file unread is killed by a signal, and names nothing."""
    (warc,) = (archive / "warc").glob("*.warc.gz")
    bad = Fault(errno.EIO, 1, READING, for_good=True, file=warc.name)
    found = night.forked.run(archive, "verify", fault=bad)
    assert found.injected > 0
    assert (found.status, "Traceback" in found.said) == (Exit.FAILED, False), found.said[-2000:]
    assert f"{warc.name}" in found.said
    assert "Input/output error" in found.said
    documents = [row[0] for row in rows(archive, "SELECT id FROM documents")]
    assert [one for one in documents if one not in found.said] == []
    rebuilt = night.forked.run(archive, "rebuild", fault=bad)
    assert rebuilt.status in (Exit.FAILED, Exit.STORE_FAILED), rebuilt.said
    assert "Traceback" not in rebuilt.said
    assert "Input/output error" in rebuilt.said
    assert night.forked.run(archive, "rebuild").status == Exit.OK
    figure("DF-05", errors=found.injected + rebuilt.injected, documents_named=len(documents))


def test_df_05_a_catalogue_that_cannot_be_read_is_said_in_a_sentence(night: Night, archive: Path) -> None:
    bad = Fault(errno.EIO, 1, READING, for_good=True, file="archive.db")
    statuses = {}
    for command in (("status",), ("search", "notice"), ("text", "dhs-ice-011")):
        ended = night.forked.run(archive, *command, fault=bad)
        assert (ended.injected > 0, "Traceback" in ended.said) == (True, False), ended.said
        assert ended.said.strip().count("\n") == 0
        statuses[command[0]] = ended.status
    assert set(statuses.values()) == {Exit.STORE_FAILED}, statuses
    checked = night.forked.run(archive, "verify", fault=bad)
    assert (checked.status, "catalogue-altered" in checked.said) == (Exit.FAILED, True), checked.said
    figure("DF-05", catalogue=statuses)
