"""A second night asks on a condition: what didn't change isn't sent again, and stands in the catalogue as before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.rebuild import rebuild
from tests.counted_site import CountedSite, Reply
from tests.demo_archive import differences, dump, rows
from tests.live_crawls import HTML, OWN_TO_A_RUN, crawled, outcomes, site_pages, walked_settings

# What says when something was seen last.
LOOKS = ("until", "looks", "last_capture", "last_run")
SEEN = {"documents": ("last_seen",), "versions": ("last_seen",), "listings": ("last_seen",), "listing_spans": LOOKS,
        "server_spans": LOOKS}  # fmt: skip


def catalogue(archive: Path) -> dict[str, list[Any]]:
    """Return all that the catalogue says of documents, but for when they were seen last."""
    found: dict[str, list[Any]] = dump(archive, [*OWN_TO_A_RUN, *SEEN])
    for table, left_out in SEEN.items():
        columns = [name for _, name, *_ in rows(archive, f"PRAGMA table_info({table})") if name not in left_out]
        found[table] = sorted(rows(archive, f"SELECT {', '.join(columns)} FROM {table}"))
    found.pop("(index)")
    return found


@pytest.mark.parametrize("validators", [True, False])
def test_a_second_night_on_an_unchanged_site(tmp_path: Path, validators: bool) -> None:
    with CountedSite(site_pages(), validators=validators) as site:
        assert outcomes(crawled(tmp_path, site)) == {"document": 12, "listing": 2, "robots": 1}
        first, asked = catalogue(tmp_path), len(site.log)
        again = outcomes(crawled(tmp_path, site))
    second = site.log[asked:]
    assert sorted(one.path for one in second) == sorted(site.asked()[:asked]), "each address is asked for once more"
    if validators:
        assert again == {"unchanged": 15}
        assert sum(one.sent for one in second) == 0, "nothing is sent again"
    else:
        assert again == {"document": 12, "listing": 2, "robots": 1}
        assert rows(tmp_path, "SELECT count(*) FROM records WHERE revisit_of <> ''") == [(15,)]
    assert differences(first, catalogue(tmp_path)) == {}
    assert {state for (state,) in rows(tmp_path, "SELECT state FROM listings")} == {"listed"}
    assert rows(tmp_path, "SELECT count(*) FROM documents WHERE last_seen > first_seen") == [(12,)]
    whole = dump(tmp_path)
    rebuild(tmp_path, walked_settings(tmp_path))
    assert differences(whole, dump(tmp_path)) == {}


def test_what_changed_is_sent_and_is_a_version(tmp_path: Path) -> None:
    with CountedSite(site_pages(3)) as site:
        crawled(tmp_path, site)
        site.pages["/page-1"] = Reply(
            b"<html><body><h1>Page 1</h1><p>Another text by now, and longer than it was.", 200, HTML
        )
        assert outcomes(crawled(tmp_path, site)) == {"document": 1, "unchanged": 6}
    assert rows(tmp_path, "SELECT count(*) FROM versions") == [(7,)]


def stubborn(body: bytes) -> Callable[..., Reply]:
    """Serve a page under one ETag, whatever it says."""

    def page(path: str, headers: Mapping[str, str], before: int) -> Reply:
        tag = {"ETag": '"the-same"'}
        if "if-none-match" in headers:
            return Reply(b"", 304, tag)
        return Reply(body, 200, {**HTML, **tag})

    return page


def test_a_server_that_says_falsely_that_nothing_changed_is_found_out(tmp_path: Path) -> None:
    """SV-08: the ETag stays while the bytes change; it shows when the last whole answer is old enough."""
    with CountedSite(site_pages(3, files=False)) as site:
        for night, days in ((1, 7), (2, 7), (3, 0)):
            text = f"<html><body><h1>Page 1</h1><p>What the page says on night {night}, at some length for a page."
            site.pages["/page-1"] = stubborn(text.encode())
            crawled(tmp_path, site, FULL_FETCH_DAYS=days)
            found = rows(tmp_path, "SELECT count(*) FROM versions WHERE url LIKE '%/page-1'")
            assert found == [(2 if night == 3 else 1,)], night


def unasked(reply: Reply) -> Callable[..., Reply]:
    return lambda path, headers, before: reply


def test_answers_that_nobody_asked_for_are_named(tmp_path: Path) -> None:
    """SV-08: a 304 to a request without a condition, one with a body, a part of a file."""
    pages = site_pages(3, files=False)
    pages["/page-0"] = unasked(Reply(b"", 304))
    pages["/page-2"] = unasked(Reply(b"<html><h1>Half</h1>", 206, {**HTML, "Content-Range": "bytes 0-18/99"}))
    with CountedSite(pages) as site:
        first = crawled(tmp_path, site)
        site.pages["/page-1"] = unasked(Reply(b"<p>more</p>", 304, {"Content-Length": "11"}))
        second = crawled(tmp_path, site)
        third_from = len(site.log)
        site.pages["/page-1"] = site_pages(3)["/page-1"]
        crawled(tmp_path, site)
    assert outcomes(first)["unexpected-status"] == 2
    assert outcomes(second)["unexpected-status"] == 3
    assert rows(tmp_path, "SELECT count(*) FROM versions WHERE url LIKE '%/page-%'") == [(1,)]
    again = [one for one in site.log[third_from:] if one.path == "/page-1"]
    assert [one.status for one in again] == [200], "after an answer like that the whole is asked for"


NO_TAGS = ("unquoted", '"with "quote"', '"' + "x" * 600 + '"', '"REDACTED-1"', "W/", '"line\u00e9"')


def test_what_is_no_validator_is_not_sent_back(tmp_path: Path) -> None:
    with CountedSite(site_pages(6, 6, files=False)) as site:
        for number, tag in enumerate(NO_TAGS):
            page = site.pages[f"/page-{number}"]
            assert isinstance(page, Reply)
            headers = {**HTML, "ETag": tag, "Last-Modified": "yesterday"}
            site.pages[f"/page-{number}"] = unasked(Reply(page.body, 200, headers))
        for _ in range(2):
            crawled(tmp_path, site)
    asked = [one for one in site.log if "/page-" in one.path]
    assert len(asked) == 12
    assert not [one for one in asked if {"if-none-match", "if-modified-since"} & one.headers.keys()]
