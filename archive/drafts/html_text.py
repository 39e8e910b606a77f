"""The text of a draft that is a web page, or was saved as one. It is hostile input: read in a process that can be
killed."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from archive.drafts.draft import Block, DraftRefused, Text

_NAMES = (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_BLOCKS = frozenset(_NAMES.split())
_UNSEEN = frozenset(
    {"script", "style", "template", "noscript", "head", "title", "code", "kbd", "svg", "math", "textarea"}
)
_LONGEST_TAG = 65_536


def read_html(body: bytes) -> Text:
    """Return the text of a page. Raises DraftRefused for what can't be read."""
    if any(len(piece) > _LONGEST_TAG for piece in _tags(body)):
        raise DraftRefused("draft-unreadable", "one of its tags is longer than any page needs")
    parser = etree.HTMLParser(no_network=True, recover=True, remove_comments=True, encoding=_coding(body))
    try:
        root = etree.fromstring(body, parser) if body.strip() else None
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DraftRefused("draft-unreadable", str(error)[:200]) from error
    if root is None:
        return Text(())
    page = _Page()
    for event, element in _walk(root):
        page.open(element) if event == "start" else page.close(element)
    page.end()
    return Text(tuple(page.blocks))


def _tags(body: bytes) -> Iterator[bytes]:
    """Yield what stands behind each sign that opens a tag, up to the one that closes it."""
    return (piece.partition(b">")[0] for piece in body.split(b"<"))


def _coding(body: bytes) -> str | None:
    """Return UTF-8 where a page is that: libxml2 takes one that doesn't say so for Latin-1."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _walk(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    return iter(etree.iterwalk(root, events=("start", "end")))


class _Page:
    """A page while its text is put together."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.text: list[str] = []
        self.links: list[tuple[int, int, str]] = []
        self.open_links: list[tuple[int, str]] = []
        self.quoted, self.depth, self.unseen, self.length = 0, 0, 0, 0

    def open(self, element: etree._Element) -> None:
        name = _name(element)
        if name in _UNSEEN or self.unseen:
            self.unseen += 1
            return
        if name in _BLOCKS:
            self._end_block()
        if name == "blockquote":
            self.quoted += not self.depth
            self.depth += 1
        elif name == "q":
            self._put("“")
        elif name == "br":
            self._put("\n")
        elif name == "a":
            self.open_links.append((self.length, str(element.get("href") or "")))
        self._put(str(element.text or ""))

    def close(self, element: etree._Element) -> None:
        name = _name(element)
        if self.unseen:
            self.unseen -= 1
        elif name == "blockquote":
            self._end_block()
            self.depth -= 1
        elif name in _BLOCKS:
            self._end_block()
        elif name == "q":
            self._put("”")
        elif name == "a" and self.open_links:
            start, address = self.open_links.pop()
            if address.startswith(("http:", "https:", "/d/")):
                self.links.append((start, self.length, address))
        if not self.unseen:
            self._put(str(element.tail or ""))

    def end(self) -> None:
        self._end_block()

    def _put(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)

    def _end_block(self) -> None:
        text = "".join(self.text)
        if text.strip():
            self.blocks.append(Block(text, self.quoted if self.depth else 0, tuple(self.links)))
        self.text, self.links, self.length = [], [], 0
        self.open_links = [(0, address) for _, address in self.open_links]


def _name(element: etree._Element) -> str:
    return element.tag if isinstance(element.tag, str) else ""
