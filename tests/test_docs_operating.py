"""docs/operating.md can be followed: each command in it is one; those that need neither root nor network are run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from oversight import main
from tests.command_lines import parse
from tests.conftest import ROOT
from tests.figures import figure
from tests.small_archive import make_small_archive

PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
# What others' programs do isn't ours to try; what they are told of ours is.
FOREIGN = {"apt-get", "git", "systemd-sysusers", "journalctl", "curl", "sed", "caddy", "docker", "sqlite3"}
UNITS = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}
# These ask the network.
ASKS = {"crawl", "nightly"}


@dataclass(frozen=True)
class Line:
    """One command of the page, and the folder of the checkout in which it is typed."""

    words: tuple[str, ...]
    folder: Path

    @property
    def ours(self) -> list[str] | None:
        """Return what `oversight` is told; None for another program."""
        words = list(self.words)
        if words[:3] == ["docker", "compose", "exec"]:
            words = words[4:]
        return words[1:] if words[0] in ("oversight", ".venv/bin/oversight") else None


def lines() -> Iterator[Line]:
    folder = ROOT
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            words = tuple(shlex.split(line))
            if words[0] == "cd":
                folder = ROOT / words[1].removeprefix("/opt/oversight").strip("/")
                assert folder.is_dir(), line
                continue
            yield Line(words, folder)
        folder = ROOT


LINES = list(lines())


def test_there_is_a_page() -> None:
    assert len(LINES) > 50
    assert sum(one.ours is not None for one in LINES) > 15
    figure("docs/operating.md", commands=len(LINES), ours=sum(one.ours is not None for one in LINES))


@pytest.mark.parametrize("line", [one for one in LINES if one.ours is not None], ids=lambda one: " ".join(one.words))
def test_each_command_of_the_program_is_one(line: Line) -> None:
    assert line.ours is not None
    parse(line.ours)


def test_commands_in_the_text_are_commands() -> None:
    found = re.findall(r"(?<!`)`oversight ([^`]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))
    assert len(found) > 8
    for told in found:
        parse(shlex.split(told))


@pytest.mark.parametrize("line", [one for one in LINES if one.ours is None], ids=lambda one: " ".join(one.words))
def test_each_other_command_names_what_is_there(line: Line) -> None:
    name, *rest = line.words
    if name == "install":
        for source in _sources(rest):
            assert list(line.folder.glob(source)), source
    elif name == "systemctl":
        assert rest[0] in {"enable", "disable", "start", "stop", "restart", "reload", "daemon-reload", "--failed",
                           "list-timers"}  # fmt: skip
        units = [one for one in rest[1:] if one.startswith("oversight") and "*" not in one]
        assert [one for one in units if one not in UNITS] == []
        assert rest[0] in ("--failed", "list-timers", "daemon-reload") or units or "caddy" in rest
    elif name == "make":
        told = (ROOT / "Makefile").read_text("utf-8")
        assert f"\n{rest[-1]}:" in told, rest
    elif name == ".venv/bin/python":
        assert all((ROOT / folder).is_dir() for folder in rest[3:])
    else:
        assert name in FOREIGN, name


def _sources(rest: list[str]) -> list[str]:
    """Return what an `install` copies; nothing where it makes folders."""
    if "-d" in rest:
        return []
    words = [
        word
        for place, word in enumerate(rest)
        if not word.startswith("-") and rest[place - 1] not in ("-m", "-o", "-g")
    ]
    return words[:-1]


def test_every_file_to_install_is_installed_by_the_page() -> None:
    named = " ".join(" ".join(one.words) for one in LINES) + PAGE + (ROOT / "docs" / "scale.md").read_text("utf-8")
    for path in (ROOT / "deploy").rglob("*"):
        if path.is_file():
            place = path.relative_to(ROOT / "deploy").as_posix()
            covered = (
                path.suffix in (".service", ".timer")
                or place in named
                or path.parent.name == "cluster"
                or path.name == "every-night"
            )
            assert covered, place


def test_settings_that_the_page_names_are_settings() -> None:
    known = (ROOT / "deploy" / "environment.example").read_text() + (
        ROOT / "deploy" / "site.environment.example"
    ).read_text()
    ours = set(re.findall(r"\b(?:OVERSIGHT|ARCHIVE|REPLAY)_[A-Z_]+\b", PAGE))
    assert len(ours) >= 5
    assert [one for one in ours if one not in known] == []


def test_what_it_says_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the settings on, in the order of the page, with places of this test in place of the server's."""
    server = tmp_path / "server"
    places = {"/var/lib/oversight": server / "archive", "/var/tmp/tried": server / "tried",
              "s3://bucket/archive": f"file://{server}/store"}  # fmt: skip
    server.mkdir()
    make_small_archive(server / "archive")
    for setting in re.findall(r"(?m)^([A-Z_]+)=(.*)$", (ROOT / "deploy" / "environment.example").read_text()):
        monkeypatch.setenv(*setting)
    monkeypatch.setenv("ARCHIVE_DIR", str(server / "archive"))
    monkeypatch.setenv("OVERSIGHT_BACKUP", str(places["s3://bucket/archive"]))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ARCHIVE_KEEP_FREE", "0")
    ran = 0
    for line in LINES:
        told = line.ours
        if told is None or told[0] in ASKS or told == ["restore", "s3://bucket/archive"]:
            continue
        if told[:1] == ["restore"]:
            shutil.rmtree(server / "tried", ignore_errors=True)
        given = [str(places.get(word, word)) for word in told]
        done = CliRunner().invoke(main, given)
        # `status` says by 1 that something needs a look: this archive was never verified.
        assert done.exit_code in ((0, 1) if told == ["status"] else (0,)), (told, done.output)
        ran += 1
    tried = [path.name for path in (server / "tried").iterdir()]
    assert {"warc", "journal", "archive.db"} <= set(tried)
    figure("docs/operating.md run", commands=ran)


def test_the_catalogue_alone_is_copied_as_it_says(tmp_path: Path) -> None:
    sqlite = shutil.which("sqlite3")
    if sqlite is None:
        pytest.skip("sqlite3 is not installed (Debian package sqlite3)")
    make_small_archive(tmp_path / "archive")
    (line,) = [one for one in LINES if one.words[0] == "sqlite3"]
    words = [sqlite, *line.words[1:]]
    words = [
        word.replace("/var/lib/oversight", str(tmp_path / "archive")).replace("/root", str(tmp_path)) for word in words
    ]
    subprocess.run(words, check=True)
    assert (tmp_path / "catalogue.db").stat().st_size >= (tmp_path / "archive" / "archive.db").stat().st_size // 2


def test_a_command_that_is_none_is_seen() -> None:
    for told in ("backup s3://x y", "verify --part", "statuses", "add"):
        with pytest.raises((click.UsageError, AssertionError)):
            parse(shlex.split(told))


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([\w.-]+\.md)", PAGE):
        assert (ROOT / "docs" / link).is_file(), link
    assert os.access(ROOT / "deploy" / "oversight", os.X_OK)
