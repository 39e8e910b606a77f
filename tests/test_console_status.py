"""`oversight status` says what needs a look, first, and its exit status says whether anything does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.nights import ENDED
from archive.release.history import REFUSED
from archive.store.journal import Journal
from console.copying import BACKED_UP
from console.status import needs_of
from oversight import main

STATE: dict[str, Any] = {
    "lives": True, "journal": "", "sources": [], "last_night": None, "room": {"nights": 400}, "expiries": [],
    "published": {"gates": [], "held_back_since": None, "current": 3, "built": "2026-11-30T03:00:00Z"},
    "backup": "2026-11-29T10:00:00Z", "verified": {"captures": {"oldest": "2026-11-25T00:00:00Z"}},
}  # fmt: skip
ENDS = {"name": "x", "near": True, "why": "", "days": 3, "on": "2026-12-03", "do": ""}
FAILED = {"about": "step", "name": "settle", "why": "failed", "do": ""}
BEGUN = [{"event": "run-started", "at": "2026-01-01T03:00:00Z", "replay": False}]


def about(state: dict[str, Any]) -> list[tuple[str, str]]:
    return [(need.about, need.name) for need in needs_of(STATE | state, BEGUN, "2026-11-30")]


def asked(folder: Path, *more: str) -> Any:
    return CliRunner().invoke(main, ["--archive", str(folder), "status", *more], env={"ARCHIVE_ADDRESS": None})


def test_what_is_well_needs_nothing() -> None:
    assert about({}) == []


@pytest.mark.parametrize(
    ("state", "need"),
    [
        ({"journal": "line 7: it isn't whole"}, ("journal", "journal")),
        ({"sources": [{"name": "news", "health": "failing", "overdue": None}]}, ("source", "news")),
        ({"sources": [{"name": "news", "health": "ok", "overdue": "2026-11-20"}]}, ("source", "news")),
        ({"room": {"nights": 3}}, ("disk", "disk")),
        ({"backup": None}, ("backup", "backup")),
        ({"backup": "2026-11-01T00:00:00Z"}, ("backup", "backup")),
        ({"verified": {"captures": {"oldest": ""}}}, ("verification", "verify")),
        ({"verified": {"captures": {"oldest": "2026-09-01T00:00:00Z"}}}, ("verification", "verify")),
        ({"expiries": [ENDS]}, ("expiry", "x")),
        ({"last_night": {"needs": [FAILED]}}, ("step", "settle")),
        ({"published": {"gates": [{"gate": "counts", "reason": "x", "do": ""}], "held_back_since": "2026-11-28"}},
         ("gate", "counts")),
    ],
)  # fmt: skip
def test_each_thing_that_needs_a_look(state: dict[str, Any], need: tuple[str, str]) -> None:
    assert about(state) == [need]


def test_the_command_says_it_first_and_by_its_status(demo_archive: Path) -> None:
    well = asked(demo_archive)
    assert (well.exit_code, well.output.startswith("All is well.\n")) == (0, True), well.output
    journal = Journal(demo_archive)
    gate = {"gate": "counts", "reason": "news gave 99 documents", "source": "news", "subjects": []}
    journal.append(REFUSED, at="2026-11-28T03:00:00Z", gates=[gate])
    journal.append(BACKED_UP, at="2026-11-29T03:00:00Z", copied=1, bytes=1)
    journal.append(ENDED, night="2026-11-28", began="", at="", status=2, needs=[], release={"closed": ["counts"]})
    journal.close()
    ill = asked(demo_archive)
    first, second = ill.output.splitlines()[:2]
    assert (ill.exit_code, first) == (1, "! gate counts: no release since 2026-11-28: news gave 99 documents")
    assert "oversight release accept counts:news --reason" in second
    told = json.loads(asked(demo_archive, "--json").output)
    assert {"sources", "captures", "documents", "versions", "pages", "needs", "expiries", "last_night"} <= told.keys()
    assert (told["backup"], told["last_night"]["status"]) == ("2026-11-29T03:00:00Z", 2)
    assert str(demo_archive) not in json.dumps(told), "SC-07: nothing of this machine"


def test_a_damaged_journal_is_told_not_tripped_over(demo_archive: Path) -> None:
    path = demo_archive / "journal" / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:5], lines[5].replace(b"{", b"{ ", 1), *lines[6:]]))
    ill = asked(demo_archive)
    assert (ill.exit_code, "! journal: journal.jsonl, line 6" in ill.output) == (1, True), ill.output
