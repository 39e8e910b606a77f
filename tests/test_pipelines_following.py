"""sources.toml: the default one is whole, and what it can't be is refused with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.crawler import Crawler

from pipelines import settings as told_settings
from pipelines.derive import Sources
from pipelines.following import FollowingError, read_following
from pipelines.plan import project_settings
from pipelines.told import checked_settings
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sources.nws]", r"\[sources.nws\] is not known; there are: dhs_oig"),
        ("[sources.nws]\nenabled = false", r"\[sources.nws\] is not known"),
        ("[follow]\ntrems = ['plate']", r"\[follow\] trems is taken by no source; taken are: .*terms"),
        ("[follow]\nterms = 'plate'", r"\[follow\] terms can't be 'plate': it takes a list of texts"),
        (
            "[sources.usaspending]\nagency = ['Department of Justice']",
            "takes no agency; it takes: agencies",
        ),
        ("[sources.usaspending]\nagencies = 'Justice'", "agencies can't be 'Justice': it takes a list of texts"),
        ("[sources.usaspending]\ndays = '35'", "days can't be '35': it takes a whole number"),
        ("[sources.usaspending]\ndays = true", "days can't be True"),
        ("[sources.usaspending]\ndays = -1", "days can't be -1"),
        ("[sources.usaspending]\nsince = 'yesterday'", "since can't be 'yesterday': it takes a day"),
        ("[sources.usaspending]\nsince = 2018-01-26", "since can't be .*: it takes text in quotes"),
        ("[sources.sam_notices]\narchived_years = ['2018']", "archived_years can't be .*whole numbers"),
        ("[sources.federal_register]\nmonths = 5", "windows of 5 months"),
        (
            "[sources.dhs_pia]\nlistings = ['https://www.justice.gov/opcl']",
            "dhs_pia knows no address like 'https://www.j",
        ),
        ("[sources.news]\noutlets = ['wired']", "outlets can't be .*: it takes a list of tables"),
        ("[[sources.news.outlets]]\nname = 'wired'\ndomain = ['wired.com']", "outlet 'wired' lacks domains"),
        ("[[sources.news.outlets]]\nname = 'w'\ndomains = ['w.com']\nfeed = []", "outlet 'w' takes no feed; it takes"),
        ("[[sources.news.outlets]]\nname = 'w'\ndomains = 'w.com'", "outlet 'w': domains must be in brackets"),
        ("[[sources.news.outlets]]\nname = 'w'\ndomains = ['w.com']\narticle_pattern = '('", "no regular expression"),
    ],
)
def test_what_no_source_takes_is_refused_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text, "utf-8")
    following = read_following(path)
    for name, value in {
        "SOURCES_FILE": str(path), "SHARED_ARGUMENTS": {"until": "2018-01-26", **following.shared},
        "SOURCE_ARGUMENTS": dict(following.arguments), "DISABLED_SOURCES": sorted(following.disabled),
    }.items():  # fmt: skip
        monkeypatch.setattr(told_settings, name, value)
    with pytest.raises(FollowingError, match=words):
        checked_settings(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_default_file_tells_what_is_taken(tmp_path: Path) -> None:
    assert checked_settings(tmp_path)["ARCHIVE_DIR"] == str(tmp_path)
