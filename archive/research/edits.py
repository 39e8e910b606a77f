"""How far apart two words are: letters put in, left out, changed, or two neighbours swapped."""

from __future__ import annotations


def distance(one: str, other: str, most: int) -> int:
    """Return the least number of such edits that make one word of the other; `most + 1` for any more than `most`.

    No letter is edited twice (the optimal string alignment distance).
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for to, sign in enumerate(other, 1):
            least = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != sign))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == sign:
                least = min(least, earlier[to - 2] + 1)
            row.append(least)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
