"""A page's picture with its words over it, as SVG: attributes only, since the policy of our pages allows no styles.

The words are transparent and can be selected; what is marked has boxes under them. It needs no script, and prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from archive.research.marks import Marks
from archive.research.page_words import Box, PageWords, Word

# Of a line's height so much lies under the line on which letters stand.
_BELOW = 0.22
_MARGIN = 0.8
_SVG = Markup(
    '<svg class="page-picture" viewBox="0 0 {} {}" role="img" aria-label="{}">'
    '<image href="{}" width="{}" height="{}" preserveAspectRatio="none"/>{}{}</svg>'
)
_RECT = Markup('<rect class="marked"{} x="{}" y="{}" width="{}" height="{}" rx="1"/>')
_LINE = Markup('<text font-size="{}">{}</text>')
_WORD = Markup('<tspan x="{}" y="{}" textLength="{}" lengthAdjust="spacingAndGlyphs">{}</tspan>')
_UPRIGHT = Markup(
    '<text font-size="{}" transform="rotate(90 {} {})" x="{}" y="{}" textLength="{}" lengthAdjust="spacingAndGlyphs">'
    "{}</text>"
)


def page_svg(words: PageWords, marks: Marks, address: str, name: str) -> Markup:
    """Return the picture of a page at `address`, with the words of its text and boxes around what is marked in it."""
    boxes = words.boxes_of(marks)
    rects = Markup("").join(_rect(box, Markup(' id="picture-hit"') if not at else "") for at, box in enumerate(boxes))
    text = Markup("").join(_lines(words.words))
    width, height = _number(words.width), _number(words.height)
    return _SVG.format(width, height, name, address, width, height, rects, text)


def _rect(box: Box, name: Markup | str) -> Markup:
    wide, high = box.right - box.left + 2 * _MARGIN, box.bottom - box.top + 2 * _MARGIN
    return _RECT.format(name, *map(_number, (box.left - _MARGIN, box.top - _MARGIN, wide, high)))


def _lines(words: Iterable[Word]) -> Iterator[Markup]:
    """Yield a text element for each line: what is selected in it then has blanks between its words."""
    line: list[Markup] = []
    last: Box | None = None
    size = 0.0
    for word in words:
        if not word.boxes:
            continue
        box = word.boxes[0]
        wide, high = box.right - box.left, box.bottom - box.top
        turned = high > 1.5 * wide and len(word.text) > 2
        if last is not None and (turned or not _goes_on(last, box)):
            yield _LINE.format(_number(size), Markup(" ").join(line))
            line, last = [], None
        if turned:
            place = _number(box.left + _BELOW * wide), _number(box.top)
            yield _UPRIGHT.format(_number(wide), *place, *place, _number(high), word.text)
            continue
        size = high if last is None else size
        line.append(_WORD.format(_number(box.left), _number(box.bottom - _BELOW * high), _number(wide), word.text))
        last = box
    if line:
        yield _LINE.format(_number(size), Markup(" ").join(line))


def _goes_on(last: Box, box: Box) -> bool:
    """Tell whether a word stands on the line of the one before it, to its right."""
    level = min(last.bottom, box.bottom) - max(last.top, box.top) > 0.5 * min(
        last.bottom - last.top, box.bottom - box.top
    )
    return level and box.left >= last.left


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
