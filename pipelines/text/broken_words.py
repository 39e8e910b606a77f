"""Joins words that a hyphen broke at a line's end, and leaves those their hyphen that have one of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# The last part of a line that ends in a hyphen, read from its end, and the first of the next line.
_HEAD = re.compile(r"[-‐\u00ad](?P<part>[^\W\d_]+)(?P<before>[^\s(\[“\"‘'/—–]*)")
_TAIL = re.compile(r"(?P<part>[^\W\d_]+)(?P<rest>\S*)")
# No word has more letters; a chain of thousands that all end in a hyphen is none.
_LONGEST = 100
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
# Before these a hyphen at the line's end is most often the word's own.
_OWN = frozenset({"self", "non", "ex", "well", "cross", "all", "so", "quasi", "post", "pre", "anti", "high", "low"})
_SURELY_OWN = frozenset({"self", "well", "quasi"})
_ENDINGS = ("s", "ed", "d", "ing", "ly")
# Words that are most often the second half of a compound.
_SECOND = frozenset(
    re.findall(
        r"\w+",
        """
    based born bound building built certain compliance compliant controlled defined driven effective enforcement
    established free funded holder holders informed keeping known level like line lived looking made making
    month needed off only oriented out owned owner party profit quality ranging reaching related resistant rich
    round scale sensitive set sharing sided site specific standing style taking term time to type up urban use
    used wide year
    """,
    )
)


class Joint(NamedTuple):
    """How a broken word goes on: `line` is the first line with all of it, `also` the other form it might have had,
    `rest` what is left of the next line, and `hyphened` whether the hyphen stays."""

    line: str
    also: str
    rest: str
    hyphened: bool


class Words:
    """The words of a document: which of them it writes with a hyphen, and which without."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._known: set[str] = set()
        broken = False
        for line in lines:
            found = _WORD.findall(line.lower())
            # The parts of a broken word are no words.
            start, broken = int(broken), line.endswith(("-", "‐", "\u00ad"))
            whole = found[start : len(found) - broken]
            self._known.update(whole)
            self._known.update(part for word in whole if "-" in word for part in word.split("-"))

    def join(self, line: str, after: str) -> Joint | None:
        """Return how the last word of `line` goes on in the line `after` it, or None where it ends with its line.

        The hyphen goes unless the next part begins with a capital, or the document writes the word with a hyphen, or
        both parts are words of their own and the whole is none of its words.
        """
        head, tail = _HEAD.match(line[: -_LONGEST - 1 : -1]), _TAIL.match(after)
        if head is None or tail is None or head.end() == _LONGEST:
            return None
        before, part = head["before"][::-1], head["part"][::-1]
        plain, hyphened = before + part + tail["part"], f"{before}{part}-{tail['part']}"
        start, rest = line[: -head.end()], after[tail.end() :].lstrip(" ")
        if self._keeps(before, part.lower(), tail["part"]):
            return Joint(start + hyphened + tail["rest"], plain, rest, hyphened=True)
        return Joint(start + plain + tail["rest"], hyphened, rest, hyphened=False)

    def _keeps(self, before: str, part: str, after: str) -> bool:
        low = after.lower()
        if not after[0].islower() or f"{before}{part}-{low}" in self._known:
            return True
        if self._knows(part + low):
            return False
        if part in _SURELY_OWN and len(low) > 4:
            return True
        if not (part in self._known or part in _OWN) or not (low in _SECOND or self._knows(low)):
            return False
        return before.endswith(("-", "‐")) or part in _OWN or (len(part) > 2 and len(low) > 3)

    def _knows(self, word: str) -> bool:
        """Say whether the document has the word, or another form of it."""
        return word in self._known or any(
            word.endswith(ending) and len(word) > len(ending) + 3 and self._has_stem(word.removesuffix(ending))
            for ending in _ENDINGS
        )

    def _has_stem(self, stem: str) -> bool:
        return any(stem + ending in self._known for ending in ("", "e", "s", "ed", "ing"))


def joined_lines(lines: Sequence[str], words: Words) -> tuple[list[str], list[str]]:
    """Return the lines with broken words whole on the line where they begin, and the other forms of those words."""
    joined: list[str] = []
    also: list[str] = []
    for line in lines:
        rest = line
        while joined and rest and (joint := words.join(joined[-1], rest)) is not None:
            joined[-1], rest = joint.line, joint.rest
            also.append(joint.also)
        if rest or not joined:
            joined.append(rest)
    return joined, also
