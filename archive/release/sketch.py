"""How texts are known again that aren't equal to the letter: by some of the runs of words that stand in them.

A shingle is the CRC-32 of SHINGLE words that follow each other. A sketch keeps those that are a multiple of
`sampled`, so that its size is bounded and what two texts have in common is still told (Broder 1997, "On the
resemblance and containment of documents"). Knows texts and numbers, no catalogue.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

SHINGLE = 5
SAMPLED = 4
LARGEST = 20_000  # shingles in a sketch: 110 KB of the journal's line
# Fewer words than these say nothing: "This page intentionally left blank".
TELLING_WORDS = 20

_WORD = re.compile(r"[^\W_]+")
_BROKEN = re.compile(r"(?<=\w)[-\u2010\u00ad]\n\s*(?=\w)")


@dataclass(frozen=True, slots=True)
class Sketch:
    """Some shingles of a text: those that are a multiple of `sampled`."""

    shingles: frozenset[int]
    sampled: int


def words_of(text: str) -> list[str]:
    """Return a text's words as they are compared: letters and digits only, in lower case, without accents."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(_BROKEN.sub("", text).casefold())


def text_digest(pages: Iterable[Sequence[str]]) -> str:
    """Return the hex SHA-256 of the words of pages, whatever stands between them; "" for a text that says nothing."""
    words = [word for page in pages for word in page]
    return hashlib.sha256(" ".join(words).encode()).hexdigest() if len(words) >= TELLING_WORDS else ""


def shingles_of(words: Sequence[str]) -> Iterator[int]:
    """Yield the shingles of a page's words that are sampled, in order. Takes time in proportion to the text."""
    for start in range(len(words) - SHINGLE + 1):
        shingle = zlib.crc32(" ".join(words[start : start + SHINGLE]).encode())
        if shingle % SAMPLED == 0:
            yield shingle


def sketch_of(shingles: Set[int]) -> Sketch:
    """Return the sketch of a document that has these shingles, no larger than LARGEST."""
    kept = set(shingles)
    sampled = SAMPLED
    while len(kept) > LARGEST:
        sampled *= 2
        kept = {shingle for shingle in kept if shingle % sampled == 0}
    return Sketch(frozenset(kept), sampled)


def packed(sketch: Sketch) -> str:
    """Return a sketch's shingles as a line of the journal has them: 32-bit numbers, little-endian, base64."""
    return base64.b64encode(b"".join(one.to_bytes(4, "little") for one in sorted(sketch.shingles))).decode()


def unpacked(shingles: str, sampled: int) -> Sketch:
    """Return the sketch of a line. Raises ValueError for what is none."""
    held = base64.b64decode(shingles, validate=True)
    numbers = (int.from_bytes(held[place : place + 4], "little") for place in range(0, len(held), 4))
    return Sketch(frozenset(numbers), sampled)
