"""`oversight search` and `oversight text`: what a person types, and what is said where it leads to nothing."""

from __future__ import annotations

import json
import re
import shlex
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from oversight import main
from tests.demo_archive import DemoArchive, oversight


def test_an_address_that_a_search_printed_leads_to_its_text(demo_made: DemoArchive) -> None:
    found = oversight("search", "neither owns that database", "--limit", "1", "--archive", demo_made.path)
    address = found.stdout.split("\n")[4].strip()
    assert address.startswith("/d/")
    for named in (address, f"http://127.0.0.1:8001{address}"):
        done = oversight("text", named, "--archive", demo_made.path)
        assert done.returncode == 0, done.stderr
        assert "neither owns that database" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("text", "PIA-039(a)", "--page", "99"), 1, "page 99: it has 6 pages"),
        (("cite", "PIA-039(a)", "--page", "99"), 1, "page 99: it has 6 pages"),
        (("cite", "PIA-999"), 1, "oversight search"),
        (("cite", "PIA-039(a)", "--quote", "no such words stand here"), 1, "These words don't stand on 'PIA-039(a)'"),
        (("search", " "), 2, "Say what to search for"),
        (("search", "plate", "--collection", "nope"), 2, "collection “nope”. Nearest: "),
        (("search", "plate", "--limit", "0"), 2, "--limit"),
        (("serve", "--port", "99999"), 2, "--port"),
    ],
)
def test_what_leads_to_nothing_says_what_would(
    demo_made: DemoArchive, arguments: tuple[str, ...], status: int, says: str
) -> None:
    done = oversight(*arguments, "--archive", demo_made.path)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr


def test_the_examples_of_citing_work_in_the_demo_as_they_are_printed(demo_made: DemoArchive) -> None:
    printed = oversight("cite", "--help").stdout.split("Options:")[0]
    examples = re.findall(r"oversight (cite .+?)(?: >> \S+)?$", printed, re.MULTILINE)
    assert len(examples) == 5
    for example in examples:
        done = CliRunner().invoke(main, ["--archive", str(demo_made.path), *shlex.split(example)])
        assert (done.exit_code, bool(done.stdout)) == (0, True), (example, done.stderr)


def test_a_scan_is_read(demo_made: DemoArchive) -> None:
    done = oversight("text", "DHS/CBP/PIA-009", "--archive", demo_made.path)
    assert "TECS System: CBP Primary and Secondary Processing" in done.stdout


def test_more_hits_than_shown_are_told(demo_made: DemoArchive) -> None:
    done = oversight("search", "license", "plate", "--limit", "2", "--archive", demo_made.path)
    assert done.stdout.startswith("25 documents; the first 2 ")


def test_the_demos_archive_is_pointed_to(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "archive.db").touch()
    done = oversight("status", "--archive", tmp_path)
    assert done.returncode == 2
    assert f"--archive {tmp_path / 'demo'}" in done.stderr


def test_a_port_in_use_is_told_before_anything_is_done(demo_made: DemoArchive, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for line in (("serve", "--archive", demo_made.path), ("demo", "--archive", tmp_path / "new")):
            done = oversight(*line, "--port", port)
            assert (done.returncode, done.stdout) == (2, "")
            assert "name another with --port" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_document_a_page_and_a_quotation_are_cited(demo_made: DemoArchive) -> None:
    given = {"ARCHIVE_ADDRESS": "https://archive.example/", "ARCHIVE_NAME": "Plates"}
    whole = oversight("cite", "PIA-039(a)", "--archive", demo_made.path, **given)
    assert [line for line in whole.stdout.split("\n") if line and line[0] != " "] == [
        "plain", "bluebook", "apa", "chicago", "chicago-author-date", "mla", "wikipedia",
    ]  # fmt: skip
    assert "Plates (https://archive.example/d/dhs-ice-pia-039a@" in whole.stdout
    page = oversight("cite", "PIA-039(a)", "--page", "3", "--style", "bluebook", "--archive", demo_made.path, **given)
    assert "December 2017, at 2 (Dec. 27, 2017), https://www.dhs.gov/" in page.stdout
    assert page.stdout.count("\n") == 1
    words = oversight("cite", "PIA-039(a)", "--quote", "license plate", "--json", "--archive", demo_made.path)
    told = json.loads(words.stdout)
    assert told["quote"].lower() == "license plate"
    assert "?quote=license-plate" in told["address"]
