"""Lists the links inside an article's text with the words that they cover; nothing is followed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from pipelines.text.cleaning import clean_line
from pipelines.text.html_blocks import Block
from pipelines.text.reading import TextLink

MOST_LINKS = 2_000
_LONGEST_ADDRESS = 8_000
_MOST_BASES = 10
# A base inside of these is another document's, or no HTML.
_NO_PAGE = ("template", "svg", "math", "noscript")


class LinkList:
    """The links of the blocks that were added, in order: `found`, and in `left_out` which were not listed and why."""

    def __init__(self, root: Any) -> None:
        self.found: list[TextLink] = []
        self._base = _base_of(root)
        self._links = 0

    @property
    def left_out(self) -> str:
        return f"{self._links - MOST_LINKS} of {self._links} links" if self._links > MOST_LINKS else ""

    def add(self, block: Block) -> None:
        """List a block's links: web addresses and relative ones. Others, such as mailto:, lead to no document."""
        for anchor in block.anchors:
            if address := _address(self._base, clean_line(anchor.href, _LONGEST_ADDRESS)):
                self._links += 1
                if self._links <= MOST_LINKS:
                    covered = clean_line(block.text[anchor.start : anchor.end], 500)
                    self.found.append(TextLink(1, address, covered))


def _base_of(root: Any) -> str:
    """Return what the page says its links start from: its first `base` (HTML standard, 4.2.3), if that is absolute."""
    for number, base in enumerate(root.iter("base")):
        if number == _MOST_BASES:
            break
        href = base.get("href")
        if href is not None and next(base.iterancestors(*_NO_PAGE), None) is None:
            address = clean_line(href, _LONGEST_ADDRESS)
            return address if _scheme(address) in ("http", "https") else ""
    return ""


def _scheme(address: str) -> str | None:
    """Return an address's scheme, "" for a relative one, None for what is no address."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return None if parts.scheme in ("http", "https") and not parts.hostname else parts.scheme


def _address(base: str, href: str) -> str:
    scheme = _scheme(href)
    if scheme in ("http", "https"):
        return href
    if scheme != "":
        return ""
    try:
        return urljoin(base, href)[:_LONGEST_ADDRESS] if base else href
    except ValueError:
        return ""
