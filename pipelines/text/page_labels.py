"""Tells the numbers printed on a document's pages from what else stands in their headers and footers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_FIRST_LINES, _LAST_LINES, _LONGEST = 6, 5, 200
_ARABIC = r"[0-9]{1,5}"
_ROMAN = r"[ivxlIVXL]{1,8}"
# "A-3", "II-4", "B.12" and "2-14": the pages of an appendix or a chapter.
_PARTED = r"(?:(?:[A-Z]|[IVX]{2,5})\s?[-–.]|[0-9]{1,2}\s?[-–])\s?[0-9]{1,4}"
_ANY = rf"(?:{_PARTED}|{_ARABIC}|{_ROMAN})"
_PAGE = r"(?i:pages?|pg\.)\s{0,3}[:#]?\s{0,3}"
_OF = r"\s{0,3}(?:of|/)\s{0,3}[0-9]{1,5}"
# "Appendix 3" in a header is no page number.
_NAMING = ["Appendix", "Attachment", "Annex", "Exhibit", "Table", "Figure", "Section", "Chapter", "Part", "Vol.", "No."]
_NOT_NAMED = "".join(rf"(?<!\b{word})(?<!\b{word.upper()})" for word in _NAMING)
# How a page number is written, the plainest first.
_FORMS = (
    ("said", re.compile(rf"(?:^|\s|\|){_PAGE}(?P<n>{_ANY})(?:{_OF})?\s{{0,3}}$")),
    ("said", re.compile(rf"^{_PAGE}(?P<n>{_ANY})(?:{_OF})?(?=\s{{0,3}}[;,|•·–-])")),
    ("said", re.compile(rf"^(?P<n>{_ARABIC})\s{{0,3}}\|\s{{0,3}}(?i:p\s?a\s?g\s?e)(?:\s|$)")),
    ("said", re.compile(r"(?:^|\s)(?P<n>[0-9]{1,4})\s(?:of|/)\s[0-9]{1,4}(?=\s|$)")),
    ("said", re.compile(rf"^[-–—]\s{{0,3}}(?P<n>{_ANY})\s{{0,3}}[-–—]$")),
    ("alone", re.compile(rf"^[\[(|·•.\s]{{0,3}}(?P<n>{_ANY})[\])|·•.\s]{{0,3}}$")),
    ("beside", re.compile(rf"{_NOT_NAMED}(?:\s|[|·•])(?P<n>{_ANY})$")),
    ("beside", re.compile(rf"^(?P<n>{_ANY})(?:\s|[|·•])")),
)  # fmt: skip
# The stamp of a court's filing system counts the pages of the filing, not those of the brief.
_STAMP = re.compile(r"^Case\b.{3,60}\bDocument\b.{1,60}\bPage\s{0,3}(?P<n>[0-9]{1,5}) of [0-9]{1,5}", re.IGNORECASE)
# Looking ahead first spares most blanks the look back for each of the words.
_WITHIN = re.compile(rf"(?=\s[0-9]){_NOT_NAMED}\s(?P<n>{_ARABIC})(?=\s)")
_WEIGHT = {"said": 4, "alone": 3, "beside": 2, "within": 1, "stamp": 0}
# How many pages must count up together for a number to be believed.
_NEEDED = {"said": 1, "alone": 2, "beside": 3, "within": 4, "stamp": 1}
_WIDEST_GAP = 3
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}


class _Seen(NamedTuple):
    """A number in a header or footer: how it is written, its series (its kind and how far it is from the page's
    place in the file), and how far from the page's edge its line is."""

    page: int
    label: str
    form: str
    series: tuple[str, int]
    inward: int


def printed_labels(pages_lines: Sequence[Sequence[str]], said: Sequence[str] = ()) -> list[str]:
    """Return the number printed on each page ("7", "iv", "A-3"), "" where there is none.

    `pages_lines` are each page's lines, or only those of its header and footer, from the top; the first six and the
    last five are looked at. A number is believed that counts up from page to page; one after the word "page" is
    also believed alone. No number is worked out for a page on which none is printed. `said` are the labels in the
    file itself (/PageLabels): they decide between two numbers, and are never a label by themselves; those that
    only count from 1, as writers put them there unasked, decide nothing.
    """
    if list(said) == [str(number) for number in range(1, len(said) + 1)]:
        said = ()
    seen = [one for page, lines in enumerate(pages_lines) for one in _iter_numbers(page, lines)]
    support = _support(seen)
    believed = [one for one in seen if support[one] >= _needed(one, len(pages_lines))]
    if sum(one.form != "stamp" for one in believed) >= 3:
        believed = [one for one in believed if one.form != "stamp"]
    best: dict[int, _Seen] = {}

    def rank(one: _Seen) -> tuple[int, ...]:
        witnessed = one.page < len(said) and one.label == said[one.page]
        return min(support[one], 4) + witnessed, _WEIGHT[one.form], support[one], -one.inward

    for one in believed:
        if one.page not in best or rank(one) > rank(best[one.page]):
            best[one.page] = one
    return [best[page].label if page in best else "" for page in range(len(pages_lines))]


def _needed(one: _Seen, pages: int) -> int:
    # Of a page or two nothing counts up; then a plain number at the edge is taken, unless it may be a year.
    if one.form == "alone" and pages <= 2 and one.inward == 0 and one.label.isdigit() and len(one.label) < 4:
        return 1
    return _NEEDED[one.form]


def _iter_numbers(page: int, lines: Sequence[str]) -> Iterator[_Seen]:
    kept = [line for line in (line.strip() for line in lines) if line]
    for place, line in enumerate(kept):
        below = len(kept) - 1 - place
        if (place >= _FIRST_LINES and below >= _LAST_LINES) or len(line) > _LONGEST:
            continue
        if stamp := _STAMP.search(line):
            yield _Seen(page, stamp["n"], "stamp", ("stamp", int(stamp["n"]) - page), 0)
            continue
        for form, pattern in _FORMS:
            if (match := pattern.search(line)) and (counted := _counted(match["n"])):
                kind, value = counted
                yield _Seen(page, re.sub(r"\s", "", match["n"]), form, (kind, value - page), min(place, below))
        for match in _WITHIN.finditer(line) if 0 in (place, below) else ():
            yield _Seen(page, match["n"], "within", ("", int(match["n"]) - page), 0)


def _counted(label: str) -> tuple[str, int] | None:
    """Return the kind of a number and its value: ("", 7), ("roman", 4), ("A-", 3); None for a word such as "lil"."""
    if label.isdigit():
        return "", int(label)
    parted = re.fullmatch(r"(\w{1,5})\s?[-–.]\s?([0-9]{1,4})", label)
    if parted:
        return f"{parted[1]}-", int(parted[2])
    value = _roman(label.lower())
    if value and label in (_in_roman(value), _in_roman(value).upper()):
        return "roman", value
    return None


def _roman(letters: str) -> int:
    values = [_VALUES[letter] for letter in letters]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _in_roman(value: int) -> str:
    pieces = ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    written = ""
    for size, letters in pieces:
        written += letters * (value // size)
        value %= size
    return written


def _support(seen: Sequence[_Seen]) -> dict[_Seen, int]:
    """Return on how many pages close to each other each number's series is met.

    A number beside other words, which may be a footnote's, counts together with others of the kind only.
    """
    pages: dict[tuple[bool, tuple[str, int]], list[int]] = defaultdict(list)
    for one in seen:
        numbers = pages[_is_in_words(one), one.series]
        if not numbers or numbers[-1] != one.page:
            numbers.append(one.page)
    runs: dict[tuple[bool, tuple[str, int], int], int] = {}
    for (beside, series), numbers in pages.items():
        start = 0
        for place in range(1, len(numbers) + 1):
            if place == len(numbers) or numbers[place] - numbers[place - 1] > _WIDEST_GAP:
                runs.update({(beside, series, number): place - start for number in numbers[start:place]})
                start = place
    return {one: runs[_is_in_words(one), one.series, one.page] for one in seen}


def _is_in_words(one: _Seen) -> bool:
    return one.form in ("beside", "within")
