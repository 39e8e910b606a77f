"""Words, lines and pages as the steps of reading see them: letters half as wide as high, lines 12 points apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from pipelines.text.drawn import Word
from pipelines.text.layout import Block, Line, PageLayout

WIDTH, HEIGHT, SIZE, PITCH = 612.0, 792.0, 10.0, 12.0

# Words have finite places (pipelines/text/words.py), but those of a broken file may be anywhere and have any size.
NUMBERS = st.one_of(st.floats(-100, 900), st.floats(-1e6, 1e6), st.sampled_from([0.0, 72.0, 84.0, 300.0, 1e6, -1e6]))
SIZES = st.one_of(st.sampled_from([0.0, 6.5, 8.0, 10.0, 12.0, 1e6]), st.floats(0, 1e6))
TEXTS = st.text("ab1.-•(*ﬁא😀", min_size=1, max_size=6)
SIDES = st.tuples(NUMBERS, NUMBERS).map(sorted)
ANY_WORDS = st.lists(
    st.builds(
        lambda text, across, down, size, font, turn: Word(
            text, across[0], down[0], across[1], down[1], size, font, turn=turn
        ),
        TEXTS, SIDES, SIDES, SIZES, st.sampled_from(["", "Serif-Bold"]), st.sampled_from([0, 0, 90, 180, 270]),
    ),
    max_size=25,
)  # fmt: skip


def words(text: str, x: float = 72, top: float = 72, *, size: float = SIZE, font: str = "") -> list[Word]:
    """Return a line of words, half of `size` wide a letter, from x on."""
    line = []
    for one in text.split():
        line.append(Word(one, x, top, x + size / 2 * len(one), top + size, size, font))
        x = line[-1].x1 + size / 4
    return line


def column(texts: Iterable[str], x: float = 72, top: float = 72, *, size: float = SIZE) -> list[Word]:
    """Return the words of lines that stand one under the other."""
    return [one for place, text in enumerate(texts) for one in words(text, x, top + 1.2 * size * place, size=size)]


def prose(name: str, lines: int, letters: int = 40) -> list[str]:
    """Return lines of `letters` letters, in which every word is another: its column's name and its number."""
    found, number = [], 0
    for _ in range(lines):
        line = ""
        while len(line) + 8 <= letters:
            line += f"{name}{number:04} "
            number += 1
        found.append(line.strip())
    return found


def said(page: PageLayout) -> list[str]:
    """Return the words of a page in its order."""
    return [one for block in page.blocks for line in block.lines for one in line.text.split()]


def counted(words: Iterable[Word]) -> Counter[str]:
    return Counter(one for word in words for one in word.text.split())


def turned(words: Sequence[Word], turn: int, width: float = WIDTH, height: float = HEIGHT) -> list[Word]:
    """Return the words of a page of this size after it is turned clockwise by 90, 180 or 270 degrees."""
    for _ in range(turn // 90):
        words = [
            one._replace(
                x0=height - one.bottom, top=one.x0, x1=height - one.top, bottom=one.x1, turn=(one.turn + 90) % 360
            )
            for one in words
        ]
        width, height = height, width
    return list(words)


def line(text: str, x: float = 72, top: float = 72, *, x1: float | None = None, size: float = SIZE, bold: bool = False,
         marked: bool = False) -> Line:  # fmt: skip
    return Line(text, x, top, x + size / 2 * len(text) if x1 is None else x1, top + size, size, bold, marked)


def block(*lines: Line, kind: str = "text") -> Block:
    return Block(kind, lines, min(one.x0 for one in lines), max(one.x1 for one in lines))


def text_block(*texts: str, x: float = 72, top: float = 200, x1: float | None = None) -> Block:
    """Return a block of lines one under the other; all but the last end at x1 if there is one."""
    ends = [x1] * (len(texts) - 1) + [None]
    return block(
        *(line(text, x, top + PITCH * n, x1=end) for n, (text, end) in enumerate(zip(texts, ends, strict=True)))
    )


def page(*blocks: Block, rules: tuple[tuple[float, float, float], ...] = ()) -> PageLayout:
    return PageLayout(WIDTH, HEIGHT, blocks, rules)
