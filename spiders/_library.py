"""Reads the pages of a government publication library: rows of a listing, an attachment table, dated entries.

Such libraries (Drupal 7, then the US Web Design System) differ in class names from site to site and year to year. So
these functions hold on to what they all must have: headings, labels, table headers, addresses, printed descriptors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from parsel import Selector, SelectorList
from scrapy.http import Response, TextResponse

from pipelines.items import Index, Listed, PageLink, PrintedDate, Problem, WebPage
from spiders._addresses import without_session
from spiders._markup import Block, base_of, blocks, frame_of, main_of, page_of, words_of
from spiders._platform import once, web_address, without_tracking

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = re.compile(rf"(?:{_MONTHS}) \d{{1,2}}, ?\d{{4}}")
_LAST_MONTH = re.compile(rf"(?:^|[.!?)”\"]\s*)((?:{_MONTHS}) \d{{4}})\.?$")
_DATE_LABEL = re.compile(r"(Created Date|Last Published Date|Last Updated)\s*:?\s*(.{0,40})$")
_ROLES = {"Created Date": "created", "Last Published Date": "updated", "Last Updated": "updated"}
_NOTICES = re.compile(r"Associated SORN(?:s|\(s\))?\s*:?", re.IGNORECASE)
# All seen: "(PDF, 6 pages - 167 KB )", "(PDF, 18 pages, 218 KB)", "(PDF, 7 pages – 183.57KB)", "(PDF 32 pages, 6 MB)".
DESCRIPTOR = re.compile(r"\(\s*PDF[\s,]*\d+\s*pages?\s*[,–-]\s*[\d.,]+\s*[KMG]B\s*\)", re.IGNORECASE)
_FURNITURE = re.compile(r"You are here:?|Back to top|Home|Print|Share.{0,20}", re.IGNORECASE)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
# Sections within a document's own: their entries are still that document's.
_SUBSECTION = re.compile(
    r"(?P<earlier>(?:Earlier|Previous|Prior|Older|Superseded)\b)|Retire(?:d|ments?)\b", re.IGNORECASE
)
_LETTERED = re.compile(r"\d{3}\s?\([a-z]{1,2}\)", re.IGNORECASE)
_ROWS = (".views-row", ".usa-collection__item")  # Drupal's view, the US Web Design System's collection
MOST_ROWS = 2_000  # on one page; the longest that were seen had some hundreds


def page_number(url: str) -> int:
    """Return the `page` of an address, counted from 0 (also where it says none or nonsense)."""
    value = parse_qs(urlsplit(url).query).get("page", ["0"])[0]
    return int(value) if re.fullmatch(r"\d{1,6}", value, re.ASCII) else 0


def one_spelling(url: str, host: str) -> str:
    """Return the one address of a page of `host` that is reached under several, without tracking.

    `(pia)`, `%28pia%29` and `%2528pia%2529` are one collection; pages are served with and without `www`, and with the
    root's dot behind the host; `/index.php/` in front of a path changes nothing.
    """
    parts = urlsplit(without_session(without_tracking(url)))
    if f"www.{(parts.hostname or '').removesuffix('.').removeprefix('www.')}" != host:
        return urlunsplit(parts)
    path = re.sub(r"%(?:25)*28", "(", re.sub(r"%(?:25)*29", ")", parts.path)).removeprefix("/index.php").rstrip("/")
    return urlunsplit(("https", host, path, parts.query, ""))


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing: what it says, the addresses of its rows, and the page that follows (None: none does)."""

    said: tuple[Index | Listed | Problem, ...]
    urls: tuple[str, ...] = ()
    next_page: int | None = None


def listing(
    response: Response, index: str, page: int, selector: str, most_pages: int, *, may_be_empty: bool = False
) -> Listing:
    """Read one page of a listing; `selector` says which links count, `index` names the whole. As `paged`."""

    def entries(main: Selector, base: str) -> Iterator[Listed | Problem]:
        for row in rows(main, base, selector, response.url):
            yield Listed(index, row.url, row.text) if isinstance(row, PageLink) else row

    return paged(response, index, page, most_pages, entries, may_be_empty=may_be_empty)


def paged(
    response: Response,
    index: str,
    page: int,
    most_pages: int,
    entries: Callable[[Selector, str], Iterable[Listed | Problem]],
    *,
    may_be_empty: bool = False,
) -> Listing:
    """Read one page of a listing; `entries` reads its rows from its main part and what its links start from.

    A page without rows is the end of the listing, unless it is the first (of one that may not be empty) or a pager
    goes on behind it: then it is an `empty-listing`. A listing that goes on after `most_pages`, or a page of more
    than MOST_ROWS rows, is a `trap`.
    """
    document = page_of(response)
    main = main_of(document)
    if main is None:
        return Listing((Problem("layout-changed", index, f"page {page} has no main part"),))
    found = list(islice(entries(main, base_of(document)), MOST_ROWS + 1))
    follows = _leads_on(document, response.url, page)
    problems = []
    if not found and (follows or (page == 0 and not may_be_empty)):
        problems.append(Problem("empty-listing", index, f"page {page}"))
    is_trap = len(found) > MOST_ROWS or (follows and page + 1 >= most_pages)
    if is_trap:
        detail = f"more than {MOST_ROWS} rows" if len(found) > MOST_ROWS else f"more than {most_pages} pages"
        problems.append(Problem("trap", index, detail))
    found = found[:MOST_ROWS]
    listed = [row for row in found if isinstance(row, Listed)]
    said = (Index(index, page, len(listed), last=not follows), *found, *problems)
    goes_on = follows and found and not is_trap
    return Listing(said, tuple(row.url for row in listed), page + 1 if goes_on else None)


def _leads_on(document: TextResponse, here: str, page: int) -> bool:
    """Say whether some link leads to the page after `page`: the one thing that every pager has, whatever its markup."""
    base = base_of(document)
    links = (web_address(base, href) for href in document.css('[href*="page="]::attr(href)').getall())
    return any(page_number(url) == page + 1 and _plain_path(url) == _plain_path(here) for url in links)


def _plain_path(url: str) -> str:
    return unquote(unquote(urlsplit(url).path)).removeprefix("/index.php").rstrip("/")


def rows(main: Selector, base: str, selector: str, here: str) -> Iterator[PageLink | Problem]:
    """Yield the one link of each row of a view or collection, or each such link of the page where it has no rows.

    `selector` says which links count. A row without any link is a `missing-field`; one that leads to something else
    (a keyword's page lists news beside documents) is `out-of-scope`.
    """
    marked = marked_rows(main)
    for place, row in enumerate(marked or [main], 1):
        found = [link for anchor in row.css(selector) if (link := link_of(anchor, base)).url and link.text]
        if not found and marked:
            other = any(link.url and link.text for link in (link_of(anchor, base) for anchor in row.css("a[href]")))
            if other:
                yield Problem("out-of-scope", here, f"row {place} leads to something else")
            else:
                yield Problem("missing-field", here, f"row {place} has no link")
        yield from found[:1] if marked else once(found)


def marked_rows(main: Selector) -> SelectorList[Selector]:
    """Return the rows of a page's view or collection, the one with the most; none where nothing marks them."""
    return max((main.css(mark) for mark in _ROWS), key=len)


def link_of(anchor: Selector, base: str) -> PageLink:
    """Return where an anchor leads, without a visitor's session; "" where that is no web address."""
    # Not `anchor.attrib`: it fails on attributes whose names no XML could have.
    return PageLink(without_session(web_address(base, anchor.root.get("href") or "")), words_of(anchor))


@dataclass(frozen=True, slots=True)
class Attachments:
    """The attachments of a page, what was odd about them, and the elements they stand in."""

    listed: tuple[Listed, ...]
    problems: tuple[Problem, ...]
    elements: tuple[Any, ...]
    has_table: bool


def attachments(main: Selector, base: str, index: str) -> Attachments:
    """Read the table `Attachment | Ext. | Size | Date` (two columns in Drupal 7), or else a list of files."""
    listed: list[Listed] = []
    problems: list[Problem] = []
    tables = [table for table in main.css("table") if any(name == "Attachment" for name in _header(table))]
    for table in tables:
        header = _header(table)
        for name in sorted(set(header) - {"Attachment", "Ext.", "Size", "Date"}):
            problems.append(Problem("unmapped-field", index, f"attachment table: {name}"))
        for row in table.css("tr"):
            if cells := row.css("td"):
                listed.append(_attachment(dict(zip(header, cells, strict=False)), base, index))
    elements = [table.root for table in tables]
    if not tables:
        for item in main.css("span.file, .field-type-file, .field--type-file"):
            elements.append(item.root)
            listed += [Listed(index, link.url, link.text, "attachment")
                       for link in (link_of(anchor, base) for anchor in item.css("a[href]"))]  # fmt: skip
    whole = [entry for entry in listed if entry.url]
    if len(whole) < len(listed):
        problems.append(Problem("missing-field", index, f"{len(listed) - len(whole)} attachments without an address"))
    return Attachments(tuple(once(whole)), tuple(problems), tuple(elements), bool(tables))


def _header(table: Selector) -> list[str]:
    return [words_of(cell) for cell in table.css("th")]


def _attachment(cells: dict[str, Selector], base: str, index: str) -> Listed:
    title = cells.get("Attachment")
    anchor = title.css("a[href]") if title is not None else []
    link = link_of(anchor[0], base) if anchor else PageLink("", "")
    printed = {name: words_of(cell) for name, cell in cells.items()}
    note = ", ".join(value for name in ("Ext.", "Size") if (value := printed.get(name)))
    dates = (PrintedDate("posted", printed["Date"]),) if printed.get("Date") else ()
    return Listed(index, link.url, link.text or printed.get("Attachment", ""), "attachment", dates, note=note)


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication page's words, its labelled dates, the links of its text and those of its associated notices."""

    text: tuple[str, ...]
    dates: tuple[PrintedDate, ...]
    links: tuple[PageLink, ...]
    notices: tuple[PageLink, ...]


def publication(read: Sequence[Block], title: str) -> Publication:
    """Sort the blocks of a publication page: text, then `Associated SORN(s)`, then `Created Date:` and the like.

    The bare month that ends the text ("December 2017") is the document's own date, role "published".
    """
    text: list[str] = []
    dates: list[PrintedDate] = []
    links: list[PageLink] = []
    notices: list[PageLink] = []
    part, last, awaited = "text", "", ""
    for block in read:
        if block.text == title or _FURNITURE.fullmatch(block.text):
            continue
        if awaited:
            dates, awaited = [*dates, PrintedDate(awaited, block.text[:40])], ""
            continue
        if label := _DATE_LABEL.match(block.text):
            part, role = "dates", _ROLES[label[1]]
            dates, awaited = ([*dates, PrintedDate(role, label[2])], "") if label[2] else (dates, role)
            continue
        part = "notices" if _NOTICES.match(block.text) else part
        (notices if part == "notices" else links).extend(link for link in block.links if link.url)
        text.append(block.text)
        last = block.text if part == "text" else last
    if month := _LAST_MONTH.search(last):
        dates.insert(0, PrintedDate("published", month[1]))
    return Publication(tuple(text), tuple(dates), tuple(links), tuple(notices))


def component_page(
    response: Response, index: str, is_document: re.Pattern[str], leads: Sequence[str] = ()
) -> list[Index | Listed | Problem | WebPage]:
    """Read a static page on which a component lists its documents; `is_document` tells addresses that are entries.

    A page that lists none but leads to other such pages (`leads`, as `leads_of` gives them) is no `empty-listing`.
    """
    page = page_of(response)
    title, main = frame_of(page)
    if main is None:
        return [Problem("layout-changed", index, "no heading, or no main part")]
    read = blocks(main, base_of(page))
    listed = list(islice(_entries(read, index, is_document), MOST_ROWS + 1))
    text = tuple(block.text for block in read if block.text != title)
    problems = [Problem("trap", index, f"more than {MOST_ROWS} rows")] if len(listed) > MOST_ROWS else []
    if not listed and not leads:
        problems.append(Problem("empty-listing", index))
    listed = listed[:MOST_ROWS]
    return [Index(index, 0, len(listed), last=True), *listed, *problems, WebPage("component page", title, text)]


def leads_of(response: Response, pattern: re.Pattern[str], most: int = 100) -> list[str]:
    """Return the addresses of a whole page's links (its menus too) whose path `pattern` matches, each once."""
    page = page_of(response)
    base = base_of(page)
    found = dict.fromkeys(page.css("a::attr(href)").getall())
    links = dict.fromkeys(without_session(web_address(base, href)) for href in found)
    return list(islice((url for url in links if url and pattern.search(urlsplit(url).path)), most))


def _entries(read: Iterable[Block], index: str, is_document: re.Pattern[str]) -> Iterator[Listed]:
    """Yield what a component page of 2012 to 2016 lists: `<name>, June 23, 2011 (PDF, 6 pages - 167 KB ) <summary>`.

    The heading above an entry carries its number. List items that follow a heading's first file are earlier versions
    of it, except under `Associated SORN(s)`, and so is all below "Earlier versions". "Retirement" below a heading
    stands in the entry's note; as a heading of its own it is the entries' heading.
    """
    heading, level, retired = "", "", ""
    among_notices = seen = older = False
    for block in read:
        if block.tag in _HEADINGS:
            below = _SUBSECTION.match(block.text) if heading and block.tag > level else None
            among_notices = False
            older, retired = (bool(below["earlier"]), "" if below["earlier"] else block.text) if below else (False, "")
            if not below:
                heading, level, seen = block.text, block.tag, False
        if label := _NOTICES.match(block.text):
            among_notices = True
        for link in block.links:
            if not link.url or not (among_notices or is_document.search(link.url)):
                continue
            earlier = older or (seen and block.tag == "li")
            relation = "sorn" if among_notices else "earlier" if earlier else "listing"
            entry = _entry(block.text, link, index)
            note = ", ".join(filter(None, (entry.note, retired)))
            # The number of an update, PIA-001(b), isn't that of the versions before it.
            others = label or (earlier and _LETTERED.search(heading))
            yield replace(entry, relation=relation, heading="" if others else heading, note=note)
            seen = True


def _entry(text: str, link: PageLink, index: str) -> Listed:
    after = text.partition(link.text)[2]
    descriptor = DESCRIPTOR.search(after) or DESCRIPTOR.search(text)
    date = _DAY.search(after[: descriptor.start()] if descriptor and descriptor.string is after else after[:40])
    date = date or _DAY.search(link.text)
    return Listed(
        index,
        link.url,
        link.text,
        dates=(PrintedDate("published", date[0]),) if date else (),
        note=descriptor[0] if descriptor else "",
    )
