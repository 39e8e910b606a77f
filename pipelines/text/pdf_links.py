"""The links that a PDF page carries: annotations that name an address. They are listed, never followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.text.annotated import Place, places_of
from pipelines.text.cleaning import clean_line
from pipelines.text.drawn import Word
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.pdf_objects import array, dictionary, name_of, resolved
from pipelines.text.reading import TextLink
from pipelines.text.words import words_of

_MOST_LINKS = 2000
_LONGEST_ADDRESS = 8000


def page_links(page: LetterPage, number: int, words: Sequence[Word] | None = None) -> list[TextLink]:
    """Return the page's links in their order in the file, each with the words that it covers.

    `words` are the page's in pdfplumber's coordinates and in reading order; without them they are made of its letters.
    An annotation that can't be understood is no link, nor is one that leads to a place in the same file; at most
    2,000 are listed.
    """
    found = [
        (url, annotation)
        for annotation in map(dictionary, array(page.page_obj.annots, 4 * _MOST_LINKS))
        if (url := _address(annotation))
    ][:_MOST_LINKS]
    if words is None:
        words = words_of(page.letters) if found else []
    # Links by the thousand times words by the thousand: then only the addresses.
    if len(found) * len(words) > 2_000_000:
        words = []
    return [TextLink(number, url, _covered(words, places_of(annotation, page))) for url, annotation in found]


def _address(annotation: dict[str, Any]) -> str:
    action = dictionary(annotation.get("A"))
    url = resolved(action.get("URI"))
    if not isinstance(url, bytes) or len(url) > _LONGEST_ADDRESS or name_of(action.get("S")) not in ("URI", ""):
        return ""
    # ISO 32000-1, 12.6.4.7 wants 7-bit ASCII; writers put UTF-8 there.
    return clean_line(url.decode("utf-8", "replace"), _LONGEST_ADDRESS)


def _covered(words: Sequence[Word], areas: Sequence[Place]) -> str:
    covered = [
        word.text
        for word in words
        if any(
            area.x0 <= (word.x0 + word.x1) / 2 <= area.x1 and area.top <= (word.top + word.bottom) / 2 <= area.bottom
            for area in areas
        )
    ]
    return clean_line(" ".join(covered), 500)
