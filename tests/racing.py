"""Races of real processes for one archive's lock, with holders that die, and lock files that are tampered with.

python -m tests.racing FOLDER RACES SEED [sabotaged] prints how often the lock was held by one, by two at once, and by
none. "sabotaged" takes away the lock on the folder itself: what then happens shows that the races can be lost.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

import archive.store.lock as store_lock
from archive.store.lock import Locked, writer_lock

HELD, REFUSED, TWICE = 10, 11, 66
# What becomes of the lock file while it is held, or of its holder.
FATES = ("ends", "killed", "deleted", "emptied", "forged", "garbage", "deleted and killed", "forged and killed")
FORGED = b'{"purpose": "rebuild", "pid": 1, "since": "1970-01-01T00:00:00Z", "host": "elsewhere"}'


def _race(folder: Path, barrier: int, fate: str) -> NoReturn:
    os.read(barrier, 1)
    time.sleep(random.Random(os.getpid()).uniform(0, 0.004))
    status = REFUSED
    try:
        with contextlib.suppress(Locked), writer_lock(folder, "a race"):
            status = _hold(folder, fate)
    finally:
        os._exit(status)


def _hold(folder: Path, fate: str) -> int:
    inside, lock = folder / "inside", folder / "lock"
    try:
        os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return TWICE
    if "deleted" in fate:
        lock.unlink()
    elif fate != "ends":
        lock.write_bytes({"emptied": b"", "garbage": b"\xff{"}.get(fate, FORGED))
    time.sleep(0.004)
    inside.unlink()
    if "killed" in fate:
        os.kill(os.getpid(), signal.SIGKILL)
    return HELD


def main() -> None:
    """Run the races."""
    folder, races, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
    if "sabotaged" in sys.argv:
        real = store_lock._lock
        store_lock._lock = lambda path, what, flags, held: (
            real(path, path, os.O_RDWR | os.O_CREAT, held) if what == path else os.open(what, flags)
        )
    counted = {"races": races, "held": 0, "refused": 0, "killed": 0, "held by two": 0, "held by none": 0}
    for _ in range(races):
        barrier, release = os.pipe()
        racers = []
        for _ in range(3):
            fate = chance.choice(FATES)
            pid = os.fork()
            if pid == 0:
                os.close(release)
                _race(folder, barrier, fate)
            racers.append(pid)
        os.close(release)
        ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in racers]
        os.close(barrier)
        counted["held"] += ended.count(HELD)
        counted["killed"] += ended.count(-signal.SIGKILL)
        counted["refused"] += ended.count(REFUSED)
        counted["held by two"] += ended.count(TWICE)
        counted["held by none"] += not {HELD, -signal.SIGKILL} & set(ended)
    json.dump(counted, sys.stdout)


if __name__ == "__main__":
    main()
