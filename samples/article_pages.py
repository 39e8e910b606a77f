"""Lay articles out as web pages, with what newsrooms put around them, and list them in feeds and sitemaps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from samples.texts import Document, plain

SECTIONS = ("Politics", "Technology", "World", "Opinion")


def article_page(document: Document, url: str) -> bytes:
    """Return an article's page under its address of that night."""
    facts = document.facts
    paragraphs = "\n".join(f"<p>{_linked(block.text)}</p>" for block in document.blocks)
    site = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    menu = "".join(f'<li><a href="{site}/{name.lower()}">{name}</a></li>' for name in SECTIONS)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>{escape(facts["headline"])} - {escape(facts["outlet"])}</title>
<link rel="canonical" href="{url}">
<meta property="og:type" content="article"><meta property="og:url" content="{url}">
<meta property="og:title" content="{escape(facts["headline"])}">
<meta property="og:site_name" content="{escape(facts["outlet"])}">
<meta property="article:published_time" content="{facts["published"]}">
<script type="application/ld+json">{_json_ld(document, url)}</script>
</head><body>
<header><a href="{site}/">{escape(facts["outlet"])}</a><nav><ul>{menu}</ul></nav></header>
<main><article>
<h1>{escape(facts["headline"])}</h1>
<p class="byline">By {escape(facts["byline"])}</p>
<time datetime="{facts["published"]}">{_day(facts["published"])}</time>
{paragraphs}
</article>
<aside><h2>Related</h2><ul><li><a href="{site}/topics/privacy">More on privacy</a></li>
<li><a href="{site}/topics/contracts">More on contracts</a></li></ul></aside></main>
<footer><ul><li><a href="{site}/about">About</a></li><li><a href="{site}/privacy">Privacy</a></li></ul>
<p>A page of the sample. Its text was written for it.</p></footer>
</body></html>
""".encode()


def _linked(text: str) -> str:
    return re.sub(r"\[([^\]]+)\]\((\S+?)\)(?=[\s,.;:]|$)", r'<a href="\2">\1</a>', escape(text, quote=False))


def _json_ld(document: Document, url: str) -> str:
    facts = document.facts
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": facts["headline"],
        "url": url,
        "datePublished": facts["published"],
        "dateModified": facts["published"],
        "articleSection": facts["section"],
        "author": {"@type": "Organization", "name": facts["byline"]},
        "publisher": {"@type": "Organization", "name": facts["outlet"]},
        "isAccessibleForFree": True,
    }
    return json.dumps(said, ensure_ascii=False)


def _day(instant: str) -> str:
    day = datetime.fromisoformat(instant)
    return f"{day:%B} {day.day}, {day.year}"


def _teaser(document: Document) -> str:
    return escape(plain(document.blocks[0].text))


def rss_feed(title: str, home: str, shown: Iterable[Document]) -> bytes:
    """Return an RSS 2.0 feed; the addresses in it carry the marks by which newsrooms count their readers."""
    items = "".join(
        f"<item><title>{escape(document.facts['headline'])}</title>"
        f"<link>{document.facts['url']}?utm_source=rss&amp;utm_medium=feed</link>"
        f'<guid isPermaLink="false">{document.facts["url"]}</guid>'
        f"<pubDate>{format_datetime(datetime.fromisoformat(document.facts['published']))}</pubDate>"
        f"<description>{_teaser(document)}</description></item>\n"
        for document in shown
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>{escape(title)}</title><link>{home}</link>
<description>{escape(title)}</description>
{items}<item><title>Our newsletter</title><link>{home}newsletter</link></item>
</channel></rss>
""".encode()


def atom_feed(title: str, home: str, shown: Iterable[Document], night: str) -> bytes:
    """Return an Atom feed."""
    entries = "".join(
        f"<entry><title>{escape(document.facts['headline'])}</title><id>{document.facts['url']}</id>"
        f'<link rel="alternate" type="text/html" href="{document.facts["url"]}"/>'
        f"<published>{document.facts['published']}</published><updated>{document.facts['published']}</updated>"
        f"<author><name>{escape(document.facts['byline'])}</name></author>"
        f'<summary type="html">{_teaser(document)}</summary></entry>\n'
        for document in shown
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(title)}</title><id>{home}rss/index.xml</id>
<link rel="alternate" href="{home}"/><updated>{night}T05:00:00Z</updated>
{entries}<entry><title>Our newsletter</title><id>{home}newsletter</id>
<link rel="alternate" href="{home}newsletter"/><updated>2017-12-01T00:00:00Z</updated></entry>
</feed>
""".encode()


def sitemap(addresses: Iterable[str]) -> bytes:
    """Return a sitemap of these addresses."""
    places = "".join(f"<url><loc>{address}</loc></url>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n'
    ).encode()
