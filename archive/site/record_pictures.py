"""The history of a record as a timeline, and its money as bars, as SVG drawn here: read without a script.

Each is made of plain facts, and says in words what it shows; the table beside it says the same exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from archive.research.money import Obligation, dollars

WIDTH, LEFT, RIGHT = 720, 12, 12
_BASE, _ROW, _MOST_ROWS = 34, 18, 5
_HIGH, _GAP, _MOST_BARS = 150, 4, 60
_LETTER = 7.2
_OPEN = Markup(
    '<svg class="record-picture {0}" viewBox="0 0 {1} {2}" role="img" aria-labelledby="{0}-title {0}-desc">'
    '<title id="{0}-title">{3}</title><desc id="{0}-desc">{4}</desc>'
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to a record: its day ("2018-01-26"), and what it was in a few words."""

    day: str
    words: str


def timeline(moments: Sequence[Moment], name: str) -> Markup:
    """Return the moments on a line of time, their words where there is room; "" for fewer than two days."""
    told = [(found, one) for one in moments if (found := _ordinal(one.day)) is not None]
    first, last = min((at for at, _ in told), default=0), max((at for at, _ in told), default=0)
    if first == last:
        return Markup("")
    described = "; ".join(f"{one.day}: {one.words}" for _, one in sorted(told, key=lambda one: one[0]))[:3000]
    height = _BASE + _ROW * _MOST_ROWS + 8
    parts = [_OPEN.format("history", WIDTH, height, f"When what happened: {name}", described)]
    parts.append(Markup('<line class="axis" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(LEFT, WIDTH - RIGHT, y=_BASE))
    parts += _years(first, last)
    parts += _moments(told, first, last)
    return Markup("").join([*parts, Markup("</svg>")])


def _years(first: int, last: int) -> Iterator[Markup]:
    years = range(date.fromordinal(first).year + 1, date.fromordinal(last).year + 1)
    for year in years[:: max(1, len(years) // 8)]:
        x = _across(date(year, 1, 1).toordinal(), first, last)
        yield Markup('<line class="axis" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x, _BASE - 8, _BASE)
        yield Markup('<text class="when" x="{}" y="{}" text-anchor="middle">{}</text>').format(x, _BASE - 14, year)


def _moments(told: Sequence[tuple[int, Moment]], first: int, last: int) -> Iterator[Markup]:
    free = [0.0] * _MOST_ROWS
    for at, one in sorted(told, key=lambda pair: pair[0]):
        x = _across(at, first, last)
        yield Markup('<circle class="moment" cx="{}" cy="{}" r="4"><title>{}</title></circle>').format(
            x, _BASE, f"{one.day}: {one.words}"
        )
        words = one.words if len(one.words) <= 40 else f"{one.words[:39]}…"
        long = len(words) * _LETTER
        left = max(LEFT, min(x, WIDTH - RIGHT - long))
        row = next((place for place, end in enumerate(free) if end <= left), None)
        if row is not None:
            free[row] = left + long + 10
            y = _BASE + _ROW * (row + 1)
            yield Markup('<line class="lead" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x, _BASE + 4, y - 10)
            yield Markup('<text class="what" x="{}" y="{}">{}</text>').format(round(left, 1), y, words)


def money_bars(told: Sequence[Obligation], name: str) -> Markup:
    """Return what each action obligated as a bar, and the running total as a line; "" where there are fewer than two.

    What was taken back stands below the line.
    """
    shown = told[-_MOST_BARS:]
    if len(shown) < 2:
        return Markup("")
    most = max(*(one.cents for one in shown), *(one.total for one in shown), 0)
    least = min(*(one.cents for one in shown), *(one.total for one in shown), 0)
    reach = most - least
    if not reach:
        return Markup("")

    def down(cents: int) -> float:
        # Whole numbers until the last step: a picture has tenths of a point, amounts have cents.
        return 20 + (most - cents) * _HIGH * 10 // reach / 10

    step = (WIDTH - LEFT - RIGHT) / len(shown)
    wide = max(step - _GAP, 2)
    described = f"{len(told)} actions come to {dollars(told[-1].total)} US dollars. " + "; ".join(
        f"{one.day}: {dollars(one.cents)}" for one in shown
    )
    parts = [_OPEN.format("money", WIDTH, _HIGH + 58, f"What was obligated: {name}", described[:3000])]
    points = []
    for place, one in enumerate(shown):
        left, zero, end = LEFT + place * step, down(0), down(one.cents)
        words = f"{one.day}, modification {one.modification}: {dollars(one.cents)} US$, in all {dollars(one.total)}"
        parts.append(_bar("taken" if one.cents < 0 else "given", left, wide, (zero, end), words))
        points.append(f"{round(left + wide / 2, 1)},{down(one.total)}")
    line = Markup('<line class="axis" x1="{}" x2="{}" y1="{y}" y2="{y}"/>')
    parts.append(line.format(LEFT, WIDTH - RIGHT, y=down(0)))
    parts.append(Markup('<polyline class="total" points="{}"/>').format(" ".join(points)))
    text = Markup('<text class="when" x="{}" y="{}" text-anchor="{}">{}</text>')
    parts.append(text.format(LEFT, 12, "start", "Bars: each action. Line: all up to it."))
    parts.append(text.format(WIDTH - RIGHT, 12, "end", f"In all {dollars(told[-1].total)} US$"))
    parts.append(text.format(LEFT, _HIGH + 50, "start", shown[0].day))
    parts.append(text.format(WIDTH - RIGHT, _HIGH + 50, "end", shown[-1].day))
    return Markup("").join([*parts, Markup("</svg>")])


def _bar(kind: str, left: float, wide: float, ends: tuple[float, float], words: str) -> Markup:
    high = max(round(abs(ends[0] - ends[1]), 1), 1)
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
        kind, round(left, 1), min(ends), round(wide, 1), high, words
    )


def _across(at: int, first: int, last: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (at - first) / (last - first), 1)


def _ordinal(day: str) -> int | None:
    try:
        return date.fromisoformat(day[:10]).toordinal()
    except ValueError:
        return None
