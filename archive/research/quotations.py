"""The address of a quotation: its words in the address of the page on which it begins. It knows no database.

Offsets would not last: a better reading of the same bytes has others. So the address carries the words themselves,
reduced to what every reading agrees on (letters and digits), of a longer passage its first and its last; and where the
same words stand on the page more than once, some of those that stand around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from urllib.parse import quote

from archive.research.documents import page_address
from archive.research.marks import LONGEST_TEXT, Marks, letters_and_places, letters_of
from archive.research.rows import Row

# A passage of so many words stands in its address whole; of a longer one the first and the last words do, as many as
# it takes to tell it from all else on its page.
WHOLE, FEWEST, MOST = 9, 4, 8
# A passage whose first and last words are given is no longer than this, in letters.
LONGEST_PASSAGE = 40_000
# What is pasted is cut into its words; so many characters of it are read, and so many parts of a passage that is
# quoted with omissions.
MOST_CHARACTERS, MOST_PARTS = 4_000, 8
MOST_FOUND = 1_000

_OMISSION = re.compile(r"(?:\.\s*){3,}|…")
_IN_ADDRESS = re.compile(r"[^\W_]+(?:-[^\W_]+)*(?:\.\.\.[^\W_]+(?:-[^\W_]+)*)*")
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What an address says of a quotation: its `parts` (all its words, or some from its beginning to its end), and the
    words that stand right `before` and `after` it, "" where nothing needs to be told apart. Letters and digits only.
    """

    parts: tuple[str, ...]
    after: str = ""
    before: str = ""

    @property
    def letters(self) -> tuple[str, ...]:
        """Return what is compared of each part."""
        return tuple(map(letters_of, self.parts))


def parse_quotation(words: str, after: str = "", before: str = "") -> Quoted | None:
    """Read a quotation as an address has it, or as a person pasted it; None where it has no word.

    `...` and `…` stand for words that were left out. `after` are words that stand before the quotation (it stands
    after them), `before` words that stand behind it.
    """
    parts = [slug(part) for part in _OMISSION.split(words[:MOST_CHARACTERS])]
    said = [part for part in parts if part]
    if not said:
        return None
    kept = said if len(said) <= MOST_PARTS else [*said[: MOST_PARTS - 1], said[-1]]
    return Quoted(tuple(kept), slug(after[:200]), slug(before[:200]))


def is_in_address(words: str) -> bool:
    """Tell whether words are written as an address of ours has them, and not as they were pasted."""
    return words == words.casefold() and _IN_ADDRESS.fullmatch(words) is not None


def slug(words: str) -> str:
    """Return the words of a text with hyphens between them, without case, accents and punctuation."""
    return "-".join(letters for word in _WORDS.findall(words) if (letters := letters_of(word)))


def find_quotation(text: str, quoted: Quoted) -> Marks:
    """Return where a quotation stands in a text, whatever its line breaks, punctuation, accents and case.

    Where the words around it are given and stand somewhere, only that place counts; where they stand nowhere (another
    reading has them otherwise), every place of the quotation does.
    """
    return list(islice(_found(text, quoted), MOST_FOUND))


def _found(text: str, quoted: Quoted) -> Iterator[tuple[int, int]]:
    """Yield where a quotation stands, each place as soon as it is found: who wants to know whether it is one place
    looks for no third."""
    held, places = _letters(text[:LONGEST_TEXT])
    after, before = letters_of(quoted.after), letters_of(quoted.before)
    any_exact = False
    if after or before:
        for a, b in _passages(held, quoted.letters, text, places, after):
            if held.startswith(before, b):
                any_exact = True
                yield places[a], places[b - 1] + 1
    if not any_exact:
        for a, b in _passages(held, quoted.letters, text, places):
            yield places[a], places[b - 1] + 1


@lru_cache(maxsize=4)
def _letters(text: str) -> tuple[str, list[int]]:
    """Return a text's letters and their places: of one page they are asked for many times over."""
    return letters_and_places(text)


def _passages(
    held: str, parts: tuple[str, ...], text: str, places: list[int], after: str = ""
) -> Iterator[tuple[int, int]]:
    """Yield the stretches of letters that begin with the first part, right `after` some letters, and end with the
    nearest last part behind it."""
    at = 0
    for _ in range(MOST_FOUND):
        start = _find(held, parts[0], at, text, places, after)
        if start < 0:
            return
        end = start + len(parts[0])
        for part in parts[1:]:
            place = _find(held, part, end, text, places)
            if not 0 <= place <= start + LONGEST_PASSAGE:
                return
            end = place + len(part)
        yield start, end
        at = end


def _find(held: str, wanted: str, at: int, text: str, places: list[int], after: str = "") -> int:
    """Return the next place of some letters that begin and end where words do, right `after` others; -1 where there
    is none."""
    since, skipped = max(at - len(after), 0), len(after)
    at = held.find(after + wanted, since)
    while at >= 0:
        at += skipped
        start, end = places[at], places[at + len(wanted) - 1] + 1
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            return at
        at = held.find(after + wanted, at - skipped + 1)
    return -1


def quotation_address(version: Row, page: int, start: int, end: int, text: str) -> str:
    """Return the path of a quotation, for good: the characters from `start` to `end` of a text that begins on `page`.

    `text` is the page's, or the running text of it and the pages behind it, for a quotation that goes on overleaf.
    Raises ValueError where there is no word between the two.
    """
    quoted = quoted_of(text, start, end)
    return page_address(version, page) + query_of(quoted)


def query_of(quoted: Quoted) -> str:
    """Return what stands behind the address of a page to name a quotation on it."""
    around = [("after", quoted.after), ("before", quoted.before)]
    told = "".join(f"&{name}={quote(words)}" for name, words in around if words)
    return f"?quote={quote('...'.join(quoted.parts))}{told}"


def quoted_of(text: str, start: int, end: int) -> Quoted:
    """Return the shortest way to say which passage of a text is meant; a word that it cuts is taken in whole.

    Raises ValueError where it has no word.
    """
    start, end = _whole_words(text, start, end)
    words = slug(text[start:end]).split("-")
    if not words[0]:
        raise ValueError("there is no word to be quoted")
    short = [Quoted(("-".join(words[:few]), "-".join(words[-few:]))) for few in range(FEWEST, MOST + 1)]
    said = [Quoted(("-".join(words),))] if len(words) <= WHOLE else short
    around = _around(text, start, end, said[-1].parts)
    return next((one for one in [*said, *around] if _is_told(text, start, end, one)), around[-1])


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    start, end = max(start, 0), min(end, len(text))
    while 0 < start < end and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while start < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _around(text: str, start: int, end: int, parts: tuple[str, ...]) -> list[Quoted]:
    """Return a passage that stands in its text more than once with more and more of the words around it."""
    after, before = slug(text[max(start - 200, 0) : start]).split("-"), slug(text[end : end + 200]).split("-")
    ways = []
    for few in range(2, 9):
        ways.append(Quoted(parts, "-".join(after[-few:])))
        ways.append(Quoted(parts, "-".join(after[-few:]), "-".join(before[:few])))
    return ways


def _is_told(text: str, start: int, end: int, quoted: Quoted) -> bool:
    """Tell whether a quotation names exactly one stretch of a text, but for signs and blanks at its ends."""
    found = list(islice(_found(text, quoted), 2))
    if len(found) != 1:
        return False
    return not any(
        any(map(str.isalnum, text[min(a, b) : max(a, b)])) for a, b in zip(found[0], (start, end), strict=True)
    )
