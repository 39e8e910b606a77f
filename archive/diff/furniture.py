"""Running headers and footers, page beside page: a date, a page number or a header's own place there is cosmetic.

Other words are real, once for all pages that they changed on: “DRAFT” that becomes “FINAL” is no matter of layout.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from archive.diff.edits import TYPOGRAPHY
from archive.diff.model import ADDED, CHANGED, REMOVED, Edit, Page, PagePair
from archive.diff.streams import FURNITURE
from archive.diff.words import Token, align_tokens, tokens
from archive.running_text import OnPage

DATE, NUMBER, RUNNING_HEADER = "date in header or footer", "page number", "running header"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_DATES = re.compile(
    rf"\b(?:{_DAY},?\s{{1,3}})?{_MONTH}\s{{0,3}}(?:[0-3]?\d(?:st|nd|rd|th)?,?\s{{1,3}})?[12]\d{{3}}\b"
    rf"|\b[0-3]?\d\s{{1,3}}{_MONTH},?\s{{1,3}}[12]\d{{3}}\b"
    r"|\b[12]\d{3}[-/.][01]?\d[-/.][0-3]?\d(?:T[\d:.]{4,12}Z?)?\b|\b[01]?\d[-/.][0-3]?\d[-/.](?:[12]\d)?\d{2}\b"
    r"|\b[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?(?:\s(?:UTC|GMT|[ECMP][SD]?T)\b)?",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?=.)(?:x{0,3}|x?l)(?:ix|iv|v?i{0,3})")
MOST_TOKENS = 1_000


@dataclass(frozen=True)
class Furniture:
    """What stands at the heads and feet of one side's pages."""

    pages: Mapping[int, Page]
    cut: dict[int, list[Token]] = field(default_factory=dict)

    def text(self, page: int) -> str:
        """Return a page's headers and footers; "" where there are none."""
        held = self.pages[page]
        return "\n".join(held.text[start:end] for start, end in _stretches(held))

    def tokens(self, page: int) -> list[Token]:
        """Return the tokens of a page's headers and footers, a thousand at most.

        A date or a time is one token that says DATE, the number of the page or of all pages one that says NUMBER.
        """
        return [
            token._replace(said=NUMBER) if self._is_page_number(token.said, page) else token
            for token in self._cut(page)
        ]

    def _cut(self, page: int) -> list[Token]:
        if page not in self.cut:
            held = self.pages[page]
            found = (token for stretch in _stretches(held) for token in _with_dates(held.text, *stretch))
            self.cut[page] = list(itertools.islice(found, MOST_TOKENS))
        return self.cut[page]

    @cached_property
    def steps(self) -> set[int]:
        """Return by how much page numbers that are printed differ from the pages' own, where several pages agree."""
        numbers = ((_number(one.said), page) for page in self.pages for one in self._cut(page))
        found = Counter(number - page for number, page in numbers if number >= 0)
        return {step for step, count in found.items() if count > 1}

    @cached_property
    def shapes(self) -> set[tuple[str, ...]]:
        """Return what stands at the head or foot of any page, without numbers and dates."""
        return {self.shape(page) for page in self.pages}

    def shape(self, page: int) -> tuple[str, ...]:
        """Return a page's furniture without numbers and dates."""
        return tuple(one.said for one in self.tokens(page) if one.said not in (DATE, NUMBER))

    def _is_page_number(self, said: str, page: int) -> bool:
        if said.lower() in {self.pages[page].label.lower(), str(page), str(len(self.pages))}:
            return True
        return _number(said) - page in self.steps if _number(said) >= 0 else bool(_ROMAN.fullmatch(said))


def _number(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 6 else -1


def _with_dates(text: str, start: int, end: int) -> Iterator[Token]:
    """Yield the tokens of a stretch, each date as one."""
    for found in _DATES.finditer(text, start, end):
        yield from tokens(text[start : found.start()], start)
        yield Token(DATE, *found.span())
        start = found.end()
    yield from tokens(text[start:end], start)


def _stretches(page: Page) -> list[tuple[int, int]]:
    return [(start, end) for kind, start, end in page.parts if kind in FURNITURE]


def furniture_edits(before: Sequence[Page], after: Sequence[Page], pairs: Iterable[PagePair]) -> list[Edit]:
    """Return the edits of headers and footers of pages that are beside one another."""
    old, new = (Furniture({page.number: page for page in side}) for side in (before, after))
    found: dict[tuple[str, str, str, str], list[Edit]] = {}
    for page, other in _each_once(pairs):
        if old.text(page) != new.text(other):
            for edit in _edits(old, new, page, other):
                found.setdefault((edit.part, edit.removed, edit.added, edit.why), []).append(edit)
    return [_joined(edits) for edits in found.values()]


def _each_once(pairs: Iterable[PagePair]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of pages, each page at most once: where text was reflowed, a page is in several."""
    old, new = set[int](), set[int]()
    for pair in pairs:
        if pair.before is not None and pair.after is not None and pair.before not in old and pair.after not in new:
            old.add(pair.before)
            new.add(pair.after)
            yield pair.before, pair.after


def _joined(edits: Sequence[Edit]) -> Edit:
    """Return edits that say the same on several pages as one."""
    first = edits[0]
    return Edit(
        first.op,
        tuple(dict.fromkeys(place for edit in edits for place in edit.before)),
        tuple(dict.fromkeys(place for edit in edits for place in edit.after)),
        first.removed,
        first.added,
        first.why,
        first.part,
        first.at_before,
        first.at_after,
    )


def _edits(old: Furniture, new: Furniture, page: int, other: int) -> Iterator[Edit]:
    one, two = old.tokens(page), new.tokens(other)
    aligned = align_tokens(one, two)
    shapes = old.shape(page), new.shape(other)
    elsewhere = shapes[0] != shapes[1] and shapes[1] in old.shapes and shapes[0] in new.shapes
    for gap in aligned.gaps(len(one), len(two)):
        out, put = one[gap.a0 : gap.a1], two[gap.b0 : gap.b1]
        said = {token.said for token in (*out, *put)}
        why = next((why for why in (DATE, NUMBER) if why in said), "") if said <= {DATE, NUMBER} else ""
        yield _edit(old.pages[page], new.pages[other], out, put, why or (RUNNING_HEADER if elsewhere else ""))
    for run in aligned.runs:
        for number in range(run.length):
            left, right = one[run.before + number], two[run.after + number]
            if old.pages[page].text[left.start : left.end] != new.pages[other].text[right.start : right.end]:
                why = left.said if left.said in (DATE, NUMBER) else TYPOGRAPHY
                yield _edit(old.pages[page], new.pages[other], [left], [right], why)


def _edit(before: Page, after: Page, out: Sequence[Token], put: Sequence[Token], why: str) -> Edit:
    stretches = out or put
    page = before if out else after
    kinds = [kind for kind, start, end in page.parts if kind in FURNITURE and start <= stretches[0].start < end]
    old, new = _place(before, out), _place(after, put)
    return Edit(
        CHANGED if out and put else REMOVED if out else ADDED,
        old,
        new,
        " ".join(before.text[place.start : place.end] for place in old),
        " ".join(after.text[place.start : place.end] for place in new),
        why,
        kinds[0] if kinds else FURNITURE[0],
    )


def _place(page: Page, held: Sequence[Token]) -> tuple[OnPage, ...]:
    """Return where tokens stand: one stretch in each of the page's parts."""
    found = []
    for kind, start, end in page.parts:
        inside = [one for one in held if start <= one.start < end]
        if kind in FURNITURE and inside:
            found.append(OnPage(page.number, inside[0].start, inside[-1].end))
    return tuple(found)
