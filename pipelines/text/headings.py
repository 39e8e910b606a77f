"""Tells from a line's words whether it is the heading of a section, and on which level; knows nothing of pages."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_TITLE = 500


class Numbered(NamedTuple):
    """A line that begins with a section's number: `style` is "section", "decimal", "roman", "letter" or "figure".

    `value` is the number's parts: (2, 3) for "2.3", (4,) for "IV." and "D."; `word` is "Section" where that is said.
    """

    style: str
    number: str
    title: str
    value: tuple[int, ...]


_SECTION = re.compile(
    r"(?:Section|SECTION|Chapter|CHAPTER)\s+(\d{1,2}(?:\.\d{1,2}){0,3}|[IVXL]{1,6})\s*[.:–—-]?\s+(\S.*)"
)
_DECIMAL = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,4})\.?\s+(\S.*)")
_FIGURE = re.compile(r"(\d{1,2})\.\s+(\S.*)")
_ROMAN = re.compile(r"([IVXL]{1,6})\.\s+(\S.*)")
_LETTER = re.compile(r"([A-Z])\.\s+(\S.*)")
_APPENDIX = re.compile(
    r"(?:Appendix|APPENDIX|Attachment|ATTACHMENT|Annex|ANNEX|Exhibit|EXHIBIT)\s+([A-Z]|\d{1,2}|[IVX]{1,4})\b[.:]?(.*)"
)
# Headings that stand without a number, in assessments, reports and briefs; those that hold numbered ones first.
HOLDING = frozenset(
    """
    argument, background, discussion, factual background, required actions, statement of facts, statement of the case
    """.strip().split(", ")
)  # fmt: skip
KNOWN = HOLDING.union(
    """
    abstract, acknowledgments, acronyms, additional information, approval signature, approval signature page,
    approval signatures, bibliography, certificate of compliance, certificate of service, conclusion, conclusions,
    contact official, contact officials, executive summary, findings, findings and recommendations, foreword, glossary,
    introduction, jurisdictional statement, legal standard, management comments, methodology, objective, objectives,
    overview, preface, preliminary statement, prayer for relief, privacy impact analysis, procedural history, purpose,
    reason for the pia update, reason for the pta update, recommendation, recommendations, references,
    responsible official, responsible officials, results in brief, results of audit, results of evaluation,
    results of review, scope, scope and methodology, standard of review, summary, summary of argument,
    summary of the argument, supplementary information
    """.replace(",\n", ", ").replace("  ", "").strip().split(", ")
)  # fmt: skip
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
_LINKING = re.compile(
    r"(?:\b(?:of|the|and|to|for|in|a|an|or|by|with|on|from|into|at|as|its|that)|[-–—,&])$", re.IGNORECASE
)


def numbered(line: str) -> list[Numbered]:
    """Return how the line may be read as a numbered heading; more than one for "C. Data", which is also a roman 100."""
    value: tuple[int, ...]
    if match := _SECTION.match(line):
        value = tuple(map(int, match[1].split("."))) if match[1][0].isdigit() else (_roman(match[1]),)
        return [Numbered("section", match[1], match[2], value)] if value[0] else []
    if match := _DECIMAL.match(line):
        return [Numbered("decimal", match[1], match[2], tuple(map(int, match[1].split("."))))]
    if match := _FIGURE.match(line):
        return [Numbered("figure", match[1], match[2], (int(match[1]),))]
    found = []
    if (match := _ROMAN.match(line)) and (worth := _roman(match[1])):
        found.append(Numbered("roman", match[1], match[2], (worth,)))
    if match := _LETTER.match(line):
        found.append(Numbered("letter", match[1], match[2], (ord(match[1]) - 64,)))
    return found


def _roman(letters: str) -> int:
    values = [_VALUES[letter] for letter in letters]
    total = sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
    return total if _in_roman(total) == letters else 0


def _in_roman(value: int) -> str:
    written = ""
    for size, letters in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        written += letters * (value // size)
        value %= size
    return written


def is_known(line: str) -> bool:
    """Say whether the line is one of the headings that documents of oversight have without a number."""
    return len(line) < 60 and line[:1].isupper() and line.rstrip(" :.").casefold() in KNOWN


def is_appendix(line: str) -> bool:
    """Say whether the line is the heading of an appendix ("Appendix A: Data"), not a sentence about one."""
    match = _APPENDIX.match(line)
    if not match or len(line) > 150:
        return False
    rest = match[2].strip(" :.–—-()")
    return not rest or (rest[0].isupper() and not line.endswith((".", ",", ";")))


def is_title(words: str) -> bool:
    """Say whether the words after a number can be a title, and not a list's item or a table's row."""
    letters = sum(map(str.isalpha, words))
    return (
        (words[:1].isupper() or words[:1] in "“\"‘'([")
        and 3 <= letters >= len(words) * 0.6
        and len(words) <= 200
        and not words.endswith((".", ",", ";", ":"))
        and "$" not in words
    )


def is_capitalized(words: str) -> bool:
    """Say whether most of the longer words begin with a capital, as they do in titles and don't in sentences."""
    long = [word for word in re.findall(r"[^\W\d_]{4,}", words) if word]
    return len(words) <= 30 or sum(word[0].isupper() for word in long) >= 0.6 * len(long)


def goes_on(words: str) -> bool:
    """Say whether a title that ends so goes on in the next line ("Characterization of the")."""
    return bool(_LINKING.search(words))


def comes_after(before: tuple[int, ...] | None, value: tuple[int, ...]) -> bool:
    """Say whether a decimal number can follow another: 2.3 after 2.2, 2.1, 2 and 1.9, not after 4.1 or before 2.1.

    Up to two may be missing on the way, since a heading may be unreadable.
    """
    new, old = _without_zeros(value), _without_zeros(before or (0,))
    for place, (one, other) in enumerate(zip(new, old, strict=False)):
        if one != other:
            return 0 < one - other <= 3 and all(part <= 3 for part in new[place + 1 :])
    return len(new) > len(old) and all(part <= 3 for part in new[len(old) :])


def depth(value: tuple[int, ...]) -> int:
    """Return the level of a decimal number: 1 for 2.0, 2 for 2.3."""
    return len(_without_zeros(value))


def _without_zeros(value: tuple[int, ...]) -> tuple[int, ...]:
    while len(value) > 1 and value[-1] == 0:
        value = value[:-1]
    return value
