"""The links that a PDF page carries: annotations that name an address. They are listed, never followed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from pipelines.text.cleaning import clean_line
from pipelines.text.drawn import Word
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.pdf_objects import array, dictionary, name_of, resolved
from pipelines.text.reading import TextLink
from pipelines.text.words import words_of

_MOST_LINKS = 2000
_MOST_AREAS = 50
_LONGEST_ADDRESS = 8000


class _Area(NamedTuple):
    x0: float
    top: float
    x1: float
    bottom: float


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
    return [TextLink(number, url, _covered(words, _areas(annotation, page))) for url, annotation in found]


def _address(annotation: dict[str, Any]) -> str:
    action = dictionary(annotation.get("A"))
    url = resolved(action.get("URI"))
    if not isinstance(url, bytes) or len(url) > _LONGEST_ADDRESS or name_of(action.get("S")) not in ("URI", ""):
        return ""
    # ISO 32000-1, 12.6.4.7 wants 7-bit ASCII; writers put UTF-8 there.
    return clean_line(url.decode("utf-8", "replace"), _LONGEST_ADDRESS)


def _areas(annotation: dict[str, Any], page: LetterPage) -> list[_Area]:
    """Return where the link is: its lines where it has several (/QuadPoints), else its rectangle; [] if unknown."""
    lines = _numbers(annotation.get("QuadPoints"), 8 * _MOST_AREAS)
    quads = [lines[place : place + 8] for place in range(0, len(lines) - 7, 8)]
    corners = [corner for corner in [_numbers(annotation.get("Rect"), 5)] if len(corner) == 4]
    return [_shown(numbers[0::2], numbers[1::2], page) for numbers in quads or corners]


def _numbers(value: Any, most: int) -> list[float]:
    numbers = [resolved(number) for number in array(value, most)]
    right = all(isinstance(number, int | float) and math.isfinite(number) for number in numbers)
    return numbers if right else []


def _shown(across: list[float], up: list[float], page: LetterPage) -> _Area:
    """Turn corners on the page as it is written into a box on the page as pdfplumber shows it."""
    x0, y0, x1, y1 = page.page_obj.mediabox
    x, y = (min(across) - x0, max(across) - x0), (min(up) - y0, max(up) - y0)
    width, height = x1 - x0, y1 - y0
    # /Rotate turns clockwise (ISO 32000-1, table 30); from the upper left of the page as it is shown.
    match page.rotation % 360:
        case 90:
            box = (y[0], x[0], y[1], x[1])
        case 180:
            box = (width - x[1], y[0], width - x[0], y[1])
        case 270:
            box = (height - y[1], width - x[1], height - y[0], width - x[0])
        case _:
            box = (x[0], height - y[1], x[1], height - y[0])
    left, above = page.mediabox[:2]
    return _Area(box[0] + left, box[1] + above, box[2] + left, box[3] + above)


def _covered(words: Sequence[Word], areas: Sequence[_Area]) -> str:
    covered = [
        word.text
        for word in words
        if any(
            area.x0 <= (word.x0 + word.x1) / 2 <= area.x1 and area.top <= (word.top + word.bottom) / 2 <= area.bottom
            for area in areas
        )
    ]
    return clean_line(" ".join(covered), 500)
