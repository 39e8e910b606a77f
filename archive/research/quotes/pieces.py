"""Whether a quotation is put together of passages that don't stand together: each of its pieces word for word, the
whole nowhere. It knows no catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.research.quotes.held import Held
from archive.research.quotes.signs import WORD
from archive.research.quotes.weight import is_small

# A piece has so many words at least; of a spliced quotation so many words in a hundred are in one of so many pieces.
FEWEST, COVERED, MOST = 4, 85, 4


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a quotation, from `at` on, `count` of them, that stand in a text from token `first` up to `end`."""

    at: int
    count: int
    held: Held
    first: int
    end: int


def find_pieces(helds: Iterable[Held], wanted: Sequence[str]) -> list[Piece]:
    """Return the pieces of which a quotation's words are made, in its order, all of one version; [] where they
    aren't."""
    by_version: dict[str, list[Piece]] = {}
    for held in helds:
        by_version.setdefault(held.version["id"], []).extend(_runs(held, wanted))
    made = [pieces for runs in by_version.values() if (pieces := _cover(runs, wanted))]
    return max(made, key=lambda pieces: (sum(piece.count for piece in pieces), -len(pieces)), default=[])


def _runs(held: Held, wanted: Sequence[str]) -> list[Piece]:
    """Return the longest runs of a quotation's words in a text, from each of its words on."""
    places = [place for place, token in enumerate(held.tokens) if token.kind == WORD and place not in held.marks]
    words = [held.tokens[place].text.casefold() for place in places]
    starts: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(words) - FEWEST + 1):
        starts.setdefault(tuple(words[at : at + FEWEST]), []).append(at)
    found = []
    for at in range(len(wanted) - FEWEST + 1):
        best = (0, 0)
        for start in starts.get(tuple(wanted[at : at + FEWEST]), [])[:20]:
            count = FEWEST
            while (
                at + count < len(wanted) and start + count < len(words) and wanted[at + count] == words[start + count]
            ):
                count += 1
            best = max(best, (count, start), key=lambda one: one[0])
        count, start = best
        if count and not all(map(is_small, wanted[at : at + count])):
            found.append(Piece(at, count, held, places[start], places[start + count - 1] + 1))
    return found


def _cover(runs: list[Piece], wanted: Sequence[str]) -> list[Piece]:
    """Return the fewest runs that make up nearly all of a quotation; [] where they don't."""
    chosen: list[Piece] = []
    at = 0
    while at < len(wanted) and len(chosen) < MOST:
        onwards = [run for run in runs if run.at >= at and run.at - at <= 3]
        if not onwards:
            break
        best = max(onwards, key=lambda run: (run.at + run.count, -run.at))
        chosen.append(best)
        at = best.at + best.count
    covered = sum(run.count for run in chosen)
    return chosen if len(chosen) > 1 and 100 * covered >= COVERED * len(wanted) else []
