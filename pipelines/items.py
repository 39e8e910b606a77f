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
    page ("publication page", "component page"). `numbers` are those that the publisher gives the page as its own,
    as printed ("2016-25197", "81 FR 72080").
    """

    kind: str
    title: str
    text: tuple[str, ...]
    dates: tuple[PrintedDate, ...] = ()
    links: tuple[PageLink, ...] = ()
    canonical: str = ""
    numbers: tuple[str, ...] = ()


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
class Award:
    """One action on an award: its making, or a modification. `award_id` names the award ("CONT_AWD_…"), `record`
    holds every field in scope as printed, under the names of AWARD_FIELDS; its "modification" is "" in a summary of
    the whole award. `place` says where in the response it stood."""

    award_id: str
    record: Mapping[str, str]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """The response is somebody's copy of another address: its body is what `url` gave at `captured_at` (UTC, ISO 8601
    to the second), as kept by `by`. The source that knows `url` reads it. Said first, before any other item."""

    url: str
    captured_at: str
    by: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the response that couldn't be taken as it is: `outcome` is a name from archive/outcomes.py."""

    outcome: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """What one whole run of a source gives: at least `minimum` and at most `maximum` documents (File, WebPage,
    Article, Notice, Award items), and of the items of a kind at least the share (0 to 1) that says a field.

    `fields` are named by kind and field: "notice.title" (of a notice's or award's record), "web-page.text",
    "article.published" (a date in that role), "listed.title". A run outside of this is marked failed.
    """

    minimum: int = 1
    maximum: int = 10**9
    fields: Mapping[str, float] = field(default_factory=dict)


Item = Index | Listed | File | WebPage | Article | Notice | Award | Copy | Problem

# The names under which a procurement record's fields are kept, whatever its source calls them.
NOTICE_FIELDS = (
    "title", "type", "base_type", "solicitation", "award_number", "award_date", "award_amount", "awardee",
    "awardee_location", "awardee_uei", "department", "sub_tier", "office", "organization_code", "posted",
    "response_due", "archive_type", "archive_date", "set_aside", "set_aside_code", "naics", "psc",
    "place_of_performance", "active", "authority", "correction", "description", "url", "more_information",
)  # fmt: skip

# The same for actions on an award. Amounts are US dollars: "obligated", "action_value" and "action_potential_value" are
# the action's own, the others the whole award's. "transaction" tells apart the actions of one modification, "category"
# a contract from a vehicle that others are ordered under.
AWARD_FIELDS = (
    "piid", "parent_piid", "parent_agency_code", "category", "modification", "transaction", "action_date",
    "action_code", "action_type", "obligated", "action_value", "action_potential_value", "total_obligated", "value",
    "potential_value", "recipient", "recipient_trade_name", "recipient_uei", "recipient_duns", "recipient_parent",
    "recipient_location", "agency", "agency_code", "sub_agency", "sub_agency_code", "office", "office_code",
    "funding_agency", "funding_sub_agency", "funding_office", "description", "type", "pricing", "psc", "psc_name",
    "naics", "naics_name", "solicitation", "signed", "starts", "ends", "ends_potentially", "modified", "competition",
    "offers", "set_aside", "place_of_performance", "url",
)  # fmt: skip
