"""Puts what a page draws into the order in which people read it: words to lines, lines to columns, columns in order.

It knows one page and no PDF; what only the pages around it can tell (running headers, notes) comes after.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from pipelines.text.columns import Wall, body_size, find_walls
from pipelines.text.drawn import Box, Word
from pipelines.text.layout import Block, Line, PageLayout

# More blocks than any page of text has are ordered from the top, since weighing each against each costs their square.
_MOST_BLOCKS = 250
# Which walls a column stands between.
_Key = tuple[int, int]
_TABLE = (-2, -2)
# A raised mark is at most so large, of the line that it belongs to; some programs make it only a sixth smaller.
_RAISED = 0.9
_MARK_LETTERS = frozenset("0123456789*†‡§¶#abcdefghijklmnopqrstuvwxyz")


def lay_out(
    words: Sequence[Word], boxes: Sequence[Box], width: float, height: float, tables: Sequence[Block] = ()
) -> PageLayout:
    """Return the page's blocks in reading order.

    `words` are those that stand in no table, on a page that is turned as most of them are (pipelines/text/turning.py);
    all sizes are in points. Text that is turned against them comes last, as side notes. The order between blocks is
    that of Breuel (High Performance Document Layout Analysis, 2003): of two that overlap in x the upper is first, else
    the left one, unless a third lies between them and spans both.
    """
    upright = [word for word in words if not word.turn]
    turned = _turned_blocks([word for word in words if word.turn])
    em = body_size(upright)
    blocks = _blocks(upright, find_walls(upright, em), em, tables)
    ordered = _in_order([*blocks, *tables])
    main, beside = _side_notes(ordered, em)
    return PageLayout(width, height, (*main, *beside, *turned), _rules(boxes, width))


def column_words(words: Sequence[Word]) -> list[list[int]]:
    """Return the places of the words of each column; one list where the page has a single column."""
    em = body_size(words)
    walls = find_walls(words, em)
    columns: dict[_Key, list[int]] = {}
    for place, word in enumerate(words):
        columns.setdefault(_between(word, walls), []).append(place)
    return list(columns.values())


def _turned_blocks(words: Sequence[Word]) -> list[Block]:
    """Return the text that runs another way than the page's, each of its lines as a side note."""
    lines: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        across = (word.x0 + word.x1) / 2 if word.turn in (90, 270) else (word.top + word.bottom) / 2
        lines.setdefault((word.turn, round(across / max(word.size, 4.0))), []).append(word)
    found = []
    for (turn, _), line in sorted(lines.items()):
        line.sort(key=lambda word: {90: word.top, 270: -word.bottom}.get(turn, -word.x1))
        found.append(_line(line))
    return [Block("side-note", (line,), line.x0, line.x1) for line in found]


def _blocks(words: Sequence[Word], walls: Sequence[Wall], em: float, tables: Iterable[Block]) -> list[Block]:
    """Put words between the same walls together, and part what another column's line or a table comes between."""
    columns: dict[_Key, list[Word]] = {}
    for word in words:
        columns.setdefault(_between(word, walls), []).append(word)
    lines = {key: _lines(held, em) for key, held in columns.items()}
    every = [(key, line) for key, held in lines.items() for line in held]
    every += [(_TABLE, line) for table in tables for line in table.lines]
    every.sort(key=lambda one: one[1].middle)
    levels = [line.middle for _, line in every]
    others = partial(_others_between, every, levels)
    return [block for key, held in lines.items() for block in _parted(held, partial(others, key))]


def _others_between(
    every: Sequence[tuple[_Key, Line]], levels: Sequence[float], key: _Key, top: float, bottom: float
) -> Iterator[Line]:
    """Yield the other columns' lines whose middles lie between; `levels` are those of `every` line, from the top."""
    for place in range(bisect_right(levels, top), bisect_left(levels, bottom)):
        if every[place][0] != key:
            yield every[place][1]


def _between(word: Word, walls: Sequence[Wall]) -> _Key:
    """Return which walls stand next to the word, left and right (-1: none)."""
    middle, left, right = (word.top + word.bottom) / 2, -1, -1
    centre = (word.x0 + word.x1) / 2
    for number, wall in enumerate(walls):
        if wall.top <= middle <= wall.bottom:
            if wall.x <= centre and (left < 0 or wall.x > walls[left].x):
                left = number
            elif wall.x > centre and (right < 0 or wall.x < walls[right].x):
                right = number
    return left, right


def _lines(words: list[Word], em: float) -> list[Line]:
    """Put the words of one column into lines, from the top; a raised mark belongs to the line beside it."""
    words.sort(key=lambda word: (word.top + word.bottom, word.x0))
    lines: list[list[Word]] = []
    level = span = 0.0
    for word in words:
        middle = (word.top + word.bottom) / 2
        if not lines or middle - level > 0.5 * min(span, word.size or span):
            lines.append([])
            level, span = middle, word.size or em
        elif word.size > span:
            level, span = middle, word.size
        lines[-1].append(word)
    joined = _with_raised(lines)
    return [_line(sorted(line, key=lambda word: word.x0)) for line in joined]


def _with_raised(lines: list[list[Word]]) -> list[list[Word]]:
    """Join what is small and stands between two lines, or in a line of its own, to the line it reaches into."""
    joined: list[list[Word]] = []
    for number, line in enumerate(lines):
        size = max(word.size for word in line)
        after = lines[number + 1] if number + 1 < len(lines) else []
        if after and size < _RAISED * max(word.size for word in after):
            top = min(word.top for word in after)
            bottom = max(word.bottom for word in line)
            if bottom > top + 0.25 * size and all(len(word.text) <= 4 for word in line):
                after += line
                continue
        before = joined[-1] if joined else []
        if before and size < _RAISED * max(word.size for word in before) and all(len(word.text) <= 4 for word in line):
            bottom = max(word.bottom for word in before)
            if min(word.top for word in line) < bottom - 0.25 * size:
                before += line
                continue
        joined.append(line)
    return joined


def _line(words: Sequence[Word]) -> Line:
    sizes: Counter[float] = Counter()
    bold = 0
    for word in words:
        sizes[word.size] += len(word.text)
        bold += len(word.text) if _is_bold(word.font) else 0
    size = max(sizes.items(), key=lambda entry: (entry[1], entry[0]))[0]
    first = words[0]
    marked = len(words) > 1 and first.size < 0.85 * size and set(first.text) <= _MARK_LETTERS and len(first.text) <= 3
    return Line(
        " ".join(word.text for word in words),
        first.x0,
        min(word.top for word in words),
        max(word.x1 for word in words),
        max(word.bottom for word in words),
        size,
        2 * bold > sum(sizes.values()),
        marked,
    )


def _is_bold(font: str) -> bool:
    name = font.lower()
    return "bold" in name or "black" in name or "heavy" in name or name.endswith(("-bd", ",b"))


def _parted(lines: Sequence[Line], others: Callable[[float, float], Iterable[Line]]) -> list[Block]:
    """Cut a column where another's line lies between two of its lines and reaches over them."""
    blocks = [[lines[0]]]
    for before, line in pairwise(lines):
        left, right = min(before.x0, line.x0), max(before.x1, line.x1)
        if any(other.x0 < right and other.x1 > left for other in others(before.bottom, line.top)):
            blocks.append([])
        blocks[-1].append(line)
    return [Block("text", tuple(held), min(line.x0 for line in held), max(line.x1 for line in held)) for held in blocks]


def _in_order(blocks: Sequence[Block]) -> list[Block]:
    from_top = sorted(blocks, key=lambda block: (block.top, block.left))
    if len(blocks) > _MOST_BLOCKS:
        return from_top
    sides = _spans(from_top)
    before = [
        {other for other in range(len(sides)) if other != one and _is_before(other, one, sides)}
        for one in range(len(sides))
    ]
    ordered, left = [], list(range(len(sides)))
    while left:
        waiting = set(left)
        # In a circle (text set into text) the uppermost goes first.
        chosen = next((one for one in left if not before[one] & waiting), left[0])
        left.remove(chosen)
        ordered.append(from_top[chosen])
    return ordered


def _spans(blocks: Sequence[Block]) -> list[tuple[float, float, float, float]]:
    """Return each block's left, right, top and bottom; one with nothing beside it reaches over the whole page."""
    sides = [(block.left, block.right, block.top, block.bottom) for block in blocks]
    left, right = min((side[0] for side in sides), default=0.0), max((side[1] for side in sides), default=0.0)
    alone = [not any(other != one and other[2] < one[3] and one[2] < other[3] for other in sides) for one in sides]
    return [(left, right, *side[2:]) if by_itself else side for side, by_itself in zip(sides, alone, strict=True)]


def _is_before(one: int, other: int, sides: Sequence[tuple[float, float, float, float]]) -> bool:
    left, right, top, bottom = sides[one]
    left2, right2, top2, bottom2 = sides[other]
    slack = 1.0
    if left < right2 - slack and left2 < right - slack:
        return top + bottom < top2 + bottom2
    if left >= left2:
        return False
    low, high = min(bottom, bottom2), max(top, top2)
    return not any(
        number not in (one, other)
        and low - slack <= side[2]
        and side[3] <= high + slack
        and side[0] < min(right, right2) - slack
        and side[1] > max(left, left2) + slack
        for number, side in enumerate(sides)
    )


def _side_notes(blocks: Sequence[Block], em: float) -> tuple[list[Block], list[Block]]:
    """Part the narrow columns in the margin, whose letters are few and no larger, from the text beside them."""
    text = [block for block in blocks if block.kind == "text"]
    if len(text) < 2:
        return list(blocks), []
    letters = {id(block): sum(len(line.text) for line in block.lines) for block in text}
    main = max(text, key=lambda block: (block.right - block.left) * letters[id(block)])
    width, held = main.right - main.left, letters[id(main)]

    def is_beside(block: Block) -> bool:
        outside = block.right <= main.left or block.left >= main.right
        if not outside or block.right - block.left >= 0.4 * width or letters[id(block)] >= 0.35 * held:
            return False
        sizes = [line.size for line in block.lines]
        # Notes as large as the text are few beside much of it.
        return max(sizes) <= 1.1 * em and (min(sizes) < 0.95 * em or (held > 400 and letters[id(block)] < 0.25 * held))

    beside = [block for block in text if is_beside(block)]
    notes = {id(block) for block in beside}
    kept = [block for block in blocks if id(block) not in notes]
    return kept, [block._replace(kind="side-note") for block in beside]


def _rules(boxes: Iterable[Box], width: float) -> tuple[tuple[float, float, float], ...]:
    """Return the horizontal rules that are no underline of the whole page's width: (x0, x1, y)."""
    found = {
        (box.x0, box.x1, box.top)
        for box in boxes
        if box.bottom - box.top <= 2.5 and 20 <= box.x1 - box.x0 <= 0.95 * width
    }
    return tuple(sorted(found, key=lambda rule: rule[2]))[:200]
