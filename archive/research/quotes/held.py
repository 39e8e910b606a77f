"""A text that a quotation is compared with: a page, or the running text of pages that follow each other.

It knows the words of a text, where they stand on which page, and which of its signs are only the typesetter's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.research.page_parts import running_text_of
from archive.research.quotes.signs import DASH, MARK, SIGN, WORD, Token, tokens_of
from archive.research.rows import Row
from archive.running_text import RUNNING, OnPage, RunningText

_BEHIND = frozenset(".,;:)?!]")
_NOTE = re.compile(r"\s*\[?(\d{1,3})[\])]?[.\s]")
# Signs that are of the number that they touch.
_BEFORE_NUMBERS, _BEHIND_NUMBERS = frozenset("$€£¥±~<>≤≥+"), frozenset("%‰°+¢")
_HYPHENS = frozenset("-\u2010\u2011")


@dataclass(frozen=True)
class Held:
    """A text of one version, `pages` by their rows, with its `tokens`.

    `running` is None where the text is one page's. `joined` are words that a line's end broke and that may be written
    with a hyphen, by their halves; `marks` the places of numbers that lead to notes.
    """

    version: Row
    pages: Sequence[Row]
    text: str
    running: RunningText | None
    tokens: list[Token]
    joined: dict[str, tuple[str, str]] = field(repr=False)
    soft: frozenset[str] = field(repr=False)
    marks: frozenset[int] = field(repr=False)
    by_word: dict[str, list[int]] = field(repr=False)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of its pages."""
        return tuple(page["number"] for page in self.pages)

    def on_pages(self, first: int, end: int) -> list[OnPage]:
        """Return the stretches of pages on which the tokens from `first` to `end` stand."""
        start, stop = self.tokens[first].start, self.tokens[end - 1].end
        if self.running is None:
            return [OnPage(self.pages[0]["number"], start, stop)]
        return self.running.on_pages(start, stop)

    def words(self, first: int, end: int) -> str:
        """Return the words from one token to another in one line."""
        if first >= end:
            return ""
        return " ".join(self.text[self.tokens[first].start : self.tokens[end - 1].end].split())

    def is_within_word(self, at: int) -> bool:
        """Tell whether a hyphen joins the tokens right before and behind place `at`: a compound is one word."""
        for dash in (at - 1, at):
            if 0 < dash < len(self.tokens) - 1 and self._is_hyphen(dash):
                return True
        return 0 < at < len(self.tokens) and (self._is_minus(at - 1) or self._is_measured(at - 1))

    def _is_hyphen(self, at: int) -> bool:
        token, before, after = self.tokens[at], self.tokens[at - 1], self.tokens[at + 1]
        if token.kind != DASH or self.text[token.start : token.end] not in _HYPHENS:
            return False
        return before.end == token.start and (token.end == after.start or token.soft) and before.kind == WORD

    def _is_minus(self, at: int) -> bool:
        token, number = self.tokens[at], self.tokens[at + 1]
        return token.kind == DASH and token.end == number.start and number.text[:1].isdigit() and not self._before(at)

    def _is_measured(self, at: int) -> bool:
        """Tell whether a number and a sign that says of what it is stand at a place: $5 is not 5, nor 5% five."""
        one, other = self.tokens[at], self.tokens[at + 1]
        if one.end != other.start:
            return False
        return (one.text in _BEFORE_NUMBERS and other.text[:1].isdigit()) or (
            one.text[-1:].isdigit() and other.text in _BEHIND_NUMBERS
        )

    def _before(self, at: int) -> bool:
        return at > 0 and self.tokens[at - 1].end == self.tokens[at].start


def may_run_over(page: Row, wanted: Sequence[str]) -> bool:
    """Tell whether a page's running text may end with the beginning of some words, or begin with their end."""
    if page["runs_on"] in {"-", "="}:
        return True
    parts = [part for part in page["parts"] if part["kind"] in RUNNING]
    parts = parts or [{"start": 0, "end": len(page["text"])}]
    longest = sum(map(len, wanted)) + 4 * len(wanted)
    last = page["text"][max(parts[-1]["end"] - longest, parts[-1]["start"]) : parts[-1]["end"]]
    first = page["text"][parts[0]["start"] : min(parts[0]["start"] + longest, parts[0]["end"])]
    tail, head = (_plain_words(text) for text in (last, first))
    sizes = range(1, len(wanted))
    return any(tail[-size:] == wanted[:size] or head[:size] == wanted[-size:] for size in sizes)


def _plain_words(text: str) -> list[str]:
    return [token.text.casefold() for token in tokens_of(text) if token.kind == WORD]


def of_page(version: Row, page: Row) -> Held:
    """Return a page's text, all of it, as it is compared; `page` as `with_parts` gives it."""
    return _held(version, [page], page["text"], None)


def of_running(version: Row, pages: Sequence[Row]) -> Held:
    """Return the running text of pages, given in order."""
    running = running_text_of(pages)
    return _held(version, pages, running.text, running)


def _held(version: Row, pages: Sequence[Row], text: str, running: RunningText | None) -> Held:
    tokens = tokens_of(text)
    joined, soft = _broken(pages)
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, token in enumerate(tokens):
        by_word[token.text.casefold()].append(place)
    return Held(version, pages, text, running, tokens, joined, soft, _marks(pages, tokens, running), dict(by_word))


def _broken(pages: Sequence[Row]) -> tuple[dict[str, tuple[str, str]], frozenset[str]]:
    """Return the halves of words that may have a hyphen, and the words that may have none."""
    halves, soft = {}, set()
    for page in pages:
        for form in page["also"]:
            parts = re.split("[-\u2010\u2011\u00ad]", form)
            if len(parts) == 2 and all(parts):
                halves["".join(parts).casefold()] = (parts[0], parts[1])
            elif len(parts) == 1:
                soft.add(form.casefold())
    return halves, frozenset(soft)


def _marks(pages: Sequence[Row], tokens: Sequence[Token], running: RunningText | None) -> frozenset[int]:
    """Return the places of numbers that lead to notes of these pages.

    A number is one only right behind punctuation, where it stands once in the text, and where a note of it stands at
    the foot: else it may be what the sentence says.
    """
    notes = {number for page in pages for number in _notes(page)}
    beside = [] if running else [part for part in pages[0]["parts"] if part["kind"] not in RUNNING]
    counted = Counter(said for token in tokens if (said := _at_end(token.text)) in notes and not _is_in(token, beside))
    found = set()
    for place, token in enumerate(tokens):
        is_told = token.text in notes and counted[token.text] == 1 and _is_behind_sign(tokens, place)
        if is_told or token.kind == MARK or _is_bracketed_number(tokens, place):
            found.add(place)
    return frozenset(found)


def _at_end(word: str) -> str:
    """Return the digits that a word ends with, be it a number or one that a note's mark was left sticking to."""
    return word[len(word.rstrip("0123456789")) :]


def _is_behind_sign(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a number stands behind the end of a clause, and isn't one of several: "parts 1, 2 and 3"."""
    if not place or tokens[place - 1].text not in _BEHIND:
        return False
    return tokens[place - 1].text != "," or not tokens[max(place - 2, 0)].text[-1:].isdigit()


def _is_in(token: Token, parts: Sequence[Row]) -> bool:
    return any(part["start"] <= token.start < part["end"] for part in parts)


def _notes(page: Row) -> list[str]:
    """Return the numbers with which the notes of a page begin."""
    notes = [page["text"][part["start"] : part["end"]] for part in page["parts"] if part["kind"] == "note"]
    return [match[1] for note in notes for line in note.splitlines() if (match := _NOTE.match(line))]


def _is_bracketed_number(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a token is of a mark as the web has them: [12]."""
    for first in range(max(place - 2, 0), place + 1):
        three = tokens[first : first + 3]
        if [token.text for token in three[::2]] == ["[", "]"] and three[1].text.isdecimal() and len(three[1].text) < 4:
            return place < first + 3 and three[0].kind == SIGN
    return False
