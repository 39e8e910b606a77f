"""Annotations that are painted over words hide them, and nothing else of the kind does."""

from __future__ import annotations

import pytest

from pipelines.text.pdf import read_pdf
from tests.hostile import pdf as hostile

SECRET, PLAIN = "the name under the box", "what anyone may read"


def read(annotation: bytes) -> tuple[str, int, list[tuple[str, str]]]:
    reading = read_pdf(hostile.written(hostile.lines(SECRET, PLAIN), annotations=annotation))
    (page,) = reading.pages
    return page.text, page.covered, [(fact.name, fact.value) for fact in reading.facts if fact.name == "covered-text"]


def over_first(kind: bytes, more: bytes) -> bytes:
    """An annotation of this kind over the first line, as tests/hostile/pdf.py writes it."""
    return b"<< /Subtype /" + kind + b" /Rect [60 712 400 738] " + more + b" >>"


@pytest.mark.parametrize("kind", [b"Square", b"Redact"])
@pytest.mark.parametrize("colour", [b"[0]", b"[0 0 0]", b"[0 0 0 1]", b"[1 1 1]", b"[0.2 0.1 0.3]"])
def test_words_under_a_filled_annotation_are_left_out_and_counted(kind: bytes, colour: bytes) -> None:
    text, covered, facts = read(over_first(kind, b"/IC " + colour))
    letters = len(SECRET.replace(" ", ""))
    assert (text, covered) == (PLAIN, letters)
    assert facts == [("covered-text", f"{letters} letters under 1 box")]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (b"Square", b""),
        (b"Square", b"/IC []"),
        (b"Square", b"/IC [0] /CA 0.4"),
        (b"Square", b"/IC [0] /F 2"),
        (b"Square", b"/IC [0] /F 32"),
        (b"Square", b"/IC [(x) 7 null]"),
        (b"Highlight", b"/IC [0] /C [1 1 0] /QuadPoints [60 738 400 738 60 712 400 712]"),
        (b"Link", b"/IC [0]"),
    ],
    ids=lambda value: value.decode("latin-1"),
)
def test_what_is_not_filled_not_shown_or_lets_through_hides_nothing(kind: bytes, more: bytes) -> None:
    text, covered, facts = read(over_first(kind, more))
    assert (SECRET in text, covered, facts) == (True, 0, [])
