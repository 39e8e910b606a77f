"""What is known of a generated document: its words, their order and places, and what is running text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PageTruth:
    """What stands on a page, word by word in reading order, with its header, notes and footer; `label` is its number.

    A word that goes on overleaf stands on each page with the part that is printed there.
    """

    label: str
    words: tuple[str, ...]


class Spoken(NamedTuple):
    """A word of the running text, the mark that hangs on it, and the (page, column) where it begins and ends."""

    text: str
    mark: str
    begins: tuple[int, int]
    ends: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A file and its truth: `paragraphs` are the running text, headings (`headings` names which) among them."""

    name: str
    pdf: bytes
    pages: tuple[PageTruth, ...]
    paragraphs: tuple[tuple[Spoken, ...], ...]
    headings: frozenset[int]
