"""docs/benchmarks.md holds what its writer makes of the figures that were saved; ratios say what they seem to."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from bench.cluster import _rows
from bench.everything import FIGURES, PARTS, Part, machine, run, run_part
from bench.ratios import LESS, MORE, RATIOS, Ratio, of_capture, of_diff
from bench.written import PAGE, TITLES, put, written

FOUND = json.loads(FIGURES.read_text("utf-8"))


def test_the_page_is_what_is_made_of_the_figures() -> None:
    page = PAGE.read_text("utf-8")
    assert put(FOUND, page) == page, "`python -m bench.everything --write` writes it anew"
    changed = {**FOUND, "at": "1970-01-01"}
    assert put(changed, page) != page
    assert put(FOUND, put(changed, page)) == page, "what stands around it stays"
    with pytest.raises(ValueError, match="no marks"):
        put(FOUND, "# Benches\n")


def test_every_part_can_be_run_told_and_written() -> None:
    assert PARTS.keys() == RATIOS.keys() == TITLES.keys()
    assert FOUND["parts"].keys() <= PARTS.keys()
    for name, part in PARTS.items():
        assert importlib.util.find_spec(f"bench.{part.module}"), name
    for told in FOUND["parts"].values():
        assert "left_out" in told or told["ratios"]
    assert {"processors", "memory_gb", "load", "versions"} == machine().keys()


def test_a_ratio_above_one_is_better() -> None:
    assert Ratio("x", "pages/s", MORE, 300, "peer", 100).ratio == 3
    assert Ratio("x", "s", LESS, 1, "peer", 3).ratio == 3
    assert Ratio("x", "s", LESS, 1, "peer", 0).ratio == 0


def test_what_benches_say_becomes_rows() -> None:
    row = {"resources": 10, "rate": 5.0, "cpu_seconds": 1.0, "peak_megabytes": 9.0}
    told = {"measured": [{**row, "contender": one, "rate": rate} for one, rate in (("ours", 5.0), ("scrapy", 10.0))]}
    assert next(one.ratio for one in of_capture(told)) == 0.5
    found = (("archive", 0.1, ""), ("difflib", None, "more than 20 s"), ("x", None, "isn't"))
    diffs = [{"pages": 9, "edits": "few", "way": way, "seconds": took, "found": said} for way, took, said in found]
    (one,) = of_diff(diffs)
    assert (one.ratio, one.at_least) == (200, True)
    told_of = {
        "what": "w",
        "unit": "s",
        "better": LESS,
        "ours": 0.1,
        "peer": "difflib",
        "theirs": 20.0,
        "at_least": True,
    }
    parts = {
        "diff": {"module": "diff", "ratios": [told_of]},
        "text": {"module": "text_figures", "left_out": "there is no such bench"},
    }
    figures = {"at": "2026-01-01", "quick": True, "machine": machine(), "parts": parts}
    page = written(figures)
    assert "| w | 0.1 s | difflib | more than 20 s | more than 200 |" in page
    assert "Left out: there is no such bench." in page


def test_a_part_that_breaks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARTS, "diff", Part("diff", "--no-such-option", "--no-such-option"))
    told = run_part("diff", tmp_path, quick=True)
    assert "status 2" in told["left_out"]


def test_what_a_part_says_that_nobody_understands_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one part says is known only after as much as an hour of the others."""
    monkeypatch.setattr(
        "bench.everything.PARTS", {name: Part("watches", "", "--pages 20 --terms 40 --some 2") for name in "ab"}
    )
    monkeypatch.setattr("bench.everything.RATIOS", {"a": RATIOS["watches"], "b": lambda found: [found["no such"]]})
    first, both = run(["a", "b"], {}, quick=True)
    assert first["parts"]["a"] == both["parts"]["a"]
    assert {one["what"] for one in first["parts"]["a"]["ratios"]} == {"40 terms looked for"}
    assert both["parts"]["b"]["left_out"] == "what it said isn't understood (KeyError: 'no such')"


def test_the_clusters_rows_are_what_is_written() -> None:
    rows = _rows({f"{what} {workers}": 8.0 / workers for what in ("crawl", "read", "alone") for workers in (1, 2)})
    assert [one.ratio for one in RATIOS["cluster"]({"ratios": rows})] == [2, 2, 2, 1]


@pytest.mark.soak
def test_every_part_runs_and_is_understood(tmp_path: Path) -> None:
    """Small, it takes some minutes; the whole is `make bench`."""
    told = {name: run_part(name, tmp_path / "made", quick=True) for name in PARTS}
    assert {name: one["left_out"] for name, one in told.items() if "left_out" in one} == {}
