"""Faults at exact calls of a night of ten exchanges: killed (CR-02, CR-05, CR-08), refused (DF-01, DF-03, CR-12).

Every call on the disk is a point at which the process can die, or the disk refuse; after each the next run must end as
if nothing had happened, with nothing lost of what had been acknowledged. A sample of the points is tried here, each of
them by `make soak`.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from console.ending import Exit
from tests.figures import figure
from tests.forked import Ended
from tests.one_night import Night
from tests.tracing import CALLS, Fault

SEED = 20180126
STRIDE = int(os.environ.get("OVERSIGHT_STRIDE", "1"))
WRITES = ("write", "pwrite64", "ftruncate")
SYNCS = ("fsync", "fdatasync")


@pytest.fixture(scope="module")
def traced_night(night: Night) -> Night:
    """Give the night, or skip with one line where no process may be traced."""
    if why_not := night.forked.why_not_traced():
        pytest.skip(why_not)
    return night


def points(night: Night, calls: Iterable[str], sample: int) -> list[int]:
    """Draw so many of the points that the night has.

    How many calls it makes differs a little from one night to the next (how many exchanges are written in one group
    depends on who was quicker), so none is drawn from the last tenth of the shortest of the two ways it is played.
    """
    of = min(_calls(night, calls, primed) for primed in (False, True)) * 9 // 10
    return sorted(random.Random(SEED).sample(range(1, of + 1), sample))


def _calls(night: Night, calls: Iterable[str], primed: bool) -> int:
    """Return how many of these calls a whole night makes."""
    if primed:
        night.prime("counted")
    counted = night.play("counted", counted=True)
    shutil.rmtree(night.folder / "counted")
    return sum(counted.calls.get(call, 0) for call in calls)


class Tried:
    """Counts what was tried, and collects what was wrong."""

    def __init__(self, night: Night) -> None:
        self.night, self.injected, self.acknowledged, self.slowest = night, 0, 0, 0.0
        self.statuses: Counter[str] = Counter()
        self.wrong: list[str] = []

    def one(self, fault: Fault, *, primed: bool = True) -> Ended:
        """Let one fault happen in an archive of its own, and have the night done again."""
        name = "tried"
        if primed:
            self.night.prime(name)
        ended = self.night.play(name, fault=fault)
        if ended.injected:
            self.injected += 1
            self.acknowledged += len(ended.acknowledged)
            self.statuses[str(ended.status)] += 1
            wrong = self.night.wrong_after(name, set(ended.acknowledged))
            self.wrong += [
                f"{fault.does} at {fault.at}, {ended.struck}: {one}" for one in [*wrong, *_said_badly(ended)]
            ]
        shutil.rmtree(self.night.folder / name, ignore_errors=True)
        return ended

    def says(self, row: str, **more: Any) -> None:
        """Print the figures, and fail where anything was wrong."""
        figure(row, points=self.injected, acknowledged=self.acknowledged, wrong=len(self.wrong),
               statuses=dict(self.statuses), **more)  # fmt: skip
        assert self.wrong == [], "\n".join(self.wrong[:5])


def _said_badly(ended: Ended) -> list[str]:
    """Return what is wrong with how a command ended: one that wasn't killed says in a sentence what the disk did."""
    if ended.status == -signal.SIGKILL:
        return []
    wrong = [f"a traceback: {ended.said[-2000:]}"] if "Traceback" in ended.said else []
    if ended.status not in (Exit.OK, Exit.DISK_FULL, Exit.STORE_FAILED):
        wrong.append(f"status {ended.status}: {ended.said[-500:]}")
    return wrong


def every(tried: Tried, does: str | int, calls: tuple[str, ...], **more: Any) -> int:
    """Try every point there is, or every so many; return how many there are."""
    at = 1
    while tried.one(Fault(does, at, calls, **more), primed=at % 10 != 0).injected:
        at += STRIDE
    return at - 1


def test_cr_02_killed_at_a_sample_of_its_calls(traced_night: Night) -> None:
    tried = Tried(traced_night)
    for number, at in enumerate(points(traced_night, CALLS.values(), 5)):
        ended = tried.one(Fault("kill", at), primed=number % 4 != 0)
        assert ended.status == -signal.SIGKILL
    # Those that matter most: the record, its sync, the row's commit, the journal's line.
    for file, call in (("warc/", "write"), ("warc/", "fsync"), (".db-wal", "fdatasync"), ("journal.jsonl", "fsync")):
        assert tried.one(Fault("kill", 3, (call,), file=file)).injected
    tried.says("CR-02", seed=SEED)
    assert tried.acknowledged > 5


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_cr_02_killed_at_every_call(traced_night: Night) -> None:
    tried = Tried(traced_night)
    of = every(tried, "kill", tuple(CALLS.values()))
    tried.says("CR-02", of=of)
    assert of > 500


def test_df_01_the_disk_is_full_at_twenty_writes(traced_night: Night) -> None:
    tried = Tried(traced_night)
    drawn = points(traced_night, WRITES, 14)
    for number, at in enumerate(drawn):
        tried.one(Fault(errno.ENOSPC, at, WRITES, for_good=number % 2 == 0))
    for at in (1, 4, 7):
        tried.one(Fault(errno.ENOSPC, at, ("write",), file="warc/"))
        tried.one(Fault(errno.ENOSPC, at, ("write",), for_good=True))
    tried.says("DF-01", seed=SEED)
    assert tried.injected >= 20
    assert tried.statuses[str(int(Exit.DISK_FULL))] > 12


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("for_good", [False, True])
def test_df_01_the_disk_is_full_at_every_write(traced_night: Night, for_good: bool) -> None:
    tried = Tried(traced_night)
    every(tried, errno.ENOSPC, WRITES, for_good=for_good)
    tried.says("DF-01", for_good=for_good)


@pytest.mark.parametrize(("fault", "status"), [(errno.EDQUOT, Exit.DISK_FULL), (errno.EFBIG, Exit.DISK_FULL),
                                               (errno.EIO, Exit.STORE_FAILED), (errno.EROFS, Exit.STORE_FAILED),
                                               ("short", Exit.OK)])  # fmt: skip
def test_df_03_a_record_is_refused_or_written_by_halves(traced_night: Night, fault: str | int, status: Exit) -> None:
    """A write that takes only half is gone on with: what was left is written too."""
    tried = Tried(traced_night)
    ended = tried.one(Fault(fault, 3, ("write",), file="warc/"))
    assert ended.status == status, ended.said
    tried.says("DF-03", fault=errno.errorcode.get(int(fault), "") if fault != "short" else fault)
    assert tried.injected == 1


def test_cr_12_a_sync_that_fails_is_never_tried_again(traced_night: Night) -> None:
    """Nothing is acknowledged after it, the file is sealed, and the run stops with a status of its own."""
    after = 0
    for at, file in ((1, "warc/"), (4, "warc/"), (2, "journal.jsonl")):
        tried = Tried(traced_night)
        ended = tried.one(Fault(errno.EIO, at, SYNCS, file=file))
        assert ended.status == Exit.STORE_FAILED, ended.said
        after += ended.acknowledged_after
        tried.says("CR-12", file=file, at=at, acknowledged_after=ended.acknowledged_after)
        assert tried.injected == 1
    assert after == 0


# What would be wrong: an acknowledgement before anything is written, and an error of a sync that is let pass.
HASTY = """
from archive.store.store import CaptureStore
kept, groups = CaptureStore.add_all, []
def add_all(self, exchanges):
    groups.append(exchanges)
    return [one.capture for one in exchanges] if len(groups) < 3 else kept(self, exchanges)
CaptureStore.add_all = add_all
"""
CARELESS = """
import os
from contextlib import suppress
synced = os.fsync
def fsync(descriptor):
    with suppress(OSError):
        synced(descriptor)
os.fsync = fsync
"""


def test_losses_and_careless_syncs_are_seen(traced_night: Night) -> None:
    """The control: with the defence taken away, the same tests fail."""
    hasty = traced_night.play("hasty", fault=Fault("kill", 2, ("fsync",), file="warc/"), before=HASTY)
    wrong = traced_night.wrong_after("hasty", set(hasty.acknowledged))
    assert [one for one in wrong if one.startswith("acknowledged and lost")], wrong
    fault = Fault(errno.EIO, 2, SYNCS, file="warc/")
    careless = traced_night.play("careless", fault=fault, before=CARELESS)
    assert (careless.injected, careless.acknowledged_after > 0) == (1, True), careless


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_cr_12_every_sync_fails_once(traced_night: Night) -> None:
    tried = Tried(traced_night)
    every(tried, errno.EIO, SYNCS)
    tried.says("CR-12")
