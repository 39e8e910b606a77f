"""Objects of a PDF that are wrong, absent or in a circle."""

from __future__ import annotations

import io

import pytest
from pdfminer.pdftypes import PDFObjRef
from pdfplumber.pdf import PDF

from pipelines.text import pdf_objects
from pipelines.text.pdf_objects import Once, array, dictionary, iter_tree, name_of, resolved, whole_number, words_of
from tests.hostile import pdf as hostile


def document(objects: dict[int, bytes]) -> PDF:
    plain = {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Count 0 /Kids [] >>"}
    return PDF.open(io.BytesIO(hostile.assembled(plain | objects)))


def test_a_reference_to_itself_and_a_circle_of_two_are_nothing() -> None:
    doc = document({5: b"5 0 R", 6: b"7 0 R", 7: b"6 0 R", 8: b"9 0 R", 9: b"(words)"}).doc
    assert [resolved(PDFObjRef(doc, number)) for number in (5, 6, 8, 99)] == [None, None, b"words", None]


def test_what_is_of_another_kind_is_absent() -> None:
    for wrong in (None, 7, b"x", "x", [], object()):
        assert dictionary(wrong) == {}
        assert name_of(wrong) == ""
    assert array({"a": 1}, 10) == []
    assert array([1, 2, 3], 2) == [1, 2]
    assert [whole_number(value) for value in list[object]([7, True, 7.5, b"7"])] == [7, None, None, None]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"plain \x85 \x00dash", "plain – dash"),
        (b"\xfe\xff\x00T\xd8\x3d\xde\x00", "T😀"),
        (b"\xff\xfeT\x00", "T"),
        (b"\xef\xbb\xbf\xc3\xa9", "é"),
        (b"\xfe\xff\xd8", "�"),
        ("two\nlines", "two lines"),
        (7, ""),
        (b"x" * 90_000_000, "x" * 50),
    ],
    ids=["pdfdoc", "utf-16", "utf-16-le", "utf-8", "cut", "text", "number", "huge"],
)  # fmt: skip
def test_text_strings_in_every_encoding(value: object, words: str) -> None:
    assert words_of(value, 50) == words


def test_a_tree_is_read_in_order_and_its_circles_once() -> None:
    doc = document({
        5: b"<< /Kids [6 0 R 5 0 R 7 0 R 6 0 R] >>",
        6: b"<< /Names [(a) 1 (b)] >>",
        7: b"<< /Kids [5 0 R << /Names [(c) 3 (d) 4] >>] >>",
    }).doc  # fmt: skip
    assert [tuple(leaf) for leaf in iter_tree(PDFObjRef(doc, 5), "Names")] == [(b"a", 1), (b"c", 3), (b"d", 4)]
    assert list(iter_tree(None, "Names")) == []


def test_a_tree_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_objects, "_MOST_NODES", 10)
    node: dict[str, object] = {"Names": [b"k", 1]}
    node["Kids"] = [node]
    assert len(list(iter_tree(node, "Names"))) == 10


def test_only_references_are_met_twice() -> None:
    once, reference = Once(), PDFObjRef(None, 5)
    met: list[object] = [reference, reference, {}, {}]
    assert [once.meets(value) for value in met] == [True, False, True, True]
