"""Articles: the paragraphs of the story and nothing around them, or "no-article"."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.cleaning import clean_text
from pipelines.text.html import MOST_BYTES, read_article

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


def test_real_pages(corpus: Path) -> None:
    for file in (corpus / "html/gov/ice.gov/ice-nodes").glob("*.html"):
        reading = read_article(file.read_bytes(), "https://www.ice.gov/node/" + file.stem)
        assert reading.outcome == "text", file.name
        assert len(reading.pages[0].text) > 100
