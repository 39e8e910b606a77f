"""What runs commands for the tests runs them as a shell does: the same words, the same status."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.demo_archive import command, oversight, run


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["crawl", "--help"], ["--version"], ["crawl", "nothing"], ["nothing"], ["search", "plate"], ["text"],
     ["sources", "--json"]],
    ids=" ".join,
)  # fmt: skip
def test_as_a_shell_does(arguments: list[str], tmp_path: Path) -> None:
    line = ["--archive", tmp_path / "archive", *arguments]
    alone, ours = run(command(*line)), oversight(*line)
    assert (ours.returncode, ours.stdout, ours.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_in_another_environment_it_is_started_anew(tmp_path: Path) -> None:
    """Settings are read from the environment when they are loaded."""
    line = ["--archive", tmp_path / "archive", "crawl", "news"]
    elsewhere = oversight(*line, OVERSIGHT_SOURCES=str(tmp_path / "nowhere.toml"))
    assert "nowhere.toml" in elsewhere.stderr
    assert "nowhere.toml" not in oversight(*line).stderr


def test_many_at_a_time_each_hear_their_own() -> None:
    topics = ["crawl", "search", "release", "nope", "backup", "watch"] * 3
    with ThreadPoolExecutor(len(topics)) as threads:
        done = list(threads.map(lambda topic: oversight(topic, "--help"), topics))
    for topic, one in zip(topics, done, strict=True):
        assert (one.returncode, topic in one.stdout + one.stderr) == (2 if topic == "nope" else 0, True)
