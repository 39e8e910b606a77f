"""Finds a document's own table of contents, and the pages on which its entries really stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_MOST_ENTRIES, _MOST_LINES_OF_ONE = 1000, 6
# "Abstract ........ 3": leaders of dots, spaced dots, middle dots, dashes or ellipses before the page's label.
_LEADER = re.compile(
    r"(?:(?<![.·_])(?<![.·_]\s)(?:[.·_]\s?){4,}+|(?<!…)(?<!…[.\s])(?<!…\.\s)(?:…\.?\s?){2,}+|(?<!-)-{6,}+)"
    r"\s{0,9}(?P<label>[A-Z]-\d{1,3}|\d{1,4}|[ivxlIVXL]{1,7})?\s{0,9}$"
)
# An entry that fills its line leaves no room for dots.
_FULL_LINE = re.compile(r"(?<=[.?)])\s(?P<label>\d{1,3})$")
_CONTENTS = re.compile(r"(?:table of )?contents\b", re.IGNORECASE)
_OTHER_TABLE = re.compile(
    r"(?:table of (?:authorities|cases|exhibits)|(?:list of )?(?:figures|tables)\s*$)", re.IGNORECASE
)
_NOT_WORDS = re.compile(r"[\W_]+")
_FARTHEST = 50


class Line(NamedTuple):
    """A line of running text: the place of its page (from 0), and whether it begins a paragraph or is a heading."""

    page: int
    text: str
    begins: bool = True
    heading: bool = False


class Listed(NamedTuple):
    """An entry of a table of contents: its words, the label of the page that it names, its level (0 if not said)."""

    text: str
    label: str
    level: int = 0


def split_contents(lines: Sequence[Line]) -> tuple[list[Listed], list[Line]]:
    """Return the entries of the table of contents, and the lines that are not part of one.

    A page is part of one that has three lines with leaders to a page number. Tables of authorities, figures and the
    like are taken out and not listed.
    """
    leaders: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        if _LEADER.search(line.text[-300:]):
            leaders.setdefault(line.page, []).append(place)
    zones = {page: places for page, places in leaders.items() if len(places) >= 3}
    listed: list[Listed] = []
    begun: list[str] = []
    kept, of_contents = [], True
    for place, line in enumerate(lines):
        if line.page not in zones or place > zones[line.page][-1]:
            kept.append(line)
            continue
        leader = _LEADER.search(line.text[-300:]) or _FULL_LINE.search(line.text[-300:])
        of_tables = _CONTENTS.match(line.text) or _OTHER_TABLE.match(line.text)
        if of_tables and not leader:
            of_contents, begun = bool(_CONTENTS.match(line.text)), []
            continue
        begun = [*begun[1 - _MOST_LINES_OF_ONE :], line.text]
        if leader and of_contents and not of_tables and len(listed) < _MOST_ENTRIES:
            begun[-1] = line.text[: len(line.text) - len(leader[0])]
            listed.append(Listed(" ".join(begun).strip(), leader["label"] or ""))
        if leader:
            begun = []
    return listed, kept


def place_entries(listed: Sequence[Listed], lines: Sequence[Line], labels: Sequence[str]) -> list[tuple[Listed, int]]:
    """Return the entries that stand at the beginning of a line of the text, each with the place of its page.

    The page with the label that the table names is looked at first; then those that follow the entry before.
    """
    pages = _as_looked_up(lines, len(labels))
    found: list[tuple[Listed, int]] = []
    last = 0
    for entry in listed:
        words = squeezed(entry.text)[:100]
        named = [place for place, label in enumerate(labels) if label and label == entry.label]
        for place in [*named[:10], *range(last, min(last + _FARTHEST, len(pages)))] if len(words) >= 3 else ():
            if place >= last and _begins_a_line(words, *pages[place]):
                found.append((entry, place))
                last = place
                break
    return found


def squeezed(text: str) -> str:
    """Return the letters and digits of a text in lower case, for comparing titles."""
    return _NOT_WORDS.sub("", text).casefold()


def _as_looked_up(lines: Sequence[Line], pages: int) -> list[tuple[str, frozenset[int]]]:
    """Return each page's squeezed text, and where in it lines begin."""
    pieces: list[list[str]] = [[] for _ in range(pages)]
    for line in lines:
        pieces[line.page].append(squeezed(line.text))
    found = []
    for page in pieces:
        starts, length = set(), 0
        for piece in page:
            starts.add(length)
            length += len(piece)
        found.append(("".join(page), frozenset(starts)))
    return found


def _begins_a_line(words: str, text: str, starts: frozenset[int]) -> bool:
    place = text.find(words)
    for _ in range(100):
        if place < 0:
            return False
        if place in starts:
            return True
        place = text.find(words, place + 1)
    return False
