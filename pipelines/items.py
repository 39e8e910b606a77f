"""What a source may say of a response: a few frozen records, with every value as it was printed.

A source's callback is a function of its response and its keyword arguments. It yields these and requests, and keeps
nothing on `self`: a rebuild calls it again with the stored bytes and must be told the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in its printed words. `role` is one of: published, posted, created, modified, updated, archived,
    due, award."""

    role: str
    words: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link in running text: `url` absolute, `text` as shown."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Index:
    """One page of an index: `index` names the whole (its address without page and filters); `rows` counts what it
    lists; `last` where the site says that no further page follows."""

    index: str
    page: int
    rows: int
    last: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An index or a publication page shows this address under this title.

    `relation` is "listing" (an index lists a page or file), "attachment" (a publication page's own file),
    "sorn" (an associated system of records notice) or "earlier" (an earlier version, on a component page).
    `index` is as in Index (a publication page is the index of its attachments). `heading` is the title of the
    section that the entry stands in, which on component pages carries the number.
    """

    index: str
    url: str
    title: str
    relation: str = "listing"
    dates: tuple[PrintedDate, ...] = ()
    heading: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """The response's body is a document of its own (a PDF). What it is called stands in it, or where it is listed."""

    kind: str = "file"


@dataclass(frozen=True, slots=True)
class WebPage:
    """The response is an HTML page that is itself kept as a document, version by version.

    `text` are its paragraphs in reading order, navigation left out. `kind` says what the publisher calls such a
    page ("publication page", "component page").
    """

    kind: str
    title: str
    text: tuple[str, ...]
    dates: tuple[PrintedDate, ...] = ()
    links: tuple[PageLink, ...] = ()
    canonical: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """The response is a news article; its text is taken from the body by the article reader, in a worker."""

    outlet: str
    headline: str
    byline: str = ""
    canonical: str = ""
    dates: tuple[PrintedDate, ...] = ()
    section: str = ""
    links: tuple[PageLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One record of a procurement source. `record` holds every field in scope as printed, under the names of
    NOTICE_FIELDS; `attachments` are addresses; `place` says where in the response it stood ("row 12", "item 3")."""

    notice_id: str
    record: Mapping[str, str]
    attachments: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the response that couldn't be taken as it is: `outcome` is a name from archive/outcomes.py."""

    outcome: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """How many documents (File, WebPage, Article, Notice items) one whole run of a source gives.

    Below `minimum` the run fails; above `maximum` it is noted.
    """

    minimum: int = 1
    maximum: int = field(default=10**9)


Item = Index | Listed | File | WebPage | Article | Notice | Problem

# The names under which a procurement record's fields are kept, whatever its source calls them.
NOTICE_FIELDS = (
    "title", "type", "base_type", "solicitation", "award_number", "award_date", "award_amount", "awardee",
    "awardee_location", "awardee_uei", "department", "sub_tier", "office", "organization_code", "posted",
    "response_due", "archive_type", "archive_date", "set_aside", "set_aside_code", "naics", "psc",
    "place_of_performance", "active", "description", "url", "more_information",
)  # fmt: skip
