"""The links that a PDF page carries: annotations that name an address. They are listed, never followed."""

from __future__ import annotations

from typing import Any

from pdfminer.pdftypes import resolve1
from pdfplumber.page import Page

from pipelines.text.cleaning import clean_line
from pipelines.text.reading import TextLink

_MOST_LINKS = 2000
_LONGEST_ADDRESS = 8000


def page_links(page: Page, number: int) -> list[TextLink]:
    """Return the page's links in their order in the file, each with the words that its rectangle covers.

    An annotation that can't be understood is no link; at most 2,000 are listed.
    """
    annotations = _resolved(page.page_obj.annots)
    if not isinstance(annotations, list):
        return []
    found = [
        (url, _box(annotation.get("Rect"), page))
        for annotation in map(_resolved, annotations[: 4 * _MOST_LINKS])
        if isinstance(annotation, dict) and (url := _address(annotation))
    ]
    words = page.extract_words(x_tolerance_ratio=0.15) if found else []
    # Links by the thousand times words by the thousand: then only the addresses.
    if len(found) * len(words) > 2_000_000:
        words = []
    return [TextLink(number, url, _covered(words, box)) for url, box in found[:_MOST_LINKS]]


def _resolved(value: Any) -> Any:
    try:
        return resolve1(value)
    except MemoryError:
        raise
    except Exception:
        return None


def _address(annotation: dict[str, Any]) -> str:
    action = _resolved(annotation.get("A"))
    url = _resolved(action.get("URI")) if isinstance(action, dict) else None
    if not isinstance(url, bytes) or len(url) > _LONGEST_ADDRESS:
        return ""
    # ISO 32000-1, 12.6.4.7 wants 7-bit ASCII; writers put UTF-8 there.
    return clean_line(url.decode("utf-8", "replace"), _LONGEST_ADDRESS)


def _box(rectangle: Any, page: Page) -> tuple[float, float, float, float] | None:
    """The rectangle in pdfplumber's coordinates (from the top), or None; a rotated page's is not worked out."""
    corners = [_resolved(corner) for corner in _resolved(rectangle) or []]
    if page.rotation or len(corners) != 4 or not all(isinstance(corner, int | float) for corner in corners):
        return None
    x0, x1 = sorted((corners[0], corners[2]))
    y0, y1 = sorted((corners[1], corners[3]))
    return x0, page.height - y1, x1, page.height - y0


def _covered(words: list[dict[str, Any]], box: tuple[float, float, float, float] | None) -> str:
    if box is None:
        return ""
    x0, top, x1, bottom = box
    covered = [
        word["text"]
        for word in words
        if x0 <= (word["x0"] + word["x1"]) / 2 <= x1 and top <= (word["top"] + word["bottom"]) / 2 <= bottom
    ]
    return clean_line(" ".join(covered), 500)
