"""DL-13: the power goes while messages are sent; the mark is there, or the message comes once more with the same id."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.store.journal import Journal
from archive.watches.outbox import Outbox
from tests.figures import figure
from tests.power_cut import laid_out, recorded
from tests.test_pipelines_delivery_queue import World, world

MESSAGES, STATES, SEED = 4, 60, 20261201


class _Noting(Outbox):
    """An outbox whose notes a test can listen to."""


def _catalogue() -> sqlite3.Connection:
    """Return a catalogue with nothing in it: sending asks it nothing."""
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE empty (one)")
    return made


def _sent(one: World, folder: Path) -> tuple[list[Any], list[str]]:
    """Send what is due; return each moment with how many messages the receiver had by then, and their ids."""
    with closing(_catalogue()) as nothing, recorded(folder, nothing) as recorder:
        moment, taken = recorder.moment, []

        def noted() -> None:
            taken.append(len(one.server.requests))
            moment()

        recorder.moment = noted  # type: ignore[method-assign]
        queue = one.queue()
        queue.outbox = _Noting.of(queue.journal.read())
        truly = queue.outbox.note

        def acknowledged(event: Any) -> None:
            truly(event)
            recorder.acknowledged.add(str(event["message"]))

        queue.outbox.note = acknowledged  # type: ignore[method-assign]
        queue.send_due(lambda *_: None)
        queue.journal.close()
        cuts = recorder.cuts
    return [(cut, had) for cut, had in zip(cuts[1:], taken, strict=False) if cut.is_loose], one.taken()


def test_dl_13_the_mark_survives_or_the_message_comes_again_with_its_id(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    counted = {"states": 0, "damaged": 0, "marks_lost": 0, "lost": 0, "twice": 0, "most_twice": 0, "other_ids": 0}
    (tmp_path / "archive").mkdir()
    with world(tmp_path / "archive") as one:
        ids = one.make(MESSAGES)
        moments, first = _sent(one, tmp_path / "archive")
        assert (first, len(moments) > MESSAGES) == (ids, True)
        for number in range(STATES):
            cut, had = moments[number % len(moments)]
            counted["states"] += 1
            counted["damaged"] += bool(laid_out(cut, tmp_path / "cut", chance))
            outbox = Outbox.of(Journal(tmp_path / "cut").read())
            marked = {message for message, _ in outbox.done}
            counted["marks_lost"] += len(cut.acknowledged - marked)
            one.server.requests.clear()
            one.folder = tmp_path / "cut"
            one.send()
            again = one.taken()
            counted["other_ids"] += len(set(again) - set(ids))
            counted["lost"] += len(set(ids) - {*ids[:had], *again})
            twice = len(set(ids[:had]) & set(again))
            counted["twice"] += twice
            counted["most_twice"] = max(counted["most_twice"], twice)
            shutil.rmtree(tmp_path / "cut")
    figure("DL-13", **counted, seed=SEED)
    assert (counted["marks_lost"], counted["lost"], counted["other_ids"]) == (0, 0, 0)
    assert counted["most_twice"] <= 1
    assert counted["damaged"] > 10
    assert counted["twice"] > 0


def test_dl_13_sabotage_without_a_sync_marks_are_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(SEED)
    (tmp_path / "archive").mkdir()
    with world(tmp_path / "archive") as one:
        one.make(MESSAGES)
        monkeypatch.setattr("archive.store.segment.os.fsync", lambda _: None)
        with closing(_catalogue()) as nothing, recorded(tmp_path / "archive", nothing) as recorder:
            monkeypatch.setattr(os, "fsync", lambda _: None)
            one.send()
        last = recorder.cuts[-1]
        lost = 0
        for _ in range(10):
            laid_out(last, tmp_path / "cut", chance)
            events, _ = Journal(tmp_path / "cut").sound()  # what was not synced may be damaged as well
            lost += MESSAGES - len(Outbox.of(event for _, event in events).done)
            shutil.rmtree(tmp_path / "cut")
    assert lost > 0
