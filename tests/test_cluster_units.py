"""The units in deploy/cluster/: confined like the others, and each option in them is one of Dask's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNITS = sorted((ROOT / "deploy" / "cluster").glob("*.service"))
NIGHT = ROOT / "deploy" / "systemd" / "oversight-nightly.service"
# What a night has of its own.
OWN = ("StateDirectory", "ReadWritePaths", "TimeoutStartSec", "TasksMax", "IOSchedulingClass", "CPUWeight", "Nice")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_it_is_confined_like_a_night(path: Path) -> None:
    told = set(path.read_text().splitlines())
    night = NIGHT.read_text().partition("UMask")[2].splitlines()[1:]
    missing = {line for line in night if line and not line.startswith(("#", *OWN))} - told
    assert missing == set()


def test_commands_are_dask_s() -> None:
    from distributed.cli.dask_scheduler import main as scheduler  # noqa: PLC0415 (it takes a second)
    from distributed.cli.dask_worker import main as worker  # noqa: PLC0415

    known = {
        name: {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for name, command in (("scheduler", scheduler), ("worker", worker))
    }
    text = (ROOT / "docs" / "scale.md").read_text() + "".join(path.read_text() for path in UNITS)
    lines = re.findall(r"(?m)(?:^|/)dask (scheduler|worker) ([^#\n]*)", text)
    assert len(lines) == 4
    for name, words in lines:
        assert {word for word in shlex.split(words) if word.startswith("--")} <= known[name]


def test_settings_are_said() -> None:
    example = (ROOT / "deploy" / "cluster" / "cluster.environment.example").read_text()
    used = {name for path in UNITS for name in re.findall(r"\$([A-Z_]+)", path.read_text())}
    assert used == set(re.findall(r"(?m)^(OVERSIGHT_[A-Z_]+)=", example))
