"""Where annotations stand on a page as it is shown, and which of them are painted over its words."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from pdfplumber.page import Page

from pipelines.text.drawing import lightness
from pipelines.text.drawn import Box
from pipelines.text.pdf_objects import array, dictionary, name_of, resolved

_MOST_ANNOTATIONS = 8_000
_MOST_PLACES = 50
_HIDDEN, _NO_VIEW = 2, 32
_OPAQUE = 0.95


class Place(NamedTuple):
    """A rectangle on the page as pdfplumber shows it, in points from its upper left corner."""

    x0: float
    top: float
    x1: float
    bottom: float


def places_of(annotation: dict[str, Any], page: Page) -> list[Place]:
    """Return where it is: its lines where it has several (/QuadPoints), else its rectangle; [] if unknown."""
    lines = _numbers(annotation.get("QuadPoints"), 8 * _MOST_PLACES)
    quads = [lines[place : place + 8] for place in range(0, len(lines) - 7, 8)]
    corners = [corner for corner in [_numbers(annotation.get("Rect"), 5)] if len(corner) == 4]
    return [_shown(numbers[0::2], numbers[1::2], page) for numbers in quads or corners]


def painted_over(page: Page, letters: int) -> list[Box]:
    """Return the filled rectangles that annotations paint over all of the page's `letters` (how many it draws).

    Those are squares and marks of redaction with a colour inside (/IC), which are shown and let nothing through
    (ISO 32000-2, 12.5.3, 12.5.6.8 and 12.5.6.23). Highlights mix with what is below.
    """
    boxes = []
    for annotation in map(dictionary, array(page.page_obj.annots, _MOST_ANNOTATIONS)):
        if name_of(annotation.get("Subtype")) not in ("Square", "Redact") or not _is_opaque(annotation):
            continue
        inside = _numbers(annotation.get("IC"), 5)
        shade = lightness(tuple(inside), "") if len(inside) in (1, 3, 4) else None
        if shade is not None:
            boxes += [Box(*place, shade, order=letters) for place in places_of(annotation, page)]
    return boxes


def _is_opaque(annotation: dict[str, Any]) -> bool:
    flags, through = resolved(annotation.get("F")), resolved(annotation.get("CA"))
    if isinstance(flags, int) and flags & (_HIDDEN | _NO_VIEW):
        return False
    return not isinstance(through, int | float) or through >= _OPAQUE


def _numbers(value: Any, most: int) -> list[float]:
    numbers = [resolved(number) for number in array(value, most)]
    right = all(isinstance(number, int | float) and math.isfinite(number) for number in numbers)
    return numbers if right else []


def _shown(across: list[float], up: list[float], page: Page) -> Place:
    """Turn corners on the page as it is written into a rectangle on the page as pdfplumber shows it."""
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
    return Place(box[0] + left, box[1] + above, box[2] + left, box[3] + above)
