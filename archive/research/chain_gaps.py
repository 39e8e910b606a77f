"""What is missing in a chain: modifications that its numbers skip, and money that the actions held don't add up to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.amounts import parse_amount, to_cents
from archive.research.money import dollars, obligations
from archive.research.rows import Row

# "P00004", "A00001": who modified (FAR 4.1603, DFARS 204.16), and a count that begins with 1.
_COUNTED = re.compile(r"([A-Z]{1,3})([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that isn't held: its kind, its number, that it isn't in a sentence, and the record that shows it."""

    kind: str
    number: str
    told: str
    document: str
    address: str


def gaps_in_modifications(document: str, award: Row, actions: Sequence[Row]) -> Iterator[Gap]:
    """Yield what the actions held of an award leave out, by the numbers that its publisher gave them."""
    address = award["address"]
    if actions and all(row["modification"].strip("0") for row in actions):
        yield Gap("modification", "0", "The award itself (modification 0) is not held.", document, address)
    counted: dict[str, dict[int, str]] = defaultdict(dict)
    for row in actions:
        if match := _COUNTED.fullmatch(row["modification"].strip().upper()):
            counted[match[1]][int(match[2])] = row["modification"].strip().upper()
    for letters, held in sorted(counted.items()):
        width = max(len(name) for name in held.values()) - len(letters)
        for before, after in pairwise([0, *sorted(held)]):
            if after - before > 1:
                first, last = (f"{letters}{number:0{width}}" for number in (before + 1, after - 1))
                numbers = first if first == last else f"{first} to {last}"
                is_one = first == last
                told = f"{numbers} {'is' if is_one else 'are'} not held: the numbers go on with {held[after]}."
                yield Gap("modification", numbers, told, document, address)
    yield from _money(document, award, actions)


def _money(document: str, award: Row, actions: Sequence[Row]) -> Iterator[Gap]:
    """Tell where the newest record prints another sum than the actions held come to."""
    printed = parse_amount(str(award["total_obligated"] or ""))
    told = obligations(actions)
    if printed is None or not told:
        return
    here, there = told[-1].total, to_cents(printed)
    if here != there:
        words = (f"The newest record prints {dollars(there)} US$ obligated in all; the actions held come to"
                 f" {dollars(here)} US$.")  # fmt: skip
        yield Gap("money", award["piid"], words, document, award["address"])
