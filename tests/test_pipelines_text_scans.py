"""Scans in a document: OCR's pages come in the place of those that had no usable text, and say that they are OCR's."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.scans import scanned
from pipelines.text.drawn import Picture
from pipelines.text.reading import Fact, Reading, TextPage
from pipelines.text.scans import failed, joined, overlaid, waiting
from pipelines.text.stored_reading import from_bytes, to_bytes
from pipelines.text.text_layer import GARBLED, NO_LETTERS, STAMPED, pictured, unusable, usual_pairs


def seen(number: int, text: str, outcome: str = "text") -> Reading:
    page = TextPage(number, "", text, outcome, origin="ocr", confidence=0.9 if text else None)
    return Reading("ocr-2", outcome, "", (page,), metadata={"ocr": "an engine"})


def document(*pages: tuple[str, str], outcome: str, detail: str = "") -> Reading:
    read = tuple(TextPage(number, "", text, one) for number, (text, one) in enumerate(pages, 1))
    return Reading("pdf-3", outcome, detail, read, facts=(Fact("title", "A title", 1),))


MIXED = document(
    ("The first page has letters.", "text"), ("", "no-text-layer"), ("Wkh ilih", "garbled-text"), ("", "page-failed"),
    ("Case 1", "no-text-layer"), outcome="page-failed",
    detail="pages 2, 5: no letters; page 3: letters that make no words; page 4: ValueError: no",
)  # fmt: skip


def test_scans_come_in_their_places() -> None:
    assert waiting(MIXED) == [2, 3, 5]
    scans = joined([seen(2, "Two is\nread\n2"), seen(3, "The five"), failed(5, "ValueError: x"), seen(1, "wrong")])
    whole = overlaid(MIXED, scans)
    assert [(page.text, page.outcome, page.origin) for page in whole.pages] == [
        ("The first page has letters.", "text", "text-layer"),
        ("Two is\nread\n2", "text", "ocr"),
        ("The five", "text", "ocr"),
        ("", "page-failed", "text-layer"),
        ("Case 1", "ocr-failed", "text-layer"),
    ]
    assert (whole.reader, whole.outcome) == ("pdf-3", "page-failed")
    assert whole.detail == "page 4: ValueError: no; page 5: OCR failed: ValueError: x"
    assert whole.facts == (Fact("title", "A title", 1), Fact("ocr-failed", "ValueError: x", 5))
    assert whole.metadata == {"ocr": "an engine"}
    assert waiting(whole) == []
    assert overlaid(whole, scans) == whole
    assert from_bytes(to_bytes(whole), "pdf-3") == whole


@pytest.mark.parametrize(
    ("layer", "scan", "is_now"),
    [
        (("", "no-text-layer"), seen(1, "Read by OCR"), ("Read by OCR", "text", "ocr")),
        (("", "no-text-layer"), seen(1, "", "blank-page"), ("", "blank-page", "ocr")),
        (("With a photo", "no-text-layer"), seen(1, "With a pho"), ("With a photo", "text", "text-layer")),
        (("Case 1", "no-text-layer"), seen(1, "", "blank-page"), ("Case 1", "text", "text-layer")),
        (("Wkh ilih", "garbled-text"), seen(1, "The"), ("The", "text", "ocr")),
        (("Wkh ilih", "garbled-text"), failed(1, "x"), ("Wkh ilih", "ocr-failed", "text-layer")),
    ],
    ids=["scan", "blank", "picture with a caption", "stamp on nothing", "garbled", "garbled and failed"],
)  # fmt: skip
def test_the_better_reading_counts(layer: tuple[str, str], scan: Reading, is_now: tuple[str, str, str]) -> None:
    whole = overlaid(document(layer, outcome=layer[1], detail="page 1: no letters"), scan)
    (page,) = whole.pages
    assert (page.text, page.outcome, page.origin) == is_now
    assert whole.outcome == page.outcome
    assert bool(whole.detail) == (whole.outcome != "text")


def test_scanned_pages_have_the_numbers_printed_on_them() -> None:
    pages = [("", "no-text-layer")] * 3
    scans = joined([seen(number, f"Words of a page\n{number + 6}") for number in (1, 2, 3)])
    whole = overlaid(document(*pages, outcome="no-text-layer", detail="pages 1-3: no letters"), scans)
    assert [page.label for page in whole.pages] == ["7", "8", "9"]


def test_without_an_engine_pages_go_on_waiting() -> None:
    unread = Reading("ocr-2", "no-text-layer", "", (TextPage(2, "", "", "no-text-layer", origin="ocr"),))
    kept: list[Reading] = []
    assert overlaid(MIXED, scanned(None, [2, 3, 5], lambda _: unread, kept.append)) == MIXED
    assert kept == []


def test_what_is_kept_is_not_read_again_and_what_kills_is_not_kept() -> None:
    kept: list[Reading] = []
    asked: list[int] = []

    def read(number: int) -> Reading:
        asked.append(number)
        return Reading("ocr-2", "reader-timeout", "stopped") if number == 3 else seen(number, f"page {number}")

    first = scanned(None, [1, 2, 3], read, kept.append)
    assert [page.outcome for page in first.pages] == ["text", "text", "ocr-failed"]
    assert first.facts == (Fact("ocr-failed", "reader-timeout: stopped", 3),)
    assert [page.number for page in kept[-1].pages] == [1, 2]
    assert from_bytes(to_bytes(kept[-1]), "ocr-2") == kept[-1]
    asked.clear()
    assert [page.number for page in scanned(kept[-1], [1, 2, 3, 4], read, kept.append).pages] == [1, 2, 3, 4]
    assert asked == [3, 4]


def test_a_document_that_kills_every_time_is_given_up() -> None:
    asked: list[int] = []

    def read(number: int) -> Reading:
        asked.append(number)
        return Reading("ocr-2", "reader-crashed", "it ended by signal SIGABRT")

    whole = scanned(None, range(1, 1000), read, lambda _: None)
    assert len(asked) == 5
    assert {page.outcome for page in whole.pages} == {"ocr-failed"}
    assert len(whole.pages) == 999


def test_work_is_kept_on_the_way() -> None:
    kept: list[Reading] = []
    scanned(None, range(1, 50), lambda number: seen(number, "x"), kept.append)
    assert [len(one.pages) for one in kept] == [20, 40, 49]


PROSE = "The Department of Homeland Security may share records of this system with other agencies for routine use. " * 3


def exchanged(text: str, by: int) -> str:
    """Put each letter's `by`th neighbour in its place, as fonts do whose codes are not those of letters."""
    return "".join(chr(ord(letter) + by) if letter.isalpha() else letter for letter in text)


@pytest.mark.parametrize(
    ("text", "covered", "reason"),
    [
        ("", 0.0, NO_LETTERS),
        (" \n.-", 1.0, NO_LETTERS),
        (PROSE, 1.0, ""),
        (PROSE.upper(), 0.0, ""),
        ("Case 1:19-cv-07058 Document 1-2 Filed 07/29/19 Page 2 of 2", 0.99, STAMPED),
        ("Case 1:19-cv-07058 Document 1-2 Filed 07/29/19 Page 2 of 2", 0.3, ""),
        (exchanged(PROSE, 3), 0.0, GARBLED),
        (exchanged(PROSE, 1), 0.0, GARBLED),
        ("readable\n" + "\ufffd" * 9, 0.0, GARBLED),
        ("\ue000\ue001\ue002\ue003 abc", 0.0, GARBLED),
        ("$ 1,234 5,678 9,012\n" * 40, 0.0, ""),
        ("El Departamento de Seguridad Nacional puede compartir los registros de este sistema. " * 3, 0.0, ""),
        ("Документ о порядке обращения с персональными данными. " * 9, 0.0, ""),
    ],
)
def test_layers_of_text_are_judged(text: str, covered: float, reason: str) -> None:
    assert unusable(text, covered) == reason


@given(st.text(max_size=200), st.floats(0, 1))
def test_any_text_is_judged(text: str, covered: float) -> None:
    assert unusable(text, covered) in ("", NO_LETTERS, STAMPED, GARBLED)
    assert 0 <= usual_pairs(text) <= 1


def test_what_pictures_cover() -> None:
    assert pictured([Picture(-10, -10, 700, 396), Picture(0, 0, 1, 1)], 612, 792) == pytest.approx(0.5)
    assert pictured([], 612, 792) == pictured([Picture(0, 0, 1, 1)], 0, 0) == 0


def test_a_scan_of_many_pages_is_stored_in_order_only() -> None:
    twice = dataclasses.replace(seen(2, "x"), pages=(*seen(2, "x").pages, *seen(2, "y").pages))
    with pytest.raises(ValueError, match="don't count"):
        from_bytes(to_bytes(twice), "ocr-2")
