"""A document's story in one picture, as SVG: spans over time, one row for lists and one for each address, versions.

It is made of a story's data (archive/research/story.py) alone. Colours come from the style sheet by class, so that it
is read in light and dark; no state is told by colour alone; the table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from archive.counted import counted
from archive.research.rows import Row

WIDTH, LEFT, RIGHT = 520, 8, 8
BAR, ROW, HEAD = 14, 44, 22
_FEWEST = 5  # what was seen once is as wide as this
_MOST_ADDRESSES = 12
WORDS = {
    "listed": "listed",
    "unlisted": "on the server, not listed",
    "delisted": "taken off its list",
    "answers": "answers",
    "other": "another document stands there",
    "redirect": "leads to another address",
    "blocked": "blocked",
    "missing": "not found",
    "gone": "gone",
    "error": "failed",
}
# As wide as a letter is, about: what fits into a bar is written there.
_LETTER = 6.2


def picture(story: Row, name: str) -> Markup:
    """Return the picture of a story as an <svg> element; "" where nothing in it has a time."""
    spans = [*story["listing"], *(span for address in story["addresses"] for span in address["spans"])]
    instants = [_seconds(one) for span in spans for one in (span["since"], span["until"])]
    instants += [_seconds(version["first_seen"]) for version in story["versions"]]
    known = [one for one in instants if one is not None]
    if not known:
        return Markup("")
    axis = _Axis(min(known), max(known))
    rows = list(_rows(story))
    height = HEAD + ROW * len(rows) + 26
    parts = [
        Markup('<svg class="story" viewBox="0 0 {} {}" role="img" aria-labelledby="story-title story-desc">').format(
            WIDTH, height
        ),
        Markup('<title id="story-title">{}</title><desc id="story-desc">{}</desc>').format(
            f"What became of {name}", _told(story)
        ),
        *_axis(axis, height),
    ]
    for place, (label, held) in enumerate(rows):
        top = HEAD + ROW * place
        parts.append(Markup('<text class="label" x="{}" y="{}">{}</text>').format(LEFT, top + 12, label))
        parts += _versions(axis, held, top + 18) if label == "Versions" else _bars(axis, held, top + 18)
    return Markup("").join([*parts, Markup("</svg>")])


def _rows(story: Row) -> Iterator[tuple[str, Sequence[Row]]]:
    if story["listing"]:
        yield "On lists", story["listing"]
    for address in story["addresses"][:_MOST_ADDRESSES]:
        yield _shortened(address["url_key"]), address["spans"]
    if more := story["addresses"][_MOST_ADDRESSES:]:
        yield f"… and {counted(len(more), 'more address', 'more addresses')}, in the table", ()
    if story["versions"]:
        yield "Versions", story["versions"]


def _shortened(key: str) -> str:
    """Return an address as far as a row has room for it: its host, and its end."""
    most = int((WIDTH - LEFT - RIGHT) / 8)
    host, _, path = key.partition("/")
    return key if len(key) <= most else f"{host[:30]}/…{path[-(most - min(len(host), 30) - 2) :]}"


class _Axis:
    """Where an instant stands."""

    def __init__(self, first: float, last: float) -> None:
        self.first, self.last = first, last

    def at(self, seconds: float) -> float:
        width = WIDTH - LEFT - RIGHT - _FEWEST
        share = (seconds - self.first) / (self.last - self.first) if self.last > self.first else 0.0
        return round(LEFT + share * width, 1)


def _seconds(instant: str) -> float | None:
    """Return an instant in seconds, None for what is none."""
    try:
        return datetime.fromisoformat(instant).timestamp()
    except (ValueError, OverflowError):
        return None


def _axis(axis: _Axis, height: int) -> Iterator[Markup]:
    """Yield the years' lines, or the first and the last day where all is within a year."""
    first, last = (datetime.fromtimestamp(one, UTC) for one in (axis.first, axis.last))
    years = range(first.year + 1, last.year + 1)
    step = max(1, len(years) // 8)
    for year in years[::step]:
        x = axis.at(datetime(year, 1, 1, tzinfo=UTC).timestamp())
        yield Markup('<line class="year" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x, HEAD - 4, height - 22)
        yield Markup('<text class="when" x="{}" y="{}" text-anchor="middle">{}</text>').format(x, HEAD - 8, year)
    ends = ((LEFT, "start", first), (WIDTH - RIGHT, "end", last))
    for x, anchor, day in ends[: 1 if first.date() == last.date() else 2]:
        words = day.date().isoformat()
        yield Markup('<text class="when" x="{}" y="{}" text-anchor="{}">{}</text>').format(x, height - 6, anchor, words)


def _bars(axis: _Axis, spans: Iterable[Row], top: int) -> Iterator[Markup]:
    end: float | None = None
    for span in spans:
        since, until = _seconds(span["since"]), _seconds(span["until"])
        if since is None or until is None:
            continue
        left, right = axis.at(since), max(axis.at(until), axis.at(since) + _FEWEST)
        if end is not None and left > end:
            middle = top + BAR / 2
            yield Markup('<line class="unknown" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(end, left, middle, middle)
        words = WORDS.get(span["state"], str(span["state"]))
        yield Markup('<rect class="s-{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>').format(
            span["state"], left, top, round(right - left, 1), BAR, _spoken(words, span)
        )
        if len(words) * _LETTER < right - left - 6:
            yield Markup('<text class="in s-{}" x="{}" y="{}">{}</text>').format(
                span["state"], round(left + 4, 1), top + BAR - 3.5, words
            )
        end = right


def _versions(axis: _Axis, versions: Sequence[Row], top: int) -> Iterator[Markup]:
    """Yield a tick for each version, numbered where there is room."""
    last = -100.0
    for version in versions:
        seconds = _seconds(version["first_seen"])
        if seconds is None:
            continue
        x = axis.at(seconds)
        yield Markup('<rect class="tick" x="{}" y="{}" width="3" height="{}"><title>{}</title></rect>').format(
            x, top, BAR, f"Version {version['ordinal']}, first seen {version['first_seen'][:10]}"
        )
        if x - last > 20 and x < WIDTH - RIGHT - 14:
            yield Markup('<text class="in" x="{}" y="{}">{}</text>').format(x + 5, top + BAR - 3, version["ordinal"])
            last = x


def _spoken(words: str, span: Row) -> str:
    day, until = span["since"][:10], span["until"][:10]
    return f"{words}: seen {day}" if day == until else f"{words}: seen {day} to {until}"


def _told(story: Row) -> str:
    """Return the story in a few sentences, for who doesn't see the picture."""
    told = []
    if story["listing"]:
        told.append("On lists: " + "; ".join(_spoken(WORDS.get(s["state"], s["state"]), s) for s in story["listing"]))
    for address in story["addresses"][:_MOST_ADDRESSES]:
        states = "; ".join(_spoken(WORDS.get(s["state"], s["state"]), s) for s in address["spans"])
        told.append(f"{address['url']}: {states}")
    if story["versions"]:
        days = ", ".join(version["first_seen"][:10] for version in story["versions"][:40])
        told.append(f"Versions first seen: {days}")
    return ". ".join(told)[:4000] + "."
