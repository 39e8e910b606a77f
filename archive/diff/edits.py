"""The edits between two streams of words: what was added, removed, changed or moved, and why some of it is cosmetic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from archive.diff.alignment import Alignment, Gap, align, slid
from archive.diff.model import ADDED, CHANGED, MOVED, REMOVED, Edit
from archive.diff.moves import moved
from archive.diff.streams import Stream
from archive.diff.words import Token, align_tokens, tokens

HYPHENATION, TYPOGRAPHY, OTHER_PART = "hyphenation", "typography", "set apart from the text otherwise"
_BROKEN = re.compile(r"-\s*\n\s*")
TEXT = "text"
# A hunk of more words on both sides together is one edit.
MOST_FINE = 20_000
Words = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Streams:
    """Two streams, aligned; `coarse` tells that a part of them was too unlike to be compared exactly."""

    before: Stream
    after: Stream
    alignment: Alignment
    moves: tuple[Gap, ...]

    @property
    def coarse(self) -> bool:
        """Tell whether some stretch counts as replaced as a whole, since it was too large to be looked into."""
        return bool(self.alignment.coarse)


def align_streams(before: Stream, after: Stream) -> Streams:
    """Align two streams by what stands between blanks."""
    alignment = slid(before.said, after.said, align(before.said, after.said), (before.rank, after.rank))
    return Streams(before, after, alignment, tuple(moved(before.said, after.said, alignment)))


def edits_of(streams: Streams, forms: frozenset[str]) -> list[Edit]:
    """Return the edits, in no order; `forms` are other forms of broken words."""
    before, after = streams.before, streams.after
    found = list(_set_otherwise(streams))
    for gone, come in _hunks(streams):
        if sum(end - start for start, end in (*gone, *come)) > MOST_FINE:
            found.append(_whole(before, after, gone, come))
        else:
            found += _fine(before, after, gone, come, forms)
    for move in streams.moves:
        inner = align(before.said[move.a0 : move.a1], after.said[move.b0 : move.b1])
        found.append(_moved(before, after, move, inner))
        for gap in inner.gaps(move.a1 - move.a0, move.b1 - move.b0):
            gone, come = [(move.a0 + gap.a0, move.a0 + gap.a1)], [(move.b0 + gap.b0, move.b0 + gap.b1)]
            found += _fine(before, after, gone, come, forms)
    return found


def read_otherwise(edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits; where the same words went in one part and came in another, they are only read otherwise."""
    gone: dict[tuple[str, ...], list[int]] = {}
    for number, edit in enumerate(edits):
        if edit.op == REMOVED and not edit.why:
            gone.setdefault(_said(edit.removed), []).append(number)
    same: set[int] = set()
    for number, edit in enumerate(edits):
        if edit.op == ADDED and not edit.why:
            held = gone.get(_said(edit.added), [])
            other = next((one for one in held if edits[one].part != edit.part), None)
            if other is not None:
                held.remove(other)
                same |= {number, other}
    return [replace(edit, why=OTHER_PART) if number in same else edit for number, edit in enumerate(edits)]


def _said(words: str) -> tuple[str, ...]:
    return tuple(token.said for token in tokens(words))


def _hunks(streams: Streams) -> Iterator[tuple[Words, Words]]:
    """Yield the words that are in no run and didn't move, as stretches on both sides."""
    gaps = without_chaff(list(streams.alignment.gaps(len(streams.before.words), len(streams.after.words))))
    gone = sorted((move.a0, move.a1) for move in streams.moves)
    come = sorted((move.b0, move.b1) for move in streams.moves)
    for gap in gaps:
        before, after = list(_less((gap.a0, gap.a1), gone)), list(_less((gap.b0, gap.b1), come))
        if any(start < end for start, end in (*before, *after)):
            yield before, after


def _less(stretch: tuple[int, int], out: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield what is left of a stretch without others; of an empty one its place."""
    start, end = stretch
    begun = start
    for one, other in out:
        if one < end and other > start:
            if start < one:
                yield start, one
            start = other
    if start < end or start == begun:
        yield start, end


def without_chaff(gaps: Sequence[Gap]) -> list[Gap]:
    """Join gaps with so little between them that it is the same by chance, as “the” is between two other sentences.

    Two long ones go together, and several with a word or two between them that hold much more than that.
    """
    kept: list[Gap] = []
    for cluster in _clusters(gaps):
        changed, equal = sum(map(_size, cluster)), sum(right.a0 - left.a1 for left, right in pairwise(cluster))
        many = len(cluster) > 2 and changed >= max(8, 1.5 * equal)
        for gap in [_joined(cluster[0], cluster[-1])] if many else cluster:
            kept.append(gap)
            while len(kept) > 1 and kept[-1].a0 - kept[-2].a1 <= min(_size(kept[-2]), _size(kept[-1])) // 3:
                kept[-2:] = [_joined(kept[-2], kept[-1])]
    return kept


def _clusters(gaps: Sequence[Gap]) -> Iterator[list[Gap]]:
    """Yield gaps with at most two elements between one and the next."""
    cluster: list[Gap] = []
    for gap in gaps:
        if cluster and gap.a0 - cluster[-1].a1 > 2:
            yield cluster
            cluster = []
        cluster.append(gap)
    if cluster:
        yield cluster


def _joined(first: Gap, last: Gap) -> Gap:
    return Gap(first.a0, last.a1, first.b0, last.b1)


def _size(gap: Gap) -> int:
    return max(gap.a1 - gap.a0, gap.b1 - gap.b0)


def _set_otherwise(streams: Streams) -> Iterator[Edit]:
    """Yield the words that say the same and are only set in another way."""
    before, after = streams.before, streams.after
    for run in streams.alignment.runs:
        old, new = before.words[run.before : run.before + run.length], after.words[run.after : run.after + run.length]
        for number in [at for at in range(run.length) if old[at] != new[at]] if old != new else ():
            gone, come = before.span(run.before + number), after.span(run.after + number)
            yield _edit(before, after, [Token("", *gone)], [Token("", *come)], TYPOGRAPHY)


def _moved(before: Stream, after: Stream, move: Gap, inner: Alignment) -> Edit:
    """Return what moved as one edit; the words in it that changed are marked by edits of their own."""
    old = [before.stretch(move.a0 + run.before, move.a0 + run.before + run.length) for run in inner.runs]
    new = [after.stretch(move.b0 + run.after, move.b0 + run.after + run.length) for run in inner.runs]
    return Edit(
        MOVED,
        tuple(place for start, end in old for place in before.on_pages(start, end)),
        tuple(place for start, end in new for place in after.on_pages(start, end)),
        before.whole.text[slice(*before.stretch(move.a0, move.a1))],
        after.whole.text[slice(*after.stretch(move.b0, move.b1))],
        part=after.part,
    )


def _whole(before: Stream, after: Stream, gone: Words, come: Words) -> Edit:
    """Return a hunk as one edit; it is too large to be looked into."""
    old = [Token("", *before.stretch(first, end)) for first, end in gone if first < end]
    new = [Token("", *after.stretch(first, end)) for first, end in come if first < end]
    return _edit(before, after, old, new, "", (_start(before, gone), _start(after, come)))


def _fine(before: Stream, after: Stream, gone: Words, come: Words, forms: frozenset[str]) -> Iterator[Edit]:
    """Yield the edits of a hunk, token by token."""
    old, new = _tokens(before, gone), _tokens(after, come)
    aligned = align_tokens(old, new)
    for run in aligned.runs:
        for number in range(run.length):
            one, other = old[run.before + number], new[run.after + number]
            if before.whole.text[one.start : one.end] != after.whole.text[other.start : other.end]:
                yield _edit(before, after, [one], [other], TYPOGRAPHY)
    places = _start(before, gone), _start(after, come)
    for gap in without_chaff(list(aligned.gaps(len(old), len(new)))):
        out, put = old[gap.a0 : gap.a1], new[gap.b0 : gap.b1]
        why = HYPHENATION if out and put and _rehyphenated(_raw(before, out), _raw(after, put), forms) else ""
        at = _end(old, gap.a0, places[0]), _end(new, gap.b0, places[1])
        alone = after.part != TEXT and not (out and put)
        for held in _paragraphs(before if out else after, out or put) if alone else ():
            yield _edit(before, after, held if out else [], held if put else [], why, at)
        if not alone:
            yield _edit(before, after, out, put, why, at)


def _paragraphs(stream: Stream, held: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield tokens by the notes, or the tables, in which they stand: these have nothing to do with one another."""
    text = stream.whole.text
    ends = [at for at, (one, other) in enumerate(pairwise(held), 1) if "\n\n" in text[one.end : other.start]]
    for first, end in pairwise([0, *ends, len(held)]):
        yield held[first:end]


def _tokens(stream: Stream, stretches: Words) -> list[Token]:
    found: list[Token] = []
    for first, end in stretches:
        start, stop = stream.stretch(first, end)
        found += tokens(stream.whole.text[start:stop], start)
    return found


def _start(stream: Stream, stretches: Words) -> int:
    return stream.stretch(*stretches[0])[0] if stretches else 0


def _end(held: Sequence[Token], place: int, start: int) -> int:
    return held[place - 1].end if place else start


def _raw(stream: Stream, held: Sequence[Token]) -> str:
    return stream.whole.text[held[0].start : held[-1].end]


def _rehyphenated(before: str, after: str, forms: frozenset[str]) -> bool:
    """Tell whether two spellings are the same word, broken at a line's end in one of them."""
    if before in forms or after in forms:
        return before.replace("-", "") == after.replace("-", "")
    ways = [{_BROKEN.sub(with_, words) for with_ in ("", "-")} for words in (before, after)]
    return bool(ways[0] & ways[1])


def _edit(
    before: Stream,
    after: Stream,
    out: Sequence[Token],
    put: Sequence[Token],
    why: str,
    at: tuple[int, int] = (0, 0),
) -> Edit:
    old, new = _stretches(out), _stretches(put)
    return Edit(
        CHANGED if out and put else REMOVED if out else ADDED,
        tuple(place for start, end in old for place in before.on_pages(start, end)),
        tuple(place for start, end in new for place in after.on_pages(start, end)),
        " ".join(before.whole.text[start:end] for start, end in old),
        " ".join(after.whole.text[start:end] for start, end in new),
        why,
        after.part,
        None if out else before.place(at[0]),
        None if put else after.place(at[1]),
    )


def _stretches(held: Sequence[Token]) -> Words:
    """Return where tokens stand, those that follow on one another as one stretch."""
    if not held:
        return []
    breaks = [number for number, (one, other) in enumerate(pairwise(held), 1) if other.start < one.end]
    return list(_between(held, [0, *breaks, len(held)]))


def _between(held: Sequence[Token], bounds: Iterable[int]) -> Iterator[tuple[int, int]]:
    for first, end in pairwise(bounds):
        yield held[first].start, held[end - 1].end
