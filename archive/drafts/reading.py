"""A draft's bytes to its quotations, each with what is cited for it. A function of its arguments; nothing is kept.

It is called in a process that can be killed (archive/drafts/apart.py): a draft may be anything.
"""

from __future__ import annotations

from archive.drafts.cited import cites_of
from archive.drafts.draft import (
    FORMATS,
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_QUOTATIONS,
    Draft,
    DraftRefused,
    Quotation,
    Text,
)
from archive.drafts.markdown import read_markdown, read_plain
from archive.drafts.marked import Marked, find_marked, words_in

FEWEST_WORDS = 3
_ENDINGS = {"md": "md", "markdown": "md", "mdown": "md", "txt": "txt", "text": "txt", "html": "html", "htm": "html",
            "xhtml": "html", "docx": "docx", "pdf": "pdf"}  # fmt: skip


def format_of(name: str, body: bytes) -> str:
    """Return which format a draft has: by what it begins with, then by its name; Markdown where neither tells.

    Raises DraftRefused for a format that isn't read.
    """
    if body.startswith(b"%PDF-"):
        return "pdf"
    if body.startswith(b"PK\x03\x04"):
        return "docx"
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in {"docx", "pdf"}:
        raise DraftRefused("draft-unreadable", f"it is called .{ending} and is none")
    if body.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")) or ending in {"doc", "rtf", "odt", "pages"}:
        raise DraftRefused("draft-format", f"it is a file of a word processor that isn't read; {_SAVE}")
    if b"\0" in body[:1000] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DraftRefused("draft-format", f"it is no text; {_SAVE}")
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    return "html" if body.lstrip()[:200].lower().startswith((b"<!doctype html", b"<html")) else "md"


_SAVE = f"save it as one of {', '.join('.' + one for one in FORMATS)}"


def read_draft(body: bytes, form: str, fewest_words: int = FEWEST_WORDS) -> Draft:
    """Return what is in a draft of a format, PDF excepted. Raises DraftRefused."""
    if len(body) > MOST_BYTES:
        raise DraftRefused("draft-too-large", f"it has more than {MOST_BYTES:,} bytes")
    return quotations_of(form, _text(body, form), fewest_words)


def _text(body: bytes, form: str) -> Text:
    # lxml is loaded only where it is needed: the others are read in no time.
    if form == "html":
        from archive.drafts.html_text import read_html  # noqa: PLC0415

        return read_html(body)
    if form == "docx":
        from archive.drafts.docx_text import read_docx  # noqa: PLC0415

        return read_docx(body)
    source = decoded(body)
    return read_plain(source) if form == "txt" else read_markdown(source)


def decoded(body: bytes) -> str:
    """Return a text file's text: UTF-8, UTF-16 with its mark, else what Windows writes."""
    for coding in ("utf-16",) if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252"):
        try:
            return body.decode(coding)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def quotations_of(form: str, text: Text, fewest_words: int = FEWEST_WORDS) -> Draft:
    """Return the quotations of a text, with what is cited for each. Raises DraftRefused for one that is too long."""
    if sum(len(block.text) for block in text.blocks) > MOST_CHARACTERS:
        raise DraftRefused("draft-too-large", f"it has more than {MOST_CHARACTERS:,} characters")
    found, odd = find_marked(text.blocks)
    quotations: list[Quotation] = []
    skipped = list(odd)
    for at, one in enumerate(found):
        if (count := sum(1 for _ in words_in(one.words))) < fewest_words:
            skipped.append((" ".join(one.words.split())[:200], f"it has {count} word{'s'[: count != 1]}"))
        elif len(quotations) < MOST_QUOTATIONS:
            quotations.append(_quotation(text, found, at))
    kept = len(found) - len(skipped) + len(odd)
    return Draft(form, tuple(quotations), tuple(skipped[:MOST_QUOTATIONS]), tuple(block.text for block in text.blocks),
                 text.source, kept - len(quotations))  # fmt: skip


def _quotation(text: Text, found: list[Marked], at: int) -> Quotation:
    one, block = found[at], text.blocks[found[at].block]
    behind = block.places[one.end - 1] + 1 if block.places and one.end else -1
    return Quotation(one.words, one.shape, one.block, one.start, one.end, behind,
                     cites_of(text.blocks, text.notes, found, at))  # fmt: skip
