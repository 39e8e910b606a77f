"""Looks into a PDF's objects without trusting them: whatever is missing, wrong or going in circles counts as absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pdfminer.pdftypes import PDFObjRef, PDFStream
from pdfminer.psparser import PSLiteral
from pdfminer.utils import PDFDocEncoding

from pipelines.text.cleaning import clean_line

# An object that is a reference to itself would be followed for ever.
_MOST_HOPS = 32
_MOST_NODES = 50_000


def resolved(value: Any) -> Any:
    """Return what a reference stands for, None where nothing can be found; raises nothing but MemoryError."""
    try:
        for _ in range(_MOST_HOPS):
            if not isinstance(value, PDFObjRef):
                return value
            value = value.resolve()
    except MemoryError:
        raise
    except Exception:
        return None
    return None


def dictionary(value: Any) -> dict[str, Any]:
    """Return a dictionary, or that of a stream; {} for anything else."""
    found = resolved(value)
    if isinstance(found, PDFStream):
        found = found.attrs
    return found if isinstance(found, dict) else {}


def array(value: Any, most: int) -> list[Any]:
    """Return the first `most` entries of an array, unresolved; [] for anything else."""
    found = resolved(value)
    return found[:most] if isinstance(found, list) else []


def name_of(value: Any) -> str:
    """Return a name ("Launch" for /Launch), "" for anything else."""
    found = resolved(value)
    name = found.name if isinstance(found, PSLiteral) else ""
    return clean_line(name if isinstance(name, str) else name.decode("utf-8", "replace"), 100)


def whole_number(value: Any) -> int | None:
    """Return an integer, or None."""
    found = resolved(value)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def words_of(value: Any, limit: int) -> str:
    """Return a text string on one clean line of at most `limit` characters (ISO 32000-2, 7.9.2.2), or ""."""
    found = resolved(value)
    if isinstance(found, str):
        return clean_line(found, limit)
    if not isinstance(found, bytes):
        return ""
    begun = found[: 8 * limit + 3]
    if begun.startswith(b"\xfe\xff"):
        return clean_line(begun[2:].decode("utf-16-be", "replace"), limit)
    if begun.startswith(b"\xff\xfe"):  # Against the standard, and met.
        return clean_line(begun[2:].decode("utf-16-le", "replace"), limit)
    if begun.startswith(b"\xef\xbb\xbf"):
        return clean_line(begun[3:].decode("utf-8", "replace"), limit)
    return clean_line("".join(PDFDocEncoding[byte] for byte in begun), limit)


class Once:
    """Tells references that were met before; a direct object can't be met twice."""

    def __init__(self) -> None:
        self._met: set[int] = set()

    def meets(self, value: Any) -> bool:
        """Say whether this is new, and remember it."""
        if not isinstance(value, PDFObjRef):
            return True
        if value.objid in self._met:
            return False
        self._met.add(value.objid)
        return True


class Leaf(NamedTuple):
    """An entry of a name tree or a number tree: its key and its value as they stand."""

    key: Any
    value: Any


def iter_tree(root: Any, entries: str) -> Iterator[Leaf]:
    """Yield the leaves of a tree in order; `entries` is "Names" or "Nums" (ISO 32000-2, 7.9.6 and 7.9.7).

    A node that was met before is passed over, and after 50,000 nodes the rest.
    """
    once, waiting = Once(), [root]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if not once.meets(node):
            continue
        held = dictionary(node)
        pairs = array(held.get(entries), 2 * _MOST_NODES)
        for place in range(0, len(pairs) - 1, 2):
            yield Leaf(resolved(pairs[place]), pairs[place + 1])
        waiting += reversed(array(held.get("Kids"), _MOST_NODES))
