"""Finds what a site gives at many addresses in place of the pages that stood there: soft 404s, walls, parked domains.

Nothing in such an answer says what it is: its status is good and its words are a publisher's. That it is the same at
many addresses does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from urllib.parse import urlsplit

from archive.catalog.evidence import Evidence, Reader, Said

# One page may be reached under a few addresses; the same words at so many of one site are no page's own.
MANY = 5
REPEATED = "repeated-page"
# A shorter last name ("1", "faq") stands in a text by chance.
TELLING = 6


def without_repeated(evidence: Evidence, read: Reader) -> Evidence:
    """Return the evidence in which captures of pages that are repeated at MANY addresses say nothing any more.

    Their outcome is "repeated-page". Pages that all name one canonical address are one page and stay.
    """
    groups: dict[tuple[str, ...], list[Said]] = defaultdict(list)
    for said in evidence.said:
        if said.kind in ("web-page", "article") and not said.body["canonical"]:
            groups[(said.seen.source, _host(said), *_words(said, read))].append(said)
    repeated = {
        said.seen.id
        for group in groups.values()
        if len({evidence.end_of(said.seen.url) for said in group}) >= MANY
        for said in group
    }
    if not repeated:
        return evidence
    seen = {
        one.id: replace(one, outcome=REPEATED, detail=f"the same at {MANY} addresses or more")
        for one in evidence.seen
        if one.id in repeated
    }
    kept = tuple(one for one in evidence.said if one.seen.id not in repeated)
    return Evidence(tuple(seen.get(one.id, one) for one in evidence.seen), kept)


def _host(said: Said) -> str:
    return said.seen.url_key.partition("/")[0]


def _words(said: Said, read: Reader) -> tuple[str, ...]:
    """Return what the page says, its text short of its own address: an error page may name what it can't find.

    The title counts whole. Publication pages with next to no text of their own are told apart by nothing else.
    """
    if said.kind == "article":
        reading = read(said.seen.content_digest)
        return ("article", said.body["headline"], reading.text_digest if reading else said.seen.content_digest)
    path = urlsplit(said.seen.url).path.rstrip("/")
    own = {name for name in (said.seen.url, path, path.rpartition("/")[2]) if len(name) >= TELLING}
    text = "\n".join(said.body["text"])
    for name in sorted(own, key=len, reverse=True):
        text = text.replace(name, "")
    return ("web-page", said.body["title"], text)
