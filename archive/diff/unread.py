"""Edits on pages whose other side isn't read: nobody knows whether their words are others, so they are no change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from archive.diff.model import ADDED, REMOVED, UNREAD, Edit, Page, PagePair
from archive.running_text import OnPage

NOT_READ = "not read on the other side"
Texts = tuple[Mapping[int, str], Mapping[int, str]]


def unknown(
    edits: Iterable[Edit], pairs: Iterable[PagePair], before: Iterable[Page], after: Iterable[Page]
) -> list[Edit]:
    """Return the edits; what stands on a page whose partner isn't read is an edit of its own, and isn't real."""
    unread = [pair for pair in pairs if pair.state == UNREAD]
    if not unread:
        return list(edits)
    old, new = {pair.before for pair in unread}, {pair.after for pair in unread}
    texts = {page.number: page.text for page in before}, {page.number: page.text for page in after}
    return [part for edit in edits for part in _parted(edit, (old, new), texts)]


def _parted(edit: Edit, unread: tuple[set[int | None], set[int | None]], texts: Texts) -> Iterator[Edit]:
    inside = [[place for place in edit.before if place.page in unread[0]],
              [place for place in edit.after if place.page in unread[1]]]  # fmt: skip
    if edit.why or not any(inside):
        yield edit
        return
    yield replace(_of(edit, inside[0], inside[1], texts), why=NOT_READ)
    outside = [[place for place in held if place not in part] for held, part in
               zip((edit.before, edit.after), inside, strict=True)]  # fmt: skip
    if any(outside):
        yield _of(edit, outside[0], outside[1], texts)


def _of(edit: Edit, old: list[OnPage], new: list[OnPage], texts: Texts) -> Edit:
    op = edit.op if old and new else REMOVED if old else ADDED
    removed, added = (" ".join(text[one.page][one.start : one.end] for one in held) for text, held in
                      zip(texts, (old, new), strict=True))  # fmt: skip
    return replace(edit, op=op, before=tuple(old), after=tuple(new), removed=removed, added=added)
