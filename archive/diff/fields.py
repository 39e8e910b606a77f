"""Fields of records, facts and attachments: each that says something else, with the words that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from archive.diff.alignment import Gap
from archive.diff.edits import TYPOGRAPHY, without_chaff
from archive.diff.model import ADDED, CHANGED, REMOVED, REPLACED, Fact, FieldChange, LinkChange, WordEdit
from archive.diff.words import Token, align_tokens, tokens

# Facts that tell of the file, or of the page's making, and not of what is read. Quotations stand in the text.
FILE, PAGE_DATE = "file", "date of the page"
_OF_FACTS = {
    **dict.fromkeys(("earlier-revision", "bytes-before-start", "bytes-after-end", "page-count", "mended"), FILE),
    **dict.fromkeys(("unreadable", "picture-disagrees"), FILE),
    **dict.fromkeys(("published", "updated", "modified"), PAGE_DATE),
}
_IN_THE_TEXT = frozenset({"quotation"})


def field_changes(
    before: Mapping[str, str], after: Mapping[str, str], *, terse: bool = False
) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in the order of `after`; where `terse`, only those that both sides print."""
    names = [*after, *(name for name in before if name not in after)]
    if terse:
        names = [name for name in names if before.get(name) and after.get(name)]
    told = (_change(name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(change for change in told if change is not None)


def fact_changes(before: Iterable[Fact], after: Iterable[Fact]) -> tuple[FieldChange, ...]:
    """Return the facts that differ: those of one name are compared in their order, what both say is left out."""
    old, new = _by_name(before), _by_name(after)
    found: list[FieldChange] = []
    for name in [*new, *(name for name in old if name not in new)]:
        both = set(old.get(name, ())) & set(new.get(name, ()))
        gone = [value for value in old.get(name, ()) if value not in both]
        come = [value for value in new.get(name, ()) if value not in both]
        for number in range(max(len(gone), len(come))):
            change = _change(name, *("".join(side[number : number + 1]) for side in (gone, come)))
            if change:
                found.append(replace(change, why=change.why or _OF_FACTS.get(name, "")))
    return tuple(found)


def _by_name(facts: Iterable[Fact]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for fact in (one for one in facts if one.name not in _IN_THE_TEXT):
        held.setdefault(fact.name, []).append(fact.value)
    return held


def _change(name: str, before: str, after: str) -> FieldChange | None:
    if before == after:
        return None
    words = tuple(word_edits(before, after))
    why = "" if any(not edit.why for edit in words) else TYPOGRAPHY if words else "whitespace"
    return FieldChange(ADDED if not before else REMOVED if not after else CHANGED, name, before, after, words, why)


def word_edits(before: str, after: str) -> list[WordEdit]:
    """Return the edits between two texts, in their order; none where only blanks differ."""
    old, new = tokens(before), tokens(after)
    aligned = align_tokens(old, new)
    found = [_word_edit(old, new, gap) for gap in without_chaff(list(aligned.gaps(len(old), len(new))))]
    for run in aligned.runs:
        for number in range(run.length):
            one, other = old[run.before + number], new[run.after + number]
            if before[one.start : one.end] != after[other.start : other.end]:
                found.append(WordEdit(CHANGED, (one.start, one.end), (other.start, other.end), TYPOGRAPHY))
    return sorted(found, key=lambda edit: (edit.before, edit.after))


def _word_edit(old: Sequence[Token], new: Sequence[Token], gap: Gap) -> WordEdit:
    (a0, a1), (b0, b1) = _span(old, gap.a0, gap.a1), _span(new, gap.b0, gap.b1)
    return WordEdit(CHANGED if a0 < a1 and b0 < b1 else REMOVED if a0 < a1 else ADDED, (a0, a1), (b0, b1))


def _span(held: Sequence[Token], first: int, end: int) -> tuple[int, int]:
    if first < end:
        return held[first].start, held[end - 1].end
    place = held[first - 1].end if first else 0
    return place, place


def link_changes(before: Sequence[str], after: Sequence[str]) -> tuple[LinkChange, ...]:
    """Return which attachments came and went; one in whose place stands another of the same name was replaced."""
    gone = [link for link in dict.fromkeys(before) if link not in set(after)]
    come = [link for link in dict.fromkeys(after) if link not in set(before)]
    found = []
    for link in come:
        same = next((one for one in gone if _file_name(one) == _file_name(link)), "")
        if same:
            gone.remove(same)
        found.append(LinkChange(REPLACED if same else ADDED, same, link))
    return (*found, *(LinkChange(REMOVED, link, "") for link in gone))


def _file_name(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).rsplit("/", 1)[-1].lower()
    except ValueError:
        return url
