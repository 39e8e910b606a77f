"""Integer keys of rows, made of what the row is of: so a catalogue that is made again has the same keys."""

from __future__ import annotations

import hashlib


def page_key(version: str, number: int, taken: int = 0) -> int:
    """Return the key of a page of a version, where so many that it would have are taken already.

    It has 53 bits, so that JavaScript can hold it too. Two of ten million pages share one with a likelihood of 0.5 %.
    """
    return _key(f"{version}/p{number}{'+' * taken}")


def passage_key(version: str, ordinal: int, taken: int = 0) -> int:
    """Return the key of a passage that a version changed, likewise."""
    return _key(f"{version}/c{ordinal}{'+' * taken}")


def _key(named: str) -> int:
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:7], "big") >> 3
