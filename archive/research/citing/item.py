"""What is cited, as one CSL item with what no CSL item has room for; it asks no database and knows no style.

Nothing in it is invented: dates have no more parts than were printed, and no person is made an author.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from archive.addresses import is_web_address
from archive.research.citing.institutions import Institution, host_of, institution_of
from archive.research.rows import Row

REGISTER = "Federal Register"
# What such an article or record is called where it stands; a record's kind is told as its genre.
PLATFORMS = {"sam.gov": "SAM.gov", "usaspending.gov": "USAspending.gov", "fbo.gov": "FedBizOpps"}
RECORDS = frozenset({"procurement-notices", "contract-awards"})
PAGES = frozenset({"publication page", "component page", "list of notices", "page"})
_CITATION = re.compile(r"([0-9]{1,3}) FR ([0-9]{1,6})")
# Marks that turn the direction of all that follows; a title that has one must not turn the citation around it.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True, slots=True)
class Part:
    """What of a document is cited: a page by the number printed on it, and words that are quoted from it."""

    page: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A CSL item, and beside it what styles and formats need to know.

    `path` is where it stands on this site, `archived` its public address (the path, where the archive has none),
    `archived_on` the day of the capture. `plain` is the citation in one line that stands in where a style fails.
    """

    item: Row
    part: Part
    institution: Institution | None
    path: str
    archived: str
    archived_on: str
    archive_name: str
    digest: str
    accessed: str
    plain: str
    gone: bool = False
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a document and one version of it, as plain facts.

    `date` is the version's own (ISO, to a day, a month or a year; "" for none), `register` the citation of where it
    stands in the Federal Register ("81 FR 72080"), `outlet` who published an article.
    """

    id: str
    title: str
    kind: str
    collection: str
    number: str = ""
    component: str = ""
    date: str = ""
    url: str = ""
    outlet: str = ""
    register: str = ""

    @property
    def is_record(self) -> bool:
        """Tell whether it is an entry in a government database: a contract notice or an award."""
        return self.collection in RECORDS and self.kind != "file"


def item_of(told: Described) -> tuple[Row, Institution | None]:
    """Return the CSL item of a document, and the body that issued it (None for an article, or where none is known).

    https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables
    """
    body = None if told.outlet or told.kind == "article" else institution_of(told.component, told.url)
    item: Row = {"id": told.id, "type": _type(told), "title": clean(told.title) or clean(told.number) or told.id}
    if body:
        item["author"] = [{"literal": body.full}]
    if issued := date_parts(told.date):
        item["issued"] = {"date-parts": [issued]}
    if told.number and told.kind != "article":
        item["number"] = clean(told.number)
    if genre := _genre(told):
        item["genre"] = genre
    if container := _container(told):
        item["container-title"] = container
    if register := _CITATION.fullmatch(told.register):
        item |= {"container-title-short": "Fed. Reg.", "volume": register[1], "page": register[2]}
    if is_web_address(told.url):
        item["URL"] = told.url
    return item, body


def clean(text: str) -> str:
    """Return a text as one line without control characters and marks that turn what follows around."""
    plain = (letter for letter in str(text).translate(_TURNING) if letter.isspace() or _is_letter(letter))
    return " ".join("".join(plain).split())


def _is_letter(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cs"}


def date_parts(date: str) -> list[int]:
    """Return year, month and day of an ISO date, as many of them as it has; none of what is no date."""
    parts = date.partition("T")[0].split("-")
    if not all(part.isascii() and part.isdecimal() for part in parts) or len(parts) > 3:
        return []
    numbers = [int(part) for part in parts]
    most = ((1, 9999), (1, 12), (1, 31))
    return numbers if all(a <= one <= b for one, (a, b) in zip(numbers, most, strict=False)) else []


def _type(told: Described) -> str:
    if told.outlet or told.kind == "article":
        return "article-newspaper"
    if _CITATION.fullmatch(told.register):
        return "article-journal"
    return "webpage" if told.is_record or told.kind in PAGES else "report"


def _genre(told: Described) -> str:
    """Return what kind of paper or record it is, as its number is told with: "Privacy Impact Assessment"."""
    if told.kind in {"", "file", "article", *PAGES} or told.register:
        return ""
    return re.sub(r"(?<![^\W_])(?!of\b|and\b|for\b)[a-z]", lambda found: found[0].upper(), told.kind)


def _outlet(told: Described) -> str:
    """Return who published an article: its outlet by name, or by its host where the name is only our own short one."""
    named = clean(told.outlet)
    return named if named != named.lower() else host_of(told.url) or named


def _container(told: Described) -> str:
    if told.outlet or told.kind == "article":
        return _outlet(told)
    if _CITATION.fullmatch(told.register):
        return REGISTER
    if not told.is_record and told.kind not in PAGES:
        return ""
    host = host_of(told.url)
    return PLATFORMS.get(host) or ("" if institution_of(told.component, told.url) else host)
