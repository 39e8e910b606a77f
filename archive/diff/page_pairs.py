"""Which page of one side is which of the other: by the words that they share, never by their numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from archive.diff.edits import Streams
from archive.diff.model import ADDED, CHANGED, COSMETIC, MOVED, REMOVED, SAME, UNREAD, Edit, Page, PagePair
from archive.diff.streams import FURNITURE, Stream

Shared = Counter[tuple[int, int]]
# So many pages without a partner are looked at for one.
MOST_NEAR = 50
MOST_BY_CHANCE = 2
Pages = tuple[int | None, int | None]


def shared_words(streams: Streams) -> Shared:
    """Return how many words each two pages share, by the runs of an alignment and by what moved.

    A word or two in a row are there by chance, unless they are all that stands on a page.
    """
    found: Shared = Counter()
    before, after = _page_of_words(streams.before), _page_of_words(streams.after)
    spans = [(run.before, run.after, run.length) for run in streams.alignment.runs]
    spans += [(move.a0, move.b0, min(move.a1 - move.a0, move.b1 - move.b0)) for move in streams.moves]
    for a, b, length in spans:
        done = 0
        while done < length:
            one, other = before(a + done), after(b + done)
            step = min(one.end - a - done, other.end - b - done, length - done)
            if length > MOST_BY_CHANCE or step in (one.end - one.start, other.end - other.start):
                found[one.number, other.number] += step
            done += step
    return found


class _Words(NamedTuple):
    """The words of a page, as a stretch of its stream."""

    number: int
    start: int
    end: int


def _page_of_words(stream: Stream) -> Callable[[int], _Words]:
    """Return what tells the page of a word."""
    starts, pages = stream.page_starts()
    ends = [*starts[1:], len(stream.words)]

    def page_of(word: int) -> _Words:
        at = bisect_right(starts, word) - 1
        return _Words(pages[at], starts[at], ends[at])

    return page_of


def pair_pages(before: Sequence[Page], after: Sequence[Page], shared: Shared) -> tuple[PagePair, ...]:
    """Return the pages of both sides in the order of `after`, each beside the one that it shares most words with.

    Every page of either side is told at least once. A page that shares none is added or removed; where both sides
    have pages without words in the same place, these are the same, and where the words of one aren't known, nobody
    knows.
    """
    best_of_after = _best((other, page, count) for (page, other), count in shared.items())
    best_of_before = _best((page, other, count) for (page, other), count in shared.items())
    numbers = [page.number for page in before], [page.number for page in after]
    ends: dict[int, int] = {}  # the last page that a page of `before` goes on to, where it was parted anew
    for page, other in shared:
        ends[page] = max(other, ends.get(page, 0))
    in_place = _in_place(before, after, (best_of_before, ends), best_of_after)
    unread = {page.number for page in after if page.number in in_place and not page.readable}
    unread |= {number for number, page in in_place.items() if not page.readable}
    there = {number: page.number for number, page in in_place.items()}
    pairs = [(best_of_after.get(number, there.get(number)), number) for number in numbers[1]]
    told = {one for one, _ in pairs}
    left = [(number, best_of_before.get(number)) for number in numbers[0] if number not in told]
    of_before, of_after = (Counter[int | None](pair[side] for pair in shared) for side in (0, 1))
    return tuple(
        PagePair(one, other, _found(one, other, unread), reflowed)
        for one, other in _in_order(pairs, left)
        for reflowed in [of_before[one] > 1 or of_after[other] > 1]
    )


def _found(one: int | None, other: int | None, unread: set[int]) -> str:
    return ADDED if one is None else REMOVED if other is None else UNREAD if other in unread else SAME


def with_states(pairs: Sequence[PagePair], edits: Iterable[Edit]) -> tuple[PagePair, ...]:
    """Return the pairs with what the edits made of them."""
    old, new, gone, come = set[int](), set[int](), set[int](), set[int]()
    light: tuple[set[int], set[int]] = (set(), set())
    for edit in edits:
        pages = {place.page for place in edit.before}, {place.page for place in edit.after}
        for held, found in zip(
            (gone, come) if edit.op == MOVED else light if edit.why else (old, new), pages, strict=True
        ):
            held.update(found)

    def state(pair: PagePair) -> str:
        if pair.state != SAME:
            return pair.state
        if pair.before in gone and pair.after in come and _crosses(pair, pairs):
            return MOVED
        if pair.before in old | gone or pair.after in new | come:
            return CHANGED
        return COSMETIC if pair.before in light[0] or pair.after in light[1] else SAME

    return tuple(replace(pair, state=state(pair)) for pair in pairs)


def _crosses(pair: PagePair, pairs: Sequence[PagePair]) -> bool:
    """Tell whether a page stands elsewhere among the others, and not only a passage of it."""
    one, other = pair.before or 0, pair.after or 0
    return any(
        (held.before < one) != (held.after < other)
        for held in pairs
        if held.before is not None and held.after is not None and held.before != one and held.after != other
    )


def _in_place(
    before: Sequence[Page],
    after: Sequence[Page],
    of_before: tuple[Mapping[int, int], Mapping[int, int]],
    of_after: Mapping[int, int],
) -> dict[int, Page]:
    """Return pages of `after` that share no word, each with the page of `before` in its place: of two the words of
    one aren't known, or neither holds any. A place is behind the best page of the one before, or behind its last."""
    held: dict[int, list[Page]] = {}
    lasts = [0, 0]
    for page in before:
        lasts = [pages.get(page.number, last) for pages, last in zip(of_before, lasts, strict=True)]
        if page.number not in of_before[0]:
            for last in dict.fromkeys(lasts):
                held.setdefault(last, []).append(page)
    found, last, taken = dict[int, Page](), 0, set[int]()
    for page in after:
        last = page.number if page.number in of_after else last
        if page.number not in of_after:
            near = [one for one in held.get(last, [])[: 2 * MOST_NEAR] if one.number not in taken]
            other = next((one for one in near[:MOST_NEAR] if _may_be(one, page)), None)
            if other is not None:
                taken.add(other.number)
                found[page.number] = other
    return found


def _may_be(one: Page, other: Page) -> bool:
    return not (one.readable and other.readable) or (_is_wordless(one) and _is_wordless(other))


def _is_wordless(page: Page) -> bool:
    """Tell whether a page holds nothing but what stands at the head and foot of others too."""
    pieces = [page.text[start:end] for kind, start, end in page.parts if kind not in FURNITURE]
    return not page.text.strip() or (bool(page.parts) and not "".join(pieces).strip())


def _best(shares: Iterable[tuple[int, int, int]]) -> Mapping[int, int]:
    best: dict[int, tuple[int, int]] = {}
    for page, other, count in shares:
        best[page] = max(best.get(page, (0, 0)), (count, -other))
    return {page: -other for page, (_, other) in best.items()}


def _in_order(pairs: list[tuple[int | None, int]], left: list[tuple[int, int | None]]) -> Iterator[Pages]:
    """Put what is told of `before` alone where it stood, before the first later page of that side."""
    pending = deque(left)
    for one, other in pairs:
        while pending and one is not None and pending[0][0] < one:
            yield pending.popleft()
        yield one, other
    yield from pending
