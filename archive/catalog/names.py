"""What documents are called in addresses: by their number, else by their address; which of two has a shared name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from archive.addresses import slug
from archive.catalog.awards import name_of
from archive.identifiers import address_slug

ABBREVIATED = 10
# The shortest ending that tells two documents of one name apart; it grows where that isn't enough.
ENDING = 6
Order = tuple[str, str]


def names_of(first_seen: Mapping[tuple[str, str], Order]) -> dict[tuple[str, str], str]:
    """Give each document its name, by the key that holds it together.

    Of documents that would share a name one with a number has it, else the one that was seen first: what is found
    later never takes a name away. The others' names get an ending made of their keys.
    """
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for key in sorted(first_seen, key=lambda key: (key[0] != "number", first_seen[key], key)):
        plain = name = _name(*key)
        digest = hashlib.sha256("|".join(key).encode("utf-8", "replace")).hexdigest()
        length = ENDING
        while name in taken:
            name = f"{plain}-{digest[:length]}"
            length += 1
        taken.add(name)
        names[key] = name
    return names


def _name(kind: str, value: str) -> str:
    if kind == "number":
        return address_slug(value)
    if kind == "file" and value.startswith("digest "):
        return f"file-{value.removeprefix('digest ')[:ABBREVIATED]}"
    if kind == "apart" and value.startswith("sha256:"):
        return f"file-{value.removeprefix('sha256:')[:ABBREVIATED]}"
    if kind in ("file", "page", "article", "apart"):
        return address_name(value)
    return f"{kind}-{slug(name_of(value) if kind == 'contract' else value)}"


def address_name(key: str) -> str:
    """Return the name that a document known by its address alone has, from that address's key."""
    short = slug(key)
    whole = slug(key, limit=10_000)
    return short if short == whole else f"{short}-{hashlib.sha256(key.encode()).hexdigest()[:ENDING]}"
