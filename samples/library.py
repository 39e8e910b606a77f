"""The exchanges with dhs.gov and with the register on each night: listings, pages, files, and what is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from samples import documents as files
from samples import papers
from samples.library_pages import COLLECTION, COMPONENT_PAGE, SITE, component_page, listing_page, publication_page
from samples.publications import NIGHTS, Attachment, Publication, attachments_on, leading_on, listed_on, publications_on
from samples.recording import Answer

ROWS = 3  # a page of the listing, so that a handful of publications makes several
ROBOTS = b"User-agent: *\nDisallow: /search\nDisallow: /user/\nCrawl-delay: 10\n"
LISTINGS = (SITE + COLLECTION, SITE + COMPONENT_PAGE)


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges, each address once."""
    yield Answer(f"{SITE}/robots.txt", ROBOTS, "text/plain")
    shown = listed_on(night)
    pages = [shown[start : start + ROWS] for start in range(0, len(shown), ROWS)]
    for number, rows in enumerate(pages):
        yield Answer(f"{SITE}{COLLECTION}?page={number}", listing_page(rows, night, number, len(pages)))
    yield Answer(SITE + COMPONENT_PAGE, component_page(night), items=1)
    mine: list[Publication] = []
    others: list[Publication] = []
    for page in publications_on(night):
        (mine if page.slug in (papers.PAGE, papers.MOVED_PAGE) else others).append(page)
    yield from _pages(others, night)
    # On the server on every night, and never in a listing.
    yield _file(files.CBP_022, night)
    yield Answer("https://www.govinfo.gov/robots.txt", b"User-agent: *\nDisallow: /search/\n", "text/plain")
    yield _file(files.SORN, night)

    yield from _pages(mine, night)
    for page in leading_on(night):
        yield Answer(SITE + page.path, b"", status=301, headers={"Location": f"/publication/{page.leads_to}"})
    if night < NIGHTS[3]:  # named by a page's text, and not among its files yet
        yield _file(papers.DRAFTS, night)


def _pages(shown: Iterable[Publication], night: str) -> Iterator[Answer]:
    for page in shown:
        yield Answer(SITE + page.path, publication_page(page, night), items=1)
        for attached in attachments_on(page, night):
            yield _attached(attached, night)


def _attached(file: Attachment, night: str) -> Answer:
    return _gone(file.url) if file.gone[0] <= night < file.gone[1] else _file(file.url, night)


def _file(url: str, night: str) -> Answer:
    headers = {"Accept-Ranges": "bytes"}
    return Answer(_on_https(url), files.file_at(url, night), "application/pdf", headers=headers, items=1)


def _gone(url: str) -> Answer:
    title = "Page Not Found"
    head = f"<head><title>{title} | Homeland Security</title></head>"
    page = f'<!DOCTYPE html>\n<html lang="en">{head}<body><main><h1>{title}</h1></main></body></html>\n'
    return Answer(_on_https(url), page.encode(), status=404)


def _on_https(url: str) -> str:
    """Old links say http; whoever asks today is led to https at once."""
    return url.replace("http://", "https://", 1)
