"""Which page of a listing an address means, whatever sorts, sessions and empty filters stand in it; asks nothing."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from spiders._platform import without_tracking

# What some servers write into each visitor's links: the same page under another address for everyone who asks.
_SESSION = re.compile(
    r"(?:jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|session_?id|sess_?id|sid|cfid|cftoken|s?sess[0-9a-f]{32})"
    r"(?:=.*)?",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*|/\([SFA]\([0-9a-z]{20,40}\)\)", re.IGNORECASE)
# Fields of a Drupal view's exposed form that say in what order and how many, never which: `sort_bef_combine`,
# `sort_by`, `sort_order`, `order`, `sort`, `items_per_page` were all seen at dhs.gov and oig.dhs.gov.
_ORDER = re.compile(r"sort_\w+|sort|order|items_per_page|page", re.IGNORECASE)


def without_session(url: str) -> str:
    """Return an address without the marks of one visitor's session, in its query or its path."""
    parts = urlsplit(url)
    fields = [field for field in parts.query.split("&") if field and not _SESSION.fullmatch(field)]
    return urlunsplit(parts._replace(path=_SESSION_IN_PATH.sub("", parts.path), query="&".join(fields)))


def index_address(url: str) -> str:
    """Return the one address of a whole listing: without page, order, number of rows, and filters that filter nothing.

    A filter that does (`combine=PIA-062`, `field_dhs_agency_target_id=3`) makes another, narrower listing.
    """
    parts = urlsplit(without_session(without_tracking(url)))
    filters = [(name, value) for name, value in parse_qsl(parts.query) if value != "All" and not _ORDER.fullmatch(name)]
    return urlunsplit(parts._replace(query=urlencode(sorted(filters), safe="/()"), fragment=""))


def page_address(index: str, page: int) -> str:
    """Return the address of a page of a listing, counted from 0."""
    return f"{index}{'&' if urlsplit(index).query else '?'}page={page}"


def search_address(index: str, number: str) -> str:
    """Return the address at which a Drupal library's own filter field (`combine`) looks for a number.

    Of dhs.gov it is known that the exact number gives the one publication that has it in its title.
    """
    return f"{index}?combine={quote(number, safe='/()')}"
