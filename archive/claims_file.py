"""Reads curation/claims.toml and curation/vendors.toml: what somebody says, and by which quotations it is shown.

It knows no database: whether a quotation stands where it is said to is for who has the pages. An entry that can't be
understood is named with its line and left out; the others count. All of it is plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.curated_text import parse_curated, read_curated, unreadable
from archive.model import Finding

CLAIMS, VENDORS = Path("curation") / "claims.toml", Path("curation") / "vendors.toml"
CLAIM, ALIAS = "claim", "alias"
MOST_ENTRIES, MOST_EVIDENCE, LONGEST = 2_000, 20, 1_000
_KEYS = {CLAIM: ("subject", "says", "about"), ALIAS: ("vendor", "name")}
_OPTIONAL = {"about"}


@dataclass(frozen=True, slots=True)
class Claimed:
    """One thing that somebody says: of whom or what (`subject`), what, and about which number or document.

    Of an alias (`kind`) `subject` is the vendor as records print it, and `says` another name of it. `evidence` are
    addresses of quotations, as the site gives them.
    """

    kind: str
    subject: str
    says: str
    about: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """What the files say, in their order, and what of them couldn't be understood."""

    held: tuple[Claimed, ...] = ()
    problems: tuple[Finding, ...] = ()


def read_claims(folder: Path) -> Claims:
    """Return what the files of the archive at `folder` say; nothing where there are none. Never raises."""
    told = [_read(folder, path, kind) for path, kind in ((CLAIMS, CLAIM), (VENDORS, ALIAS))]
    return Claims(tuple(one for claims in told for one in claims.held), tuple(p for one in told for p in one.problems))


def _read(folder: Path, path: Path, kind: str) -> Claims:
    text = read_curated(folder, path)
    return parse_claims(text, path, kind) if isinstance(text, str) else Claims(problems=(text,))


def parse_claims(text: str, path: Path, kind: str) -> Claims:
    """Return what a text in the form of one of the files says: entries of one `kind`."""
    told = parse_curated(text, path)
    if isinstance(told, Finding):
        return Claims(problems=(told,))
    held: dict[Claimed, None] = {}
    details = [f"nothing is called {name[:100]!r} here" for name in told.keys() - {kind}]
    entries = told.get(kind, [])
    places = list(_lines(text, kind))
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries]):
        found = _claimed(kind, entry) if number < MOST_ENTRIES else f"only {MOST_ENTRIES:,} entries are read"
        if isinstance(found, str):
            details.append(f"line {places[number] if number < len(places) else 1}: {found}")
        else:
            held[found] = None
        if number == MOST_ENTRIES:
            break
    return Claims(tuple(held), tuple(unreadable(path, detail) for detail in details))


def _lines(text: str, kind: str) -> Iterator[int]:
    for number, line in enumerate(text.split("\n"), 1):
        head = line.strip()
        if head.startswith("[[") and head[2:].partition("]]")[0].strip() == kind:
            yield number


def _claimed(kind: str, entry: object) -> Claimed | str:
    """Return what an entry says, or what is wrong with it."""
    if not isinstance(entry, Mapping):
        return f"an entry is a table: [[{kind}]]"
    if unknown := sorted(entry.keys() - {*_KEYS[kind], "evidence"}):
        return f"{unknown[0][:100]!r} is nothing that [[{kind}]] takes"
    words = {name: _plain(entry.get(name, "")) for name in _KEYS[kind]}
    for name, value in words.items():
        if value is None or not (value or name in _OPTIONAL):
            return f"`{name}` is a text of at most {LONGEST} characters"
    evidence = _evidence(entry)
    if isinstance(evidence, str):
        return evidence
    first, second, *about = (value or "" for value in words.values())
    return Claimed(kind, first, second, about[0] if about else "", evidence)


def _evidence(entry: Mapping[str, Any]) -> tuple[str, ...] | str:
    told = entry.get("evidence")
    if not isinstance(told, list) or not told or len(told) > MOST_EVIDENCE:
        return f"`evidence` is a list of the addresses of 1 to {MOST_EVIDENCE} quotations"
    addresses = [_plain(one, 4 * LONGEST) for one in told]
    if not all(addresses):
        return "an address of a quotation is a text"
    return tuple(dict.fromkeys(filter(None, addresses)))


def _plain(value: object, longest: int = LONGEST) -> str | None:
    """Return a text in one line without signs that aren't seen; None for what is none, or too long."""
    if not isinstance(value, str) or len(value) > longest:
        return None
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
