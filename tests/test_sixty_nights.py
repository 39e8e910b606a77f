"""SV-20: nights of an archive that follows four publishers on a live web that changes, fails and lies, on a machine
that is killed, full, and wrong about the time; each night's catalogue, release, feeds and reports are held against
what the servers really said.

Seven nights here, sixty by `make soak`, as many as OVERSIGHT_NIGHTS says before a release; OVERSIGHT_SEED draws others.
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from archive.release.folder import Releases
from tests.asking_the_site import open_site
from tests.figures import figure
from tests.forked import Forked
from tests.mail_server import MailServer
from tests.sixty_nights.calendar import FIRST, drawn
from tests.sixty_nights.checks import Checks
from tests.sixty_nights.delivered import Post
from tests.sixty_nights.loopback import Loopback
from tests.sixty_nights.playing import Command, Play
from tests.sixty_nights.publishers import ARGUMENTS, begun

SEED = int(os.environ.get("OVERSIGHT_SEED", "20261029"))
NIGHTS = int(os.environ.get("OVERSIGHT_NIGHTS", "60"))


@contextmanager
def mail_server() -> Iterator[tuple[Post, int]]:
    post = Post()
    server = MailServer(post)
    server.start()
    try:
        yield post, server.port
    finally:
        server.stop()


@contextmanager
def played(nights: int, folder: Path) -> Iterator[tuple[Play, Checks, Command]]:
    """Play so many nights, and look at each."""
    with Loopback(begun(str(FIRST))) as web, Forked() as forked, mail_server() as (post, port):
        play = Play(folder, forked, web, SEED, nights, post, port)
        checks = Checks(play)
        for night in drawn(SEED, nights):
            if done := play.play(night):
                last = done
                checks.night(done)
                if play.accepts() and play.accept():
                    checks.served()
        yield play, checks, last


@pytest.mark.parametrize(
    "nights",
    [
        pytest.param(7, marks=pytest.mark.timeout(1200)),
        pytest.param(NIGHTS, marks=[pytest.mark.soak, pytest.mark.timeout(0)]),
    ],
)
def test_nights(nights: int, tmp_path: Path) -> None:
    began = time.monotonic()
    with played(nights, tmp_path) as (play, checks, last):
        kinds = Counter(kind for _, kind, _ in play.truth.changes())
        wrong = play.wrong + checks.wrong
        figure(
            "SV-20", seed=SEED, nights=nights, sources=len(ARGUMENTS), faults=play.faults, befell=len(play.befell),
            wrong_reports=len(wrong), minutes=round((time.monotonic() - began) / 60, 1),
        )  # fmt: skip
        figure("SV-20", compared=dict(checks.compared), changes=dict(kinds), befell=dict(Counter(play.befell)))
        assert not wrong, "\n".join(wrong[:40])
        assert play.faults >= 2 * nights
        assert set(play.befell) >= {"kill", "power cut", "full disk", "rebuild", "restore", "withdraw", "undo", "twice"}
        assert kinds.keys() >= {"new", "replaced", "re-saved", "amended"}
        if nights >= 60:
            assert kinds.keys() >= {"renamed", "delisted", "listed again", "gone", "back"}
        lies_are_found(checks, last)


# What a catalogue or a release may say that isn't so, and which comparison has to find it.
OF_CATALOGUE = {
    "texts": "DELETE FROM versions WHERE id = (SELECT max(id) FROM versions)",
    "changes": "UPDATE changes SET at = '2026-10-01T05:30:00Z' WHERE id = (SELECT max(id) FROM changes)",
    "listing": "UPDATE documents SET listing = 'delisted' WHERE id ="
    " (SELECT max(id) FROM documents WHERE listing = 'listed')",
    "server": "UPDATE server_spans SET state = 'gone' WHERE document = (SELECT max(document) FROM server_spans)",
}
OF_RELEASE = {
    "released": "DELETE FROM documents WHERE id = (SELECT max(id) FROM documents)",
    "told": "UPDATE changes SET kind = 'gone' WHERE id = (SELECT max(id) FROM changes)",
}
OF_FEED = {
    "feed": "DELETE FROM changes WHERE id = (SELECT max(id) FROM changes)",
}


def lies_are_found(checks: Checks, done: Command) -> None:
    """The checks can fail: each lie in a catalogue, a release, a feed or a report is found by the check of its kind."""
    play, lies = checks.play, 0
    archive, released = play.archive / "archive.db", Releases(play.archive)
    release = released.database(released.current() or 0)
    for kind, lie in OF_CATALOGUE.items():
        lies += _is_found(checks, kind, partial(checks.catalogue, _told(archive, lie)))
    for kind, lie in OF_RELEASE.items():
        lies += _is_found(checks, kind, partial(checks.release, _told(release, lie)))
    for kind, lie in OF_FEED.items():
        lies += _is_found(checks, kind, partial(checks.feeds, open_site(_told(release, lie))))
    silent = _told(archive, "UPDATE outcomes SET severity = 'ok', outcome = 'document'")
    lies += _is_found(checks, "outcomes", partial(checks.report, done, silent))
    better = replace(done, ended=replace(done.ended, status=7))
    lies += _is_found(checks, "status", partial(checks.report, better, archive))
    quiet = replace(done, ended=replace(done.ended, said=""))
    lies += _is_found(checks, "published", partial(checks.report, quiet, archive))
    figure("SV-20", lies_planted=lies, lies_found=lies)


def _told(database: Path, lie: str) -> Path:
    """Return a copy of a file that says something else."""
    copy = database.parent.parent / f"lie-{uuid.uuid4().hex[:8]}.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA foreign_keys = OFF")
        assert target.execute(lie).rowcount > 0
        target.commit()
    return copy


def _is_found(checks: Checks, kind: str, look: Callable[[], None]) -> int:
    before = len(checks.wrong)
    look()
    found = checks.wrong[before:]
    del checks.wrong[before:]
    assert any(f" {kind} " in one for one in found), f"{kind}: {found[:5]}"
    return 1
