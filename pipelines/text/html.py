"""Reads a news page's bytes into its article: text, links, and what it says of itself. It is run in a worker process.

What an extraction library (trafilatura) takes for the article is looked up among the page's own blocks, so that
every word stands in the page as it is given here.
"""

from __future__ import annotations

import codecs
import logging
import re
import warnings
from typing import Any

from lxml.etree import LxmlError
from lxml.html import HTMLParser, document_fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Document

from pipelines.markup import hostile_markup
from pipelines.text.cleaning import clean_text
from pipelines.text.corrections import find_notes
from pipelines.text.html_article import story_of
from pipelines.text.html_blocks import HEADINGS, Block, blocks_of, most_inline
from pipelines.text.html_links import LinkList
from pipelines.text.html_said import Said, said_of
from pipelines.text.quotations import find_quotations
from pipelines.text.reading import Fact, Part, Reading, TextPage
from pipelines.text.stored_reading import READERS

READER = READERS["article"]
# 20 MB of paragraphs cost 34 s and 1.8 GB (trafilatura 2.3.1).
MOST_BYTES = 5_000_000
# The largest page of the benchmark (bench/articles.py) has 3,229; 240,000 paragraphs cost 24 s and more.
MOST_TAGS = 100_000
# Links, spans and the like in one element: the extractor's time grows with their square, 8,000 cost 10 s.
MOST_INLINE = 2_000
# Less than this is looked for again with less caution: a note on copyright is no article.
_LITTLE = 500
# How many blocks before and after the article may hold a note on what was corrected in it.
_NEAR = 15
_CHARSET = re.compile(rb"""charset\s{0,4}=\s{0,4}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_DECLARED_WITHIN = 4096
# What lxml refuses to write into a tree; the rest of what can't be stored is taken out of the text.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_article(body: bytes, url: str = "") -> Reading:
    """Return the article as one page, its paragraphs parted by blank lines; raises nothing but MemoryError.

    Everything is a function of `body` alone: `url` stands in error messages only, and a relative link stays as it is
    unless the page itself says what it starts from.
    """
    if len(body) > MOST_BYTES:
        return Reading(READER, "no-article", f"{len(body)} bytes; more than {MOST_BYTES} are not read")
    if (tags := body.count(b"<")) > MOST_TAGS:
        return Reading(READER, "no-article", f"a page of {tags} tags; more than {MOST_TAGS} are not read")
    if refused := hostile_markup(body):
        return Reading(READER, "no-article", refused[:300])
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read(body)
        except MemoryError:
            raise
        except Exception as error:
            if isinstance(error, LxmlError) and str(error).startswith("unknown error"):
                raise MemoryError from error  # libxml2 had none left even for its words
            return Reading(READER, "no-article", f"{url[:200]} {type(error).__name__}: {error}"[:300].strip())


def _read(body: bytes) -> Reading:
    markup, removed = _NOT_XML.subn("", _decoded(body))
    if "<" not in markup:
        return Reading(READER, "no-article", "no markup")
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = document_fromstring(markup.encode("utf-8"), parser=parser)
    if markup.count("<") > MOST_INLINE and (crowd := most_inline(root)) > MOST_INLINE:
        return Reading(READER, "no-article", f"an element with {crowd} links or the like; {MOST_INLINE} are read")
    said = said_of(root)
    blocks = blocks_of(root)
    story = _story(root, blocks, said)
    if not any(character.isalnum() for place in story for character in blocks[place].text):
        return Reading(READER, "no-article", "no paragraphs of an article")
    page, again = _page([blocks[place] for place in story])
    links = LinkList(root)
    for place in story:
        links.add(blocks[place])
    metadata = {"not listed": links.left_out, "not read": "; ".join(said.skipped)[:500]}
    metadata["removed characters"] = str(removed + again) if removed + again else ""
    return Reading(
        READER,
        "text",
        "",
        (page,),
        tuple(links.found),
        {name: value for name, value in sorted(metadata.items()) if value},
        facts=tuple(_facts(said, blocks, story, page)),
    )


def _decoded(body: bytes) -> str:
    """Return the page's text: UTF-8 where it is that, whatever it declares; else as declared; else Windows-1252."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _CHARSET.search(body[:_DECLARED_WITHIN])
    name = declared[1].decode("ascii") if declared else "cp1252"
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    try:
        # What is declared as Latin-1 or ASCII is Windows-1252 (WHATWG, Encoding, 4.2).
        known = codecs.lookup(name).name
        return body.decode("cp1252" if known in ("iso8859-1", "ascii") else known, "replace")
    except (LookupError, ValueError):
        return body.decode("cp1252", "replace")


def _extracted(root: Any, careful: bool) -> str:
    found = bare_extraction(
        root,
        favor_precision=careful,
        fast=not careful,
        include_comments=False,
        deduplicate=False,  # it would remember earlier pages
        with_metadata=False,
    )
    return found.text or "" if isinstance(found, Document) else ""


def _story(root: Any, blocks: list[Block], said: Said) -> list[int]:
    first = story_of(blocks, _extracted(root, careful=True), said.headlines)
    length = sum(len(blocks[place].text) for place in first)
    if length >= _LITTLE:
        return first
    second = story_of(blocks, _extracted(root, careful=False), said.headlines)
    return second if sum(len(blocks[place].text) for place in second) > 2 * length else first


def _page(story: list[Block]) -> tuple[TextPage, int]:
    """Return the blocks as a page, and how many characters had to be taken out. Rows of a table are lines of one."""
    pieces: list[tuple[str, str]] = []
    removed = 0
    for block in story:
        text, taken = clean_text(block.text)
        removed += taken
        kind = "heading" if block.tag in HEADINGS else "table" if "\t" in text else "text"
        if kind == "table" and pieces and pieces[-1][0] == "table":
            pieces[-1] = (kind, f"{pieces[-1][1]}\n{text}")
        elif text.strip():
            pieces.append((kind, text))
    parts, place = [], 0
    for kind, text in pieces:
        parts.append(Part(kind, place, place + len(text)))
        place += len(text) + 2
    return TextPage(1, "", "\n\n".join(text for _, text in pieces), parts=tuple(parts)), removed


def _facts(said: Said, blocks: list[Block], story: list[int], page: TextPage) -> list[Fact]:
    told = [("headline", said.headline), *(("byline", name) for name in said.bylines)]
    told += [("published", said.published), ("updated", said.updated)]
    near = {place for place in range(max(0, story[0] - _NEAR), story[-1] + _NEAR + 1) if place < len(blocks)}
    candidates = [blocks[place] for place in sorted(near) if blocks[place].linked < 0.5]
    told += find_notes([clean_text(block.text)[0] for block in candidates])
    running = [page.text[part.start : part.end] for part in page.parts if part.kind == "text"]
    told += [("quotation", quotation) for quotation in find_quotations(running)]
    return [Fact(name, value, 1) for name, value in told if value]
