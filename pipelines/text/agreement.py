"""Compares what a page's text says with what OCR sees on its picture, word by word. It reads neither of them itself.

A file can paint one letter and name another: its text then says what nobody sees on the page. Only the picture tells.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import replace
from typing import NamedTuple

from pipelines.text.page_names import name_pages
from pipelines.text.reading import Fact, Reading, TextPage
from pipelines.text.stored_reading import READERS
from pipelines.text.text_layer import usual_pairs

DISAGREES = "picture-disagrees"
# In a reading's metadata: which pages were compared, and how it went. Without it, a reading waits to be compared.
COMPARED = "compared"
# A page with fewer words that count has too few to tell, on either side.
ENOUGH = 30
# Of words of four letters and more, in 165 files of the corpus and of public sets (a page of each, by Tesseract),
# at least 0.84 are on both sides; with another document's page on the other side, at most 0.59.
AGREES = 0.7
# What an engine of OCR for English makes of another script is less sure, or no words.
_SURE = 0.7
_USUAL = 0.6
_WORD = re.compile("[a-z]{4,}")
_BROKEN = re.compile("[-\u2010]\n")


class Agreement(NamedTuple):
    """How a page's text and its picture agree: `share` of the words are on both sides (None: it can't be told, for a
    `reason`); `unseen` are words of the text that aren't on the picture, and `unsaid` the other way round."""

    page: int
    share: float | None
    reason: str = ""
    unseen: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()

    @property
    def disagrees(self) -> bool:
        return self.share is not None and self.share < AGREES


def comparable(reading: Reading) -> list[int]:
    """Return the numbers of the pages whose text is the file's own and has words enough."""
    return [
        page.number
        for page in reading.pages
        if (page.outcome, page.origin) == ("text", "text-layer") and _count(page.text).total() >= ENOUGH
    ]


def uncompared(reading: Reading) -> bool:
    """Say whether a reading waits to be compared with its pictures."""
    return reading.reader == READERS["pdf"] and bool(reading.pages) and COMPARED not in reading.metadata


def sample_page(pages: list[int], digest: str) -> int:
    """Return which page stands for all: the bytes of the file decide, so that it is the same for everybody."""
    return pages[int(digest[:15], 16) % len(pages)]


def agreement(said: TextPage, seen: TextPage, why_not: str = "") -> Agreement:
    """Return how a page's text and what OCR saw of the page agree; `why_not` says why OCR saw nothing."""
    text, picture = _count(said.text), _count(seen.text)
    if seen.outcome != "text":
        return Agreement(said.number, None, why_not or seen.outcome)
    if picture.total() < ENOUGH or (seen.confidence or 0) < _SURE or usual_pairs(seen.text) < _USUAL:
        return Agreement(said.number, None, "OCR sees too few words, or is unsure of them")
    both = (text & picture).total()
    # A diagram's words are in no text, and small print isn't seen: what agrees on one side is told by the other.
    share = max(both / max(1, text.total()), both / picture.total())
    return Agreement(said.number, round(share, 3), "", tuple(text - picture), tuple(picture - text))


def agreements(reading: Reading, scans: Reading, wanted: Container[int]) -> dict[int, Agreement]:
    """Return how the wanted pages agree that OCR looked at, by their numbers."""
    why = {fact.page: fact.value for fact in scans.facts}
    return {
        seen.number: agreement(reading.pages[seen.number - 1], seen, why.get(seen.number, ""))
        for seen in scans.pages
        if seen.number in wanted
    }


def compared(reading: Reading, found: Mapping[int, Agreement]) -> Reading:
    """Return the reading with what is known of its pages' agreement. Its text is the same."""
    facts = tuple(
        Fact(DISAGREES, f"OCR sees {one.share:.0%} of the words that the file gives as the text of this page", one.page)
        for _, one in sorted(found.items())
        if one.disagrees
    )
    metadata = {**reading.metadata, COMPARED: _told(list(found.values()))}
    return replace(reading, metadata=metadata, facts=(*reading.facts, *facts))


def _told(found: list[Agreement]) -> str:
    """Say in a line which pages were compared, and how it went."""
    shares = sorted(one.share for one in found if one.share is not None)
    if not found:
        return "no page has words enough"
    pages = name_pages(sorted(one.page for one in found))
    if not shares:
        return f"{pages}: OCR can't tell"[:500]
    if len(found) == 1:
        return f"{pages}: {shares[0]:.0%} of the words are on the picture too"
    unlike = sum(one.disagrees for one in found)
    return f"{pages}: {unlike} of {len(found)} disagree with their pictures"[:500]


def _count(text: str) -> Counter[str]:
    """Count the words of a text that tell it from others, without accents; those that a line's end broke are whole."""
    plain = unicodedata.normalize("NFKD", _BROKEN.sub("", text)).casefold()
    return Counter(_WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))
