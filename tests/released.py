"""Releases for tests: of the demo's archive, built in this process."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.release.folder import Releases
from archive.release.policies import Policies
from archive.release.publishing import Order, Outcome, build_release
from tests.demo_archive import DemoArchive

AT = "2026-11-29T18:00:00Z"


@pytest.fixture
def unreleased(demo_made: DemoArchive, tmp_path: Path) -> Path:
    """Give a copy of the demo's catalogue and journal without its releases; no captures, which no release reads."""
    path = tmp_path / "archive"
    (path / "warc").mkdir(parents=True)
    shutil.copytree(demo_made.path / "journal", path / "journal")
    with closing(sqlite3.connect(demo_made.path / "archive.db")) as held, closing(_new(path)) as copied:
        held.backup(copied)
    journal = path / "journal" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(
        b"".join(lines[: next((at for at, line in enumerate(lines) if b'"release' in line), len(lines))])
    )
    (path / "journal" / "head").unlink(missing_ok=True)
    return path


def _new(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path / "archive.db")


def build(path: Path, at: str = AT, **more: object) -> Outcome:
    """Build a release of an archive; `more` are an order's other parts."""
    order = Order(**{"at": at, "policies": Policies(), **more})  # type: ignore[arg-type]
    with closing(sqlite3.connect(f"file:{path / 'archive.db'}?mode=ro", uri=True)) as catalogue:
        return build_release(path, catalogue, order)


def ask(path: Path, number: int, question: str, *values: object) -> list[tuple[Any, ...]]:
    """Return what a question to a release gives."""
    with closing(Releases(path).open(number)) as connection:
        return [tuple(row) for row in connection.execute(question, values)]


def change(path: Path, *statements: str) -> None:
    """Change the working catalogue behind everybody's back."""
    with closing(sqlite3.connect(path / "archive.db")) as catalogue:
        for statement in statements:
            catalogue.execute(statement)
        catalogue.commit()
