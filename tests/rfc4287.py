"""The rules of RFC 4287 that a feed has to keep, as a list of what it breaks: made from the RFC, not from our code."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 3339, with capital T and Z (RFC 4287 3.3).
_DATE = re.compile(
    r"\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
)
_MEDIA = re.compile(r"[\w.+-]+/[\w.+-]+(?:;.*)?")
_IN_FEED = {"author": None, "category": None, "contributor": None, "generator": 1, "icon": 1, "id": 1, "link": None,
            "logo": 1, "rights": 1, "subtitle": 1, "title": 1, "updated": 1, "entry": None}  # fmt: skip
_IN_ENTRY = {"author": None, "category": None, "content": 1, "contributor": None, "id": 1, "link": None,
             "published": 1, "rights": 1, "source": 1, "summary": 1, "title": 1, "updated": 1}  # fmt: skip


def broken_rules(feed: bytes) -> list[str]:
    """Return what of RFC 4287 a document breaks, each with its section; an empty list for a valid feed."""
    try:
        root = etree.fromstring(feed, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        return [f"2: not well-formed: {error}"]
    if root.tag != f"{ATOM}feed":
        return [f"4.1.1: the root is {root.tag}"]
    found = list(_container(root, _IN_FEED, "4.1.1"))
    entries = root.findall(f"{ATOM}entry")
    has_author = root.find(f"{ATOM}author") is not None
    for entry in entries:
        found += _container(entry, _IN_ENTRY, "4.1.2")
        if not has_author and entry.find(f"{ATOM}author") is None:
            found.append("4.1.2: an entry without an author, in a feed without one")
        if entry.find(f"{ATOM}content") is None and not _alternates(entry):
            found.append("4.1.2: an entry without content and without an alternate link")
    twice = Counter((entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")) for entry in entries)
    found += [f"4.1.1: two entries are {one}" for one, count in twice.items() if count > 1]
    if not [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]:
        found.append("4.1.1: no link to itself (SHOULD)")
    return found


def _container(held: etree._Element, known: dict[str, int | None], section: str) -> list[str]:
    found = []
    children = [child for child in held if isinstance(child.tag, str)]
    counted = Counter(etree.QName(child).localname for child in children if child.tag.startswith(ATOM))
    found += [f"{section}: {name} is nothing that stands here" for name in counted.keys() - known.keys()]
    found += [f"{section}: {count} of {name}" for name, count in counted.items() if known.get(name, 9) == 1 < count]
    found += [f"{section}: no {name}" for name in ("id", "title", "updated") if not counted[name]]
    alternates = Counter((link.get("type"), link.get("hreflang")) for link in _alternates(held))
    found += [f"{section}: two alternate links of one kind" for count in alternates.values() if count > 1]
    for child in children:
        found += _element(child)
    return found


def _element(one: etree._Element) -> list[str]:  # noqa: PLR0911 (one for each element)
    name, text = etree.QName(one).localname, one.text or ""
    if name == "id" and not (urlsplit(text).scheme and text == text.strip()):
        return [f"4.2.6: an id is an absolute IRI, not {text!r}"]
    if name in ("updated", "published") and not _DATE.fullmatch(text):
        return [f"3.3: {text!r} is no date"]
    if name in ("title", "summary", "rights", "subtitle"):
        kind = one.get("type", "text")
        if kind not in ("text", "html", "xhtml"):
            return [f"3.1.1: the type {kind}"]
        return [f"3.1.1.1: a child in the text of {name}"] if kind == "text" and len(one) else []
    if name == "author" and not (one.findtext(f"{ATOM}name") or "").strip():
        return ["3.2.1: an author without a name"]
    if name == "category" and not one.get("term"):
        return ["4.2.2.1: a category without a term"]
    if name == "link":
        return _link(one)
    return []


def _link(one: etree._Element) -> list[str]:
    address = one.get("href")
    if not address or re.search(r"[\s<>\"{}|\\^`]", address):
        return [f"4.2.7.1: {address!r} is no IRI reference"]
    if urlsplit(address).scheme not in ("", "http", "https"):
        return [f"a link to {urlsplit(address).scheme}:"]
    if one.get("type") and not _MEDIA.fullmatch(str(one.get("type"))):
        return [f"4.2.7.3: {one.get('type')} is no media type"]
    return [] if one.get("rel", "alternate") else ["4.2.7.2: an empty rel"]


def _alternates(held: etree._Element) -> list[etree._Element]:
    return [link for link in held.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
