"""Copies of a web archive: read by the source that knows the address, as of the time at which they were taken."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.store.fixity import check_store
from pipelines.load import load
from pipelines.plan import project_settings
from pipelines.rebuild import rebuild
from samples.documents import PIA_039, file_at
from samples.library_pages import component_page, publication_page
from samples.publications import PUBLICATIONS
from tests.demo_archive import differences, dump, rows

SITE = "https://www.dhs.gov"
PAGE = f"{SITE}{PUBLICATIONS[0].path}"
LIST = f"{SITE}/privacy-documents-ice"
WALL = b"<html><title>Just a moment...</title><p>Checking your browser</p></html>"
OTHER_LAYOUT = b"<html><body><p>Another layout.</p></body></html>"
FETCHED = "2026-11-20T02:00:00Z"


def http(body: bytes, media_type: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def copy(
    url: str, timestamp: str, body: bytes, media_type: str = "text/html", at: str = FETCHED
) -> tuple[Exchange, Asked]:
    """Return what the web archive's source captures of one copy."""
    answer = http(body, media_type, Memento_Datetime="as it says")
    address = f"https://web.archive.org/web/{timestamp}id_/{url}"
    arguments = {"timestamp": timestamp, "original": url, "digest": ""}
    asked = Asked("web_archive", "web_archive-1", "parse_copy", arguments)
    return Exchange(address, at, b"GET / HTTP/1.1\r\n\r\n", answer, status=200), asked


def live(
    url: str, at: str, callback: str, body: bytes, status: str = "200 OK", **arguments: Any
) -> tuple[Exchange, Asked]:
    """Return what DHS's own source captures."""
    exchange = Exchange(url, at, b"GET / HTTP/1.1\r\n\r\n", http(body, status=status), status=int(status[:3]))
    return exchange, Asked("dhs_pia", f"dhs_pia-{at[:10]}", callback, arguments)


def archived(path: Path, captured: Iterable[tuple[Exchange, Asked]]) -> Path:
    """Make an archive of captures, loaded; hold that its files are whole and that a rebuild is equal."""
    archive = ArchiveFolder.open(path)
    for exchange, asked in captured:
        archive.store.add(exchange, asked)
    load(archive, project_settings(path))
    assert check_store(path, archive.connection) == []
    archive.close()
    before = dump(path)
    rebuild(path, project_settings(path))
    assert differences(before, dump(path)) == {}
    return path


def page_of(night: str) -> bytes:
    return publication_page(PUBLICATIONS[0], night)


def test_a_copy_is_a_version_of_the_time_at_which_it_was_taken(tmp_path: Path) -> None:
    path = archived(
        tmp_path,
        [
            live(PAGE, "2019-05-14T06:00:00Z", "parse_publication", page_of("2019-05-14")),
            copy(PAGE.replace("https", "http"), "20180110120000", page_of("2018-01-10")),
            copy(PAGE, "20210801000000", page_of("2021-07-24")),
        ],
    )
    ((document, source, versions, first, last),) = rows(
        path, "SELECT id, source, versions, first_seen, last_seen FROM documents WHERE kind = 'publication page'"
    )
    assert (source, versions, first, last) == ("dhs_pia", 3, "2018-01-10T12:00:00Z", "2021-08-01T00:00:00Z")
    seen = rows(path, "SELECT ordinal, first_seen FROM versions WHERE document = ? ORDER BY ordinal", document)
    assert [at[:4] for _, at in seen] == ["2018", "2019", "2021"]
    both = rows(path, "SELECT captured_at, original_at, original_url, read_by, provenance FROM captures"
                      " WHERE source = 'web_archive' ORDER BY original_at")  # fmt: skip
    assert both[0] == (
        FETCHED, "2018-01-10T12:00:00Z", PAGE.replace("https", "http"), "dhs_pia",
        "as captured by Internet Archive at 2018-01-10T12:00:00Z",
    )  # fmt: skip


def test_a_copy_of_a_blocked_file_is_that_file(tmp_path: Path) -> None:
    path = archived(
        tmp_path,
        [
            live(PIA_039, "2018-02-08T06:00:00Z", "parse_file", b"<html>Access Denied</html>", "403 Forbidden"),
            copy(PIA_039, "20150401000000", file_at(PIA_039, "2018-01-10"), "application/pdf"),
        ],
    )
    assert rows(path, "SELECT id, source, url, first_seen, listing FROM documents") == [
        ("dhs-ice-pia-039", "dhs_pia", PIA_039, "2015-04-01T00:00:00Z", "unlisted")
    ]
    assert rows(path, "SELECT outcome FROM captures WHERE source = 'dhs_pia'") == [("blocked",)]
    assert rows(path, "SELECT outcome FROM outcomes WHERE severity = 'failure'") == [("blocked",)], "still not answered"


@pytest.mark.parametrize(
    ("exchange", "outcome", "read_by"),
    [
        (copy(PAGE, "20180110120000", WALL), "bot-wall", ""),
        (copy(PAGE, "20180110120000", OTHER_LAYOUT), "layout-changed", "dhs_pia"),
        (copy("https://nobody.example/x", "20180110120000", b"<html><p>Words.</p></html>"), "no-source", ""),
        (copy("https://nobody.example/x.pdf", "20180110120000", file_at(PIA_039, "2018-01-10")), "document", ""),
        (copy(PAGE, "20271231000000", page_of("2018-01-10")), "not-a-copy", ""),
        (copy(PIA_039, "20180110120000", page_of("2018-01-10")), "wrong-media-type", "dhs_pia"),
    ],
    ids=["wall", "layout", "unknown", "unknown file", "of the future", "page for a file"],
)  # fmt: skip
def test_a_copy_is_no_better_than_what_it_holds(
    tmp_path: Path, exchange: tuple[Exchange, Asked], outcome: str, read_by: str
) -> None:
    path = archived(tmp_path, [exchange])
    assert rows(path, "SELECT outcome, read_by FROM captures") == [(outcome, read_by)]
    assert rows(path, "SELECT count(*) FROM documents") == [(int(outcome == "document"),)]


def test_a_later_copy_is_no_second_answer(tmp_path: Path) -> None:
    """What a source can't read in one copy stays a failure, whatever another year's copy holds."""
    path = archived(
        tmp_path, [copy(PAGE, "20160110120000", OTHER_LAYOUT), copy(PAGE, "20180110120000", page_of("2018-01-10"))]
    )
    assert rows(path, "SELECT outcome, severity FROM outcomes WHERE outcome = 'layout-changed'") == [
        ("layout-changed", "failure")
    ]


def test_an_answer_of_the_web_archive_itself_is_none(tmp_path: Path) -> None:
    own = b"<html><title>Wayback Machine</title><p>This address is not in the archive.</p></html>"
    exchange, asked = copy(PAGE, "20180110120000", own)
    bare = Exchange(exchange.url, FETCHED, b"", http(own), status=200)
    limited = Exchange(exchange.url, "2026-11-20T02:00:01Z", b"", http(own, status="429 Too Many Requests"), status=429)
    absent = Exchange(exchange.url, "2026-11-20T02:00:02Z", b"", http(own, status="404 Not Found"), status=404)
    path = archived(tmp_path, [(one, asked) for one in (bare, limited, absent)])
    told = rows(path, "SELECT outcome, original_url FROM captures ORDER BY captured_at")
    assert told == [("not-a-copy", ""), ("blocked", ""), ("not-found", "")]


def listing(*titles: str) -> bytes:
    """Return a component page that lists these."""
    entries = "".join(
        f"<h2>DHS/ICE/PIA-0{n} {title}</h2>"
        f'<p><a href="/publication/{title}">{title}</a>, June 23, 2011 (PDF, 6 pages)</p>'
        for n, title in enumerate(titles, 10)
    )
    head = "<!DOCTYPE html><html><head><title>Privacy Documents for ICE</title></head>"
    return f"{head}<body><main><h1>Privacy Documents for ICE</h1>{entries}</main></body></html>".encode()


def states(path: Path) -> dict[str, str]:
    return dict(rows(path, "SELECT url, state FROM listings WHERE list = ?", LIST))


def test_an_old_copy_of_a_list_takes_nothing_off_the_list_of_today(tmp_path: Path) -> None:
    assert component_page("2018-01-10")
    path = archived(
        tmp_path,
        [
            live(LIST, "2019-05-14T06:00:00Z", "parse_component", listing("one", "two")),
            copy(LIST, "20140101000000", listing("one", "three")),
            copy(LIST, "20160101000000", listing("one")),
        ],
    )
    found = states(path)
    assert found == {f"{SITE}/publication/{name}": state for name, state in
                     {"one": "listed", "two": "listed", "three": "delisted"}.items()}  # fmt: skip
    first = rows(path, "SELECT first_seen FROM listings WHERE url LIKE '%/one'")
    assert first == [("2014-01-01T00:00:00Z",)]


def test_pages_of_copies_of_several_years_are_no_walk(tmp_path: Path) -> None:
    """Page 0 as of 2014 and page 1 as of 2021 are two halves of nothing."""
    pages = f"{SITE}/publications-library/collections/privacy-impact-assessments-(pia)"

    def page(number: int, name: str) -> bytes:
        pager = "" if number else '<nav><ul class="pager"><li><a rel="next" href="?page=1">next</a></li></ul></nav>'
        row = f'<div class="views-row"><h3><a href="/publication/{name}">{name}</a></h3></div>'
        return f"<html><body><main><h1>Collection</h1>{row}{pager}</main></body></html>".encode()

    path = archived(
        tmp_path,
        [
            live(f"{pages}?page=0", "2018-01-10T06:00:00Z", "parse_listing", page(0, "kept"), index=pages, page=0),
            copy(pages, "20140101000000", page(0, "old")),
            copy(f"{pages}?page=1", "20210101000000", page(1, "later")),
        ],
    )
    assert set(dict(rows(path, "SELECT url, state FROM listings")).values()) == {"listed"}
