"""Reads curation/links.toml: what somebody decided of which document a reference is, and which it is not.

Like joins.toml: what can't be understood is named with its line; a file that isn't wholly understood, or is gone, is
not in force, and what counted last (`links-used` in the journal) stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archive.catalog.link_corrections import LinkCorrection, LinkCorrections
from archive.curated_text import line_of, parse_curated, read_curated, unreadable
from archive.model import Finding

LINKS = Path("curation") / "links.toml"
EVENT = "links-used"
_ENTRY = re.compile(r"^[ \t]*\[\[\s*(link|unlink)\s*\]\]", re.MULTILINE)
_KEYS = {
    "link": {"document", "target", "page", "to", "reason"},
    "unlink": {"document", "target", "page", "from", "reason"},
}
_OTHER = {"link": "to", "unlink": "from"}
_NAME = re.compile(r"[^\s/?#]{1,300}")
LONGEST = 2_000


def read_links(folder: Path) -> LinkCorrections:
    """Return what the file of the archive at `folder` says; nothing where there is none."""
    text = read_curated(folder, LINKS)
    return LinkCorrections(problems=(text,)) if isinstance(text, Finding) else parse_links(text)


def links_in_force(folder: Path, events: Iterable[Mapping[str, Any]]) -> LinkCorrections:
    """Return the corrections that count: the file's, or, where something is wrong with it, those that counted last.

    `problems` say then what is wrong.
    """
    told, used = read_links(folder), _last_used(events)
    if not told.problems and used and not (folder / LINKS).exists():
        told = LinkCorrections(problems=(unreadable(LINKS, "it is gone; an empty file would take back what it said"),))
    return LinkCorrections(used, told.problems) if told.problems else told


def are_news(corrections: LinkCorrections, events: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether the journal doesn't have yet that these are the corrections that count."""
    return corrections.held != _last_used(events)


def event_of_links(corrections: LinkCorrections) -> dict[str, Any]:
    """Return the facts of the journal's line for corrections that count from now on."""
    return {"links": [asdict(one) for one in corrections.held]}


def _last_used(events: Iterable[Mapping[str, Any]]) -> tuple[LinkCorrection, ...]:
    lines = [event for event in events if event.get("event") == EVENT]
    return tuple(LinkCorrection(**one) for one in lines[-1]["links"]) if lines else ()


def parse_links(text: str) -> LinkCorrections:
    """Return what a text in the form of links.toml says."""
    told = parse_curated(text, LINKS)
    if isinstance(told, Finding):
        return LinkCorrections(problems=(told,))
    lines = [(match[1], text[: match.start()].count("\n") + 1) for match in _ENTRY.finditer(text)]
    held: list[LinkCorrection] = []
    problems = [
        unreadable(LINKS, f"line {line_of(text, name)}: nothing is called {name!r} here")
        for name in sorted(told.keys() - _KEYS.keys())
    ]
    for kind in _KEYS:
        entries = told.get(kind, [])
        places = [line for name, line in lines if name == kind]
        for place, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            found = _correction(kind, entry)
            if isinstance(found, str):
                problems.append(unreadable(LINKS, f"line {places[place] if place < len(places) else 1}: {found}"))
            else:
                held.append(found)
    return LinkCorrections(tuple(held), tuple(problems))


def _correction(kind: str, entry: object) -> LinkCorrection | str:
    """Return what an entry says, or what is wrong with it."""
    if not isinstance(entry, Mapping):
        return f"an entry is a table: [[{kind}]]"
    if unknown := sorted(entry.keys() - _KEYS[kind]):
        return f"{unknown[0]!r} is nothing that [[{kind}]] takes"
    words = {name: entry.get(name, "") for name in ("document", "target", "reason", _OTHER[kind])}
    page = entry.get("page", 0)
    if wrong := _wrong(kind, words, page):
        return wrong
    document, target, reason, other = (" ".join(value.split()) for value in words.values())
    return LinkCorrection(document, target, other, reason, page, kind == "unlink")


def _wrong(kind: str, words: Mapping[str, object], page: object) -> str:
    """Return what is wrong with the values of an entry, "" where nothing is."""
    for name, value in words.items():
        if not isinstance(value, str) or len(value) > LONGEST:
            return f"`{name}` is text of at most {LONGEST:,} characters"
    said = {name: str(value).strip() for name, value in words.items()}
    if not said["reason"]:
        return "there is no reason; say why"
    if not _NAME.fullmatch(said["document"]) or not said["target"]:
        return "`document` is the id of the document that refers, `target` what it refers to, as the archive has it"
    if (kind == "link" or said[_OTHER[kind]]) and not _NAME.fullmatch(said[_OTHER[kind]]):
        return f"`{_OTHER[kind]}` is the id of a document"
    is_page = isinstance(page, int) and not isinstance(page, bool) and 0 <= page < 1_000_000
    return "" if is_page else "`page` is the number of a page"
