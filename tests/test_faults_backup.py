"""CR-14: the disk is lost after a kill; what a backup held comes back, and only what came after it is fetched again."""

from __future__ import annotations

import random
import shutil
import signal

import pytest

from tests.demo_archive import dump
from tests.figures import figure
from tests.one_night import PLACES, Night
from tests.tracing import Fault

SEED = 20180126


def lost_and_restored(night: Night, disks: int) -> dict[str, int]:
    """Kill a night, back up, go on, kill again, lose the disk, restore, and do the night again; so many times.

    It is killed as the record of a capture is about to be synced.
    """
    chance = random.Random(SEED)
    counted = {"seed": SEED, "disks": disks, "kills": 0, "backed up": 0, "came after": 0, "lost": 0, "wrong": 0}
    for number in range(disks):
        archive, copy = f"lost-{number}", night.folder / f"copy-{number}"
        night.prime(archive)
        acknowledged = []
        for least in (3, 2):
            at = chance.randint(least, least + 3)
            ended = night.play(archive, fault=Fault("kill", at, ("fsync",), file="warc/"))
            counted["kills"] += ended.status == -signal.SIGKILL
            acknowledged.append(set(ended.acknowledged))
            if not copy.exists():
                done = night.forked.run(night.folder / archive, "backup", copy)
                assert done.status == 0, done.said
        shutil.rmtree(night.folder / archive)
        restored = night.forked.run(night.folder / archive, "restore", copy)
        assert restored.status == 0, restored.said
        held = {row[0] for row in dump(night.folder / archive, PLACES)["captures"]}
        counted["backed up"] += len(acknowledged[0])
        counted["came after"] += len(acknowledged[1] - held)
        counted["lost"] += len(acknowledged[0] - held)
        counted["wrong"] += len(night.wrong_after(archive, acknowledged[0]))
        shutil.rmtree(night.folder / archive)
        shutil.rmtree(copy)
    return counted


def _holds(counted: dict[str, int]) -> None:
    figure("CR-14", **counted)
    assert (counted["lost"], counted["wrong"]) == (0, 0)
    assert counted["backed up"] > 0, "nothing had been kept before the backup"
    assert counted["kills"] > counted["disks"], "the moments came too late"


@pytest.fixture(autouse=True)
def _traced(night: Night) -> None:
    if why_not := night.forked.why_not_traced():
        pytest.skip(why_not)


def test_cr_14_a_lost_disk_comes_back_as_of_its_backup(night: Night) -> None:
    _holds(lost_and_restored(night, 3))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_cr_14_thirty_lost_disks(night: Night) -> None:
    _holds(lost_and_restored(night, 30))


def test_without_the_backups_files_the_loss_is_seen(night: Night) -> None:
    """The control: a copy that lacks a file of captures is not restored as if it were whole."""
    copy = night.folder / "copy-cut"
    night.prime("cut")
    assert night.play("cut").status == 0
    assert night.forked.run(night.folder / "cut", "backup", copy).status == 0
    max((copy / "warc").glob("*.warc.gz")).unlink()
    shutil.rmtree(night.folder / "cut")
    restored = night.forked.run(night.folder / "cut", "restore", copy)
    assert (restored.status, "record-missing" in restored.said) == (1, True), restored.said
    shutil.rmtree(night.folder / "cut")
    shutil.rmtree(copy)
