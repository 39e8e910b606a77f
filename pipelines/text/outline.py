"""Makes a document's outline, its numbered sections and questions with their pages, of its text and its bookmarks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pipelines.text.cleaning import clean_line
from pipelines.text.contents import Line, Listed, place_entries, split_contents, squeezed
from pipelines.text.headings import (
    HOLDING,
    LONGEST_TITLE,
    Numbered,
    comes_after,
    depth,
    goes_on,
    is_appendix,
    is_capitalized,
    is_known,
    is_title,
    numbered,
)
from pipelines.text.reading import RUNNING, OutlineEntry, TextPage

MOST_ENTRIES = 5000
_LONGEST_QUESTION = 8
_EDGE = 4


def outline_of(pages: Sequence[TextPage], bookmarks: Sequence[OutlineEntry] = ()) -> tuple[OutlineEntry, ...]:
    """Return the sections and questions in order, each with the page of the file (from 1) on which it begins.

    Three lists are made: of the file's bookmarks, of its table of contents (each entry on the page where its heading
    stands), and of the headings in the text. The first that covers the document is taken: at least half of its
    bookmarks, or three in five entries of its table of contents, are found in the text, and it has at least half as
    many entries as there are headings. Else it is the headings.
    """
    listed, lines = split_contents(_lines(pages))
    headings = _of_headings(lines)
    enough = max(2, len(headings) / 2)
    marked = [entry for entry in bookmarks if 1 <= entry.page <= len(pages) and squeezed(entry.title)]
    if len(marked) >= enough and _are_found(marked, pages):
        return tuple(_split_number(entry) for entry in marked[:MOST_ENTRIES])
    labels = [page.label for page in pages]
    # Some files' bookmarks all lead to the first page; their titles are right.
    for entries in ([Listed(entry.title, "", entry.level) for entry in marked], listed):
        placed = place_entries(entries, lines, labels)
        if len(placed) >= max(3, enough) and len(placed) >= 0.6 * len(entries):
            return tuple(_of_contents(placed))
    return tuple(headings[:MOST_ENTRIES])


def _lines(pages: Sequence[TextPage]) -> list[Line]:
    """Return the lines of the running text; where a page's parts aren't known, all that don't come back elsewhere."""
    repeated = _repeated(pages)
    found: list[Line] = []
    for place, page in enumerate(pages):
        if not page.parts:
            outer = [line.strip() for line in page.text.split("\n")]
            shown = [line for line in outer if line and _shape(line) not in repeated]
            found += [Line(place, line) for line in shown]
            continue
        for part in page.parts:
            if part.kind in RUNNING:
                for paragraph in re.split(r"\n\s*\n", page.text[part.start : part.end]):
                    own = [line.strip() for line in paragraph.split("\n") if line.strip()]
                    found += [Line(place, line, not index, part.kind == "heading") for index, line in enumerate(own)]
    return found


def _repeated(pages: Sequence[TextPage]) -> frozenset[str]:
    """Return the shapes of lines that stand at the edge of three pages or more: running headers and footers."""
    met = Counter[str]()
    for page in pages:
        lines = [line.strip() for line in page.text.split("\n") if line.strip()]
        met.update({_shape(line) for line in lines[:_EDGE] + lines[-_EDGE:]})
    return frozenset(shape for shape, count in met.items() if count >= max(3, len(pages) / 5))


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line[:200])


def _are_found(marked: Sequence[OutlineEntry], pages: Sequence[TextPage]) -> bool:
    """Say whether at least half of the bookmarks that lead to a page with text lead to one with their words."""
    texts = {number: squeezed(pages[number - 1].text) for number in {entry.page for entry in marked}}
    looked_up = [entry for entry in marked if texts[entry.page]]
    found = sum(squeezed(entry.title)[:60] in texts[entry.page] for entry in looked_up)
    return found >= len(looked_up) / 2 > 0


def _split_number(entry: OutlineEntry) -> OutlineEntry:
    for one in numbered(entry.title)[:1]:
        return entry._replace(number=one.number, title=clean_line(one.title, LONGEST_TITLE))
    return entry


def _of_contents(placed: Sequence[tuple[Listed, int]]) -> Iterator[OutlineEntry]:
    levels = _Levels()
    for entry, place in placed:
        one = levels.choose(numbered(entry.text))
        level = entry.level or levels.level(one, entry.text)
        title = clean_line(one.title if one else entry.text, LONGEST_TITLE)
        yield OutlineEntry(level, one.number if one else "", title, place + 1)


class _Levels:
    """Which level a heading is on, by those before it: I. over A. over 1., each where it was first met."""

    def __init__(self) -> None:
        self.last: dict[str, tuple[int, ...]] = {}
        self._open: list[str] = []

    def choose(self, readings: Sequence[Numbered]) -> Numbered | None:
        """Return the reading that goes on with what was before: "I." is a letter after "H.", else a roman figure."""
        for one in readings:
            if one.value[0] > 1 and self.last.get(one.style, (0,))[0] == one.value[0] - 1:
                return one
        return readings[0] if readings else None

    def level(self, one: Numbered | None, line: str = "") -> int:
        """Return the level of a heading, and remember it."""
        if one is None:
            holding = line.rstrip(" :.").casefold() in HOLDING
            self._open = ["unnumbered"] if holding else []
            self.last = {"decimal": self.last["decimal"]} if "decimal" in self.last else {}
            return 1
        if one.style in ("section", "decimal"):
            self.last["decimal"] = one.value
            self._open = ["decimal"]
            return min(depth(one.value), 9)
        if one.style in self._open:
            del self._open[self._open.index(one.style) + 1 :]
        else:
            self._open.append(one.style)
        for style in ("roman", "letter", "figure"):
            if style not in self._open:
                self.last.pop(style, None)
        self.last[one.style] = one.value
        return min(len(self._open), 9)


def _of_headings(lines: Sequence[Line]) -> list[OutlineEntry]:
    levels, found, met = _Levels(), list[OutlineEntry](), set[tuple[str, str]]()
    has_numbers = any(
        one.style in ("section", "decimal") for line in lines if line.heading for one in numbered(line.text)
    )
    place = 0
    while place < len(lines) and len(found) < MOST_ENTRIES:
        line, taken = lines[place], 1
        one = levels.choose(numbered(line.text))
        if one and _is_heading(one, line, lines, place, levels):
            title, taken = _whole(one.title, lines, place, one)
            level = levels.level(one)
        elif is_known(line.text) or (is_appendix(line.text) and line.begins):
            one, (title, taken) = None, _whole(line.text.rstrip(" :"), lines, place, None)
            level = levels.level(None, line.text)
        elif line.heading and line.begins and sum(map(str.isalpha, line.text)) >= 3:
            one, (title, taken) = None, _whole(line.text, lines, place, None)
            level = 2 if has_numbers and found else 1
        else:
            place += 1
            continue
        key = (one.number if one else "", squeezed(title))
        if key not in met:
            met.add(key)
            found.append(OutlineEntry(level, key[0], clean_line(title, LONGEST_TITLE), line.page + 1))
        place += taken
    return found


def _is_heading(one: Numbered, line: Line, lines: Sequence[Line], place: int, levels: _Levels) -> bool:
    if one.style in ("section", "decimal"):
        if not (line.heading or comes_after(levels.last.get("decimal"), one.value)):
            return False
        return is_title(one.title) or _question(lines, place) > 0 or line.heading
    if line.heading:
        return True
    # A list has numbers too; headings are capitalized, have text between them and begin at the beginning.
    follows = one.value[0] == levels.last.get(one.style, (0,))[0] + 1
    title = is_title(one.title) and is_capitalized(one.title)
    return line.begins and follows and title and not _is_in_a_list(one, lines, place)


def _is_in_a_list(one: Numbered, lines: Sequence[Line], place: int) -> bool:
    here, close = lines[place].page, lines[place + 1 : place + 3]
    return any(other.style == one.style for line in close for other in numbered(line.text) if line.page == here)


def _question(lines: Sequence[Line], place: int) -> int:
    """Return how many lines the question that begins here takes, 0 if it is none."""
    first = lines[place]
    for taken, line in enumerate(lines[place : place + _LONGEST_QUESTION], start=1):
        if line.page != first.page or (taken > 1 and numbered(line.text)):
            return 0
        if line.text.endswith("?"):
            return taken
    return 0


def _whole(title: str, lines: Sequence[Line], place: int, one: Numbered | None) -> tuple[str, int]:
    """Return a title with the lines that it goes on in, and how many lines it takes."""
    first, taken = lines[place], 1
    if one and (asked := _question(lines, place)):
        return " ".join([title, *(line.text for line in lines[place + 1 : place + asked])]), asked
    while place + taken < len(lines) and taken < _LONGEST_QUESTION:
        line = lines[place + taken]
        if line.page != first.page or line.heading != first.heading or numbered(line.text):
            break
        if first.heading:
            if line.begins:
                break
        elif not (goes_on(title) or (title.isupper() and line.text.isupper() and not is_known(title))):
            break
        title, taken = f"{title} {line.text}", taken + 1
    return title, taken
