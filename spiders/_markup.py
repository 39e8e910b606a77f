"""Reads the running text of an HTML page, block by block, in time linear in the page; it knows no site."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import iterwalk
from parsel import Selector
from scrapy.http import HtmlResponse, Response, TextResponse

from pipelines.items import PageLink
from spiders._platform import joined, printed, web_address

# fmt: off
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p",
    "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
])
_UNSHOWN = frozenset([
    "button", "form", "iframe", "nav", "noscript", "object", "script", "select", "style", "svg", "template", "textarea",
    "video",
])
# fmt: on
_LONGEST_CLASS = 4_000  # of real pages, the longest has some hundred letters
# Navigation that has no element of its own: Drupal's and the US Web Design System's class names.
_NAVIGATION = re.compile(
    r"(?:^|\s)(?:breadcrumbs?|element-invisible|visually-hidden|usa-sr-only|usa-breadcrumb|usa-sidenav|usa-pagination"
    r"|pager|skip-link|social-share|share-links|addthis_toolbox)(?:\s|$|__|--)"
)
_MAIN = ("main", '[role="main"]', "div#main-content, section#main-content", "div#content, section#content", "article")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of running text: the element it stands in, its words, its links."""

    tag: str
    text: str
    links: tuple[PageLink, ...] = ()


def page_of(response: Response) -> TextResponse:
    """Return the response as a page, whatever media type its server gave it and whatever its `base` says."""
    page = response if isinstance(response, TextResponse) else HtmlResponse(response.url, body=response.body)
    try:
        _ = page.selector
    except ValueError:
        return page.replace(cls=_BrokenBase)
    return page


class _BrokenBase(HtmlResponse):
    """A page whose `base` is no address: Scrapy looks for it before it parses, and fails."""

    @cached_property
    def selector(self) -> Any:
        return Selector(text=self.text, type="html")


def base_of(page: TextResponse) -> str:
    """Return what a page's relative links start from: the address of its first `base`, or else its own.

    As the HTML standard has it (4.2.3): a base that is no address, or a data: or javascript: one, counts as none; one
    that is no web address gives "", since nothing that is relative leads anywhere then.
    """
    named = (one.root for one in page.xpath(_FIRST_BASES))
    base = next((one for one in named if next(one.iterancestors(*_NO_PAGE), None) is None), None)
    if base is None:
        return page.url
    try:
        whole = urlsplit(joined(page.url, base.get("href")))
        _ = whole.port
    except ValueError:
        return page.url
    if whole.scheme in ("data", "javascript") or (whole.scheme in ("http", "https") and not whole.hostname):
        return page.url
    return web_address(page.url, base.get("href"))


# Those inside of these elements are another document's, or no HTML; a page with ten such bases means no good.
_FIRST_BASES = "(//base[@href])[position() <= 10]"
_NO_PAGE = ("template", "svg", "math", "noscript")


def main_of(page: TextResponse) -> Selector | None:
    """Return the part of a page that is not its frame, or None where nothing marks it."""
    return next((found[0] for selector in _MAIN if (found := page.css(selector))), None)


def heading_of(page: TextResponse) -> str:
    """Return the page's first heading, or else its title, or "" where it has neither."""
    found = (words_of(heading) for heading in (*page.css("h1"), *page.css("head title")))
    return next((heading for heading in found if heading), "")


def frame_of(page: TextResponse) -> tuple[str, Selector | None]:
    """Return a page's heading and main part; the latter is None where either is missing."""
    title = heading_of(page)
    return title, (main_of(page) if title else None)


def body_of(page: TextResponse) -> Selector:
    """Return the main part of a page, or its whole body where nothing marks one."""
    main = main_of(page)
    return page.xpath("//body | /*")[-1] if main is None else main


def words(text: str) -> str:
    """Return text with every run of white space as one space."""
    return " ".join(printed(text).split())


def words_of(selector: Selector) -> str:
    """Return all the words of an element."""
    return words("".join(selector.root.itertext())) if hasattr(selector.root, "itertext") else ""


def blocks(part: Selector, base: str, leave_out: Collection[Any] = ()) -> list[Block]:
    """Return a page's blocks of text in reading order, without navigation and without the elements `leave_out`.

    A link whose address is no web address keeps its words and an empty `url`; links within the page are none.
    """
    return list(_walk(part.root, base, {id(element) for element in leave_out}))


def _walk(root: Any, base: str, left_out: set[int]) -> Iterator[Block]:
    text: list[str] = []
    links: list[PageLink] = []
    tags = ["body"]

    def ended() -> Iterator[Block]:
        if said := words("".join(text)):
            yield Block(tags[-1], said, tuple(links))
            links.clear()
        text.clear()

    walker = iterwalk(root, events=("start", "end", "comment", "pi"))
    skipped = None
    for event, element in walker:
        if event == "start":
            if _is_unshown(element) or id(element) in left_out:
                walker.skip_subtree()
                skipped = element
                continue
            if element.tag in _BLOCKS:
                yield from ended()
                tags.append(element.tag)
            elif element.tag == "a" and not (href := element.get("href") or "#").lstrip().startswith("#"):
                links.append(PageLink(web_address(base, href), words("".join(element.itertext()))))
            text.append(element.text or "")
            continue
        if event == "end" and element is not skipped and element.tag in _BLOCKS:
            yield from ended()
            tags.pop()
        if element is not root:
            text.append(element.tail or "")
    yield from ended()


def _is_unshown(element: Any) -> bool:
    if element.tag in _UNSHOWN or element.get("role") == "navigation":
        return True
    return bool(_NAVIGATION.search((element.get("class") or "")[:_LONGEST_CLASS]))
