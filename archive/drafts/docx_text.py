"""The text of a draft as word processors save it (Office Open XML, ISO/IEC 29500): paragraphs, links, notes.

Hostile input: read in a process that can be killed. Of the package three parts are looked at, none of them larger than
a book; what has a document type, from which entities could be made, is refused. Words that a change deleted are none.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from lxml import etree

from archive.drafts.draft import Block, DraftRefused, Text

MOST_PART, MOST_MEMBERS = 40_000_000, 2_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_docx(body: bytes) -> Text:
    """Return the text of a document. Raises DraftRefused for what is none, or can't be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            if len(package.infolist()) > MOST_MEMBERS:
                raise DraftRefused("draft-unreadable", "it has more parts than any document")
            document = _part(package, "word/document.xml")
            if document is None:
                raise DraftRefused("draft-unreadable", "there is no text in it: word/document.xml")
            notes = {
                label: note for kind in ("footnote", "endnote")
                for label, note in _notes(_part(package, f"word/{kind}s.xml"), kind,
                                          _addresses(_part(package, f"word/_rels/{kind}s.xml.rels")))
            }  # fmt: skip
            quotes = _quote_styles(_part(package, "word/styles.xml"))
            addresses = _addresses(_part(package, "word/_rels/document.xml.rels"))
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        # RuntimeError is how zipfile says that a part is encrypted.
        raise DraftRefused("draft-unreadable", str(error)[:200]) from error
    return Text(tuple(_blocks(document, quotes, addresses)), notes)


def _part(package: zipfile.ZipFile, name: str) -> etree._Element | None:
    """Return a part of the package; None where it isn't there. Raises DraftRefused for one that nobody should read."""
    try:
        with package.open(name) as opened:
            held = opened.read(MOST_PART + 1)
    except KeyError:
        return None
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise DraftRefused("draft-unreadable", f"{name} is damaged: {error}") from error
    if len(held) > MOST_PART:
        raise DraftRefused("draft-too-large", f"{name} has more than {MOST_PART:,} bytes")
    if b"<!DOCTYPE" in held[:4096] or b"<!ENTITY" in held:
        raise DraftRefused("draft-unreadable", f"{name} has a document type, which no such part has")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(held, parser)
    except etree.XMLSyntaxError as error:
        raise DraftRefused("draft-unreadable", f"{name}: {error}"[:200]) from error


def _quote_styles(styles: etree._Element | None) -> frozenset[str]:
    """Return the names by which paragraphs say that they are quotations, whatever language the program speaks."""
    found = {"Quote", "IntenseQuote", "BlockText"}
    for style in [] if styles is None else _children(styles, "style"):
        names = [_attribute(one, "val").lower() for one in _children(style, "name")]
        if any("quot" in name or name == "block text" for name in names):
            found.add(_attribute(style, "styleId"))
    return frozenset(found)


def _addresses(relations: etree._Element | None) -> dict[str, str]:
    if relations is None:
        return {}
    return {str(one.get("Id")): str(one.get("Target")) for one in relations if one.get("Id") and one.get("Target")}


def _notes(part: etree._Element | None, kind: str, addresses: dict[str, str]) -> Iterator[tuple[str, Block]]:
    for note in [] if part is None else _children(part, kind):
        blocks = list(_blocks(note, frozenset(), addresses))
        if blocks:
            links = tuple(link for block in blocks[:1] for link in block.links)
            yield f"{kind} {_attribute(note, 'id')}", Block("\n".join(block.text for block in blocks), 0, links)


def _blocks(root: etree._Element, quotes: frozenset[str], addresses: dict[str, str]) -> Iterator[Block]:
    number, was_quoted = 0, False
    for paragraph in root.iter(f"{_W}p", f"{_STRICT}p"):
        block = _paragraph(paragraph, addresses)
        if not block.text.strip():
            continue
        is_quoted = any(_attribute(one, "val") in quotes for one in paragraph.iter(f"{_W}pStyle", f"{_STRICT}pStyle"))
        number += is_quoted and not was_quoted
        was_quoted = is_quoted
        yield Block(block.text, number if is_quoted else 0, block.links, block.notes)


def _paragraph(paragraph: etree._Element, addresses: dict[str, str]) -> Block:
    """Return a paragraph's text; of a text box inside it nothing, since that has paragraphs of its own."""
    text: list[str] = []
    links: list[tuple[int, int, str]] = []
    notes: list[tuple[int, str]] = []
    length, linked, since, inner = 0, "", 0, 0
    for event, element in etree.iterwalk(paragraph, events=("start", "end")):
        name = _local(element)
        if name == "p" and element is not paragraph:
            inner += 1 if event == "start" else -1
        if inner:
            continue
        if name == "hyperlink":
            if event == "start":
                linked, since = addresses.get(str(element.get(_ID)), ""), length
            elif linked.startswith(("http:", "https:", "/d/")):
                links.append((since, length, linked))
        elif event == "start":
            said = _said(element, name)
            text.append(said)
            length += len(said)
            if name in {"footnoteReference", "endnoteReference"}:
                notes.append((length, f"{name.removesuffix('Reference')} {_attribute(element, 'id')}"))
    return Block("".join(text), 0, tuple(links), tuple(notes))


def _said(element: etree._Element, name: str) -> str:
    if name == "t":
        return str(element.text or "")
    return {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "", "sym": "\ufffc"}.get(name, "")


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in element if _local(one) == name]


def _attribute(element: etree._Element, name: str) -> str:
    return str(element.get(_W + name) or element.get(_STRICT + name) or "")


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
