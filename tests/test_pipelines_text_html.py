"""Articles: the paragraphs of the story and nothing around them, or "no-article"."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HTMLParser, document_fromstring

from pipelines.text.cleaning import clean_text
from pipelines.text.html import MOST_BYTES, MOST_INLINE, MOST_TAGS, read_article
from pipelines.text.html_links import MOST_LINKS
from pipelines.text.reading import TextPage
from pipelines.text.stored_reading import from_bytes, to_bytes

PARAGRAPHS = [
    "The agency has signed a contract for access to a nationwide database of license plates, records show.",
    "The assessment, which was published in December, says that records are kept for five years at most.",
    "A spokesman declined to say how often the database has been asked, or by how many of its officers.",
    "The contract was awarded to a company that had been the only one to answer the earlier solicitation.",
]
AROUND = (
    "<nav><ul><li><a href=/a>Politics</a></li><li><a href=/b>Technology</a></li></ul></nav>",
    "<aside><h3>Read next</h3><ul><li><a href=/c>Ten gadgets for the winter</a></li></ul></aside>"
    "<footer><p>Sign up for our newsletter. All rights reserved.</p></footer>",
)


def story(*paragraphs: str, title: str = "A headline") -> bytes:
    inner = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body>{AROUND[0]}"
        f"<article><h1>{title}</h1>{inner}</article>{AROUND[1]}</body></html>"
    ).encode()


def test_paragraphs_of_the_story() -> None:
    reading = read_article(story(*PARAGRAPHS), "https://news.example/a")
    (page,) = reading.pages
    found = page.text.split("\n\n")
    assert [paragraph for paragraph in found if paragraph in PARAGRAPHS] == PARAGRAPHS
    assert not any(word in page.text for word in ("Politics", "newsletter", "gadgets"))
    assert (reading.reader, reading.outcome, reading.detail) == ("article-2", "text", "")
    assert (page.number, page.label, page.outcome) == (1, "", "text")
    assert not reading.metadata


def test_the_text_is_of_the_body_alone() -> None:
    body = story(*PARAGRAPHS)
    first = read_article(body, "https://news.example/a")
    for _ in range(5):
        assert read_article(body, "https://other.example/b?c=d") == first


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 100,
        b"<html><body></body></html>",
        b"<html><body><script>var a = 1</script></body></html>",
        b"<html><body><p> </p></body></html>",
        b"%PDF-1.4",
    ],
)
def test_no_article(body: bytes) -> None:
    reading = read_article(body)
    assert (reading.outcome, reading.pages) == ("no-article", ())
    assert reading.detail


def test_a_page_too_large_is_not_read() -> None:
    reading = read_article(b"<p>" + b"x" * MOST_BYTES + b"</p>")
    assert reading.outcome == "no-article"
    assert str(MOST_BYTES) in reading.detail


def test_what_cannot_be_stored_is_taken_out_and_counted() -> None:
    reading = read_article(
        story(*PARAGRAPHS[:3], "A last &#xFDD0;paragraph that has\ufffe a noncharacter in it twice.")
    )
    assert clean_text(reading.pages[0].text)[1] == 0
    assert "noncharacter" in reading.pages[0].text


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_encodings(encoding: str) -> None:
    body = story(*PARAGRAPHS, "“Déjà vu”, she said – and the agency’s résumé of the naïve façade had nothing on it.")
    told = body.decode().replace("charset=utf-8", f"charset={encoding}").encode(encoding)
    assert "“Déjà vu”, she said – and the agency’s" in read_article(told).pages[0].text


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_damage_has_a_named_outcome(data: st.DataObject) -> None:
    whole = bytearray(story(*PARAGRAPHS))
    for _ in range(data.draw(st.integers(0, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    reading = read_article(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert reading.outcome in ("text", "no-article")
    assert all(clean_text(page.text)[1] == 0 for page in reading.pages)


def parts_of(page: TextPage) -> list[tuple[str, str]]:
    return [(part.kind, page.text[part.start : part.end]) for part in page.parts]


def test_parts_of_the_page() -> None:
    inner = (
        f"<p>{PARAGRAPHS[0]}</p><h2>What it holds</h2><p>{PARAGRAPHS[1]}</p><blockquote><p>A block quotation.</p>"
        f"</blockquote><ul><li>one item of it</li><li>another item of it</li></ul><p>{PARAGRAPHS[2]}<br>A second line."
        f"</p><table><tr><th>Year</th><th>Records</th></tr><tr><td>2017</td><td>14</td></tr></table>"
        f"<p>{PARAGRAPHS[3]}</p>"
    )
    page = read_article(story("HERE").replace(b"<p>HERE</p>", inner.encode())).pages[0]
    assert parts_of(page) == [
        ("text", PARAGRAPHS[0]), ("heading", "What it holds"), ("text", PARAGRAPHS[1]), ("text", "A block quotation."),
        ("text", "one item of it"), ("text", "another item of it"), ("text", f"{PARAGRAPHS[2]}\nA second line."),
        ("table", "Year\tRecords\n2017\t14"), ("text", PARAGRAPHS[3]),
    ]  # fmt: skip
    assert page.text == "\n\n".join(text for _, text in parts_of(page))


def test_what_the_page_says_of_its_article() -> None:
    data = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A headline", "author": "A. Writer",'
        ' "datePublished": "2018-01-26", "dateModified": "2018-01-29"}</script>'
    )
    body = story(
        *PARAGRAPHS,
        "“The records are kept for five years,” a spokesman said. “We were told so.”",
        "Correction: the contract was awarded in May, not in June, as an earlier paragraph had it.",
    ).replace(b"</head>", f"{data}</head>".encode())
    assert [(fact.name, fact.value, fact.page) for fact in read_article(body).facts] == [
        ("headline", "A headline", 1),
        ("byline", "A. Writer", 1),
        ("published", "2018-01-26", 1),
        ("updated", "2018-01-29", 1),
        ("correction", "Correction: the contract was awarded in May, not in June, as an earlier paragraph had it.", 1),
        ("quotation", "The records are kept for five years,", 1),
        ("quotation", "We were told so.", 1),
    ]


def test_a_correction_beside_the_text_is_found() -> None:
    note = "Correction: the contract was awarded in May."
    body = story(*PARAGRAPHS).replace(b"</article>", f"</article><footer><p>{note}</p></footer>".encode())
    reading = read_article(body)
    assert note not in reading.pages[0].text
    assert [fact.value for fact in reading.facts if fact.name == "correction"] == [note]


@pytest.mark.parametrize(
    ("base", "addresses"),
    [
        ("", ["https://a.example/b", "/c", "d?e#f", "//g.example/"]),
        ("<base href='https://base.example/x/'>",
         ["https://a.example/b", "https://base.example/c", "https://base.example/x/d?e#f", "https://g.example/"]),
        ("<base href='/x/'>", ["https://a.example/b", "/c", "d?e#f", "//g.example/"]),
        ("<base href='javascript:1'>", ["https://a.example/b", "/c", "d?e#f", "//g.example/"]),
        ("<base href='https://[1/'>", ["https://a.example/b", "/c", "d?e#f", "//g.example/"]),
        ("<svg><base href='https://no.example/'></svg>", ["https://a.example/b", "/c", "d?e#f", "//g.example/"]),
    ],
    ids=["none", "absolute", "relative", "script", "broken", "svg"],
)  # fmt: skip
def test_links_inside_the_text(base: str, addresses: list[str]) -> None:
    linked = (
        'It <a href="https://a.example/b">links to the <b>contract</b></a>, to <a href="/c">the notice</a>, '
        '<a href="d?e#f">the answer</a>, <a href="//g.example/">another</a>, <a href="#top">itself</a>, '
        '<a href="mailto:a@b.example">a desk</a>, <a href="javascript:void(0)">nothing</a>, <a>no more</a>, '
        '<a href="https://[bad/">a broken one</a> and it says what each of them holds for whoever may read it.'
    )
    body = story(*PARAGRAPHS, linked).replace(b"</head>", f"{base}</head>".encode())
    links = read_article(body, "https://news.example/a").links
    assert [link.url for link in links] == addresses
    assert [link.text for link in links] == ["links to the contract", "the notice", "the answer", "another"]
    assert all(link.text in read_article(body).pages[0].text for link in links)


def test_little_is_looked_for_again() -> None:
    """A note on copyright that is marked like a story is not taken for the story."""
    note = "<div class='article-content'><p>This copy is for your personal use only and not to be passed on.</p></div>"
    body = (
        story(*PARAGRAPHS).replace(b"<article>", f"{note}<div class='body'>".encode()).replace(b"</article>", b"</div>")
    )
    assert PARAGRAPHS[2] in read_article(body).pages[0].text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<p>" * (MOST_TAGS + 1), "a page of 100001 tags"),
        (b"<div>" * 50_000 + b"text", "markup that its parser would cut off"),
        (b"<p " + b"a" * 100_000 + b">text</p>", "a tag of 100003 bytes"),
        (b"<html><body>" + b"<a href=/x>y</a>" * 1_000_000, "more than 5000000 are not read"),
        (b"<p>" * 7_000_000, "more than 5000000 are not read"),
    ],
    ids=["tags", "levels", "attribute", "links", "bytes"],
)
def test_hostile_pages_are_refused_by_name(body: bytes, why: str) -> None:
    reading = read_article(body)
    assert (reading.outcome, reading.pages) == ("no-article", ())
    assert why in reading.detail


def test_nothing_is_cut_off_silently() -> None:
    """libxml2 stops at 256 levels and at text nodes of 10 MB unless it is told not to."""
    deep = "<div>" * 1_000 + "".join(f"<p>{one}</p>" for one in PARAGRAPHS) + "</div>" * 1_000
    page = f"<html><body>{deep}<p>The last one stands after a thousand levels.</p></body></html>"
    text = read_article(page.encode()).pages[0].text
    assert all(one in text for one in PARAGRAPHS)


def test_links_without_end_are_counted() -> None:
    linked = " ".join('<a href="/x">record</a> and what the agency says of it, at some length,' for _ in range(20))
    reading = read_article(story(*[f"{number} {linked}" for number in range(300)]))
    assert len(reading.links) == MOST_LINKS
    assert reading.metadata["not listed"] == f"{300 * 20 - MOST_LINKS} of {300 * 20} links"
    crowded = read_article(story(*PARAGRAPHS, "<a href=/x>y</a> " * (MOST_INLINE + 1)))
    assert crowded.outcome == "no-article"
    assert f"an element with {MOST_INLINE + 1} links" in crowded.detail


def test_an_article_that_quotes_itself() -> None:
    body = story(*[f"“{PARAGRAPHS[0]}” “{PARAGRAPHS[1]}” {PARAGRAPHS[2]}"] * 500)
    assert [fact.value for fact in read_article(body).facts if fact.name == "quotation"] == PARAGRAPHS[:2]


_MARKUP = st.lists(
    st.sampled_from([
        "<p>", "</p>", "<div class=a>", "</div>", "<a href=/b>", "</a>", "<br>", "<ul><li>", "</ul>", "<h2>", "</h2>",
        "<blockquote>", "</blockquote>", "<table><tr><td>", "<td>", "</table>", "“", "”", " ", "&#1;", "&nbsp;", "\x0b",
        "Correction: ", *PARAGRAPHS, *(f"{one} " for one in PARAGRAPHS),
    ]), max_size=60,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_MARKUP)
def test_nothing_is_said_that_is_not_in_the_page(pieces: list[str]) -> None:
    body = story("".join(pieces))
    reading = read_article(body)
    root = document_fromstring(clean_text(body.decode())[0].encode(), HTMLParser(encoding="utf-8"))
    words = "".join(clean_text("".join(root.itertext()))[0].split())
    for page in reading.pages:
        assert all("".join(one.split()) in words for one in page.text.split("\n\n"))
        assert [part.end + 2 for part in page.parts[:-1]] == [part.start for part in page.parts[1:]]
    for fact in reading.facts:
        assert all("".join(one.split()) in words for one in fact.value.split("\n\n"))
    assert from_bytes(to_bytes(reading), reading.reader) == reading


def test_real_pages(corpus: Path) -> None:
    """None of them is an article, but each has words of its own; all that is read stands in the page."""
    for file in sorted((corpus / "html").rglob("*.html")):
        body = file.read_bytes()
        reading = read_article(body, file.name)
        root = document_fromstring(body, HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True))
        words = "".join("".join(root.itertext()).split())
        assert reading.outcome in ("text", "no-article"), file.name
        assert reading.outcome == "text" or "ice-nodes" not in str(file)
        for page in reading.pages:
            assert all("".join(one.split()) in words for one in page.text.split("\n\n")), file.name
        assert from_bytes(to_bytes(reading), reading.reader) == reading
