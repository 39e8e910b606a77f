"""Releases made again without what was withdrawn since: whatever kills it, the next command finishes it."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from archive.release import remaking
from archive.release.folder import Releases
from archive.release.history import History
from archive.release.remaking import Remade, carry_out, remake_releases
from archive.release.tombstones import tombstone
from archive.release.withdrawals import is_pending
from archive.release.withdrawing import Asked, NotWithdrawn, allow, undo, withdraw
from archive.release.withholding import read_withheld
from archive.store.journal import Journal
from tests.catalogue_rows import PIA as KEY
from tests.catalogue_rows import SCAN, STORY, make_catalogue
from tests.figures import figure
from tests.released import ask, build, change

AT = "2026-11-29T20:00:00Z"
CANARY = "zyxwithdrawn"


class Killed(BaseException):
    """What stands for a SIGKILL in this process."""


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """Give an archive with two releases; the text of KEY has a word in it that stands nowhere else."""
    make_catalogue(tmp_path / "archive.db")
    change(tmp_path, f"UPDATE pages SET text = text || ' {CANARY}' WHERE document = '{KEY}'")
    build(tmp_path)
    change(tmp_path, f"UPDATE documents SET title = title || '.' WHERE id = '{SCAN}'")
    build(tmp_path, at="2026-11-29T19:00:00Z")
    return tmp_path


def catalogue(path: Path) -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{path / 'archive.db'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return closing(connection)


def withdrawn(path: Path, named: str = KEY, **more: Any) -> None:
    with catalogue(path) as connection:
        withdraw(connection, Journal(path), Asked(named, "By order of a court.", AT, **more))


def files_with(path: Path, word: str) -> list[str]:
    """Return the files under releases/ in which a word stands."""
    return sorted(one.name for one in (path / "releases").iterdir() if word.encode() in one.read_bytes())


def test_every_kept_release_is_made_again_and_its_first_manifest_is_kept(released: Path) -> None:
    assert files_with(released, CANARY) == ["1.db", "2.db"], "the control: it was published"
    before = {number: Releases(released).manifest_path(number).read_bytes() for number in (1, 2)}
    withdrawn(released)
    assert carry_out(released, AT) == Remade((2, 1)), "the one that is served comes first"
    assert files_with(released, CANARY) == []
    assert files_with(released, KEY) == [], "nor its name"
    for number, old in before.items():
        manifest = Releases(released).manifest(number)
        digest = hashlib.sha256(old).hexdigest()
        assert manifest["remade"] == {"at": AT, "withdrawal": 1, "first": digest}
        assert (released / "releases" / f"{number}.{digest[:16]}.json").read_bytes() == old
        assert manifest["built"] == json.loads(old)["built"]
        assert manifest["file"]["sha256"] == hashlib.sha256(
            Releases(released).database(number).read_bytes()
        ).hexdigest()  # fmt: skip
        assert ask(released, number, "SELECT number, reason FROM withdrawals") == [(1, "By order of a court.")]
        assert ask(released, number, "SELECT count(*) FROM documents") == [(json.loads(old)["documents"] - 1,)]
    assert ask(released, 1, f"SELECT title FROM documents WHERE id = '{SCAN}'") != ask(
        released, 2, f"SELECT title FROM documents WHERE id = '{SCAN}'"
    ), "each says what it said"
    history = History.of(Journal(released).read())
    for number in (1, 2):
        told = Releases(released).manifest_path(number).read_bytes()
        assert history.built[number]["manifest"] == hashlib.sha256(told).hexdigest()
    assert carry_out(released, AT) == Remade(), "nothing is left to do"
    assert remake_releases(released, AT) == Remade(), "nor is a release made again for nothing"


def test_killed_anywhere_it_is_finished_by_the_next_command(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CR-09, as far as one process can tell: at each step that changes the disk."""
    withdrawn(released)
    for one in (released / "releases").glob("1.*"):
        one.unlink()
    saved = {one: one.read_bytes() for folder in ("releases", "journal") for one in (released / folder).iterdir()}
    points = 0
    while points < 60:
        for folder in ("releases", "journal"):
            for one in (released / folder).iterdir():
                one.unlink()
        for path, content in saved.items():
            path.write_bytes(content)
        with monkeypatch.context() as patched:
            killed = _kill_at(patched, points)
            with suppress(Killed):
                carry_out(released, AT)
        if not killed:
            break
        points += 1
        served = int((released / "releases" / "current").read_text())
        assert Releases(released).database(served).exists()
        carry_out(released, AT)
        assert files_with(released, CANARY) == [], points
        assert not is_pending(Journal(released).read())
        held = Releases(released).database(2).read_bytes()
        assert Releases(released).manifest(2)["file"]["sha256"] == hashlib.sha256(held).hexdigest()
    assert points > 15
    figure("CR-09", points=points, text_readable_after_done=0)


def _kill_at(patched: pytest.MonkeyPatch, point: int) -> list[bool]:
    """Have the nth call that changes the disk kill the command; return what is filled when it does."""
    left, killed = [point], []

    def counted(real: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            if left[0] == 0:
                killed.append(True)
                raise Killed
            left[0] -= 1
            return real(*arguments, **named)

        return call

    patched.setattr(os, "fsync", counted(os.fsync))
    patched.setattr(os, "rename", counted(os.rename))
    patched.setattr(os, "replace", counted(os.replace))
    patched.setattr(Path, "replace", counted(Path.replace))
    patched.setattr(Path, "chmod", counted(Path.chmod))
    return killed


def test_a_release_that_was_tampered_with_is_not_made_good_again(released: Path) -> None:
    database = Releases(released).database(1)
    database.chmod(0o600)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE documents SET title = 'forged'")
        connection.commit()
    forged = database.read_bytes()
    withdrawn(released)
    assert carry_out(released, AT) == Remade((2,), damaged=(1,))
    assert database.read_bytes() == forged, "for whoever looks into it"


def test_undone_it_is_in_the_next_release_at_the_same_addresses(released: Path) -> None:
    before = ask(released, 2, "SELECT id FROM documents UNION SELECT id FROM versions UNION SELECT url FROM addresses")
    withdrawn(released)
    carry_out(released, AT)
    third = build(released, AT).number
    assert ask(released, third, "SELECT count(*) FROM documents WHERE id = ?", KEY) == [(0,)]
    with catalogue(released) as connection:
        assert [one.number for one in undo(connection, Journal(released), Asked("PIA-039(a)", "Lifted.", AT))] == [1]
    fourth = build(released, AT).number
    sql = "SELECT id FROM documents UNION SELECT id FROM versions UNION SELECT url FROM addresses"
    assert ask(released, fourth, sql) == before
    assert ask(released, fourth, "SELECT undone, undone_reason FROM withdrawals") == [(AT, "Lifted.")]


def test_what_cannot_be_done_is_said(released: Path) -> None:
    journal = Journal(released)
    with catalogue(released) as connection:
        for call, asked, says in (
            (undo, Asked(KEY, "x", AT), "Nothing withdrawn"),
            (allow, Asked(KEY, "x", AT), "isn't held back"),
            (withdraw, Asked(KEY, "PIA DHS/ICE/PIA-039(a) has a name in it", AT), "has the document's number"),
        ):
            with pytest.raises(NotWithdrawn, match=says):
                call(connection, journal, asked)
        withdraw(connection, journal, Asked(KEY, "x", AT))
        with pytest.raises(NotWithdrawn, match="already, by withdrawal 1"):
            withdraw(connection, journal, Asked(KEY, "x", AT))
        withdraw(connection, journal, Asked(KEY, "x", AT, erase=True))
    assert [event["event"] for event in journal.read()][-2:] == ["withdrawn", "erasure-ordered"]


def test_what_is_held_is_allowed_by_name(released: Path) -> None:
    change(released, f"INSERT INTO aliases(alias, document) VALUES ('pia-039a-old', '{STORY}')")
    withdrawn(released)
    with catalogue(released) as connection:
        held = read_withheld(connection, Journal(released).read(), AT[:10])
        assert [found.subject for found in held.held] == [STORY]
        allow(connection, Journal(released), Asked(STORY, "It is a story of its own.", AT))
        after = read_withheld(connection, Journal(released).read(), AT[:10])
    assert held.documents == {KEY, STORY}
    assert after.documents == {KEY}


def test_what_was_held_back_stays_on_the_record_when_a_release_is_made_again_once_more(released: Path) -> None:
    change(released, f"INSERT INTO aliases(alias, document) VALUES ('pia-039a-old', '{STORY}')")
    build(released, "2026-11-29T19:30:00Z")
    withdrawn(released)
    carry_out(released, AT)
    buried = set(ask(released, 3, "SELECT hash FROM tombstones"))
    assert (tombstone("document", STORY),) in buried
    withdrawn(released, SCAN)
    carry_out(released, AT)
    assert buried < set(ask(released, 3, "SELECT hash FROM tombstones"))


def test_it_needs_no_settings_and_no_catalogue(released: Path) -> None:
    withdrawn(released)
    (released / "archive.db").unlink()
    assert remaking.carry_out(released, AT).releases == (2, 1)
