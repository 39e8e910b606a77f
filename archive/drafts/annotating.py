"""A copy of a draft in Markdown with a footnote behind each quotation; the draft itself stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.drafts.draft import Draft

_SIGNS = re.compile(r"([\\`*_\[\]<>#|~])")


def annotate(draft: Draft, notes: Sequence[str]) -> str:
    """Return the copy; `notes` has a line for each of the draft's quotations, in their order.

    What is Markdown or plain text itself is repeated letter for letter; of anything else the paragraphs are.
    """
    name = next(name for name in ("q", "quote", "quotation", "checked-quotation") if f"[^{name}1]" not in draft.source)
    body = _in_source(draft, name) if draft.source else _in_blocks(draft, name)
    lines = [f"[^{name}{number}]: {note}" for number, note in enumerate(notes, 1)]
    return "\n".join([body.rstrip("\n"), "", *lines, ""]) if lines else body


def escaped(text: str) -> str:
    """Return a text in one line, as Markdown shows it letter for letter."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _in_source(draft: Draft, name: str) -> str:
    places = [(one.behind, number) for number, one in enumerate(draft.quotations, 1) if one.behind >= 0]
    return _with_marks(draft.source, places, name)


def _in_blocks(draft: Draft, name: str) -> str:
    marks: dict[int, list[tuple[int, int]]] = {}
    for number, one in enumerate(draft.quotations, 1):
        marks.setdefault(one.block, []).append((one.end, number))
    return "\n\n".join(_with_marks(text, marks.get(at, []), name, escape=True) for at, text in enumerate(draft.blocks))


def _with_marks(text: str, places: list[tuple[int, int]], name: str, *, escape: bool = False) -> str:
    pieces, done = [], 0
    for place, number in sorted(places):
        piece = text[done:place]
        pieces += [_paragraph(piece) if escape else piece, f"[^{name}{number}]"]
        done = place
    rest = text[done:]
    return "".join([*pieces, _paragraph(rest) if escape else rest]).strip("\n" if escape else "")


def _paragraph(text: str) -> str:
    return _SIGNS.sub(r"\\\1", re.sub(r"[^\S\n]{0,200}\n\s*", " ", text))
