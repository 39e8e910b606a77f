"""Erasing: the bytes are gone, every other record is as it was, what verifies does so, and a kill costs nothing."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Exchange
from archive.store.erasing import ERASING, erase_captures, finish_erasing
from archive.store.errors import StoreFailed
from archive.store.fixity import check_seals, check_store
from archive.store.journal import Journal
from archive.store.seals import manifest_path, read_manifest
from archive.store.store import CaptureStore
from archive.store.unit import iter_captures
from tests.figures import figure

SECRET = b"zyxerased"
FACTS = {"withdrawal": 1, "at": "2026-11-29T20:00:00Z"}


class Killed(BaseException):
    """What stands for a SIGKILL in this process."""


def exchange(number: int, body: bytes) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
    at = f"2026-11-29T10:00:{number:02}Z"
    return Exchange(f"https://example.gov/{number}", at, b"GET / HTTP/1.1\r\n\r\n", head + body, status=200)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make two files of captures: the secret is in the second of the first file, twice again as a revisit."""
    with (
        closing(open_catalogue(tmp_path / "archive.db")) as connection,
        CaptureStore.open(tmp_path, connection, Journal(tmp_path)) as store,
    ):
        for number in range(6):
            body = SECRET * 20 if number in (1, 3, 5) else b"Body %d " % number * 30
            store.add(exchange(number, body), Asked("source", f"run-{number // 4}", "parse"))
    return tmp_path


def secrets(connection: sqlite3.Connection) -> set[str]:
    digest = hashlib.sha256(SECRET * 20).hexdigest()
    return {row[0] for row in connection.execute("SELECT id FROM captures WHERE content_digest = ?", (digest,))}


def content(path: Path) -> bytes:
    files = sorted((path / "warc").glob("*.warc.gz"))
    return b"".join(gzip.decompress(one.read_bytes()) for one in files if one.stat().st_size)


def erase(path: Path) -> None:
    with closing(open_catalogue(path / "archive.db")) as connection:
        finish_erasing(path, connection, Journal(path))
        erase_captures(path, connection, Journal(path), {one: {} for one in secrets(connection)}, FACTS)


def is_sound(path: Path) -> bool:
    with closing(open_catalogue(path / "archive.db")) as connection:
        return not (check_store(path, connection) or check_seals(path, Journal(path)))


def test_the_bytes_are_gone_and_all_else_verifies(path: Path) -> None:
    """WD-16."""
    assert SECRET in content(path), "the control"
    with closing(open_catalogue(path / "archive.db")) as connection:
        store = CaptureStore.open(path, connection, Journal(path))
        kept = {row[0] for row in connection.execute("SELECT id FROM captures")} - secrets(connection)
        before = {capture: store.payload(capture) for capture in kept}
        gone = [
            one for one in connection.execute("SELECT capture, digest FROM records") if one[0] in secrets(connection)
        ]
    erase(path)
    assert SECRET not in content(path)
    assert is_sound(path)
    with closing(open_catalogue(path / "archive.db")) as connection:
        store = CaptureStore.open(path, connection, Journal(path))
        assert store.recovered == ()
        assert {capture: store.payload(capture) for capture in kept} == before
        assert not secrets(connection)
    assert {capture.id for capture, _ in iter_captures(path / "warc")} == kept, "a rebuild finds the others"  # type: ignore[misc]
    told = {one["capture"]: one["digest"] for event in Journal(path).read() if event["event"] == ERASING
            for one in event["erased"]}  # type: ignore[attr-defined] # fmt: skip
    assert told == {one[0]: one[1] for one in gone}, "the digests of the stored bytes stay on the record"
    for file in sorted((path / "warc").glob("*.warc.gz")):
        listed = read_manifest(manifest_path(path, file.name).read_bytes())
        assert not {one.capture for one in listed} - kept
        done = subprocess.run(
            [sys.executable, "-m", "warcio.cli", "check", str(file)], check=False, capture_output=True
        )
        assert done.returncode == 0, done.stdout
    figure("WD-16", captures=len(gone), files=2, verified=True, still_there=0)


def test_a_file_that_holds_nothing_else_is_left_empty(path: Path) -> None:
    with closing(open_catalogue(path / "archive.db")) as connection:
        every = {row[0] for row in connection.execute("SELECT id FROM captures WHERE run = 'run-1'")}
        (name,) = erase_captures(path, connection, Journal(path), {one: {} for one in every}, FACTS)
    assert (path / "warc" / name).stat().st_size == 0
    assert is_sound(path)
    with (
        closing(open_catalogue(path / "archive.db")) as connection,
        CaptureStore.open(path, connection, Journal(path)) as store,
    ):
        store.add(exchange(9, b"A later one"), Asked("source", "run-1", "parse"))
    assert is_sound(path)


def test_what_is_changed_afterwards_is_found(path: Path) -> None:
    erase(path)
    for file in sorted((path / "warc").glob("*.warc.gz")):
        whole = file.read_bytes()
        file.write_bytes(whole[:-30] + bytes([whole[-30] ^ 1]) + whole[-29:])
        assert [one.outcome for one in check_seals(path, Journal(path))] == ["record-altered"]
        file.write_bytes(whole)


def test_a_file_that_was_changed_before_is_not_sealed_anew(path: Path) -> None:
    file = min((path / "warc").glob("*.warc.gz"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-30] + bytes([whole[-30] ^ 1]) + whole[-29:])
    with pytest.raises(StoreFailed, match="sealed as"):
        erase(path)
    assert [one.outcome for one in check_seals(path, Journal(path))] == ["record-altered"]


def test_killed_anywhere_it_is_finished_by_the_next_command(
    path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CR-09, the erasure: at each step that changes the disk."""
    points = 0
    while True:
        work = tmp_path_factory.mktemp("killed") / "archive"
        shutil.copytree(path, work)
        with monkeypatch.context() as patched:
            killed = _kill_at(patched, points)
            with suppress(Killed):
                erase(work)
        if not killed:
            break
        points += 1
        with closing(open_catalogue(work / "archive.db")) as connection:
            CaptureStore.open(work, connection, Journal(work)).close()
        erase(work)
        assert SECRET not in content(work), points
        assert is_sound(work), points
        assert len([*iter_captures(work / "warc")]) == 3
        shutil.rmtree(work)
    assert points > 15
    figure("CR-09-erase", points=points, left=0, unsound=0)


def _kill_at(patched: pytest.MonkeyPatch, point: int) -> list[bool]:
    """Have the nth call that changes the disk kill the command; return what is filled when it does."""
    left, killed = [point], []

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if left[0] == 0:
                killed.append(True)
                raise Killed
            left[0] -= 1
            return real(*arguments, **named)

        return call

    for owner, name in ((os, "fsync"), (os, "ftruncate"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir")):
        patched.setattr(owner, name, counted(getattr(owner, name)))
    return killed
