"""Reads curation/joins.toml: what somebody decided of which addresses are one document, and which are not.

What can't be understood is named with its line. A file that isn't wholly understood, or is gone, is not in force: the
journal has what was last (`joins-used`), and that stays, so that a slip of the pen changes no document's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archive.addresses import is_web_address
from archive.catalog.joined import Correction, Corrections
from archive.curated_text import UNREADABLE, line_of, parse_curated, read_curated
from archive.model import Finding

JOINS = Path("curation") / "joins.toml"
EVENT = "joins-used"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ENTRY = re.compile(r"^[ \t]*\[\[\s*(join|apart)\s*\]\]", re.MULTILINE)
_KEYS = {"join": {"addresses", "reason"}, "apart": {"address", "from", "reason"}}


def read_corrections(folder: Path) -> Corrections:
    """Return what the file of the archive at `folder` says; nothing where there is none."""
    text = read_curated(folder, JOINS)
    return Corrections(problems=(text,)) if isinstance(text, Finding) else parse_corrections(text)


def corrections_in_force(folder: Path, events: Iterable[Mapping[str, Any]]) -> Corrections:
    """Return the corrections that count: the file's, or, where something is wrong with it, those that counted last.

    `problems` say then what is wrong.
    """
    told = read_corrections(folder)
    used = _last_used(events)
    if not told.problems and used and not (folder / JOINS).exists():
        detail = "it is gone; an empty file would take back what it said"
        told = Corrections(problems=(Finding(UNREADABLE, JOINS.as_posix(), detail),))
    return Corrections(used, told.problems) if told.problems else told


def is_news(corrections: Corrections, events: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether the journal doesn't have yet that these are the corrections that count."""
    return corrections.held != _last_used(events)


def event_of(corrections: Corrections) -> dict[str, Any]:
    """Return the facts of the journal's line for corrections that count from now on."""
    return {"joins": [asdict(one) for one in corrections.held]}


def _last_used(events: Iterable[Mapping[str, Any]]) -> tuple[Correction, ...]:
    lines = [event for event in events if event.get("event") == EVENT]
    return tuple(Correction(**one) for one in lines[-1]["joins"]) if lines else ()


def parse_corrections(text: str) -> Corrections:
    """Return what a text in the form of joins.toml says."""
    told = parse_curated(text, JOINS)
    if isinstance(told, Finding):
        return Corrections(problems=(told,))
    lines = [(match[1], text[: match.start()].count("\n") + 1) for match in _ENTRY.finditer(text)]
    held: list[Correction] = []
    problems = [
        Finding(UNREADABLE, JOINS.as_posix(), f"line {line_of(text, name)}: nothing is called {name!r} here")
        for name in told.keys() - _KEYS.keys()
    ]
    for kind in _KEYS:
        entries = told.get(kind, [])
        places = [line for name, line in lines if name == kind]
        for place, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            line = places[place] if place < len(places) else 1
            found = _correction(kind, entry)
            if isinstance(found, str):
                problems.append(Finding(UNREADABLE, JOINS.as_posix(), f"line {line}: {found}"))
            else:
                held += found
    return Corrections(tuple(held), (*problems, *_contradictions(held)))


def _correction(kind: str, entry: object) -> list[Correction] | str:
    """Return what an entry says, or what is wrong with it."""
    if not isinstance(entry, Mapping):
        return f"an entry is a table: [[{kind}]]"
    if unknown := sorted(entry.keys() - _KEYS[kind]):
        return f"{unknown[0]!r} is nothing that [[{kind}]] takes"
    reason = entry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        return "there is no reason; say why"
    places = entry.get("addresses") if kind == "join" else [entry.get("address"), entry.get("from")]
    if not isinstance(places, list) or len(places) < 2:
        return "`addresses` are two or more"
    for place in places:
        if not isinstance(place, str) or not (is_web_address(place) or _DIGEST.fullmatch(place.lower())):
            return f"{str(place)[:100]!r} is neither a web address nor sha256: and 64 digits"
    first, *others = (str(place) for place in places)
    return [Correction(first, other, " ".join(reason.split()), kind == "apart") for other in others]


def _contradictions(held: list[Correction]) -> Iterator[Finding]:
    """Yield the pairs that are put together and kept apart at once; they are put together."""
    pairs = {frozenset(one.keys): one for one in held if not one.apart}
    for one in held:
        if one.apart and frozenset(one.keys) in pairs:
            detail = f"{one.one} and {one.other} are put together and kept apart"
            yield Finding(UNREADABLE, JOINS.as_posix(), detail)
