"""The systemd units in deploy/: systemd finds them right, and each command, path, user and setting in them is one."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.command_lines import parse
from tests.conftest import ROOT, need
from tests.figures import figure

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("oversight-*.*[re]"))
# Where the documentation has a server keep things.
PROGRAM, ARCHIVE = "/opt/oversight", "/var/lib/oversight"
# What `systemd-analyze security` gives at most: 0 is confined, 10 is not at all.
EXPOSED = 1.6


def settings_of(path: Path) -> list[tuple[str, str, str]]:
    """Return a unit's settings: section, name, value."""
    section, found = "", []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.append((section, name, value))
    return found


def values(path: Path, name: str) -> list[str]:
    return [value for _, named, value in settings_of(path) if named == name]


def commands(path: Path) -> Iterator[list[str]]:
    """Yield the words of each command that a unit starts, as systemd hands them on; what a shell is told, too."""
    for line in values(path, "ExecStart"):
        words = shlex.split(line.replace("%%", "%"))
        yield shlex.split(words[2]) if words[:2] == ["/bin/sh", "-c"] else words


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the units as they would be on a server whose program lies in this checkout."""
    folder = tmp_path_factory.mktemp("units")
    for path in UNITS:
        (folder / path.name).write_text(path.read_text().replace(PROGRAM, str(ROOT)))
    for path in (DEPLOY / "systemd").glob("*.d"):
        shutil.copytree(path, folder / path.name)
    return folder


def test_systemd_finds_nothing_wrong(here: Path) -> None:
    analyze = need("systemd-analyze", "systemd")
    told = subprocess.run(
        [analyze, "verify", *sorted(map(str, here.glob("*.*[re]")))], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
    wrong = here / "oversight-wrong.service"
    wrong.write_text((here / "oversight-verify.service").read_text().replace("ReadOnlyPaths=", "ReadOnlyPath="))
    assert subprocess.run([analyze, "verify", str(wrong)], capture_output=True, check=False).stderr, "the control"
    wrong.unlink()
    figure("deploy units", verified=len(UNITS), wrong=0)


def test_each_service_is_confined(here: Path) -> None:
    analyze = need("systemd-analyze", "systemd")
    levels = {}
    for path in sorted(here.glob("*.service")):
        told = subprocess.run(
            [analyze, "security", "--offline=true", str(path)], capture_output=True, text=True, check=False
        )
        if "offline" in told.stderr:
            pytest.skip("this systemd can't look at a unit that isn't loaded")
        level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told.stdout)
        assert level, told.stderr
        levels[path.name] = float(level[1])
    assert max(levels.values()) <= EXPOSED, levels
    figure("SC-05 units", exposed=levels)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_each_command_is_one_of_the_program(path: Path) -> None:
    for words in commands(path):
        if f"{PROGRAM}/.venv/bin/oversight" not in words:
            assert "oversight-tell" in path.name
            assert f"{PROGRAM}/.venv/bin/apprise" in words
            continue
        line = words[words.index(f"{PROGRAM}/.venv/bin/oversight") + 1 :]
        parse(line)


def test_a_command_that_is_none_is_seen() -> None:
    for line in (["verify", "--parts", "1/7"], ["nightlies"], ["--arch", "x", "serve"]):
        with pytest.raises((click.UsageError, AssertionError)):
            parse(line)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_each_path_is_one_that_the_documentation_makes(path: Path) -> None:
    known = ("/opt/oversight", "/var/lib/oversight", "/etc/oversight", "/mnt/backup", "/var/tmp", "/bin/sh")
    text = "\n".join(value for _, _, value in settings_of(path))
    for found in re.findall(r"""(?<![\w.:")])/[\w./-]+""", text.replace("://", "")):
        assert found.startswith(known), found
    for document in re.findall(r"file:/opt/oversight/(\S+)", text):
        assert (ROOT / document).is_file()
    for after in [*values(path, "OnFailure"), *values(path, "After"), *values(path, "Wants")]:
        for unit in after.split():
            if unit.startswith("oversight-"):
                assert (DEPLOY / "systemd" / re.sub(r"@[^.]+", "@", unit)).is_file(), unit


def test_timers_have_their_services() -> None:
    timers = [path for path in UNITS if path.suffix == ".timer"]
    assert len(timers) == 3
    for path in timers:
        assert path.with_suffix(".service").is_file()
        assert values(path, "Persistent") == ["true"]


def test_the_site_sees_releases_and_nothing_else_of_the_archive() -> None:
    site = DEPLOY / "systemd" / "oversight-site.service"
    assert values(site, "TemporaryFileSystem") == [f"{ARCHIVE}:ro"]
    assert values(site, "BindReadOnlyPaths") == [f"-{ARCHIVE}/releases"]
    assert not values(site, "ReadWritePaths")
    assert values(site, "DynamicUser") == ["yes"]
    for path in UNITS:
        if path.suffix == ".service":
            assert values(path, "NoNewPrivileges") == ["yes"]
            assert values(path, "ProtectSystem") == ["strict"]
            assert all("Passw" not in value and "KEY" not in value for value in values(path, "Environment"))
    more = site.parent / "oversight-site.service.d" / "captures.conf"
    assert values(more, "ReadOnlyPaths") == [ARCHIVE]
    assert values(more, "ReadWritePaths") == [f"-{ARCHIVE}/cache/pictures"]


@pytest.mark.parametrize("name", ["environment.example", "site.environment.example"])
def test_each_setting_is_one_that_the_program_reads(name: str) -> None:
    told = (DEPLOY / name).read_text("utf-8")
    names = re.findall(r"(?m)^#?([A-Z][A-Z_]+)=", told)
    assert len(names) >= 5
    read = "".join(
        path.read_text("utf-8")
        for folder in ("archive", "console", "pipelines")
        for path in (ROOT / folder).rglob("*.py")
    )
    read += (ROOT / "oversight.py").read_text() + (ROOT / "datasette_metadata.json").read_text("utf-8")
    assert [one for one in names if f'"{one}"' not in read and one != "APPRISE_URLS"] == []
    if name.startswith("site"):
        assert not {one for one in names if one.endswith(("KEY", "URL", "URLS", "BACKUP", "CA"))}, "the site has no key"
