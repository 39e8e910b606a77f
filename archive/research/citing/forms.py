"""All forms of one citation, by name: the styles, the template, the files; for the site and the command line alike."""

from __future__ import annotations

from archive.research.citing.files import bibtex, csl_item, csl_json, ris
from archive.research.citing.item import Cited
from archive.research.citing.styles import BY_NAME, STYLES, Styled, cite_in
from archive.research.citing.wikitext import wikitext
from archive.research.rows import Row

FILES = {"bibtex": bibtex, "ris": ris, "csl-json": csl_json}
TITLES = {"bibtex": "BibTeX", "ris": "RIS", "csl-json": "CSL-JSON", "wikipedia": "Wikipedia"}
# What can be asked for by name.
NAMES = ("plain", *BY_NAME, "wikipedia", *FILES)


def form(name: str, cited: Cited) -> str:
    """Return one form of a citation. Raises KeyError for a name that is none of NAMES."""
    if name == "plain":
        return cited.plain
    if name == "wikipedia":
        return wikitext(cited)
    return FILES[name](cited) if name in FILES else cite_in(BY_NAME[name], cited).text


def all_styles(cited: Cited) -> list[Styled]:
    """Return the citation by every style."""
    return [cite_in(style, cited) for style in STYLES]


def as_data(cited: Cited) -> Row:
    """Return every form of a citation as data; none of them holds markup."""
    return {
        "plain": cited.plain,
        "styles": [
            {"style": one.style, "title": one.title, "text": one.text, "entry": one.entry, "in_text": one.in_text,
             "failed": one.failed}
            for one in all_styles(cited)
        ],
        "wikipedia": wikitext(cited),
        "bibtex": bibtex(cited),
        "ris": ris(cited),
        "csl": csl_item(cited),
        "address": cited.archived,
        "original": cited.item.get("URL", ""),
        "page": cited.part.page,
        "quote": cited.part.quote,
    }  # fmt: skip
