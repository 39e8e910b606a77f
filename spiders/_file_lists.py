"""Reads listings whose rows lead to files: tables of reports, dated collections, sections of links. Knows no site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from parsel import Selector

from pipelines.items import Listed, PageLink, PrintedDate, Problem
from spiders._library import DESCRIPTOR, link_of, marked_rows
from spiders._markup import blocks, words, words_of

# "OIG-18-53", "OIG-14-11-D"; before 2013 reports of regional offices, "DA-09-01".
NUMBER = re.compile(
    r"[A-Z]{2,6}[-\u2010-\u2013_ ]?(?P<fiscal>\d{2})[-\u2010-\u2013_]\d{1,3}(?:[-\u2010-\u2013_][A-Z]{1,5})?"
)
_DAY = re.compile(r"(?P<month>\d{1,2})/\d{1,2}/(?P<year>\d{4})")
_FISCAL_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d{2}")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")


def report_rows(main: Selector, base: str, index: str) -> Iterator[Listed | Problem]:
    """Read the table rows of a list of reports: number, linked title, day of issue, and perhaps the fiscal year.

    The cells are known by what they hold, since the table's header was never seen. `heading` of what is listed is the
    report's number, unless the page gives the number to several reports, or one of another year.
    """
    read = [row for row in main.css("tbody tr") if row.css("td")]
    entries = [_report(row, base, index, place) for place, row in enumerate(read, 1)]
    used: Counter[str] = Counter()
    for number in {(one.heading, one.title) for said in entries for one in said if isinstance(one, Listed)}:
        used[number[0]] += 1
    for entry in (one for said in entries for one in said):
        if isinstance(entry, Listed) and entry.heading and used[entry.heading] > 1:
            yield Problem("duplicate-id", index, f"{entry.heading}: {entry.title[:100]}")
            yield replace(entry, heading="")
        else:
            yield entry


def _report(row: Selector, base: str, index: str, place: int) -> list[Listed | Problem]:
    said: list[Listed | Problem] = []
    link = PageLink("", "")
    number = day = beside = ""
    for column, cell in enumerate(row.css("td"), 1):
        text = words_of(cell)
        linked = next((one for anchor in cell.css("a[href]") if (one := link_of(anchor, base)).url and one.text), None)
        if linked and not link.url:
            link, beside = linked, words(text.replace(linked.text, " ", 1))
        elif NUMBER.fullmatch(text) and not number:
            number = text
        elif _DAY.fullmatch(text) and not day:
            day = text
        elif text and not _FISCAL_YEAR.fullmatch(text):
            said.append(Problem("unmapped-field", index, f"row {place}, column {column}: {text[:60]}"))
    if not link.url:
        return [Problem("missing-field", index, f"row {place} has no link")]
    if not day:
        said.append(Problem("missing-field", index, f"row {place} has no day of issue"))
    elif number and not _is_of_its_year(number, day):
        said.append(Problem("unknown-value", index, f"row {place}: {number} of {day}"))
        number = ""
    descriptor = DESCRIPTOR.search(link.text)
    title = words(link.text.replace(descriptor[0], " ")) if descriptor else link.text
    dates = (PrintedDate("published", day),) if day else ()
    note = ", ".join(filter(None, (descriptor[0] if descriptor else "", beside)))
    return [Listed(index, link.url, title, dates=dates, heading=number, note=note), *said]


def _is_of_its_year(number: str, day: str) -> bool:
    """Say whether a number's fiscal year (from October) is that of its day, give or take one."""
    counted, issued = NUMBER.fullmatch(number), _DAY.fullmatch(day)
    if counted is None or issued is None:
        return True
    return abs(2000 + int(counted["fiscal"]) - int(issued["year"]) - (int(issued["month"]) >= 10)) <= 1


def collection_rows(main: Selector, base: str, index: str, is_entry: re.Pattern[str]) -> Iterator[Listed | Problem]:
    """Read the items of a collection of the US Web Design System, or, where there are none, sections of links.

    A title "Name | Category" is taken apart: the category is the entry's heading. Pages in Spanish are `out-of-scope`.
    `is_entry` tells the addresses that count in a section.
    """
    marked = marked_rows(main)
    if not marked:
        yield from section_links(main, base, index, is_entry)
    for place, row in enumerate(marked, 1):
        links = (link_of(anchor, base) for anchor in row.css("a[href]"))
        link = next((one for one in links if one.url and one.text), None)
        if link is None:
            yield Problem("missing-field", index, f"row {place} has no link")
        elif urlsplit(link.url).path.startswith("/es/"):
            yield Problem("out-of-scope", index, f"row {place} is in Spanish: {link.url[:200]}")
        else:
            title, _, category = link.text.rpartition(" | ")
            yield Listed(
                index, link.url, title or link.text, dates=_printed_day(row), heading=category if title else ""
            )


def _printed_day(row: Selector) -> tuple[PrintedDate, ...]:
    """Return the day that a row shows; not that of its `datetime`, which is the template's own on such sites."""
    for shown in row.css("time, .usa-collection__calendar-date, .usa-collection__meta-item"):
        if day := words(" ".join(shown.css("*::text").getall())):
            return (PrintedDate("posted", day[:40]),)
    return ()


def section_links(main: Selector, base: str, index: str, is_entry: re.Pattern[str]) -> Iterator[Listed]:
    """Yield the links of a page that are entries, each under the heading of its section."""
    heading = ""
    for block in blocks(main, base):
        if block.tag in _HEADINGS:
            heading = block.text
        for link in block.links:
            if link.url and link.text and is_entry.search(link.url):
                descriptor = DESCRIPTOR.search(block.text.partition(link.text)[2])
                yield Listed(index, link.url, link.text, heading=heading, note=descriptor[0] if descriptor else "")


def labelled_fields(main: Selector) -> dict[str, Selector]:
    """Return the fields that a Drupal node shows with a label above them, by label."""
    fields = ((words_of(field.css(".title, .field__label")[0]), field) for field in _labelled(main))
    return {label: field for label, field in fields if label}


def _labelled(main: Selector) -> Iterable[Selector]:
    return (
        field for field in main.css(".field--label-above, .field--label-inline") if field.css(".title, .field__label")
    )
