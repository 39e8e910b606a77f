"""A dossier's Markdown as HTML that shows all of it and loads nothing: no tag of its own, no link, no picture.

Addresses stay as they are written, to be read. Where a footnote belongs, or what is held for a claim, a mark stands.
"""

from __future__ import annotations

import re

from archive.dossiers.dossier import Dossier

BEGIN, END = "\uf8f0", "\uf8f1"
MARK = re.compile(f"{BEGIN}([qc])([0-9]{{1,6}}){END}")
_LOADING = ("image", "link", "autolink", "html_block", "html_inline", "reference")
# What no page may hold (https://html.spec.whatwg.org/#preprocessing-the-input-stream), and our own marks.
_NO_TEXT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), ord(BEGIN), ord(END)], "\ufffd")


def page_text(dossier: Dossier) -> str:
    """Return the HTML of a dossier, with a MARK for each footnote and each claim."""
    # Only who writes a folder needs it.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(list(_LOADING))
    return re.sub(r' style="text-align:[a-z]{1,10}"', "", reader.render(_marked(dossier)))


def _marked(dossier: Dossier) -> str:
    source = dossier.source.translate(_NO_TEXT)
    marks = [(place, f"{BEGIN}q{number}{END}") for number, place in enumerate(dossier.footnotes, 1)]
    marks += [(one.behind, f"{BEGIN}c{one.number}{END}") for one in dossier.claims]
    pieces, done = [], 0
    for place, mark in sorted(one for one in marks if one[0] >= 0):
        pieces += [source[done:place], mark]
        done = place
    return "".join([*pieces, source[done:]])
