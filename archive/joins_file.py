"""Reads curation/joins.toml: what somebody decided of which addresses are one document, and which are not.

An entry that can't be understood is left out and named with its line; the others count. Nothing here raises.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from archive.addresses import is_web_address
from archive.catalog.joined import Correction, Corrections
from archive.model import Finding

JOINS = Path("curation") / "joins.toml"
UNREADABLE = "curation-unreadable"
MOST_BYTES = 5_000_000
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ENTRY = re.compile(r"^[ \t]*\[\[\s*(join|apart)\s*\]\]", re.MULTILINE)
_KEYS = {"join": {"addresses", "reason"}, "apart": {"address", "from", "reason"}}


def read_corrections(folder: Path) -> Corrections:
    """Return what the archive at `folder` was told; nothing where there is no such file."""
    path = folder / JOINS
    if not path.is_file() or path.is_symlink():
        return Corrections()
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            return _nothing(f"larger than {MOST_BYTES:,} bytes")
        return parse_corrections(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _nothing(f"line {error.object[: error.start].count(10) + 1}: it is no UTF-8")
    except OSError as error:
        return _nothing(str(error.strerror))


def _nothing(detail: str) -> Corrections:
    return Corrections(problems=(Finding(UNREADABLE, JOINS.as_posix(), detail),))


def parse_corrections(text: str) -> Corrections:
    """Return what a text in the form of joins.toml says."""
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        told_at = str(error).replace("at end of document", f"line {text.rstrip().count(chr(10)) + 1}")
        return _nothing(f"it is no TOML, and nothing of it was taken: {told_at}")
    lines = [(match[1], text[: match.start()].count("\n") + 1) for match in _ENTRY.finditer(text)]
    held: list[Correction] = []
    problems = [
        Finding(UNREADABLE, JOINS.as_posix(), f"line {_line_of(text, name)}: nothing is called {name!r} here")
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


def _line_of(text: str, name: str) -> int:
    found = re.search(rf"^[ \t]*\[*\s*[\"']?{re.escape(name)}", text, re.MULTILINE)
    return text[: found.start()].count("\n") + 1 if found else 1


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
