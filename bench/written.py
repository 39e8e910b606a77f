"""Writes the generated part of docs/benchmarks.md from a file of figures; the prose around it is people's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.ratios import Ratio

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGINS, ENDS = "<!-- figures: written by `make bench` -->", "<!-- /figures -->"
TITLES = {
    "capture": "Capturing a website", "text": "Reading PDFs", "diff": "Comparing two documents",
    "proof": "Proving", "search": "Searching", "quotes": "Checking quotations", "load": "Readers at once",
    "watches": "Watch lists", "cluster": "More than one process",
}  # fmt: skip


def written(figures: Mapping[str, Any]) -> str:
    """Return the part between the marks for a run's figures (bench/everything.py writes them)."""
    about = figures["machine"]
    quick = " QUICK=1" if figures["quick"] else ""
    lines = [
        f"One run of `make bench{quick}` on {figures['at']}: {about['processors']} processors, {about['memory_gb']} GB"
        f" of memory, a load of {about['load']} when it began; {about['versions']}.",
        "",
        "A ratio above 1 says how many times ours is better, below 1 that the other is.",
    ]
    for part, told in figures["parts"].items():
        lines += ["", f"**{TITLES[part]}** (`python -m bench.{told['module']}`)", ""]
        if "left_out" in told:
            lines.append(f"Left out: {told['left_out']}.")
            continue
        lines += ["| | ours | | beside it | ratio |", "|---|---|---|---|---|"]
        lines += [_row(Ratio(**row)) for row in told["ratios"]]
    return "\n".join(lines)


def put(figures: Mapping[str, Any], page: str) -> str:
    """Return the page with its generated part made anew. Raises ValueError where it has no marks."""
    before, begins, rest = page.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise ValueError(f"{PAGE.name} has no marks for what is generated")
    return f"{before}{BEGINS}\n\n{written(figures)}\n\n{ENDS}{after}"


def _row(one: Ratio) -> str:
    more = "more than " if one.at_least else ""
    cells = (one.what, f"{_figure(one.ours)} {one.unit}", one.peer, f"{more}{_figure(one.theirs)} {one.unit}")
    ratio = f"{more}{_figure(one.ratio)}" if one.ours and one.theirs else "–"
    return f"| {' | '.join(cells)} | {ratio} |"


def _figure(value: float) -> str:
    """Return a figure with three digits that mean something, and no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.4f}"
