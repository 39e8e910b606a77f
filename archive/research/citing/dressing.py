"""The item as each style wants it, where a style has no field for what it asks, or the processor doesn't do its part.

Each departure from the plain item has its reason here; how the result is set is the style's alone.
"""

from __future__ import annotations

from archive.research.citing.item import Cited
from archive.research.rows import Row

_MONTHS = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
UNKNOWN = "[Author not named]"


def for_bluebook(cited: Cited) -> Row:
    """Return the item for the Bluebook: institutional authors abbreviated, smallest unit first (rule 15.1(c)).

    The style prints a year alone; rules 14.2(a) and 18.2.2(c) ask for the exact date, which goes before it as `status`.
    The archived address stands in brackets behind the original one (rule 18.2.1(d)). A page of the Federal Register has
    its thousands parted (rule 6.2(a)), and no author (rule 14.2(a)). An article is one of the web: its date stands in
    parentheses (rule 18.2).
    """
    item = _plain(cited)
    if item["type"] == "article-newspaper":
        item["type"] = "webpage"
    if item["type"] == "article-journal":
        item.pop("author", None)
    elif cited.institution:
        item["author"] = [{"literal": cited.institution.abbreviated}]
    date = _parts(item)
    if len(date) > 1:
        day = f" {date[2]}," if len(date) == 3 else ""
        item["status"] = f"{_MONTHS[date[1] - 1]}{day}"
    if item.get("page", "").isdecimal():
        item["page"] = thousands(item["page"])
    if page_in_bluebook(cited).startswith("at "):
        item["title"] += ","
    if _is_elsewhere(cited):
        item["URL"] = f"{item['URL']} [{cited.archived}]"
    return item


def page_in_bluebook(cited: Cited) -> str:
    """Return how the page that is cited is told: with "at" where the title's last number might be taken for it (rule
    3.2(a))."""
    page = cited.part.page
    if page and cited.item["type"] == "report" and cited.item["title"][-1:].isdigit():
        return f"at {page}"
    return thousands(page)


def for_apa(cited: Cited) -> Row:
    """Return the item for APA: the author is the body itself, what it belongs to is the publisher (section 10.4)."""
    item = _with_author(_with_accessed(cited))
    if cited.institution:
        item["author"] = [{"literal": cited.institution.levels[-1]}]
        if cited.institution.above and item["type"] == "report":
            item["publisher"] = cited.institution.above
    if _names_itself(item):
        item.pop("container-title", None)
    if _is_elsewhere(cited):
        item |= {"archive": cited.archive_name, "archive_location": cited.archived}
    return item


def for_chicago(cited: Cited) -> Row:
    """Return the item for Chicago: the archived address stands behind the original one ("archived at", 17th ed. 14.10).

    The processor prints "Edition" behind every newspaper, so an article is one of the web.
    """
    item = _with_author(_with_accessed(cited))
    if item["type"] == "article-newspaper":
        item["type"] = "webpage"
    if _is_elsewhere(cited):
        item["URL"] = f"{item['URL']}, archived at {cited.archived}"
    return item


def for_mla(cited: Cited) -> Row:
    """Return the item for MLA: this archive is the last container, named with the address in it."""
    item = _with_author(_with_accessed(cited))
    if cited.part.page and "page" not in item:
        item["page"] = cited.part.page
    if _is_elsewhere(cited):
        item["URL"] = f"{item['URL']}. {cited.archive_name}, {cited.archived}"
    return item


def _is_elsewhere(cited: Cited) -> bool:
    """Tell whether there is an original address beside the one in this archive."""
    return bool("URL" in cited.item and cited.archived)


def thousands(number: str) -> str:
    """Return a number of five digits or more with its thousands parted."""
    return f"{int(number):,}" if number.isascii() and number.isdecimal() and len(number) > 4 else number


def _plain(cited: Cited) -> Row:
    """Return the item with an address, and without a number that its title or the register's citation tells."""
    item = dict(cited.item)
    if item["type"] == "article-journal" or item.get("number", "") in item["title"]:
        item.pop("number", None)
    return item if "URL" in item or not cited.archived else {**item, "URL": cited.archived}


def _with_accessed(cited: Cited) -> Row:
    """Return the item with the day on which it was looked at, where it has no date of its own."""
    item = _plain(cited)
    if "issued" not in item and cited.accessed:
        item["accessed"] = {"date-parts": [[int(part) for part in cited.accessed.split("-")]]}
    return item


def _with_author(item: Row) -> Row:
    """Return the item with an author: the processor prints a title twice that stands in for one (CSL: once)."""
    named = item.get("author") or [{"literal": item.get("container-title") or UNKNOWN}]
    return {**item, "author": named}


def _names_itself(item: Row) -> bool:
    return bool(item["author"][0]["literal"] == item.get("container-title"))


def _parts(item: Row) -> list[int]:
    parts: list[int] = item.get("issued", {}).get("date-parts", [[]])[0]
    return parts
