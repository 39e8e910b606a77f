"""`oversight watch`: what it lists, checks and tries; nothing is written and nothing sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from archive.store.journal import Journal
from oversight import main
from tests.demo_archive import ROOT, DemoArchive
from tests.watching import put_watch

NAME = "license-plate-readers"
SAMPLE_WATCH = ROOT / "samples" / "curation" / "watches" / f"{NAME}.toml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def answer(*arguments: object, status: int = 0) -> Any:
    done = run(*arguments, "--json")
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def test_a_file_is_checked_term_by_term(tmp_path: Path) -> None:
    told = answer("watch", "check", SAMPLE_WATCH)
    assert told["problems"] == []
    kinds = {one["term"]: one["kind"] for one in told["terms"]}
    assert kinds["DHS/ICE/PIA-039(a)"] == "identifier"
    assert kinds["$1,855,000"] == "amount"
    assert kinds["vendor:West Publishing Corporation"] == "vendor"
    bad = put_watch(tmp_path, "terms = '''\nice\n…\n'''\nkinds = ['lost']\n", name="bad")
    done = run("watch", "check", bad)
    assert done.exit_code == 1
    assert "bad.toml: line 3: the term '…' is left out" in done.stderr
    assert "line 5: no change is of the kind 'lost'" in done.stderr


def test_what_it_would_have_told_is_shown_and_nothing_sent(demo_made: DemoArchive) -> None:
    before = len(Journal(demo_made.path).read())
    held = ("--archive", demo_made.path)
    (listed,) = answer("watch", "list", *held)["watches"]
    assert (listed["name"], listed["public"], listed["sent_to"]) == (NAME, True, [])
    every = answer("watch", "try", NAME, *held)
    assert 30 < len(every["hits"]) < every["of"]
    since = answer("watch", "try", NAME, "--since", "2021-01-01", *held)
    assert 0 < len(since["hits"]) < len(every["hits"])
    assert {hit["id"] for hit in since["hits"]} <= {hit["id"] for hit in every["hits"]}
    assert answer("watch", "try", SAMPLE_WATCH, "--release", "1", *held)["hits"] == every["hits"]
    assert answer("watch", "try", NAME, "--working", *held)["of"] == every["of"]
    done = run("watch", "try", NAME, *held)
    assert "would have been told" in done.stdout
    assert "/diff/" in done.stdout
    assert run("watch", "try", "none", *held).exit_code == 2
    assert run("watch", "try", NAME, "--since", "soon", *held).exit_code == 2
    assert run("watch", "try", NAME, "--working", "--release", "1", *held).exit_code == 2
    assert len(Journal(demo_made.path).read()) == before


def test_an_archive_without_watches_says_how_one_is_made(tmp_path: Path) -> None:
    done = run("watch", "list", "--archive", tmp_path)
    assert "docs/watches.md" in done.stdout
