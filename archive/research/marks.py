"""Where what was looked for stands in a page's text: offsets, never markup."""

from __future__ import annotations

import itertools
import re
import sqlite3
import unicodedata

from archive.research.places import place_column
from archive.research.query import Query

Marks = list[tuple[int, int]]

# Noncharacters: FTS5 is asked to put them around what it found, and no real text holds them.
OPEN, CLOSE = "\ufdd0", "\ufdd1"
# A page's text and the other forms of its broken words, with all that was found in them marked.
HIGHLIGHTS = ", ".join(f"highlight(pages_fts, {column}, '{OPEN}', '{CLOSE}')" for column in range(3))
# What is beyond isn't searched for a quotation: no page of a document is as long.
LONGEST_TEXT = 300_000
PASSAGE, LEAD, HEAD = 260, 50, 250
CANDIDATES = 200


def split_marks(marked: str) -> tuple[str, Marks]:
    """Return a text without its markers, and where they stood."""
    plain: list[str] = []
    marks: Marks = []
    length, opened = 0, -1
    for piece in re.split(f"([{OPEN}{CLOSE}])", marked):
        if piece == OPEN:
            opened = length
        elif piece == CLOSE:
            if 0 <= opened < length:
                marks.append((opened, length))
            opened = -1
        else:
            plain.append(piece)
            length += len(piece)
    return "".join(plain), marks


def found_marks(marked: str, *other_forms: str) -> tuple[str, Marks]:
    """Return a text without its markers, and where what was found stands in it.

    `other_forms` hold broken words in their other forms, parted by blanks; one with a marker was found in that form.
    """
    text, marks = split_marks(marked)
    for form in " ".join(other_forms).split():
        if OPEN in form or CLOSE in form:
            marks += mark_quotation(text, split_marks(form)[0])
    apart: Marks = []
    for start, end in sorted(marks):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return text, apart


def best_passage(text: str, marks: Marks) -> tuple[str, Marks]:
    """Return the stretch of a text, in one line, that shows most of what was found, and the marks in it.

    Of equals the first that isn't in the page's head: a running header would look the same on every page.
    """
    spaced = re.sub(r"\s", " ", text)
    first = max(range(min(len(marks), CANDIDATES)), key=lambda at: _worth(spaced, marks, at), default=None)
    start = 0 if first is None else max(marks[first][0] - LEAD, 0)
    if start:
        start = max(spaced.find(" ", start, marks[first or 0][0]) + 1, start)
    end = min(start + PASSAGE, len(text))
    if end < len(text):
        end = max(spaced.rfind(" ", start, end), start + PASSAGE // 2)
    shown = [(a, b) for a, b in marks if a >= start and b <= end]
    pieces, done = ["… " if start else ""], start
    for a, b in shown:
        pieces += [spaced[done:a], OPEN, spaced[a:b], CLOSE]
        done = b
    pieces += [spaced[done:end], " …" if end < len(text) else ""]
    return split_marks(re.sub(" +", " ", "".join(pieces)).strip())


def _worth(text: str, marks: Marks, first: int) -> tuple[int, int, bool]:
    """Return what a passage from one mark on shows: different words, words side by side; and not the page's head."""
    start = marks[first][0]
    near = [mark for mark in marks[first : first + 12] if mark[1] <= start + PASSAGE - LEAD]
    different = {text[a:b].casefold()[:5] for a, b in near}
    side_by_side = sum(later[0] - earlier[1] <= 2 for earlier, later in itertools.pairwise(near))
    return len(different), min(side_by_side, 2), start > HEAD


def mark_words(connection: sqlite3.Connection, page: int, text: str, match: str) -> Marks:
    """Return where the page with row id `page` holds what an FTS5 expression asks for."""
    if not match:
        return []
    found = connection.execute(
        f"SELECT {HIGHLIGHTS} FROM pages_fts WHERE pages_fts MATCH ? "  # noqa: S608
        f"AND rowid = (SELECT {place_column(connection)} FROM pages WHERE id = ?)",
        (match, page),
    ).fetchone()
    plain, marks = found_marks(*found) if found else ("", [])
    return marks if plain == text else []


def mark_quotation(text: str, quotation: str) -> Marks:
    """Return where a quotation stands, whatever its line breaks, punctuation, accents and case.

    Only letters and digits are compared, so a word that the page breaks at the end of a line is found all the same;
    a quotation begins and ends where words do.
    """
    wanted, _ = letters_and_places(quotation)
    if not wanted:
        return []
    held, places = letters_and_places(text[:LONGEST_TEXT])
    marks: Marks = []
    at = held.find(wanted)
    while at >= 0:
        start, end = places[at], places[at + len(wanted) - 1] + 1
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            marks.append((start, end))
            at += len(wanted) - 1
        at = held.find(wanted, at + 1)
    return marks


def mark_page(connection: sqlite3.Connection, page: int, text: str, query: Query, match: str) -> Marks:
    """Return where a page holds a quotation as it was typed or, failing that, the words of the query."""
    return mark_quotation(text, query.text) or mark_words(connection, page, text, match)


def letters_of(text: str) -> str:
    """Return what of a text is compared: its letters and digits, without case and accents."""
    return letters_and_places(text)[0]


def letters_and_places(text: str) -> tuple[str, list[int]]:
    """Return a text's letters and digits without case and accents, and where in the text each stands."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if not character.isalnum():
            continue
        plain = character if character.isascii() else unicodedata.normalize("NFKD", character)
        for letter in plain.casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    return "".join(letters), places
