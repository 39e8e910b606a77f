"""The integer key of a page's row, made of what the page is: so a catalogue that is made again has the same keys."""

from __future__ import annotations

import hashlib


def page_key(version: str, number: int, taken: int = 0) -> int:
    """Return the key of a page of a version, where so many that it would have are taken already.

    It has 53 bits, so that JavaScript can hold it too. Two of ten million pages share one with a likelihood of 0.5 %.
    """
    digest = hashlib.sha256(f"{version}/p{number}{'+' * taken}".encode()).digest()
    return int.from_bytes(digest[:7], "big") >> 3
