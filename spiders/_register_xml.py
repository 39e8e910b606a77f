"""Reads the Federal Register's XML, a document or a whole issue: paragraphs, numbers, what system a notice is about.

Known are a whole issue of 2016 and single notices of 2019 and 2020 (GPO's SGML tags, as XML). Nothing is fetched, no
entity is put in, and what nests deeper or is larger than any issue is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from pipelines.items import PageLink
from spiders._federal_register import own_numbers
from spiders._markup import words
from spiders._platform import once, web_address

MOST_BYTES = 64 << 20  # a whole issue takes 3 to 20 MB
KINDS = {"NOTICE": "notice", "RULE": "rule", "PRORULE": "proposed rule", "PRESDOCU": "presidential document"}
_INLINE = frozenset(["E", "SU", "FTREF", "PRTPAGE", "AC", "FR"])
_ROWS = frozenset(["ROW", "BOXHD"])
_CELLS = frozenset(["ENT", "CHED"])
# Names, telephone numbers and mail of officials are out of scope, as in other notices.
_CONTACTS = "FURINF"
_URL = re.compile(r"https?://[^\s<>\"“”‘’]{1,2000}|\bwww\.[^\s<>\"“”‘’]{1,2000}", re.IGNORECASE)
_FILED = re.compile(r"FR\s+Doc\.?\s*([A-Z0-9–-]{4,20})\b", re.IGNORECASE)
_SYSTEM = re.compile(r"\bsystems?\s+of\s+records\b", re.IGNORECASE)
_SYSTEM_NAME = re.compile(r"systems?\s+names?(?:\s+and\s+numbers?)?\s*:?\s*(.*)", re.IGNORECASE)
_SYSTEM_NUMBER = re.compile(r"system\s+(?:of\s+records\s+)?(?:no\.?|number|identifier)s?\s*:?\s*(.+)", re.IGNORECASE)
_NUMBER_ALONE = re.compile(r"(?=[^a-z]*\d)[A-Z][\w/.&–\- ]{2,40}")
_NAMED = re.compile(
    r"(?:titled|entitled|called|named|of\s+records(?:\s+notice)?)\s*+(?:,\s*+)?[“\"]([^“”\"]{5,250})[”\"]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(DHS/[A-Z&/]{2,12}\s?[–-]\s?\d{3}\s[^.;“”]{5,200}?)\s{1,9}system\s{1,9}of\s{1,9}records", re.IGNORECASE
)
_SORN = re.compile(r",?\s{1,9}system\s+of\s+records(?:\s+notice)?$", re.IGNORECASE)
_BEFORE = re.compile(
    r"\s{0,9}[(\[][^()\[\]]{0,300}\bF\.?R\.?\s[^()\[\]]{0,300}[)\]]\s{0,9}$"
)  # where it was published before


class UnreadableError(ValueError):
    """Not XML that may be read; `outcome` is a name from archive/outcomes.py."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Printed:
    """One document as it is printed.

    `systems` are the systems of records that it is the notice of, each by number and name; `subject` is its printed
    heading, `page` the page that it begins on, where the issue says so.
    """

    kind: str
    number: str
    subject: str
    agencies: tuple[str, ...]
    dockets: tuple[str, ...]
    systems: tuple[str, ...]
    text: tuple[str, ...]
    links: tuple[PageLink, ...]
    page: str = ""

    @property
    def title(self) -> str:
        """Return the real name: a notice's heading only says that it is about some system of records."""
        return "; ".join(self.systems) or self.subject


@dataclass(frozen=True, slots=True)
class Issue:
    """A whole issue: its volume, its day as printed, and its documents in order."""

    volume: str
    day: str
    documents: tuple[Printed, ...]

    def citation(self, document: Printed) -> str:
        return f"{self.volume} FR {document.page}" if self.volume and document.page else ""

    def numbers(self, document: Printed) -> tuple[str, ...]:
        return own_numbers(document.number, self.citation(document))


def parse_xml(body: bytes) -> Any:
    """Return the root of an XML document. Raises UnreadableError."""
    if len(body) > MOST_BYTES:
        raise UnreadableError("too-large", f"{len(body)} bytes of XML")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("malformed-xml", str(error)[:200]) from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and (*declared.iterentities(), *root.iter(etree.Entity)):
        raise UnreadableError("malformed-xml", "it has entities of its own")
    return root


def read_printed(root: Any) -> Printed | None:
    """Return the document that a single document's XML holds, or None where its root is no document."""
    return _printed(root, "") if root.tag in KINDS else None


def read_issue(root: Any) -> Issue | None:
    """Return a whole issue, or None where the root is something else."""
    if root.tag != "FEDREG":
        return None
    found, page = [], ""
    for element in root.iter(etree.Element):
        if element.tag == "PRTPAGE":
            page = element.get("P") or page
        elif element.tag in KINDS:
            found.append(_printed(element, page))
    return Issue(_said(root, "VOL"), _said(root, "DATE"), tuple(found))


def _said(root: Any, tag: str) -> str:
    found = next(root.iter(tag), None)
    return "" if found is None else words("".join(found.itertext()))


def _printed(element: Any, page: str) -> Printed:
    """Read one document; `page` is the one on which that before it ended.

    It begins there, unless the mark of a new page is the first thing in it.
    """
    first = element.find("PREAMB/*[1]")
    if first is not None and first.tag == "PRTPAGE":
        page = first.get("P") or page
    subjects = [*element.iterfind("PREAMB/SUBJECT")] or [*element.iter("SUBJECT", "HD")][:1]
    subject = "; ".join(filter(None, map(_words, subjects)))
    filed = _FILED.search(_said(element, "FRDOC"))
    text = tuple(_blocks(element))
    return Printed(
        kind=KINDS[element.tag],
        number=filed[1].replace("–", "-").upper() if filed else "",
        subject=subject,
        agencies=tuple(filter(None, map(_words, element.iter("AGENCY", "SUBAGY")))),
        dockets=tuple(filter(None, (_words(one).strip("[] ") for one in element.iter("DEPDOC")))),
        systems=_systems(element, subject) if element.tag == "NOTICE" else (),
        text=text,
        links=tuple(_links(text)),
        page=page if page.isdecimal() else "",
    )


def _words(element: Any) -> str:
    return words("".join(element.itertext()))


def _blocks(root: Any) -> Iterator[str]:
    """Yield the paragraphs in reading order, without contacts; the cells of a row are one paragraph."""
    said: list[str] = []
    rows = 0
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        rows -= element.tag in _ROWS and event == "end"
        if not rows and element.tag not in _INLINE:
            yield from _ended(said)
            said = []
        rows += element.tag in _ROWS and event == "start"
        if event == "end":
            said += [" | "] if element.tag in _CELLS else []
            said += [element.tail or ""] if element is not root else []
        elif element.tag == _CONTACTS:
            walker.skip_subtree()
        else:
            said.append(element.text or "")
    yield from _ended(said)


def _ended(said: Sequence[str]) -> Iterator[str]:
    whole = words("".join(said)).rstrip(" |")
    if whole:
        yield whole


def _links(text: Sequence[str]) -> Iterator[PageLink]:
    found = (match[0].rstrip(".,;:)]'") for paragraph in text for match in _URL.finditer(paragraph))
    yield from once(
        PageLink(web_address("", shown if shown[:4].lower() == "http" else f"http://{shown}"), shown) for shown in found
    )


def _systems(element: Any, subject: str) -> tuple[str, ...]:
    """Return the systems of records that a notice is of: as its body heads them, else as its summary names them."""
    headed = tuple(dict.fromkeys(_headed(element)))
    return headed or _named(subject, " ".join(_words(one) for one in element.iter("SUM")))


def systems_in(text: Sequence[str], subject: str) -> tuple[str, ...]:
    """The same of a notice that is typed: a paragraph "SYSTEM NAME: …" or the one behind it; quotes are `` and ''."""
    if not _SYSTEM.search(subject):
        return ()
    for place, paragraph in enumerate(text):
        if name := _SYSTEM_NAME.fullmatch(paragraph[:400]):
            return (_plain(name[1] or " ".join(text[place + 1 : place + 2])),)
    return _named(subject, " ".join(text[:20]).replace("``", "“").replace("''", "”"))


def _named(subject: str, summary: str) -> tuple[str, ...]:
    if not _SYSTEM.search(subject):
        return ()
    named = _NAMED.search(summary) or _NUMBERED.search(summary) or _NUMBERED.search(subject)
    return (_plain(named[1]),) if named else ()


def _headed(element: Any) -> Iterator[str]:
    """Yield the name under each heading "System name", with the number that stands with or before it.

    Seen: "SYSTEM NAME AND NUMBER:", the number as a heading of its own before "System name:", and "System of Records
    No.: …". Of one amended system the name stands twice, as it was and as it is to be.
    """
    number = ""
    for part in element.iter("PRIACT"):
        named, number = False, ""
        for heading in part.iter("HD"):
            text = _words(heading)
            name = _SYSTEM_NAME.fullmatch(text)
            if name and not named:
                yield _joined(number, _plain(name[1] or _following(heading)))
                named = True
            elif numbered := _SYSTEM_NUMBER.fullmatch(text):
                number = numbered[1]
            elif _NUMBER_ALONE.fullmatch(text):
                number, named = text, False


def _following(heading: Any) -> str:
    following = heading.getnext()
    return "" if following is None or following.tag == "HD" else _words(following)


def _joined(number: str, name: str) -> str:
    digits = re.sub(r"\W", "", number)
    return name if digits and digits in re.sub(r"\W", "", name) else " ".join(filter(None, (number.strip(), name)))


def _plain(name: str) -> str:
    """Return a name without its full stop, without where it was published before, and without what it is."""
    return _SORN.sub("", _BEFORE.sub("", name.strip().rstrip(".,")).strip(" ,.")).strip(" ,.")[:300]
