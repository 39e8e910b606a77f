"""Runs that are stopped by signals (CR-07), rebuilds and recoveries that are killed (CR-05, CR-08), copies taken while
the catalogue is written (CR-13), few file descriptors (DF-06), and how long a recovery takes (CR-16)."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalog.opening import open_catalogue
from archive.store.store import CaptureStore
from console.ending import Exit
from tests.demo_archive import differences, dump
from tests.exchanges import ASKED, exchange
from tests.figures import figure
from tests.forked import Ended
from tests.one_night import Night
from tests.test_archive_store_recovery import forget
from tests.tracing import CALLS, Fault

SEED = 20180126
STOPPED = "stopped; what was taken in is kept, and the same command goes on from there"


@pytest.mark.parametrize(
    ("names", "shares"),
    [
        (["SIGTERM"], [0.55]),
        (["SIGHUP"], [0.45]),
        (["SIGINT", "SIGINT"], [0.3, 0.33]),
    ],
)
def test_cr_07_stopped_by_a_signal_once_or_twice(names: list[str], shares: list[float], night: Night) -> None:
    """It ends by itself within seconds, with a status and a sentence; nothing runs on, and the next run goes on."""
    signals = [
        [share * night.undisturbed.seconds, int(signal.Signals[name])]
        for name, share in zip(names, shares, strict=True)
    ]
    ended = night.play("stopped", signals=signals)
    wrong = night.wrong_after("stopped", set(ended.acknowledged))
    shutil.rmtree(night.folder / "stopped")
    after = round(ended.seconds - signals[0][0], 1)
    figure("CR-07", signals=names, status=ended.status, seconds=after, orphans=ended.orphans, wrong=len(wrong))
    assert wrong == []
    assert ended.orphans == 0
    assert after < 10 + 5 * night.undisturbed.seconds
    # Before the command has begun with its work, a signal ends it as it ends any program; an exception is a 70.
    assert ended.status in (Exit.OK, Exit.FAILED, *(-int(signal.Signals[name]) for name in names)), ended.said


def rebuilt(night: Night, fault: Fault) -> Ended:
    """Kill a rebuild; the old catalogue stays in use, and the next rebuild makes the same one."""
    archive = night.folder / "rebuilt"
    shutil.copytree(night.folder / "undisturbed", archive)
    whole = dump(archive)
    ended = night.forked.run(archive, "rebuild", fault=fault)
    if ended.injected:
        assert differences(whole, dump(archive)) == {}, f"half a catalogue, {ended.struck}"
        again = night.forked.run(archive, "rebuild")
        assert again.status == Exit.OK, again.said
        assert differences(whole, dump(archive)) == {}
        assert not list(archive.glob("archive.rebuilding*"))
    shutil.rmtree(archive)
    return ended


@pytest.fixture(scope="module")
def traced_night(night: Night) -> Night:
    """Give the night, or skip with one line where no process may be traced."""
    if why_not := night.forked.why_not_traced():
        pytest.skip(why_not)
    return night


@pytest.mark.parametrize("sample", [6, pytest.param(0, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_cr_08_a_rebuild_that_is_killed_leaves_the_old_catalogue(traced_night: Night, sample: int) -> None:
    of = sum(rebuilt(traced_night, Fault("kill", 1 << 30)).calls.values())
    assert of > 50
    drawn = sorted(random.Random(SEED).sample(range(1, of + 1), sample)) if sample else range(1, of + 1)
    killed = sum(rebuilt(traced_night, Fault("kill", at)).status == -signal.SIGKILL for at in drawn)
    figure("CR-08", points=killed, of=of, half_catalogues=0)
    assert killed >= len(drawn) * 0.9


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_cr_05_killed_while_it_mends_what_a_kill_left_three_deep(traced_night: Night) -> None:
    """A night killed when its records were there; then three runs killed one after the other while they mend it."""
    chance = random.Random(SEED)
    tried = 0
    for _ in range(40):
        acknowledged: set[str] = set()
        traced_night.prime("deep")
        faults = [Fault("kill", chance.randint(2, 7), ("fsync",), file="warc/")]
        faults += [Fault("kill", chance.randint(1, 60), tuple(CALLS.values())) for _ in range(3)]
        for fault in faults:
            ended = traced_night.play("deep", fault=fault)
            tried += ended.injected
            acknowledged |= set(ended.acknowledged)
        assert traced_night.wrong_after("deep", acknowledged) == [], faults
        shutil.rmtree(traced_night.folder / "deep")
    figure("CR-05", seed=SEED, depth=3, kills=tried, failures=0)
    assert tried > 120


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_cr_13_a_plain_copy_of_a_catalogue_in_use_is_mended_or_refused(night: Night) -> None:
    """Copied without its log while it is written, it is behind or torn; with the records beside it nothing is lost."""
    copies: list[bytes] = []
    stop = threading.Event()
    source = night.folder / "copied" / "archive.db"

    def copy() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                copies.append(source.read_bytes())
            time.sleep(night.undisturbed.seconds / 60)

    thread = threading.Thread(target=copy)
    thread.start()
    night.play("copied")
    stop.set()
    thread.join()
    counted: Counter[str] = Counter()
    for number, held in enumerate(copies[:50]):
        name = f"copy-{number}"
        shutil.copytree(night.folder / "undisturbed", night.folder / name)
        (night.folder / name / "archive.db").write_bytes(held)
        ended = night.play(name)
        if ended.status == Exit.OK and not night.wrong_with(name):
            counted["mended"] += 1
        else:
            again = night.forked.run(night.folder / name, "rebuild")
            assert again.status == Exit.OK, again.said
            assert night.wrong_with(name) == []
            counted["rebuilt"] += 1
        shutil.rmtree(night.folder / name)
    figure("CR-13", copies=len(copies[:50]), **counted)
    assert sum(counted.values()) > 20


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_df_06_few_descriptors_cost_no_capture_and_no_time(night: Night) -> None:
    """Whatever can't be opened stops the run by name; it doesn't turn in circles.

    A reader that had too few leaves its document's outcome by name, until a rebuild has it read again.
    """
    told, named = {}, 0
    for limit in (10, 12, 14, 16, 18, 20, 24, 32, 64):
        before = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))"
        ended = night.play("few", before=before)
        told[limit] = ended.status
        assert ended.cpu < 10, limit
        wrong = night.wrong_after("few", set(ended.acknowledged))
        if wrong and "reader-crashed" in wrong[0]:
            named += 1
            assert night.forked.run(night.folder / "few", "rebuild").status == Exit.OK
            wrong = night.wrong_with("few")
        assert wrong == [], limit
        shutil.rmtree(night.folder / "few")
    figure("DF-06", statuses=told, readers_named=named)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_cr_16_how_long_a_recovery_takes_as_the_archive_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand records without rows are mended in the same time, however many are behind them."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with closing(open_catalogue(tmp_path / "archive.db")) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        store, held, took = CaptureStore.open(tmp_path, connection), 0, {}
        for size in (1_000, 10_000, 100_000):
            while held < size:
                group = [
                    replace(exchange(number % 3600), url=f"https://a.example/{number}")
                    for number in range(held, held + 500)
                ]
                ids = [one.id for one in store.add_all([store.describe(one, ASKED) for one in group])]
                held += 500
            for capture in ids[-200:]:
                forget(connection, capture)
            began = time.monotonic()
            store = CaptureStore.open(tmp_path, connection)
            took[size] = round(time.monotonic() - began, 3)
            assert len(store.recovered) == 200
    figure("CR-16", records=list(took), seconds=list(took.values()), indexed=200)
    assert took[100_000] < 5 * took[1_000] + 0.5


def test_a_catalogue_that_is_damaged_says_what_to_do(night: Night) -> None:
    name = "damaged"
    shutil.copytree(night.folder / "undisturbed", night.folder / name)
    catalogue = night.folder / name / "archive.db"
    catalogue.write_bytes(catalogue.read_bytes()[:5000] + os.urandom(300_000))
    ended = night.play(name)
    assert ended.status == Exit.STORE_FAILED, ended.said
    assert "`oversight rebuild` makes it again" in ended.said
    assert night.forked.run(night.folder / name, "rebuild").status == Exit.OK
    assert night.wrong_with(name) == []
    assert sqlite3.sqlite_version
