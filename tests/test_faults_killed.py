"""CR-01: the crawl killed at random moments; the next run ends as if nothing had happened, and nothing is lost."""

from __future__ import annotations

import random
import shutil
import signal

import pytest

from tests.figures import figure
from tests.forked import Forked
from tests.one_night import WHOLE, Night

SEED = 20180126


def killed(night: Night, kills: int) -> dict[str, int]:
    """Kill the night's command at so many moments, each in an archive of its own; every third is killed twice."""
    counted = {
        "seed": SEED,
        "moments": kills,
        "kills": 0,
        "acknowledged": 0,
        "wrong": 0,
        "orphans": 0,
    }
    chance = random.Random(SEED)
    # With its readings at hand a night takes less time.
    night.prime("quick")
    quick = night.play("quick").seconds
    shutil.rmtree(night.folder / "quick")
    for number in range(kills):
        acknowledged: set[str] = set()
        name = f"killed-{number}"
        if number % 3:
            night.prime(name)
        for _ in range(1 + (number % 3 == 0)):
            moment = chance.uniform(0.02, 0.95) * (quick if number % 3 else night.undisturbed.seconds)
            ended = night.play(name, kill_after=moment)
            counted["kills"] += ended.status == -signal.SIGKILL
            counted["orphans"] += ended.orphans
            acknowledged |= set(ended.acknowledged)
        counted["acknowledged"] += len(acknowledged)
        wrong = night.wrong_after(name, acknowledged)
        assert wrong == [], f"seed {SEED}, moment {number}: {wrong}"
        counted["wrong"] += len(wrong)
        shutil.rmtree(night.folder / name)
    return counted


def test_cr_01_killed_at_ten_random_moments(night: Night) -> None:
    counted = killed(night, 10)
    figure("CR-01", **counted)
    assert counted["kills"] > 6, "the moments came too late"
    assert counted["acknowledged"] > 10, "the moments came too early"
    assert counted["orphans"] == 0


@pytest.mark.soak
def test_cr_01_killed_at_two_hundred_random_moments(forked: Forked, tmp_path_factory: pytest.TempPathFactory) -> None:
    counted = killed(Night(forked, tmp_path_factory.mktemp("whole"), WHOLE), 200)
    figure("CR-01", **counted)
    assert counted["kills"] > 200
    assert counted["orphans"] == 0
