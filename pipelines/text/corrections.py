"""Finds the passages in which an article says what was corrected, added or remarked later; it knows no outlet."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_NOTES = 50
LONGEST = 4_000

# The label is followed by a colon, a dash, or a date or the like and one of these.
_TO_COLON = r"(?:\s*\([^()]{0,80}\)|[ ,.|/@\w]{0,60})?\s*[:—–-]"
_LABELS = {
    "correction": r"(?:corrections?|corrected|clarifications?|retraction|erratum)",
    "update": r"updates?",
    "editor's note": r"editor(?:['’]s|s['’]|ial)?\s+note",
}
_LABELLED = {
    name: re.compile(rf"\W{{0,9}}{label}(?:{_TO_COLON}|\s*\Z)", re.IGNORECASE) for name, label in _LABELS.items()
}
_STORY = r"(?:article|story|post|piece|report|column|item|headline|page|version)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_SAID = {
    "correction": re.compile(
        rf"\b(?:(?:an?|the) (?:earlier|previous|original|prior) version of (?:this|the) {_STORY}"
        rf"|this {_STORY} (?:has been|was|is) (?:since )?(?:corrected|amended|clarified|revised)\b)",
        re.IGNORECASE,
    ),
    "update": re.compile(
        rf"\bthis {_STORY} (?:has been|was) (?:since )?(?:updated|expanded)\b"
        rf"|^\W{{0,9}}(?:last )?updated?:?\s+(?:(?:at|on)\s+)?(?:{_MONTH}\s+)?\d",
        re.IGNORECASE,
    ),
}  # fmt: skip
_LABEL_ALONE = re.compile(rf"\W{{0,9}}(?:{'|'.join(_LABELS.values())})\W{{0,9}}", re.IGNORECASE)


def find_notes(paragraphs: Sequence[str]) -> list[tuple[str, str]]:
    """Return each such passage, with its own words, as "correction", "update" or "editor's note"; at most 50.

    A label that stands alone, as a heading, is given with the paragraph that follows it. One passage has one kind:
    what its label says, and otherwise what its first such sentence says.
    """
    notes: dict[str, str] = {}
    after_label = False
    for number, paragraph in enumerate(paragraphs):
        if after_label:
            after_label = False
            continue
        kind = _kind(paragraph[:1_000])
        if not kind:
            continue
        words = paragraph
        if _LABEL_ALONE.fullmatch(paragraph[:100]):
            if number + 1 == len(paragraphs):
                continue
            words, after_label = f"{paragraph}\n\n{paragraphs[number + 1]}", True
        if len(words) <= LONGEST:
            notes.setdefault(words, kind)
        if len(notes) == MOST_NOTES:
            break
    return [(kind, words) for words, kind in notes.items()]


def _kind(paragraph: str) -> str:
    labelled = next((name for name, pattern in _LABELLED.items() if pattern.match(paragraph)), "")
    return labelled or next((name for name, pattern in _SAID.items() if pattern.search(paragraph)), "")
