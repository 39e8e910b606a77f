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
from archive.diff.words import Token, align_tokens, tokens
from archive.running_text import OnPage

FURNITURE = ("header", "footer")
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
    dated: dict[int, frozenset[int]] = field(default_factory=dict)

    def text(self, page: int) -> str:
        """Return a page's headers and footers; "" where there are none."""
        held = self.pages[page]
        return "\n".join(held.text[start:end] for start, end in _stretches(held))

    def tokens(self, page: int) -> list[Token]:
        """Return the tokens of a page's headers and footers, by their places on the page; a thousand at most."""
        if page not in self.cut:
            held = self.pages[page]
            found = (token for start, end in _stretches(held) for token in tokens(held.text[start:end], start))
            self.cut[page] = list(itertools.islice(found, MOST_TOKENS))
        return self.cut[page]

    @cached_property
    def steps(self) -> set[int]:
        """Return by how much page numbers that are printed differ from the pages' own, where several pages agree."""
        found = Counter(
            int(one.said) - page
            for page in self.pages
            for one in self.tokens(page)
            if one.said.isdecimal() and len(one.said) < 6
        )
        return {step for step, count in found.items() if count > 1}

    @cached_property
    def shapes(self) -> set[tuple[str, ...]]:
        """Return what stands at the head or foot of any page, without numbers and dates."""
        return {self.shape(page) for page in self.pages}

    def shape(self, page: int) -> tuple[str, ...]:
        """Return a page's furniture without numbers and dates."""
        text = _DATES.sub(" ", self.text(page))
        return tuple(one.said for one in tokens(text) if not one.said.isdecimal())

    def is_page_number(self, token: Token, page: int) -> bool:
        """Tell whether a token is the number of its page, or of all pages."""
        held = self.pages[page]
        if token.said.lower() in {held.label.lower(), str(page), str(len(self.pages))}:
            return True
        if token.said.isdecimal() and len(token.said) < 6:
            return int(token.said) - page in self.steps
        return bool(_ROMAN.fullmatch(token.said))

    def in_dates(self, page: int, held: Sequence[Token]) -> bool:
        """Tell whether tokens stand within dates or times."""
        if page not in self.dated:
            text = self.pages[page].text
            dates = (
                token.start
                for start, end in _stretches(self.pages[page])
                for found in _DATES.finditer(text, start, end)
                for token in tokens(found[0], found.start())
            )
            self.dated[page] = frozenset(dates)
        return all(one.start in self.dated[page] for one in held)


def _stretches(page: Page) -> list[tuple[int, int]]:
    return [(start, end) for kind, start, end in page.parts if kind in FURNITURE]


def furniture_edits(before: Sequence[Page], after: Sequence[Page], pairs: Iterable[PagePair]) -> list[Edit]:
    """Return the edits of headers and footers of pages that are beside one another."""
    old, new = (Furniture({page.number: page for page in side}) for side in (before, after))
    found: dict[tuple[str, str, str, str], list[Edit]] = {}
    for pair in pairs:
        if pair.before is not None and pair.after is not None and old.text(pair.before) != new.text(pair.after):
            for edit in _edits(old, new, pair.before, pair.after):
                found.setdefault((edit.part, edit.removed, edit.added, edit.why), []).append(edit)
    return [_joined(edits) for edits in found.values()]


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
    here = new.shape(other) in old.shapes and old.shape(page) in new.shapes and new.shape(other) != old.shape(page)
    for gap in aligned.gaps(len(one), len(two)):
        out, put = one[gap.a0 : gap.a1], two[gap.b0 : gap.b1]
        if _numbers(old, page, out) and _numbers(new, other, put):
            why = NUMBER
        elif old.in_dates(page, out) and new.in_dates(other, put):
            why = DATE
        else:
            why = RUNNING_HEADER if here else ""
        yield _edit(old.pages[page], new.pages[other], out, put, why)
    for run in aligned.runs:
        for number in range(run.length):
            left, right = one[run.before + number], two[run.after + number]
            said = old.pages[page].text[left.start : left.end], new.pages[other].text[right.start : right.end]
            if said[0] != said[1]:
                yield _edit(old.pages[page], new.pages[other], [left], [right], TYPOGRAPHY)


def _numbers(side: Furniture, page: int, held: Sequence[Token]) -> bool:
    return all(side.is_page_number(one, page) for one in held)


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
