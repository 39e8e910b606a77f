"""One sentence of what changed, made of counts, page numbers, dates and amounts; no word of either text is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from archive.counted import counted
from archive.diff.model import ADDED, COSMETIC, MOVED, REMOVED, REPLACED, SAME, UNREAD, Comparison, FieldChange

# So many page numbers are named; of more only how many there are.
MOST_NAMED = 12
# Fields whose values are dates or amounts, and what such a value looks like.
_MEASURES = frozenset((
    "action_date", "award_amount", "award_date", "ends", "ends_potentially", "obligated", "posted", "potential_value",
    "published", "response_due", "starts", "total_obligated", "value",
))  # fmt: skip
_SHORT = re.compile(r"[-$]?[\d.,:T-]{0,20}")


def summary_of(told: Comparison) -> str:
    """Return the sentence; of a cosmetic change it names why it is one."""
    if told.kind == SAME:
        return "Nothing changed."
    if told.kind == COSMETIC:
        return f"Nothing that is read changed ({', '.join(told.why)})."
    if told.kind == UNREAD:
        return "What is read is the same; the words of some pages aren't known."
    said = ", ".join(_clauses(told))
    return f"{said[:1].upper()}{said[1:]}." if said else "Something changed."


def _clauses(told: Comparison) -> Iterable[str]:
    yield from _pages(told)
    yield from _words(told)
    if told.counts.passages_moved:
        yield f"{counted(told.counts.passages_moved, 'passage')} moved"
    yield from _tables(told)
    names = [_named(change) for change in told.fields if not change.why]
    if names:
        yield f"{counted(len(names), 'field')} changed ({listed(names)})"
    yield from _links(told)
    facts = list(dict.fromkeys(change.name.replace("-", " ") for change in told.metadata if not change.why))
    if facts:
        yield f"what is said of the document or found in its file changed ({listed(facts)})"


def _named(change: FieldChange) -> str:
    """Return a field's name, and what it said and says where these are a date or an amount."""
    name = change.name.replace("_", " ")
    short = change.name in _MEASURES and all(_SHORT.fullmatch(value) for value in (change.before, change.after))
    return f"{name} {change.before or 'none'} → {change.after or 'none'}" if short else name


def _pages(told: Comparison) -> Iterable[str]:
    added = [pair.after for pair in told.pages if pair.state == ADDED]
    removed = [pair.before for pair in told.pages if pair.state == REMOVED]
    moved = [f"{pair.before} → {pair.after}" for pair in told.pages if pair.state == "moved"]
    unread = [pair.after for pair in told.pages if pair.state == UNREAD]
    for pages, what in ((added, "added"), (removed, "removed"), (moved, "moved"), (unread, "can't be compared")):
        if pages:
            yield f"{counted(len(pages), 'page')} {what} ({listed(pages)})"


def _words(told: Comparison) -> Iterable[str]:
    added, removed = told.counts.words_added, told.counts.words_removed
    later, earlier = _where(told)
    said = [f"{counted(number, 'word')} {what}" for number, what in ((added, "added"), (removed, "removed")) if number]
    if said:
        places = [f"on {counted(len(later), 'page')} ({listed(later)})"] if later else []
        places += [f"on {counted(len(earlier), 'page')} of the earlier version ({listed(earlier)})"] if earlier else []
        where = " " + " and ".join(places) if len(told.pages) > 1 and places else ""
        if told.paragraphs:
            where = f" in {counted(len(told.paragraphs), 'paragraph')} ({listed(told.paragraphs)})"
        yield f"{' and '.join(said)}{where}"


def _where(told: Comparison) -> tuple[list[int], list[int]]:
    """Return the later version's pages on which words are others, and the earlier's that are gone with their words."""
    gone = {pair.before for pair in told.pages if pair.state == REMOVED}
    later, earlier = set[int](), set[int]()
    for edit in told.edits:
        if edit.why or edit.op == MOVED:
            continue
        went = {place.page for place in edit.before if place.page in gone}
        earlier |= went
        if edit.after:
            later |= {place.page for place in edit.after}
        elif edit.at_after and len(went) < len({place.page for place in edit.before}):
            later.add(edit.at_after.page)
    return sorted(later), sorted(earlier)


def _tables(told: Comparison) -> Iterable[str]:
    real = [change for change in told.tables if not change.why]
    for op in (ADDED, REMOVED):
        pages = [(change.after or change.before or (0, 0))[0] for change in real if change.op == op]
        if pages:
            yield f"{counted(len(pages), 'table')} {op} ({_on(pages)})"
    changed = [change for change in real if change.op not in (ADDED, REMOVED)]
    if changed:
        cells = sum(not cell.why for change in changed for cell in change.cells)
        rows = sum(len(change.rows_added) for change in changed), sum(len(change.rows_removed) for change in changed)
        parts = [counted(cells, "cell") + " changed"] if cells else []
        parts += [f"{counted(count, 'row')} {op}" for count, op in zip(rows, (ADDED, REMOVED), strict=True) if count]
        pages = [(change.after or (0, 0))[0] for change in changed]
        yield f"{', '.join(parts)} in {counted(len(changed), 'table')} ({_on(pages)})"


def _on(pages: Sequence[int]) -> str:
    named = sorted(set(pages))
    return f"{'page' if len(named) == 1 else 'pages'} {listed(named)}"


def _links(told: Comparison) -> Iterable[str]:
    for op in (ADDED, REPLACED, REMOVED):
        count = sum(change.op == op for change in told.attachments)
        if count:
            yield f"{counted(count, 'attachment')} {op}"


def listed(named: Sequence[object]) -> str:
    """Return what is named, short of what would be too much."""
    shown = ", ".join(map(str, named[:MOST_NAMED]))
    return shown if len(named) <= MOST_NAMED else f"{shown} and {len(named) - MOST_NAMED} more"
