"""Which page of one side is which of the other: by the words that they share, never by their numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from archive.diff.edits import Streams
from archive.diff.model import ADDED, CHANGED, MOVED, REMOVED, SAME, Edit, Page, PagePair
from archive.diff.streams import Stream

Shared = Counter[tuple[int, int]]


def shared_words(streams: Streams) -> Shared:
    """Return how many words each two pages share, by the runs of an alignment and by what moved."""
    found: Shared = Counter()
    before, after = _page_of_words(streams.before), _page_of_words(streams.after)
    spans = [(run.before, run.after, run.length) for run in streams.alignment.runs]
    spans += [(move.a0, move.b0, min(move.a1 - move.a0, move.b1 - move.b0)) for move in streams.moves]
    for a, b, length in spans:
        done = 0
        while done < length:
            (page, until), (other, to) = before(a + done), after(b + done)
            step = min(until - a - done, to - b - done, length - done)
            found[page, other] += step
            done += step
    return found


def _page_of_words(stream: Stream) -> Callable[[int], tuple[int, int]]:
    """Return what tells the page of a word, and the first word that isn't on it."""
    starts, pages = stream.page_starts()

    def page_of(word: int) -> tuple[int, int]:
        at = bisect_right(starts, word) - 1
        return pages[at], starts[at + 1] if at + 1 < len(starts) else len(stream.words)

    return page_of


def pair_pages(
    before: Sequence[Page], after: Sequence[Page], shared: Shared, edits: Iterable[Edit]
) -> tuple[PagePair, ...]:
    """Return the pages of both sides in the order of `after`, each beside the one that it shares most words with.

    Every page of either side is told at least once. A page that shares no word is added or removed.
    """
    old, new, gone, come = _marked(edits)
    best_of_after = _best((other, page, count) for (page, other), count in shared.items())
    best_of_before = _best((page, other, count) for (page, other), count in shared.items())
    pairs: list[tuple[int | None, int | None]] = []
    empty = [page.number for page in before if page.number not in best_of_before and not page.text.strip()]
    for page in after:
        partner = best_of_after.get(page.number)
        if partner is None and not page.text.strip() and empty:
            partner = empty.pop(0)
        pairs.append((partner, page.number))
    told = {one for one, _ in pairs}
    for page in before:
        if page.number not in told:
            pairs.append((page.number, best_of_before.get(page.number)))
    return tuple(
        PagePair(one, other, _state(one, other, (old, new), (gone, come)), _reflowed(one, other, shared))
        for one, other in _in_order(pairs)
    )


def _best(shares: Iterable[tuple[int, int, int]]) -> Mapping[int, int]:
    best: dict[int, tuple[int, int]] = {}
    for page, other, count in shares:
        best[page] = max(best.get(page, (0, 0)), (count, -other))
    return {page: -other for page, (_, other) in best.items()}


def _in_order(pairs: list[tuple[int | None, int | None]]) -> list[tuple[int | None, int | None]]:
    """Put what was removed behind the page that stood before it."""
    kept = [pair for pair in pairs if pair[1] is not None]
    for pair in pairs:
        if pair[1] is None:
            place = next(
                (at for at, (one, _) in enumerate(kept) if one is not None and one > (pair[0] or 0)), len(kept)
            )
            kept.insert(place, pair)
    return kept


def _marked(edits: Iterable[Edit]) -> tuple[set[int], set[int], set[int], set[int]]:
    """Return the pages with real edits, before and after, and those from and to which text moved."""
    old, new, gone, come = set[int](), set[int](), set[int](), set[int]()
    for edit in edits:
        if edit.op == MOVED:
            gone |= {place.page for place in edit.before}
            come |= {place.page for place in edit.after}
        elif not edit.why:
            old |= {place.page for place in edit.before}
            new |= {place.page for place in edit.after}
    return old, new, gone, come


def _state(
    one: int | None, other: int | None, marked: tuple[set[int], set[int]], moved: tuple[set[int], set[int]]
) -> str:
    if one is None:
        return ADDED
    if other is None:
        return REMOVED
    if one in moved[0] and other in moved[1]:
        return MOVED
    return CHANGED if one in marked[0] or other in marked[1] else SAME


def _reflowed(one: int | None, other: int | None, shared: Shared) -> bool:
    return any((page == one) != (number == other) for page, number in shared if page == one or number == other)
