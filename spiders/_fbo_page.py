"""Reads a notice's page at FedBizOpps, as one of 2014 is laid out: its fields, its history, its files; asks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.http import TextResponse

from pipelines.items import Listed, Notice, PrintedDate, Problem
from spiders._markup import blocks, words, words_of
from spiders._notices import joined
from spiders._platform import once, web_address

SITE = "https://www.fbo.gov/"  # a page that somebody saved has no address of its own
_WIDGET = "dnf_class_values_procurement_notice__"
FIELDS = {
    "solicitation_number": "solicitation", "procurement_type": "type", "description": "description",
    "place_of_performance": "place_of_performance", "posted_date": "posted", "response_deadline": "response_due",
    "archive_type": "archive_type", "archive_date": "archive_date", "set_aside": "set_aside",
    "classification_code": "psc", "naics_code": "naics",
}  # fmt: skip
# Contacts and the office's address; files, which are read apart; and what earlier pages of the notice said themselves.
OUT_OF_SCOPE = frozenset(["primary_poc", "secondary_poc", "office_address", "packages"])
_EARLIER = "original_"
_OFFICES = {"Agency": "department", "Office": "sub_tier", "Location": "office"}
_HEX = re.compile(r"(?:/notices/|[?&]id=)([0-9a-f]{32})(?![0-9a-f])", re.IGNORECASE)


def notice_page(page: TextResponse) -> Iterator[Notice | Listed | Problem]:
    """Yield what a notice's page says: one notice, its earlier and later pages, its files, or why there is none."""
    title = next((found for found in map(words_of, page.css(".agency-header h2")) if found), "")
    notice_id = _id_of(page)
    if not title or not notice_id or not page.css(f'[id^="{_WIDGET}"]'):
        yield Problem("layout-changed", page.url, "no heading, no permanent address, or no field of a notice")
        return
    here = f"https://www.fbo.gov/notices/{notice_id}"
    fields, unmapped = _fields(page)
    yield from (Problem("unmapped-field", name, "on a notice's page") for name in unmapped)
    files = once(_files(page, here))
    record = joined([("title", title), *_offices(page), *fields, ("url", here)])
    yield Notice(notice_id, record, tuple(file.url for file in files), "page")
    yield from files
    yield from once(_history(page, here, notice_id))


def _id_of(page: TextResponse) -> str:
    printed = page.css("a.permalink::attr(href), #permalink_field::attr(value)").getall()
    return next((match[1].lower() for url in (*printed, page.url) if (match := _HEX.search(url))), "")


def _fields(page: TextResponse) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the fields that are mapped, each once, with what they print, and the names of those that nobody knows."""
    said: list[tuple[str, str]] = []
    unmapped: dict[str, None] = {}
    for widget in page.css(f'[id^="{_WIDGET}"][id$="__widget"]'):
        name = widget.root.get("id", "").removeprefix(_WIDGET).removesuffix("__widget")
        if name.partition("__")[0] in OUT_OF_SCOPE or name.startswith(_EARLIER):
            continue
        read = blocks(widget, SITE)
        if name not in FIELDS:
            unmapped[name] = None
        elif name == "description":
            said.append((name, "\n".join(block.text for block in read)))
            links = (link.url for block in read for link in block.links)
            said += [("more_information", url) for url in dict.fromkeys(links) if url]
        else:
            said.append((FIELDS[name], " ".join(block.text for block in read)))
    return [(name, text) for name, text in said if text != "-"], list(unmapped)


def _offices(page: TextResponse) -> Iterator[tuple[str, str]]:
    for text in page.css(".agency-name::text").getall():
        label, _, name = text.partition(":")
        if label.strip() in _OFFICES:
            yield _OFFICES[label.strip()], words(name)


def _files(page: TextResponse, here: str) -> Iterator[Listed]:
    """Yield the files of all packages: beside a file stand its size and description, in the margin only its name."""
    for link in page.css("a.file, dl.pkglist a[href*='/utils/view']"):
        url = web_address(SITE, link.root.get("href", ""))
        around = link.xpath("ancestor::*[contains(@class, 'notice_attachment')][1]")
        note = words_of(around[0]).removeprefix(words_of(link)).strip() if around else ""
        yield Listed(here, https(url), words_of(link) or url, "attachment", note=note)


def _history(page: TextResponse, here: str, notice_id: str) -> Iterator[Listed]:
    """Yield the other pages of the notice: "Original Synopsis", then each "Changed", with its date."""
    for entry in page.css("ul#sb_related_notices li"):
        match = _HEX.search(next(iter(entry.css("a::attr(href)").getall()), ""))
        if match is not None and match[1].lower() != notice_id:
            kind, dates = words(" ".join(entry.css("em::text").getall())), _days(entry)
            title = words(" ".join(entry.css("a::text").getall()))
            url = f"https://www.fbo.gov/notices/{match[1].lower()}"
            yield Listed(here, url, title, "earlier", dates, note=kind)


def _days(entry: Selector) -> tuple[PrintedDate, ...]:
    printed = [words_of(part) for part in entry.css(".nh-date") if not part.css("em")]
    return (PrintedDate("posted", " ".join(printed)),) if printed else ()


def https(url: str) -> str:
    """Return an address of FedBizOpps as the site itself gave it in its last years."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return parts._replace(scheme="https", netloc=f"www.{host}").geturl() if host == "fbo.gov" else url
