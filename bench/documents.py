"""The classes of generated documents: each name is a layout, drawn in one way."""

from __future__ import annotations

from collections.abc import Iterator

from bench.pages import Layout, document
from bench.truth import Document

_NAMES = {1: "one", 2: "two", 3: "three"}
_SIZES = {1: 11.0, 2: 10.0, 3: 9.0}

CLASSES: dict[str, Layout] = {
    **{
        f"{name}-by-{drawn}": Layout(columns=columns, drawn=drawn, size=_SIZES[columns])
        for drawn in ("column", "line", "word")
        for columns, name in _NAMES.items()
    },
    "gazette": Layout(columns=3, drawn="line", size=9, rules=True, table="ruled"),
    "ragged": Layout(columns=2, justified=False, indent=False, family="Helvetica", size=9.5),
    "typewriter": Layout(justified=False, family="Courier", indent=False, notes=False),
    "side-notes": Layout(side_notes=True, notes=False, size=11),
    "side-notes-by-line": Layout(side_notes=True, drawn="line", size=11),
    "tables-ruled": Layout(table="ruled", size=11),
    "tables-unruled": Layout(table="unruled", size=11, notes=False),
    "tables-two": Layout(columns=2, table="unruled", drawn="line"),
    "no-blanks": Layout(spacing="none", size=11),
    "no-blanks-three": Layout(columns=3, spacing="none", drawn="line", size=9),
    "kerned": Layout(spacing="kerned", size=11),
    "kerned-three": Layout(columns=3, spacing="kerned", drawn="line", size=9),
    "ligatures": Layout(columns=2, ligatures=True),
    "drawn-twice": Layout(columns=2, twice=True),
    "turned-90": Layout(columns=2, turned=90),
    "turned-180": Layout(columns=2, turned=180, drawn="line"),
    "turned-270": Layout(columns=2, turned=270),
    "sideways": Layout(columns=2, sideways=True),
}


def documents(names: list[str] | None = None, *, seeds: int = 1, pages: int = 3) -> Iterator[Document]:
    """Yield the documents of the named classes (all of them, if None), `seeds` of each."""
    for name in names or CLASSES:
        for seed in range(seeds):
            yield document(name, CLASSES[name], seed, pages)
