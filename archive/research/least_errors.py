"""The stretch of a text that differs least from what is looked for; knows no page and no quotation."""

from __future__ import annotations

from collections.abc import Sequence


def least_errors(held: Sequence[str], wanted: Sequence[str], *, anchored: bool = False) -> tuple[int, int]:
    """Return by how many items the nearest stretch differs from what is wanted, and where it ends.

    A column of the table of edits is one long number (Myers 1999). `anchored` has the stretch begin at 0; of equals the
    one whose end fits is taken.
    """
    size = len(wanted)
    mask, top = (1 << size) - 1, 1 << (size - 1)
    where: dict[str, int] = {}
    for place, item in enumerate(wanted):
        where[item] = where.get(item, 0) | 1 << place
    plus, minus, score = mask, 0, size
    best = (size, 1, 0)
    for place, item in enumerate(held[: 2 * size] if anchored else held):
        equal = where.get(item, 0)
        down = equal | minus
        across = (((equal & plus) + plus) ^ plus) | equal
        more, less = minus | (~(across | plus) & mask), plus & across
        score += bool(more & top) - bool(less & top)
        more, less = (more << 1) | anchored, less << 1
        plus, minus = (less | ~(down | more)) & mask, more & down & mask
        best = min(best, (score, int(not equal & top), place + 1))
    return best[0], best[2]
