"""Compares the journals of two copies: whether they are one archive, and which of them goes on from the other."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path

from archive.store.chain import Chain, ChainBroken, Head
from archive.store.journal import Journal


class AnotherArchive(Exception):  # noqa: N818
    """Two folders whose journals are not of one archive, or went different ways; the words say what to do."""


def goes_on_from(folder: Path, earlier: Head) -> bool:
    """Tell whether the journal in `folder` begins with the one that ended at `earlier`."""
    if earlier.lines == 0:
        return True
    path, chain = Journal(folder).path, Chain()
    with contextlib.suppress(ChainBroken, OSError):
        for line in path.read_bytes().splitlines(keepends=True):
            chain.follow(line)
            if chain.head.lines == earlier.lines:
                return chain.head == earlier
    return False


def mended(folder: Path, other: Path) -> bytes | None:
    """Return the journal of `other` with the lines of the one in `folder` that go on from it, up to its very end.

    So damage in lines that the copy has is undone. None where what was noted since isn't whole: it may be a
    withdrawal, and no line of it can be told to be missing.
    """
    content = Journal(other).path.read_bytes()
    chain, added = Chain(), b""
    for line in content.splitlines(keepends=True):
        chain.follow(line)
    for line in Journal(folder).path.read_bytes().splitlines(keepends=True):
        tried = copy.copy(chain)
        try:
            tried.follow(line)
        except ChainBroken:
            if added:
                return None
            continue
        chain, added = tried, added + line
    noted = Journal(folder).noted()
    behind = noted is not None and (chain.head.lines < noted.lines or noted.size > chain.head.size)
    return None if behind or noted is None else content + added
