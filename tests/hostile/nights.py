"""Two nights of a small web, replayed by the command line: what a case is, how it is run, what it leaves behind."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.hostile.web import Told, two_nights


@dataclass(frozen=True)
class Case:
    """`changes` make the second night rotten. `named` are the outcomes that its report must then give, beside those
    that are as they should be; `added` is how many documents it leads to that the good night hadn't."""

    source: str
    changes: Mapping[str, Told | None]
    named: Mapping[str, int]
    added: int = 0
    versions_added: int = 0
    delisted: int = 0
    base: Mapping[str, Told] | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fewest: int = 1
    fields: Mapping[str, float] = field(default_factory=dict)
    most: int = 100


@dataclass(frozen=True)
class Ran:
    """What a case's command left behind."""

    folder: Path
    status: int

    @property
    def report(self) -> Any:
        return json.loads((self.folder / "stdout").read_text())

    @property
    def log(self) -> str:
        return (self.folder / "stderr").read_text()

    def rows(self, query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "archive" / "archive.db")) as connection:
            return connection.execute(query, values).fetchall()

    def run(self, night: str) -> str:
        (found,) = self.rows("SELECT id FROM runs WHERE night = ?", night)
        return str(found[0])


def run_cases(base: Path, cases: Mapping[str, Case], cache: Path | None = None) -> dict[str, Ran]:
    """Run each case's command in a folder of its own under `base`; `cache` holds readings made before."""
    commands = []
    for name, case in cases.items():
        folder = base / name.replace("/", "-")
        folder.mkdir()
        (folder / "nights.warc.gz").write_bytes(
            two_nights(case.source, case.changes, case.base, case.fewest, case.fields, case.most, **case.arguments)
        )
        if cache:
            (folder / "archive").mkdir()
            shutil.copytree(cache, folder / "archive" / "cache")
        commands.append({"folder": str(folder), "arguments": command(folder, case.source)})
    return {
        name: Ran(base / name.replace("/", "-"), status)
        for name, status in zip(cases, run_commands(commands), strict=True)
    }


def command(folder: Path, source: str) -> list[str]:
    """Return the arguments that replay a case's nights."""
    return ["--archive", str(folder / "archive"), "crawl", source, "--replay", str(folder / "nights.warc.gz"), "--json"]


def run_commands(commands: Sequence[Mapping[str, Any]], seconds: float = 240) -> list[int]:
    """Run commands as tests/hostile/commands.py says, and return their exit statuses."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.commands"], input=json.dumps(commands).encode(), cwd=ROOT,
        stdout=subprocess.PIPE, check=True, timeout=seconds,
    )  # fmt: skip
    statuses: list[int] = json.loads(done.stdout)
    return statuses
