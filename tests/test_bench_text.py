"""The bench of readers: who is entered, what a command's output is worth, and how readers without a truth compare."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from bench.documents import documents
from bench.text_readers import OURS, Answer, Answers, read_by, readers_here
from bench.text_real import agreements


def test_a_reader_is_entered_by_its_command() -> None:
    here = readers_here("one=cat {pdf}; two = sh -c 'a=1 cat {pdf}'")
    assert here["one"] == "cat {pdf}"
    assert here["two"] == "sh -c 'a=1 cat {pdf}'"
    assert here[OURS] == ""


@pytest.mark.parametrize("entered", ["cat {pdf}", "one=cat", "=", "one"])
def test_what_is_no_reader_is_refused(entered: str) -> None:
    with pytest.raises(SystemExit):
        readers_here(entered)


def test_a_command_reads_in_pages_and_its_failure_is_told(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes("first\fsecond ½\f".encode())
    python = f"{sys.executable} -c 'import sys; sys.stdout.write(open(sys.argv[1]).read())' {{pdf}}"
    told = read_by("python", python, [good, bad])
    assert [one.pages for one in told.files] == [["first", "second ½"], [""]]
    assert [one.problem for one in told.files] == ["", "status 1"]
    assert told.files[0].seconds > 0
    assert told.peak > 1


def test_every_reader_of_python_reads_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "one.pdf"
    path.write_bytes(next(documents(["one-by-column"], pages=2)).pdf)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 of nothing")
    for name, command in readers_here().items():
        told = read_by(name, command, [path, broken])
        assert len(told.files[0].pages) == 2, name
        assert Counter(told.files[0].text.split())["the"] > 50, name
        assert told.files[1].text.strip() == "", name


def test_readers_without_a_truth_are_compared_with_each_other() -> None:
    texts = {"a": "one two three-\nfold", "b": "one two threefold", "c": "one three\ufffefold invented"}
    answers = {name: Answers([Answer([text], text, 1)], 1) for name, text in texts.items()}
    found = agreements([Path("none.pdf")], answers)
    assert found["a"].shares()["confirmed"] == 1
    assert found["c"].shares()["confirmed"] == pytest.approx(2 / 3)
    assert found["c"].shares()["found"] == pytest.approx(2 / 3)
    assert found["a"].shares()["found"] == 1
