"""What happened, in lanes over time, as SVG drawn here: read without a script, and in a file of its own.

It is made of plain marks, whatever they are of. A mark is as long as what is known of its time: a day, a month, a
year, or from one day to another. Colours come from the style sheet by class; without one from the shapes themselves.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import cycle

from markupsafe import Markup

WIDTH, LEFT, RIGHT = 720, 12, 12
HEAD, ROW, BAR = 26, 46, 16
_FEWEST = 5  # what is of one day is as wide as this
_LONGEST_TOLD = 4_000
_LETTER = 6.4
# What no XML can hold.
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPEN = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" class="lanes" viewBox="0 0 {0} {1}" role="img"'
    ' aria-labelledby="{2}-title {2}-desc" font-family="sans-serif" font-size="11" fill="#1c2126">'
    '<title id="{2}-title">{3}</title><desc id="{2}-desc">{4}</desc>'
)
# By turns, so that lanes are told apart; what they are says the words above each.
_FILLS = ("#12476b", "#b05a1e", "#2f7a55", "#7a4a9c", "#8a7412", "#6d737a")


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing in a lane: `since` and `until` are days, months or years, as exact as they are known; `words` say what
    it is, `label` a few of them where there is room; `count` how many things it stands for."""

    since: str
    until: str
    words: str
    label: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the picture."""

    name: str
    marks: Sequence[Mark]


def draw_lanes(lanes: Sequence[Lane], title: str, name: str) -> Markup:
    """Return the lanes as an <svg> element whose ids begin with `name`; "" where nothing in them has a time."""
    title = _cleaned(title)
    held = [(lane, [(span, _sound(mark)) for mark in lane.marks if (span := _span(mark))]) for lane in lanes]
    shown = [(lane, marks) for lane, marks in held if marks]
    if not shown:
        return Markup("")
    first = min(span[0] for _, marks in shown for span, _ in marks)
    last = max(span[1] for _, marks in shown for span, _ in marks)
    axis = _Axis(first, max(last, first + 1))
    height = HEAD + ROW * len(shown) + 24
    parts = [_OPEN.format(WIDTH, height, name, title, _told(shown)), *_years(axis, height)]
    for place, ((lane, marks), fill) in enumerate(zip(shown, cycle(_FILLS), strict=False)):
        top = HEAD + ROW * place
        parts.append(Markup('<text class="label" x="{}" y="{}">{}</text>').format(LEFT, top + 12, lane.name))
        parts += _marks(axis, marks, top + 18, fill, f"color-{place % len(_FILLS)}")
    return Markup("").join([*parts, *_ends(axis, height), Markup("</svg>")])


def _sound(mark: Mark) -> Mark:
    return replace(mark, words=_cleaned(mark.words), label=_cleaned(mark.label))


def _cleaned(words: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", words)


class _Axis:
    """Where a day stands."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def at(self, day: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT - _FEWEST) * (day - self.first) / (self.last - self.first), 1)


def _span(mark: Mark) -> tuple[int, int] | None:
    """Return the first and the last day that a mark may be of."""
    first, last = _days(mark.since), _days(mark.until or mark.since)
    return (first[0], max(first[0], last[1])) if first and last else None


def _days(words: str) -> tuple[int, int] | None:
    """Return the first and the last day of a day, month or year."""
    parts = words[:10].split("-")
    try:
        year = int(parts[0])
        month = int(parts[1]) if len(parts) > 1 else 0
        first = date(year, month or 1, int(parts[2]) if len(parts) > 2 else 1)
        last_month = month or 12
        last = first if len(parts) > 2 else date(year, last_month, calendar.monthrange(year, last_month)[1])
    except (ValueError, IndexError):
        return None
    return first.toordinal(), last.toordinal()


def _years(axis: _Axis, height: int) -> Iterator[Markup]:
    years = range(date.fromordinal(axis.first).year + 1, date.fromordinal(axis.last).year + 1)
    for year in years[:: max(1, len(years) // 8)]:
        x = axis.at(date(year, 1, 1).toordinal())
        yield Markup('<line class="year" stroke="#b9c0c7" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(
            x, HEAD - 6, height - 20
        )
        yield Markup('<text class="when" x="{}" y="{}" text-anchor="middle">{}</text>').format(x, HEAD - 10, year)


def _ends(axis: _Axis, height: int) -> Iterator[Markup]:
    for x, anchor, day in ((LEFT, "start", axis.first), (WIDTH - RIGHT, "end", axis.last)):
        words = date.fromordinal(day).isoformat()
        yield Markup('<text class="when" x="{}" y="{}" text-anchor="{}">{}</text>').format(x, height - 6, anchor, words)


def _marks(
    axis: _Axis, marks: Sequence[tuple[tuple[int, int], Mark]], top: int, fill: str, colour: str
) -> Iterator[Markup]:
    most = max(mark.count for _, mark in marks)
    free = 0.0
    for (first, last), mark in sorted(marks, key=lambda one: one[0]):
        x = axis.at(first)
        wide = round(max(axis.at(last) - x, _FEWEST), 1)
        high = max(4, BAR * mark.count // most)
        yield Markup(
            '<rect class="{}" fill="{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>'
        ).format(colour, fill, x, top + BAR - high, wide, high, mark.words)
        long = len(mark.label) * _LETTER
        # Behind its mark; before it where that is the last that there is room for.
        places = [left for left in (x + wide + 3, x - long - 3) if free <= left <= WIDTH - RIGHT - long]
        if mark.label and places:
            left = places[0]
            yield Markup('<text class="in" x="{}" y="{}">{}</text>').format(round(left, 1), top + BAR - 4, mark.label)
            free = max(left + long, x + wide) + 6
        else:
            free = max(free, x + wide)


def _told(shown: Sequence[tuple[Lane, Sequence[tuple[tuple[int, int], Mark]]]]) -> str:
    """Return the picture in words, for who doesn't see it."""
    told = [f"{lane.name}: {'; '.join(mark.words for _, mark in marks[:60])}" for lane, marks in shown]
    return (". ".join(told) + ".")[:_LONGEST_TOLD]
