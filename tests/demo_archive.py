"""The demo's archive, made once by the command line for all tests that look at it, and what compares catalogues."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.loaded_commands import loaded_commands

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "january-2018.warc.gz"
# Told in tables of SQLite's own form, which depends on how the index was written; what it finds is compared instead.
_SHADOWS = ("pages_fts_", "changed_passages_fts_")


@dataclass(frozen=True, slots=True)
class DemoArchive:
    """The demo's folder, how the command that made it ended, and how many seconds it took."""

    path: Path
    made: subprocess.CompletedProcess[str]
    seconds: float


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoArchive]:
    """Make the demo's archive. It belongs to all tests: nobody writes to it (see `demo_archive`)."""
    made = _shared(tmp_path_factory) if "PYTEST_XDIST_WORKER" in os.environ else _make(tmp_path_factory.mktemp("demo"))
    journal = (made.path / "journal" / "journal.jsonl").read_bytes()
    yield made
    assert (made.path / "journal" / "journal.jsonl").read_bytes() == journal, "a test wrote to what belongs to all"


def _shared(tmp_path_factory: pytest.TempPathFactory) -> DemoArchive:
    """Of several processes that test, the first makes it, and each has a copy: nobody opens the one that is copied."""
    shared = tmp_path_factory.getbasetemp().parent / "demo"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = shared / "made.pickle"
        if not told.exists():
            told.write_bytes(pickle.dumps(_make(shared)))
    made: DemoArchive = pickle.loads(told.read_bytes())
    own = tmp_path_factory.mktemp("demo") / "archive"
    return replace(made, path=Path(shutil.copytree(made.path, own)))


def _make(folder: Path) -> DemoArchive:
    path = folder / "archive"
    began = time.monotonic()
    made = oversight("demo", "--no-serve", "--archive", path)
    assert made.returncode == 0, made.stderr
    return DemoArchive(path, made, time.monotonic() - began)


@pytest.fixture
def demo_archive(demo_made: DemoArchive, tmp_path: Path) -> Path:
    """Give a copy of the demo's archive that a test may do anything to."""
    return Path(shutil.copytree(demo_made.path, tmp_path / "demo"))


def environment(**more: str) -> dict[str, str]:
    """Return the environment of the commands under test: nothing that changes what they do, unless it is named."""
    ours = ("OVERSIGHT_CONTACT", "ARCHIVE_DIR", "SAM_API_KEY", "SCRAPY_SETTINGS_MODULE", "SCRAPY_PROJECT")
    return {**{name: value for name, value in os.environ.items() if name not in ours}, **more}


def command(*arguments: object) -> list[str]:
    """Return the command line of `oversight` with these arguments."""
    return [sys.executable, "-m", "oversight", *map(str, arguments)]


def oversight(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `oversight` from the checkout and return how it ended; `more` is added to its environment.

    In the usual environment it is run by a process that has loaded it already; `run(command(...))` starts another.
    """
    loaded, wanted = loaded_commands(), environment(**more)
    changed = {name for name in {*wanted, *loaded.environment} if wanted.get(name) != loaded.environment.get(name)}
    if changed - {"PYTEST_CURRENT_TEST"}:
        return run(command(*arguments), **more)
    return loaded.run([str(one) for one in arguments])


def run(line: Sequence[str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program from the checkout and return how it ended."""
    return subprocess.run(
        line, cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=240, check=False
    )


def dump(path: Path, leave_out: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of a catalogue, and its schema, and what the full-text index finds.

    `leave_out` names tables: where an archive was killed and went on, `records` tells other places.
    """
    with closing(_reading(path)) as catalogue:
        schema = catalogue.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        tables = [
            name
            for kind, name, _, _ in schema
            if kind == "table"
            and not name.startswith(_SHADOWS)
            and name not in (*leave_out, "pages_fts", "changed_passages_fts")
        ]
        held = {name: _sorted(catalogue.execute(f'SELECT * FROM "{name}"').fetchall()) for name in tables}
        held["(schema)"] = _sorted(schema)
        held["(index)"] = [_indexed(catalogue, word) for word in ("license", '"license plate"', "surveillance", "ICE")]
        held["(broken)"] = [*catalogue.execute("PRAGMA foreign_key_check"), *_damage(catalogue)]
    assert not held["(broken)"], held["(broken)"]
    return held


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path / 'archive.db'}?mode=ro", uri=True)


def _sorted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def _indexed(catalogue: sqlite3.Connection, word: str) -> tuple[Any, ...]:
    return tuple(
        catalogue.execute(
            "SELECT rowid, bm25(pages_fts), snippet(pages_fts, 0, '[', ']', '…', 9) FROM pages_fts"
            " WHERE pages_fts MATCH ? ORDER BY rowid",
            (word,),
        ).fetchall()
    )


def _damage(catalogue: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return [row for row in catalogue.execute("PRAGMA integrity_check") if row != ("ok",)]


def differences(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return, for each table that isn't equal in two dumps, the rows that only one of them has."""
    return {
        name: (
            [row for row in one.get(name, []) if row not in other.get(name, [])],
            [row for row in other.get(name, []) if row not in one.get(name, [])],
        )
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    }


def files_of(path: Path, *folders: str) -> dict[str, bytes]:
    """Return the bytes of every file in some of an archive's folders."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for folder in folders
        for file in sorted((path / folder).rglob("*"))
        if file.is_file()
    }


def rows(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Return what a question to a catalogue gives."""
    with closing(_reading(path)) as catalogue:
        return catalogue.execute(sql, values).fetchall()


def start(*arguments: object) -> subprocess.Popen[bytes]:
    """Start `oversight` in a session of its own, so that what it leaves running can be told (see `left_running`).

    A shell has what it runs in the background ignore SIGINT, and what is ignored stays so in all that follows.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        command(*arguments), cwd=ROOT, env=environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def left_running(session: int, seconds: float = 10) -> list[str]:
    """Return the command lines of a session's processes that still run after so long; [] as soon as there are none."""
    until = time.monotonic() + seconds
    while (found := _running(session)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def _running(session: int) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, _, own = (process / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(own) == session and state != "Z":
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found
