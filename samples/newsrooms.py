"""The four newsrooms of the sample: feeds, a sitemap and article pages, night by night; one article is edited later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from samples import documents as files
from samples.article_pages import article_page, atom_feed, rss_feed, sitemap
from samples.cited import GUIDANCE
from samples.procurement import AWARD, JUSTIFICATION, notice_address
from samples.publications import NIGHTS
from samples.recording import Answer
from samples.texts import Document, read_document

# As in sources.toml, where more are; a test compares. The replay is told to ask these only.
OUTLETS: Mapping[str, object] = {
    "terms": ["license plate", "license plates", "plate reader", "plate readers", "ice"],
    "outlets": [
        {
            "name": "thinkprogress", "title": "ThinkProgress", "domains": ["thinkprogress.org"],
            "feeds": [], "sitemaps": ["https://thinkprogress.org/sitemap.xml"],
            "article_pattern": "/[a-z0-9-]+-[0-9a-f]{12}/?$",
        },
        {
            "name": "commondreams", "title": "Common Dreams", "domains": ["commondreams.org"],
            "feeds": ["https://www.commondreams.org/feeds/news.rss"], "sitemaps": [],
            "article_pattern": "/(?:news|views)/",
        },
        {
            "name": "theverge", "title": "The Verge", "domains": ["theverge.com"],
            "feeds": ["https://www.theverge.com/rss/index.xml"], "sitemaps": [],
            "article_pattern": "/20\\d\\d/\\d{1,2}/\\d{1,2}/|/\\d{5,8}/",
        },
        {
            "name": "cdt", "title": "Center for Democracy and Technology", "domains": ["cdt.org"],
            "feeds": ["https://cdt.org/feed/"], "sitemaps": [],
            "article_pattern": "/(?:blog|insights)/",
        },
    ],
}  # fmt: skip

THINKPROGRESS = "https://thinkprogress.org/license-plate-tracking-ice-system-bd76f18f676e/"
COMMONDREAMS = (
    "https://commondreams.org/news/2018/01/26/"
    "sparking-far-reaching-rights-concerns-ice-now-has-powerful-ability-track-license"
)
CDT = "https://cdt.org/blog/ice-accesses-commercial-license-plate-reader-database-we-want-access-to-ice/"
CDT_MOVED = CDT.replace("/blog/", "/insights/")
THEVERGE = "https://www.theverge.com/2018/2/7/16988058/ice-license-plate-reader-backlash-alameda-deportation-aclu"
LINKS = {
    "key": files.KEY_SENTENCE,
    "pdf": files.PIA_039A,
    "guidance": GUIDANCE,
    "award": notice_address(AWARD),
    "award_fbo": f"https://www.fbo.gov/notices/{AWARD.notice_id}",
    "justification": notice_address(JUSTIFICATION),
    "thinkprogress": THINKPROGRESS,
    "commondreams": COMMONDREAMS,
    "cdt": CDT,
}
HOSTS = ("thinkprogress.org", "www.commondreams.org", "commondreams.org", "www.theverge.com", "cdt.org")
# Common Dreams put a figure right after publication, and said nothing of it: neither in the text nor in the dates.
FIRST_TOLD = "Officers can look back ten years in civil cases. They can load as many as 2,500 plates at once."
LATER_TOLD = "Officers can look back five years in civil cases. They can load as many as 2,500 plates at once."


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges with the four newsrooms: robots.txt, feeds, then the articles that they lead to."""
    for host in HOSTS:
        yield Answer(f"https://{host}/robots.txt", b"User-agent: *\nDisallow: /search\n", "text/plain")
    yield from _feeds(night)
    if night >= "2018-01-26":
        yield _article("thinkprogress", night, THINKPROGRESS)
    if night in ("2018-01-26", "2018-02-08"):
        yield _article("commondreams", night, COMMONDREAMS)
    if night == "2018-02-08":
        yield _article("theverge", night, THEVERGE)
    if night >= "2021":
        moved = b"<html><head><title>301 Moved Permanently</title></head><body>Moved Permanently</body></html>\n"
        yield Answer(CDT, moved, status=301, headers={"Location": CDT_MOVED})
        yield _article("cdt", night, CDT_MOVED)
    elif night >= "2018-02-08":
        yield _article("cdt", night, CDT)


def article(name: str, night: str) -> Document:
    """Return an article's text as it stood on a night."""
    detail = FIRST_TOLD if night <= "2018-01-26" else LATER_TOLD
    return read_document(f"news-{name}", detail=detail, **LINKS)


def _article(name: str, night: str, url: str) -> Answer:
    return Answer(url, article_page(article(name, night), url), items=1, chunked=name == "theverge")


def _feeds(night: str) -> Iterator[Answer]:
    """Give the feeds. Each also leads to a page on another subject, so that none is empty on a night without news."""
    shown = {name: [article(name, night)] for name in ("commondreams", "theverge", "cdt")}
    if night not in ("2018-01-26", "2018-02-08"):
        shown["commondreams"] = []
    if night != "2018-02-08":
        shown["theverge"] = []
    if night < "2018-02-08":
        shown["cdt"] = []
    pages = ["https://thinkprogress.org/about/"] + ([THINKPROGRESS] if night > NIGHTS[0] else [])
    yield Answer("https://thinkprogress.org/sitemap.xml", sitemap(pages), "application/xml")
    feed = rss_feed("Common Dreams", "https://www.commondreams.org/", shown["commondreams"])
    yield Answer("https://www.commondreams.org/feeds/news.rss", feed, "application/rss+xml")
    feed = atom_feed("The Verge", "https://www.theverge.com/", shown["theverge"], night)
    yield Answer("https://www.theverge.com/rss/index.xml", feed, "application/atom+xml")
    feed = rss_feed("Center for Democracy & Technology", "https://cdt.org/", shown["cdt"])
    yield Answer("https://cdt.org/feed/", feed, "application/rss+xml")
