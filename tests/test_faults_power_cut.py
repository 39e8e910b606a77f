"""CR-03: the power is cut at any moment; nothing acknowledged is lost, and no state needs a hand."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from archive.catalog.opening import open_catalogue
from archive.folder import make_folder
from archive.model import Finding
from archive.outcomes import severity
from archive.store.fixity import check_seals, check_store
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from archive.store.unit import iter_captures
from tests.exchanges import ASKED, exchange
from tests.figures import figure
from tests.power_cut import Cut, laid_out, recorded

SEED = 20180126
# What is written together: small ones, one payload twice, one of many sectors, and one of the next night.
GROUPS = ((0, 1), (2,), (3, 4, 5), (6,))
EXCHANGES = [
    exchange(
        number, (b"", os.urandom(0), random.Random(number).randbytes(9000))[number % 3] or b"body %d" % (number % 5)
    )
    for number in range(8)
]


def nights(folder: Path) -> list[Cut]:
    """Play two nights into an archive; return every moment at which something wasn't certain yet."""
    make_folder(folder)
    with closing(open_catalogue(folder / "archive.db")) as connection, recorded(folder, connection) as recorder:
        for night in (0, 1):
            journal = Journal(folder)
            store = CaptureStore.open(folder, connection, journal)
            journal.append("run-started", run=f"run-{night}", note="x" * 700)
            recorder.acknowledged.add(f"run-started run-{night}")
            for group in GROUPS[night * 2 : night * 2 + 2]:
                kept = store.add_all([store.describe(EXCHANGES[number], ASKED) for number in group])
                recorder.acknowledged |= {capture.id for capture in kept}
            journal.append("run-ended", run=f"run-{night}", note="y" * 5000)
            recorder.acknowledged.add(f"run-ended run-{night}")
            store.close()
            journal.close()
        return [cut for cut in recorder.cuts if cut.is_loose]


def wrong_after(cut: Cut, folder: Path) -> list[str]:
    """Open what a power cut left as the next command does, and go on; return what was lost or needs a hand."""
    with closing(open_catalogue(folder / "archive.db")) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        try:
            journal = Journal(folder)
            journal.recover()
            store = CaptureStore.open(folder, connection, journal)
            held = {row[0] for row in connection.execute("SELECT id FROM captures") if store.read(row[0])}
            held |= {f"{event['event']} {event.get('run')}" for event in journal.read()}
            wrong = [f"lost: {one}" for one in cut.acknowledged - held]
            for one in EXCHANGES:
                store.payload(store.add(one, ASKED).id)
            store.close()
            journal.append("run-started", run="after")
            journal.close()
            found = [*store.recovered, *check_store(folder, connection), *check_seals(folder, journal)]
        except Exception as error:  # whatever it is, a person would have to see to it
            return [f"needs a hand: {error!r}"]
        found += [entry for entry in iter_captures(folder / "warc") if isinstance(entry, Finding)]
    return wrong + [f"needs a hand: {one}" for one in found if severity(one.outcome) == "failure"]


def tried(tmp_path: Path, states: int, cuts: list[Cut]) -> Counter[str]:
    """Lay out so many states, spread over all moments, and count what was wrong with them."""
    chance = random.Random(SEED)
    counted: Counter[str] = Counter(states=states, moments=len(cuts))
    for number in range(states):
        cut = cuts[number % len(cuts)]
        done = laid_out(cut, tmp_path / "cut", chance)
        counted["damaged"] += bool(done)
        for one in wrong_after(cut, tmp_path / "cut"):
            counted["lost" if one.startswith("lost") else "hands"] += 1
            counted[f"{done}: {one}"] += 1
        shutil.rmtree(tmp_path / "cut")
    return counted


@pytest.mark.parametrize("states", [60, pytest.param(1500, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_cr_03_the_power_is_cut(tmp_path: Path, states: int) -> None:
    cuts = nights(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        counted = tried(tmp_path, states, cuts)
    figure("CR-03", seed=SEED, states=states, moments=len(cuts), damaged=counted["damaged"], lost=counted["lost"],
           needing_a_hand=counted["hands"])  # fmt: skip
    assert counted["damaged"] > states // 3
    assert counted["lost"] == counted["hands"] == 0, counted.most_common(12)


def test_cr_03_without_syncs_it_would_be_lost(tmp_path: Path) -> None:
    """The control: an archive that never syncs loses what it acknowledged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archive.store.segment._sync_all", lambda *_, **__: None)
        cuts = nights(tmp_path / "whole")
        patch.setattr(os, "fsync", lambda _: None)
        counted = tried(tmp_path, 30, cuts)
    assert counted["lost"] + counted["hands"] > 10, counted
