"""sources.toml: the default one is whole, and what it can't be is refused with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.crawler import Crawler

from pipelines.derive import Sources
from pipelines.following import FollowingError, read_following
from pipelines.plan import project_settings
from tests.conftest import ROOT


def test_default_file_names_sources_that_there_are_and_arguments_that_they_take() -> None:
    following = read_following(ROOT / "sources.toml")
    settings = project_settings(Path("data"))
    known = Sources(settings)
    assert set(following.arguments) <= set(known.names())
    for name in known.names():
        source_class = known.source_class(name)
        source_class.from_crawler(Crawler(source_class, settings))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[follow", "can't be read"),
        ("[folow]\nterms = []", r"\[folow\] is not known; there are: follow, sources, hosts"),
        ("sources = 1", r"\[sources\] can't be 1"),
        ("[sources]\nnews = 1", r"\[sources\] news can't be 1"),
        ("[sources.news]\nenabled = 1", r"\[sources.news\] enabled can't be 1"),
        ('[hosts."a.example"]\npause = 2', r'\[hosts."a.example"\] pause is not known; there are: delay'),
        ('[hosts."a.example"]\ndelay = true', "delay can't be True"),
        ('[hosts."a.example"]\ndelay = -1', "delay can't be -1"),
        ('[hosts."a.example"]\nconcurrency = 0', "concurrency can't be 0"),
    ],
)
def test_what_the_file_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(FollowingError, match=words):
        read_following(path)


def test_bytes_that_are_no_text_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    with pytest.raises(FollowingError, match="No such file"):
        read_following(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FollowingError, match="can't be read"):
        read_following(path)


def test_crawl_and_hosts(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(
        '[follow]\nterms = ["a"]\n[sources.news]\nenabled = false\n[sources.dhs_pia]\nbrowser = true\n'
        'browser_hosts = ["CDN.example.org"]\n'
        'listings = ["x"]\n'
        '[hosts."*"]\ndelay = 0.5\nrequests_a_night = 10\n'
    )
    following = read_following(path)
    assert following.disabled == frozenset({"news"})
    assert following.browser == frozenset({"dhs_pia"})
    assert following.browser_hosts == {"dhs_pia": ("cdn.example.org",)}
    assert following.arguments == {"news": {}, "dhs_pia": {"listings": ["x"]}}
    assert following.hosts == {"*": {"delay": 0.5, "requests_a_night": 10}}
    assert following.shared == {"terms": ["a"]}


def test_a_broken_file_is_one_sentence_and_exit_status_2(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text("[follow")
    env = {**os.environ, "OVERSIGHT_SOURCES": str(path)}
    told = subprocess.run(
        [sys.executable, "-m", "oversight", "sources"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert told.returncode == 2
    assert "can't be read" in told.stderr
    assert "Traceback" not in told.stderr
