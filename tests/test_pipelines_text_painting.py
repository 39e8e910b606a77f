"""HP-14 in real files: what is drawn over words, beside the page, without ink or in a layer that is switched off."""

from __future__ import annotations

import io

import pytest
from pdfminer.pdfpage import PDFPage
from pdfplumber.pdf import PDF

from pipelines.text import drawing
from pipelines.text.hidden import Seen
from pipelines.text.pdf import read_pdf
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.reading import Fact
from pipelines.text.text_layer import CROWDED
from tests.hostile import pdf_contents as made
from tests.hostile.pdf import assembled, one_page, stream
from tests.hostile.pdf_contents import WORDS, over

NAME = "Smithee the witness"
LETTERS = len(NAME.replace(" ", ""))
BAR = b"70 714 120 18 re"
STATES = {
    b"ca .3": b"<< /ca .3 >>", b"multiplied": b"<< /BM /Multiply >>", b"masked": b"<< /SMask << /S /Alpha >> >>",
    b"opaque": b"<< /ca 1 /BM [/Normal] /SMask /None >>",
}  # fmt: skip


def seen(body: bytes) -> Seen:
    pdf = PDF.open(io.BytesIO(body), raise_unicode_errors=False)
    return LetterPage(pdf, next(PDFPage.create_pages(pdf.doc)), page_number=1).seen()


def text(found: Seen) -> str:
    return "".join(letter.text for letter in found.letters).strip()


def in_state(content: bytes, state: bytes) -> bytes:
    objects = one_page(stream(over_content(b"/G gs " + content)))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /ExtGState << /G %s >> >> >>" % state
    )
    return assembled(objects)


def over_content(content: bytes) -> bytes:
    return b"BT /F1 12 Tf 72 720 Td (%s) Tj ET %s" % (NAME.encode(), content)


@pytest.mark.parametrize(
    "content",
    [
        BAR + b" f", b"1 g " + BAR + b" f", b".5 0 0 rg " + BAR + b" f", b"0 0 0 1 k " + BAR + b" B",
        b"q 70 714 120 18 re W n 0 0 612 792 re f Q", b"70 714 m 190 714 l 190 732 l 70 732 l h f*",
        b"q 120 0 0 18 70 714 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI Q",
    ],
)  # fmt: skip
def test_words_under_paint_are_covered(content: bytes) -> None:
    found = seen(over(content))
    assert (text(found).strip(), found.covered, len(found.spots)) == (WORDS, LETTERS, 1)


@pytest.mark.parametrize(
    "content",
    [
        BAR + b" S", b"70 719 120 1 re f", b"q 300 300 9 9 re W n " + BAR + b" f Q",
        b"70 700 200 50 re 71 701 198 48 re f*", b"q 70 714 m 99 740 l 190 714 l h W n " + BAR + b" f Q",
        b"q 120 0 0 18 70 714 cm BI /W 1 /H 1 /IM true ID \x00 EI Q", b"70 714 m 190 714 190 732 70 732 c f",
    ],
)  # fmt: skip
def test_words_beside_paint_are_seen(content: bytes) -> None:
    found = seen(over(content))
    assert NAME in text(found)
    assert found.covered == found.hidden == 0


@pytest.mark.parametrize("name", STATES, ids=bytes.decode)
def test_paint_that_shows_through_covers_nothing(name: bytes) -> None:
    found = seen(in_state(BAR + b" f", STATES[name]))
    assert found.covered == (LETTERS if name == b"opaque" else 0)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (over(b"", "").replace(b"72 720 Td ()", b"3 Tr 72 720 Td (%s)" % NAME.encode()), "invisible"),
        (over(b"").replace(b"BT /F1 12 Tf 72 720", b"1 g BT /F1 12 Tf 72 720"), "white"),
        (over(b"").replace(b"72 720 Td", b"72 920 Td"), "off_page"),
        (over(b"").replace(b"612 792] ", b"612 792] /CropBox [0 0 612 700] "), "off_page"),
        (over(b"").replace(b"/F1 12 Tf 72 720", b"/F1 .1 Tf 72 720"), "tiny"),
        (made.of_a_layer(), "switched_off"),
    ],
    ids=["render mode 3", "white", "off the page", "cropped", "tiny", "layer off"],
)
def test_words_that_cannot_be_seen_are_counted(body: bytes, why: str) -> None:
    found = seen(body)
    assert (getattr(found, why), found.hidden, found.covered) == (LETTERS, LETTERS, 0)
    assert NAME not in text(found)
    assert WORDS in text(found)


def test_words_that_can_be_seen_after_all() -> None:
    assert NAME in text(seen(made.of_a_layer(b"ON")))
    outlined = over(b"").replace(b"BT /F1 12 Tf 72 720", b"1 g BT 2 Tr /F1 12 Tf 72 720")
    assert NAME in text(seen(outlined))
    round_about = over(b"").replace(
        b"BT /F1 12 Tf 72 720", b"9 700 m 9 790 400 790 400 700 c f 1 g BT /F1 12 Tf 72 720"
    )
    assert NAME in text(seen(round_about))
    shaded = over(b"").replace(b"BT /F1 12 Tf 72 720", b"/S sh 1 g BT /F1 12 Tf 72 720")
    assert NAME in text(seen(shaded))


@pytest.mark.parametrize("body", [made.earlier_revision(), made.after_the_end()], ids=["earlier", "after the end"])
def test_what_the_file_no_longer_shows_is_not_read(body: bytes) -> None:
    assert text(seen(body)) == WORDS


def test_a_reading_says_what_is_hidden_and_never_what_it_says() -> None:
    link = b"/Annots [<< /Subtype /Link /Rect [60 700 300 740] /A << /S /URI /URI (https://example.gov/) >> >>]"
    reading = read_pdf(over(BAR + b" f").replace(b"/Contents", link + b" /Contents"))
    assert (reading.pages[0].text, reading.pages[0].covered, reading.outcome) == (WORDS, LETTERS, "text")
    assert [(one.url, one.text) for one in reading.links] == [("https://example.gov/", "")]
    assert Fact("covered-text", f"{LETTERS} letters under 1 box", 1) in reading.facts
    assert "Smithee" not in repr(reading)
    layered = read_pdf(made.of_a_layer())
    assert layered.facts == (Fact("hidden-text", f"{LETTERS} letters in a layer that is switched off", 1),)
    assert "Smithee" not in repr(layered)


def test_a_page_of_covered_words_only_has_no_text() -> None:
    reading = read_pdf(assembled(one_page(stream(over_content(BAR + b" f")))))
    assert (reading.outcome, reading.pages[0].covered, reading.pages[0].text) == ("no-text-layer", LETTERS, "")


def test_where_it_cannot_be_told_what_boxes_hide_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_BOXES", 50)
    [page], facts = (reading := read_pdf(over(b"0 0 5 5 re f " * 60))).pages, reading.facts
    assert (page.text, page.outcome, reading.detail) == ("", "no-text-layer", f"page 1: {CROWDED}")
    assert [(fact.name, fact.page) for fact in facts] == [("unreadable", 1)]
    # Lines, and boxes that were drawn before all words, hide none.
    assert NAME in read_pdf(over(b"0 0 m 9 0 l S " * 60)).pages[0].text
    assert read_pdf(over(b"0 0 5 5 re f " * 60, "")).pages[0].text == WORDS


def test_paint_in_a_layer_that_is_off_covers_nothing() -> None:
    bar = over(b"/OC /L BDC " + BAR + b" f EMC").replace(
        b"/Font << /F1 3 0 R >>", b"/Font << /F1 3 0 R >> /Properties << /L 20 0 R >>"
    )
    assert seen(bar).covered == LETTERS
    switched = bar.replace(
        b"/Pages 2 0 R", b"/Pages 2 0 R /OCProperties << /OCGs [20 0 R] /D << /OFF [20 0 R] >> >>", 1
    )
    assert NAME in text(seen(switched))
