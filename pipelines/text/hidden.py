"""Tells which letters of a page can be seen; it knows letters, boxes and pictures as values, and nothing of PDF.

What lies under a box is a redaction that failed: it is counted and left out. What can't be seen for another reason
(white on white, off the page, too small, drawn invisibly, in a layer that is switched off) may be bait for search
engines; it is counted and left out, too. The invisible letters of a scan's text layer are what makes it readable,
and stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from pipelines.text.drawn import Box, Letter, Picture
from pipelines.text.reading import Fact

# A letter's place is its font's: taller than what is drawn of it. So a box hides it that covers this much of it.
_SHARE_WIDE, _SHARE_HIGH = 0.5, 0.6
# Shades at which two colours can't differ and still be told apart.
_WHITE, _BLACK = 0.99, 0.04
# Smaller than any print: points.
_SMALLEST = 1.0
# A rule or an underline, which hides no letter: points.
_THIN = 0.6
_MOST_COMPARED = 5_000_000
_BANDS = 64
_ANYWHERE = 1e9


class Spot(NamedTuple):
    """A place on the page where letters lie under something, in points from its upper left corner."""

    x0: float
    top: float
    x1: float
    bottom: float


class Seen(NamedTuple):
    """What `seen` found: the letters to publish in their order, and how many others there are, blanks not counted.

    `spots` are the boxes over the `covered` ones, from the top; what is written again over its box, and one repeated
    letter ("XXXX"), tell nothing and aren't among them.
    """

    letters: list[Letter]
    covered: int = 0
    spots: tuple[Spot, ...] = ()
    off_page: int = 0
    white: int = 0
    invisible: int = 0
    tiny: int = 0
    switched_off: int = 0

    @property
    def hidden(self) -> int:
        """Those that can't be seen and aren't covered."""
        return self.off_page + self.white + self.invisible + self.tiny + self.switched_off


def hidden_facts(found: Seen, page: int) -> list[Fact]:
    """Return what a reader has to know of a page whose letters can't all be seen; none of these letters is in it."""
    facts = []
    if found.covered:
        facts.append(Fact("covered-text", f"{_letters(found.covered)} under {_boxes(len(found.spots))}", page))
    for count, why in (
        (found.white, "white on white"),
        (found.off_page, "off the page"),
        (found.invisible, "drawn without ink"),
        (found.tiny, "too small to read"),
        (found.switched_off, "in a layer that is switched off"),
    ):
        if count:
            facts.append(Fact("hidden-text", f"{_letters(count)} {why}", page))
    return facts


def _boxes(count: int) -> str:
    return "1 box" if count == 1 else f"{count} boxes"


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"


class TooMuchDrawnError(Exception):
    """So many boxes that it would take too long to say what they hide."""


class _Area(NamedTuple):
    """Something that is filled: `shade` is None for a picture, `hides` says whether what was drawn before can be
    under it."""

    place: Spot
    shade: float | None
    order: int
    hides: bool


def seen(
    letters: Sequence[Letter],
    boxes: Sequence[Box],
    pictures: Sequence[Picture],
    shapes: Sequence[Picture],
    shown: tuple[float, float, float, float],
) -> Seen:
    """Part a page's letters into those that can be seen and the others.

    `shapes` are whatever else is filled (their places are larger than they: letters may stand out from them);
    `shown` is the part of the page that is shown, by x0, top, x1 and bottom.

    The rules: what is filled, opaque and drawn later hides; ISO 32000-1, 8.2 (objects are painted in order, each over
    those before). Rules and underlines are too thin to hide a letter, highlights and shadings are transparent or drawn
    before the words. A white area of half a page is a page's background or was clipped, and a picture of half a
    page is a scan: they hide nothing. Raises TooMuchDrawnError.
    """
    page = Spot(*shown)
    if not (1 <= page.x1 - page.x0 < inf and 1 <= page.bottom - page.top < inf):
        # A page of no size, or of no end, is shown by viewers as one that has some.
        page = Spot(-_ANYWHERE, -_ANYWHERE, _ANYWHERE, _ANYWHERE)
    scanned = _covered_share(pictures, page) >= 0.5
    ground = _Ground(_areas(boxes, [*pictures, *shapes], scanned, _size(page)), page)
    kept: list[Letter] = []
    counts = dict.fromkeys(("off_page", "white", "invisible", "tiny"), 0)
    under: dict[Spot, list[Letter]] = {}
    left, top, right, bottom = page
    for letter in letters:
        _, x0, y0, x1, y1, size, _, _, shade, invisible, order, _, _ = letter
        across, down = (x0 + x1) / 2, (y0 + y1) / 2
        why: Spot | str | None = None
        if not (left <= across <= right and top <= down <= bottom):
            why = "off_page"
        elif order < ground.hidden_until:
            why = ground.over(letter, across, down)
        # For most letters it doesn't matter what lies under them, which takes long to find.
        if why is None and (
            invisible or size < _SMALLEST or (shade is not None and not ground.darkest < shade < _WHITE)
        ):
            why = _why_hidden(letter, ground.below(letter, across, down), scanned)
        if why is None or letter.text.isspace():
            kept.append(letter)
        elif isinstance(why, Spot):
            under.setdefault(why, []).append(letter)
        else:
            counts[why] += 1
    # So many boxes over letters are a drawing, whose letters aren't looked for again.
    telling = _telling(under, kept) if len(under) * len(kept) < _MOST_COMPARED else under
    spots = sorted(telling, key=lambda spot: (spot.top, spot))
    return Seen(kept, sum(map(len, telling.values())), tuple(spots), **counts)


def _telling(under: dict[Spot, list[Letter]], kept: Sequence[Letter]) -> dict[Spot, list[Letter]]:
    """Leave out boxes over which the same letters are written again, and those over nothing but one repeated letter."""
    telling = {}
    for spot, letters in under.items():
        again = Counter(letter.text for letter in kept if _lies_in(letter, spot))
        if not Counter(letter.text for letter in letters) - again:
            continue
        if len(letters) == 1 or len({letter.text for letter in letters}) > 1:
            telling[spot] = letters
    return telling


def _lies_in(letter: Letter, spot: Spot) -> bool:
    across, down = (letter.x0 + letter.x1) / 2, (letter.top + letter.bottom) / 2
    return spot.x0 <= across <= spot.x1 and spot.top <= down <= spot.bottom


def _why_hidden(letter: Letter, below: _Area | None, scanned: bool) -> Spot | str | None:
    if letter.invisible:
        return None if scanned or (below is not None and below.shade is None) else "invisible"
    return "tiny" if letter.size < _SMALLEST else _by_shade(letter.shade, below)


def _by_shade(shade: float | None, below: _Area | None) -> Spot | str | None:
    """Why a letter of this shade doesn't stand out from what it was drawn on."""
    ground = 1.0 if below is None else below.shade
    if shade is None or ground is None:
        return None
    if min(shade, ground) >= _WHITE:
        return "white"
    return below.place if below is not None and max(shade, ground) <= _BLACK else None


def _areas(boxes: Sequence[Box], pictures: Sequence[Picture], scanned: bool, page: float) -> Iterable[_Area]:
    for box in boxes:
        x0, top, x1, bottom, shade, _, order, opaque = box
        if shade is not None and x1 - x0 >= _THIN and bottom - top >= _THIN:
            place = Spot(x0, top, x1, bottom)
            hides = opaque and (shade < _WHITE or _size(place) < page / 2)
            yield _Area(place, shade if opaque else None, order, hides)
    for picture in pictures:
        place = Spot(*picture[:4])
        yield _Area(place, None, picture.order, picture.opaque and not scanned)


def _size(place: Spot) -> float:
    return (place.x1 - place.x0) * (place.bottom - place.top)


def _covered_share(pictures: Sequence[Picture], page: Spot) -> float:
    """How much of the page the pictures cover at most; scans come in strips and in layers."""
    total = 0.0
    for picture in pictures:
        wide = min(picture.x1, page.x1) - max(picture.x0, page.x0)
        high = min(picture.bottom, page.bottom) - max(picture.top, page.top)
        if wide > 0 and high > 0:
            total += wide * high
    return total / _size(page)


class _Ground:
    """All filled areas of a page, found by the height at which they lie.

    A letter can lie under one only if fewer than `hidden_until` were drawn before it, and can't be told from one only
    if it is no lighter than `darkest`, or white.
    """

    def __init__(self, areas: Iterable[_Area], page: Spot) -> None:
        self._top, self._step = page.top, (page.bottom - page.top) / _BANDS
        self._all: dict[int, list[_Area]] = {}
        self._hiding: dict[int, list[_Area]] = {}
        self._compared, self.hidden_until, self.darkest = 0, 0, -1.0
        # The uppermost first: of those between the same letters, the one that was drawn last.
        for area in sorted(areas, key=lambda area: area.order)[::-1]:
            top, bottom = max(area.place.top, page.top), min(area.place.bottom, page.bottom)
            if not (top < bottom and area.place.x0 < area.place.x1):
                continue
            if area.hides:
                self.hidden_until = max(self.hidden_until, area.order)
            if area.shade is not None and area.shade <= _BLACK:
                self.darkest = _BLACK
            bands = range(self._band(top), self._band(bottom) + 1)
            self._count(len(bands))
            for band in bands:
                self._all.setdefault(band, []).append(area)
                if area.hides:
                    self._hiding.setdefault(band, []).append(area)

    def over(self, letter: Letter, across: float, down: float) -> Spot | None:
        """Return the place of what hides a letter, which has its middle here."""
        for area in self._hiding.get(self._band(down), ()):
            if area.order <= letter.order:
                return None
            self._count(1)
            if _holds(area.place, across, down) and _is_under(letter, area.place):
                return area.place
        return None

    def below(self, letter: Letter, across: float, down: float) -> _Area | None:
        """Return the uppermost of what was drawn before a letter, and lies under it."""
        for area in self._all.get(self._band(down), ()):
            self._count(1)
            # White letters may stand out from any part of a picture.
            if (
                area.order <= letter.order
                and _holds(area.place, across, down)
                and (area.shade is None or _is_under(letter, area.place))
            ):
                return area
        return None

    def _band(self, down: float) -> int:
        return int((down - self._top) / self._step)

    def _count(self, compared: int) -> None:
        self._compared += compared
        if self._compared > _MOST_COMPARED:
            raise TooMuchDrawnError(f"more than {_MOST_COMPARED} letters times boxes")


def _holds(place: Spot, across: float, down: float) -> bool:
    return place[0] <= across <= place[2] and place[1] <= down <= place[3]


def _is_under(letter: Letter, place: Spot) -> bool:
    """Say whether a place is as large as a letter, nearly."""
    _, x0, top, x1, bottom, *_ = letter
    wide, high = min(x1, place.x1) - max(x0, place.x0), min(bottom, place.bottom) - max(top, place.top)
    return wide >= _SHARE_WIDE * (x1 - x0) and high >= _SHARE_HIGH * (bottom - top)
