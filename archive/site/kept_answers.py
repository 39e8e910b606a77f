"""What searches of one release gave, so that what is asked often is looked for once. A release's answers never change.

It belongs to one opened file and ends with it: a release that was made again, or is another, begins with none. It
knows nothing of questions but that the same one is the same text.
"""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict

from archive.research.matching import GIVEN_UP
from archive.research.rows import Row

# None is so large that it would drive out very many others.
_SHARE = 50


class KeptAnswers:
    """Answers by question, at most so many bytes of them, packed; those that were asked for longest ago go first."""

    def __init__(self, most: int) -> None:
        self._most, self.size = most, 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: str) -> Row | None:
        """Return what a question gave, as JSON would have it; None where it isn't kept."""
        packed = self._kept.get(question)
        if packed is None:
            return None
        self._kept.move_to_end(question)
        answer: Row = json.loads(zlib.decompress(packed))
        return answer

    def keep(self, question: str, answer: Row) -> None:
        """Keep an answer; one that was given up for time isn't, since another time there may be more."""
        if GIVEN_UP in answer.get("notes", ()):
            return
        packed = zlib.compress(json.dumps(answer).encode("ascii"), 1)
        size = _size(question, packed)
        if size > self._most // _SHARE or question in self._kept:
            return
        self._kept[question] = packed
        self.size += size
        while self.size > self._most:
            self.size -= _size(*self._kept.popitem(last=False))


def _size(question: str, packed: bytes) -> int:
    # A sign of a Python string takes up to four bytes; an entry of the table some two hundred.
    return 4 * len(question) + len(packed) + 200
