"""Links of pages: which are listed, and the words that they cover, however the page is turned."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pdfplumber.pdf import PDF

from pipelines.text.drawn import Word
from pipelines.text.pdf_labels import iter_pages
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.pdf_links import page_links
from tests.hostile import pdf as hostile

URI = b"/A << /S /URI /URI (https://example.gov/%s) >>"


def links_of(body: bytes, words: list[Word] | None = None) -> list[tuple[str, str]]:
    pdf = PDF.open(io.BytesIO(body))
    found = next(iter_pages(pdf.doc))
    page = LetterPage(pdf, found, page_number=1)
    return [(link.url.removeprefix("https://example.gov/"), link.text) for link in page_links(page, 1, words)]


def page_with(annotations: bytes, *, box: bytes = b"0 0 612 792", turn: int = 0) -> bytes:
    body = hostile.written(hostile.lines("see this page", "not this one"), annotations=annotations)
    return body.replace(b"/MediaBox [0 0 612 792]", b"/MediaBox [%s] /Rotate %d" % (box, turn), 1)


@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90, 450])
@pytest.mark.parametrize("box", [b"0 0 612 792", b"-50 -20 562 772", b"10 30 700 900"])
def test_the_words_of_a_link_on_a_turned_page(turn: int, box: bytes) -> None:
    # The first line stands at y = 720; "see" at its beginning, "page" at its end.
    first = b"<< /Subtype /Link /Rect [70 717 300 732] %s >>" % (URI % b"line")
    see = b"<< /Subtype /Link /Rect [93 732 70 717] %s >>" % (URI % b"see")
    second = b"<< /Subtype /Link /Rect [70 703 300 717] %s >>" % (URI % b"second")
    assert dict(links_of(page_with(first + see + second, box=box, turn=turn))) == {
        "line": "see this page",
        "see": "see",
        "second": "not this one",
    }


def test_a_link_over_two_lines_covers_its_lines_only() -> None:
    quads = b"/QuadPoints [115 732 150 732 115 717 150 717  70 716 92 716 70 703 92 703]"
    link = b"<< /Subtype /Link /Rect [70 703 150 732] %s %s >>" % (quads, URI % b"two")
    assert links_of(page_with(link)) == [("two", "page not")]


def test_words_may_be_given() -> None:
    link = b"<< /Subtype /Link /Rect [70 700 300 735] %s >>" % (URI % b"a")
    words = [Word("given", 80, 60, 120, 70, 12), Word("elsewhere", 80, 600, 120, 610, 12)]
    assert links_of(page_with(link), words) == [("a", "given")]


@pytest.mark.parametrize(
    "link",
    [
        b"/A << /S /GoTo /D (named) >>",
        b"/Dest (https://example.gov/named)",
        b"/A << /S /GoTo /URI (https://example.gov/x) /D [10 0 R] >>",
        b"/A << /S /Launch /F (x.exe) >>",
        b"/A << /S /URI /URI 7 >>",
        b"/A << /S /URI /URI () >>",
        b"/A 7",
    ],
)
def test_what_leads_elsewhere_is_no_reference(link: bytes) -> None:
    assert links_of(page_with(b"<< /Subtype /Link /Rect [70 703 150 732] %s >>" % link)) == []


@pytest.mark.parametrize(
    "place",
    [
        b"",
        b"/Rect [1 2]",
        b"/Rect [1 2 3 /x]",
        b"/Rect 7",
        b"/Rect [1e999 0 2 -1e999]",
        b"/Rect [70 703 150 732] /QuadPoints [1 2 3]",
        b"/QuadPoints [(a) 2 3 4 5 6 7 8]",
    ],
)
def test_a_link_whose_place_is_broken_has_its_address(place: bytes) -> None:
    [(url, _)] = links_of(page_with(b"<< /Subtype /Link %s %s >>" % (place, URI % b"a")))
    assert url == "a"


def test_real_links_cover_their_own_address(corpus: Path) -> None:
    body = (corpus / "pdf/gov/dhs-directives/bod-20-01.pdf").read_bytes()
    pdf = PDF.open(io.BytesIO(body))
    links = []
    for number, found in enumerate(iter_pages(pdf.doc), start=1):
        if number <= 2:
            links += page_links(LetterPage(pdf, found, page_number=number), number)
    assert links
    assert all(link.text for link in links)
