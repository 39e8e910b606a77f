"""Screening: what the bytes are, and what is kept from a source's callback. False alarms matter as much."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.outcomes import OUTCOMES
from pipelines.markup import hostile_markup
from pipelines.screening import KINDS, accepts, content_kind, screen
from tests.hostile import pdf as hostile

HTML = frozenset({"html"})
PDF = frozenset({"pdf"})
STORY = " ".join(["The agency answered the request in part, and withheld the rest of the pages."] * 60)


def page(title: str, text: str, head: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1><p>{text}</p>"
        "<script>var a = 'verify you are human';</script></body></html>"
    ).encode()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (hostile.written(hostile.lines("x")), "pdf"),
        (b"junk from a mail gateway\n%PDF-1.4\n1 0 obj", "pdf"),
        (b"x" * 1030 + b"%PDF-1.4", "text"),
        (b"<!doctype html><p>about %PDF-1.4 files", "html"),
        (b"PK\x03\x04" + b"\0" * 30 + b"%PDF-1.4", "zip"),
        (b"<!-- a comment --><!DOCTYPE HTML PUBLIC><html>", "html"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html xmlns="y">', "html"),
        (b"\xff\xfe" + "<html><body>wide".encode("utf-16-le"), "html"),
        (b"Warning: undefined index\n<html><body>", "html"),
        (b"<div class=row>a fragment</div>", "html"),
        (b'<?xml version="1.0"?><rss/>', "xml"),
        (b'\n<feed xmlns="http://www.w3.org/2005/Atom">', "xml"),
        (b"<notices><one/></notices>\n", "xml"),
        (b'{"a": 1}', "json"),
        (b' [{"a": 1}, {"b"', "json"),
        (b"[1, 2]", "json"),
        (b"[1] See the note above.", "text"),
        (b"NoticeId,Title,Sol#\n1,a,b\n2,c,d\n", "csv"),
        (b'"NoticeId","Title"\r\n"1","two, three"\r\n"2","x"\r\n', "csv"),
        (b"a\tb\tc\n1\t2\t3\n", "csv"),
        (b"NoticeId,Title,Sol#\n", "csv"),
        (b"Dear Sir, or Madam,\nwe regret, as ever, to say no.\nYours, the agency\n", "text"),
        (b"plain words", "text"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
        (b"{\\rtf1 hello}", "office"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x00\x01\x02\x03", "unknown"),
    ],
)
def test_kinds_by_content(body: bytes, kind: str) -> None:
    assert content_kind(body) == kind


WALLS = [
    page(
        "Access Denied",
        "You don't have permission to access &#34;http&#58;&#47;&#47;www.example.gov&#47;a.pdf&#34; on this server."
        "<P>Reference&#32;&#35;18&#46;2d351602&#46;1516978800&#46;1a2b3c",
    ),
    b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\n\n</BODY></HTML>",
    page("Just a moment...", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
    page("Attention Required! | Cloudflare", "Please complete the security check to access the site."),
    page("Example News - Are you a robot?", "To continue, please click the box below."),
    page("example.gov", "We have to verify you are human before we go on. This may take a few seconds."),
    page("Sorry...", "Our systems have detected unusual traffic from your computer network."),
    page("", "Please enable JS and disable any ad blocker"),
    b'<html><head></head><body><iframe src="/_Incapsula_Resource?SWUDNSAI=31"></iframe></body></html>',
    b"The requested URL was rejected. Please consult with your administrator. Your support ID is: 77",
]


@pytest.mark.parametrize("body", WALLS)
@pytest.mark.parametrize(("status", "accepted"), [(200, HTML), (200, PDF), (403, HTML), (503, PDF)])
def test_walls(body: bytes, status: int, accepted: frozenset[str]) -> None:
    found = screen(status, "text/html", body, accepted)
    assert found is not None
    assert found.outcome == "bot-wall"


@pytest.mark.parametrize(
    "body",
    [
        page("Page not found | Department of Examples", "Try the search."),
        page("Page not found | Department of Examples", STORY),
        page("Department of Examples | Page not found", STORY),
        page("404", "Go home"),
        page("Error 404 - Not Found", "Go home"),
        page("Department of Examples", "We're sorry. The page you requested could not be found."),
        page("503 Service Temporarily Unavailable", "nginx"),
        b"404 page not found\n",
        b'{"error": {"code": "API_KEY_INVALID", "message": "An invalid key was supplied"}}',
        b'{"errorCode": "404", "errorMessage": "No data", "timestamp": 1}',
        b'{"message": "Too many requests", "code": "900800"}',
        b'{"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "ptype"}',
        b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
    ],
)
def test_error_pages_with_a_good_status(body: bytes) -> None:
    for accepted in (HTML, PDF, frozenset({"json"})):
        found = screen(200, "", body, accepted)
        assert found is not None
        assert found.outcome == "error-page"
    assert screen(404, "", body, HTML) is None


ARTICLE_HEAD = '<meta property="og:type" content="article">'
INNOCENT = [
    page("Access denied: how bot walls keep reporters out", "“Verify you are human”, the page says. " + STORY),
    page("Access Denied", STORY),
    page("Access Denied", "A short report on records that were withheld.", ARTICLE_HEAD),
    page("Just a moment", "A poem.", '<script type="application/ld+json">{"@type":"NewsArticle"}</script>'),
    page("Captcha farms: a primer", "They solve the captcha so that you need not. " + STORY),
    page("Contact us", 'Write to us. <div class="g-recaptcha" data-sitekey="x"></div> I am not a robot. ' + STORY),
    page("Contact us", 'Write to us.<script src="https://www.google.com/recaptcha/api.js"></script>'),
    page("Page not found: how agencies delete documents", STORY),
    page("Not Found in the Record", STORY),
    page("Listing", "Results 1 - 20 of 404 documents"),
    page("Notices of the year - 404", "One more."),
    page("Notice 404", "The 404th notice of the year."),
    b'{"opportunitiesData": [], "totalRecords": 0, "error": null}',
    b'{"errors": [], "results": [{"a": 1}]}',
    b'{"description": "<p>a notice</p>"}',
    b'{"message": "ok", "results": [1]}',
]


@pytest.mark.parametrize("body", INNOCENT)
def test_no_false_alarm(body: bytes) -> None:
    assert screen(200, "text/html", body, frozenset({"html", "json"})) is None


def test_real_pages_and_answers_pass(corpus: Path) -> None:
    files = [*(corpus / "html").rglob("*.html"), *(corpus / "api").rglob("*.json"), *(corpus / "feeds").glob("*/*")]
    assert len(files) > 50
    for file in files:
        assert screen(200, "", file.read_bytes(), ()) is None, file.name


def test_real_pdfs_are_pdfs(corpus: Path) -> None:
    for file in (corpus / "pdf").rglob("*.pdf"):
        assert screen(200, "text/html", file.read_bytes(), PDF) is None, file.name


def test_what_is_of_another_kind_is_named_with_both() -> None:
    found = screen(200, "application/pdf", page("A page", STORY), PDF)
    assert found is not None
    assert found.outcome == "wrong-media-type"
    assert found.detail == "html (the server says application/pdf) in place of pdf"
    assert screen(200, "", page("A page", STORY), ()) is None


def test_an_empty_body_is_named() -> None:
    assert screen(200, "", b"", HTML) == ("empty-body", "0 bytes")
    assert screen(404, "", b"", HTML) is None


def attributes(count: int, value: str = "1") -> bytes:
    return b"<a " + b" ".join(b"a%d=%s" % (index, value.encode()) for index in range(count)) + b">"


@pytest.mark.parametrize(
    "markup",
    [
        attributes(80_000),
        attributes(80_000, '">"'),
        attributes(5_000) * 20,
        b"<a " + b"x " * 100_000,
        b'<a href="' + b"x" * 70_000,
        b"<a" * 100_000,
        b"<div>" + b"<title " * 100_000,
    ],
)
def test_markup_that_costs_too_much(markup: bytes) -> None:
    found = screen(200, "text/html", b"<html><body>" + markup, HTML)
    assert found is not None
    assert found.outcome == "hostile-markup"


@pytest.mark.parametrize(
    "markup",
    [
        b'<img src="data:image/png;base64,' + b"A" * 500_000 + b'">',
        b"<script>if (a<b && c" + b"<d" * 50_000 + b") {}</script><p>after</p>",
        b"<!--" + b"<x " * 50_000 + b"--><p>after</p>",
        attributes(200),
        b"<p>1 < 2 and no tag" + b" words" * 50_000,
        b"<p>" * 50_000,
    ],
)
def test_markup_that_is_long_and_harmless(markup: bytes) -> None:
    assert hostile_markup(b"<html><body>" + markup) == ""


def test_xml_is_looked_at_too() -> None:
    assert hostile_markup(b"<rss>" + attributes(80_000), "xml")
    assert not hostile_markup(b"<rss><![CDATA[" + b"<a" * 100_000 + b"]]></rss>", "xml")


def test_accepts_marks_a_callback_and_knows_its_kinds() -> None:
    @accepts("pdf", "html")
    def parse() -> None: ...

    assert parse.accepted == {"pdf", "html"}  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="no such kind"):
        accepts("word")


@settings(max_examples=200)
@given(
    st.integers(100, 599), st.binary(max_size=200), st.sampled_from([b"", b"<html>", b"{", b"%PDF-", b"[", b"a,b\n"])
)
def test_nothing_crashes_it(status: int, body: bytes, start: bytes) -> None:
    found = screen(status, "x", start + body, HTML)
    assert content_kind(start + body) in KINDS
    assert found is None or found.outcome in OUTCOMES
