"""Finds direct quotations in running text by their marks; it knows no HTML and no speaker.

The marks are English ones: “…” and "…", with others inside. A quotation that runs over several paragraphs has an
opening mark before each of them and a closing mark after the last (The Chicago Manual of Style, 17th ed., 13.32).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

FEWEST_WORDS = 4
MOST_QUOTATIONS = 500
LONGEST = 4_000
MOST_PARAGRAPHS = 50

_MARK = re.compile('[“”"]')


class _Open(NamedTuple):
    """A mark that was opened: the paragraph and place where its quotation began, what earlier paragraphs have of it,
    and where it goes on in this one."""

    paragraph: int
    start: int
    earlier: tuple[str, ...]
    here: int


class _Closed(NamedTuple):
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


def find_quotations(paragraphs: Sequence[str]) -> list[str]:
    """Return the outermost quotations of four words and more, in order, each wording once; at most 500.

    Those of several paragraphs have a blank line between them. A mark that is never closed opens nothing, unless the
    next paragraph begins with one. Left out is what is longer than 4,000 characters or 50 paragraphs. Takes time
    linear in the text, but for sorting.
    """
    found: dict[str, None] = {}
    ended = (-1, 0)
    for closed in sorted(_closed(paragraphs)):
        if closed.start < ended:
            continue
        ended = closed.end
        words = sum(any(map(str.isalnum, word)) for word in closed.text.split())
        if words >= FEWEST_WORDS and len(closed.text) <= LONGEST:
            found[closed.text] = None
        if len(found) == MOST_QUOTATIONS:
            break
    return list(found)


def _closed(paragraphs: Sequence[str]) -> Iterator[_Closed]:
    carried: dict[str, _Open] = {}
    for number, paragraph in enumerate(paragraphs):
        opened: dict[str, list[_Open]] = {"“": [], '"': []}
        for match in _MARK.finditer(paragraph):
            mark, at = match[0], match.start()
            marks = opened['"' if mark == '"' else "“"]
            if at == 0 and mark in carried:
                marks.append(carried[mark]._replace(here=1))
            elif mark == "“" or (mark == '"' and _can_open(paragraph, at)):
                if mark == '"':
                    marks.clear()  # a straight one inside another straight one isn't to be told from its end
                marks.append(_Open(number, at + 1, (), at + 1))
            elif marks and (mark == "”" or _can_close(paragraph, at)):
                begun = marks.pop()
                text = "\n\n".join([*begun.earlier, paragraph[begun.here : at].strip()])
                yield _Closed((begun.paragraph, begun.start), (number, at), text)
        carried = {mark: _goes_on(marks[-1], paragraph) for mark, marks in opened.items() if marks}
        carried = {mark: one for mark, one in carried.items() if len(one.earlier) < MOST_PARAGRAPHS}


def _goes_on(begun: _Open, paragraph: str) -> _Open:
    return begun._replace(earlier=(*begun.earlier, paragraph[begun.here :].strip()))


def _can_open(paragraph: str, at: int) -> bool:
    """Say whether a straight mark can open: after a space, a bracket, a dash or another mark, and before a word."""
    before, after = paragraph[max(0, at - 1) : at], paragraph[at + 1 : at + 2]
    return (not before or before.isspace() or before in "([{—–-‘'“/") and bool(after) and not after.isspace()


def _can_close(paragraph: str, at: int) -> bool:
    return at > 0 and not paragraph[at - 1].isspace()
