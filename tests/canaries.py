"""A recording whose documents carry words that stand nowhere else: in titles, texts, file names, vendors, links."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from samples import procurement
from samples.article_pages import article_page, rss_feed
from samples.library_pages import COLLECTION, SITE, listing_page, publication_page
from samples.pdfs import render_assessment, render_plain
from samples.procurement import API, FILES, Record, made_id
from samples.publications import ALWAYS, Attachment, Publication
from samples.recording import Answer, write_recording
from samples.texts import Block, Document

NIGHTS = ("2018-01-26", "2018-02-08")
PARTS = ("cover", "second", "third", "file", "link", "listed", "vendor", "headline", "byline", "quoted", "attached",
         "notice", "teaser")  # fmt: skip
FILLER = (
    "The component writes down which records it keeps, for how long, and who may look at them. It says who decided so."
)


def canary(part: str, number: int) -> str:
    """Return a word that stands nowhere else; it begins like no other, since an index keeps words by their ends."""
    digest = hashlib.sha256(f"canary {part} {number}".encode()).hexdigest()
    letters = "".join(chr(ord("a") + int(one, 16)) for one in digest[:9])
    return f"{letters}qzx"


@dataclass(frozen=True)
class Marked:
    """The `number`th of the marked documents of each kind."""

    number: int

    @property
    def pia(self) -> str:
        return f"DHS/TSA/PIA-{500 + self.number}"

    @property
    def piid(self) -> str:
        return f"70CDCR18P{90_000_000 + self.number:08}"

    def word(self, part: str) -> str:
        return canary(part, self.number)

    @property
    def words(self) -> dict[str, str]:
        return {part: self.word(part) for part in PARTS}

    def file_url(self, night: str) -> str:
        """Return where its file lies: on the second night under another name."""
        moved = "" if night == NIGHTS[0] else "moved-"
        return f"{SITE}/sites/default/files/publications/{moved}{self.word('file')}.pdf"

    @property
    def article_url(self) -> str:
        return f"https://cdt.org/blog/{self.word('headline')}/"

    def assessment(self, night: str) -> bytes:
        """Return its file; on the second night a word of it is another."""
        changed = "" if night == NIGHTS[0] else " Changed since."
        facts = {
            "id": self.pia,
            "system": f"System {self.word('cover')}",
            "component": "TSA",
            "date": "January 5, 2018",
        }
        facts |= {"kind": "Privacy Impact Assessment", "office": "An office"}
        blocks = [
            Block("section", f"Section {self.word('second')}"),
            Block("paragraph", f"{FILLER} It {self.told()}.{changed}"),
            Block("break"),
            Block("section", "Last"),
            Block("paragraph", f"{FILLER} {self.word('third')} ends it."),
            Block("table", rows=(("System", "Years"), (self.word("third"), "five"))),
        ]
        return render_assessment(Document(facts, tuple(blocks)))

    def told(self) -> str:
        """Return a stretch of words that only this document has."""
        return " ".join(f"{canary('told', 100 * self.number + place)[:7]}" for place in range(60))

    def page(self, night: str) -> Publication:
        label = f"{self.pia} {self.word('link')}"
        file = Attachment(label, self.file_url(night), "01/05/2018", 3, "9 KB")
        # A slug of this length has the listing show the page's first words.
        slug = f"dhstsapia-{500 + self.number}-{self.word('listed')}"
        return Publication(
            slug + "x" * (-len(slug) % 3), {NIGHTS[0]: f"{self.pia} {self.word('listed')}"},
            {NIGHTS[0]: (f"What {self.word('teaser')} is. {FILLER}",)}, {NIGHTS[0]: "January 5, 2018"},
            "January 5, 2018", (file,), (), ALWAYS,
        )  # fmt: skip

    def record(self) -> Record:
        return Record(
            "2018-01-08", f"70CDCR18Q{90_000_000 + self.number:08}", f"Notice on {self.word('notice')}", "Award Notice",
            "070.7012.70CDCR", "519190", "D317", award=(self.piid, "2018-01-08", "1000.00"),
            attached=(made_id(f"attached {self.number}"),),
        )  # fmt: skip

    def attached(self) -> bytes:
        blocks = (
            Block("section", "Terms"),
            Block("paragraph", f"{FILLER} {self.word('attached')} {self.told()[::-1]}"),
        )
        return render_plain(Document({"title": f"Terms {self.word('attached')}"}, blocks), ("Terms",))

    def article(self) -> Document:
        facts = {"headline": f"Plates and {self.word('headline')}", "outlet": "CDT", "byline": self.word("byline"),
                 "published": "2018-01-26T10:00:00+00:00", "section": "Blog", "url": self.article_url}  # fmt: skip
        paragraphs = (
            "License plate readers see every car. Here is what they do with what they see, and to whom they tell it.",
            f"“The {self.word('quoted')} was never meant to be read by anybody outside,” an official said.",
            "Nobody answered the questions that were sent to the office in the week before this was written down here.",
        )
        return Document(facts, tuple(Block("paragraph", text) for text in paragraphs))


# One that is never withdrawn; it links to the first of the others, and cites its number.
def _bystander(first: Marked) -> Document:
    facts = {"headline": "License plates and a bystander", "outlet": "CDT", "byline": "Someone", "section": "Blog",
             "published": "2018-01-26T11:00:00+00:00", "url": "https://cdt.org/blog/bystander/"}  # fmt: skip
    text = (
        f"License plate readers are the subject of [an assessment]({first.file_url(NIGHTS[0])}), which says who may "
        "look, and of many others that were written since. This is about all of them, and none of them in particular."
    )
    return Document(facts, (Block("paragraph", text), Block("paragraph", FILLER * 3)))


OUTLETS = {
    "terms": ["license plate", "license plates"],
    "outlets": [{"name": "cdt", "title": "CDT", "domains": ["cdt.org"], "feeds": ["https://cdt.org/feed/"],
                 "sitemaps": [], "article_pattern": "/blog/"}],
}  # fmt: skip
SOURCES: Mapping[str, Mapping[str, object]] = {
    "dhs_pia": {"listings": [SITE + COLLECTION]},
    "sam_notices": {"key": True, "since": "2018-01-01"},
    "news": OUTLETS,
}


def answers_on(night: str, marked: tuple[Marked, ...]) -> Iterator[Answer]:
    """Give a night's exchanges."""
    for host in ("www.dhs.gov", "api.sam.gov", "sam.gov", "cdt.org"):
        yield Answer(f"https://{host}/robots.txt", b"User-agent: *\nDisallow: /search\n", "text/plain")
    pages = [one.page(night) for one in marked] + [_plain_page()]
    yield Answer(f"{SITE}{COLLECTION}?page=0", listing_page(pages, night, 0, 1))
    for page in pages:
        yield Answer(SITE + page.path, publication_page(page, night), items=1)
    for one in marked:
        yield Answer(one.file_url(night), one.assessment(night), "application/pdf", items=1)
    yield from _notices(night, marked)
    articles = [*(one.article() for one in marked), _bystander(marked[0])]
    yield Answer("https://cdt.org/feed/", rss_feed("CDT", "https://cdt.org/", articles), "application/rss+xml")
    for article in articles:
        yield Answer(article.facts["url"], article_page(article, article.facts["url"]), items=1)


def _plain_page() -> Publication:
    return Publication("a-page-of-its-own", {NIGHTS[0]: "A page of its own"}, {NIGHTS[0]: (FILLER,)},
                       {NIGHTS[0]: "January 5, 2018"}, "January 5, 2018", (), ())  # fmt: skip


def _notices(night: str, marked: tuple[Marked, ...]) -> Iterator[Answer]:
    printed = []
    for one in marked:
        told = procurement._printed(one.record())
        told["award"] = {**procurement._award(one.record()), "awardee": {"name": f"{one.word('vendor')} Inc."}}  # type: ignore[dict-item]
        printed.append(told)
    until = f"{night[5:7]}/{night[8:]}/{night[:4]}"
    envelope = {"totalRecords": len(printed), "limit": 1000, "offset": 0, "opportunitiesData": printed,
                "links": [{"rel": "self", "href": f"null?postedTo={quote(until, safe='')}"}]}  # fmt: skip
    url = f"{API}?postedFrom=01/01/2018&postedTo={until}&organizationCode=070&limit=1000&offset=0"
    yield Answer(url, json.dumps(envelope).encode(), "application/json", items=len(printed))
    for one in marked:
        named = {"Content-Disposition": f'attachment; filename="{one.word("attached")}.pdf"'}
        place = f"{FILES}/{made_id(f'attached {one.number}')}/download?api_key=null&token="
        yield Answer(place, one.attached(), "application/pdf", headers=named, items=1)


def recording(marked: tuple[Marked, ...]) -> bytes:
    """Return the WARC file of two nights."""
    metadata = {
        "sample": True,
        "notice": "Written for a test.",
        "arguments": SOURCES,
        "expect": {source: {night: {"minimum": 0, "maximum": 1000} for night in NIGHTS} for source in SOURCES},
    }
    return write_recording(metadata, {night: list(answers_on(night, marked)) for night in NIGHTS})
