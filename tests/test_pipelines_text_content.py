"""Content streams into operations: the same objects as pdfminer's parser has, whatever the bytes are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pdfminer.pdfinterp import PDFContentParser
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import KWD, PSEOF, PSSyntaxError
from pdfplumber.pdf import PDF

from pipelines.text.content import operations

PIECES = [
    *rb"BT ET q Q 1 0 0 -1 72.5 .5 -.5 +3 5. - . Tj TJ T* ' () (a) (\() (a(b)c) ((( ) \ \12 \0011 \r".split(),
    *rb"-- 1-2 1.2.3 <41> <4 > >> << <</MCID 3>>BDC /P /N#20x / /F1 12 Tf [(a)-12(b)] [1 (a)<41>]TJ".split(),
    *rb"] [ { } % %c null true BI ID EI /W /H BI/F/A85/W 1 ID abc~> (\q)' 1 2(x) /P<</MCID 3>>BDC".split(),
    *rb"/A<<>>BDC 99999 1e5 (a)Tjx <41>> <41>Tj [(a)]TJ [1-2]TJ [.]TJ [(a)2]TJ [<414>]TJ m l re".split(),
    b"1234567890123456789012345678901", b"(\\\r\nx)Tj", b"\xc3\xa9", b"/\xc3\xa9", b"/\xff", b"\0", b"1\0", b"Tj\0",
    b"%c\n", b"\r\n", b"\"", b" ", b"\n",
    b"(a b) Tj", b"[ (a) ] TJ", b"BI /W 1 ID xx EI Q", b"<< /A [1 (b)] >> BDC",
]  # fmt: skip


def theirs(content: bytes) -> Iterator[Any]:
    parser = PDFContentParser([PDFStream({}, content)])
    while True:
        try:
            yield parser.nextobject()[1]
        except PSSyntaxError:
            continue
        except PSEOF:
            return


def ours(content: bytes) -> Iterator[Any]:
    for operator, operands, plain in operations(content):
        numbers = all(type(operand) is float for operand in operands)
        assert not plain or numbers or (len(operands) == 1 and isinstance(operands[0], bytes | list))
        yield from operands
        if operator:
            yield KWD(operator)


def comparable(value: Any) -> Any:
    if isinstance(value, PDFStream):
        return comparable(value.attrs), value.rawdata
    if isinstance(value, list):
        return [comparable(one) for one in value]
    if isinstance(value, dict):
        return {name: comparable(one) for name, one in value.items()}
    # True is 1 in Python.
    return repr(value) if isinstance(value, bool) else value


def same(content: bytes) -> None:
    try:
        # Streams are joined by line ends, and so end in one.
        expected = list(theirs(content + b"\n"))
    except (AssertionError, TypeError, IndexError):
        # pdfminer gives up on octal escapes above 377 and on filters that are none.
        assume(False)
    found = list(ours(content))
    assert [comparable(one) for one in found] == [comparable(one) for one in expected]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from([b"", b" ", b"\n"]))
def test_pieces_in_any_order_are_the_same_objects(pieces: list[bytes], between: bytes) -> None:
    same(between.join(pieces))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
@example(b"1 2 3 ")
@example(b"\x00")
def test_any_bytes_are_the_same_objects(content: bytes) -> None:
    same(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"1 0 0 1 72 720 Tm", [(b"Tm", [1, 0, 0, 1, 72, 720], True)]),
        (b"(a\\)\\101) Tj", [(b"Tj", [b"a)A"], True)]),
        (b"(\\777)Tj", [(b"Tj", [b"\xff"], True)]),
        (b"(a(b(c\\))))Tj", [(b"Tj", [b"a(b(c)))"], False)]),
        (b"[(a)-12.5<4142>]TJ", [(b"TJ", [[b"a", -12.5, b"AB"]], True)]),
        (b"<< /B >> 1 << /C 2 >> x (x) Tj", [(b"x", [1, {"C": 2}], False), (b"Tj", [b"x"], True)]),
        (b"1 %c\n 2 Td", [(b"Td", [1, 2], False)]),
        (b"1 2", [(b"", [1, 2], False)]),
        (b"q Q T* 'x", [(b"q", [], True), (b"Q", [], True), (b"T*", [], True), (b"'", [], False), (b"x", [], True)]),
        (b"", []),
    ],
)  # fmt: skip
def test_operations(content: bytes, expected: list[Any]) -> None:
    assert [tuple(one) for one in operations(content)] == expected


def streams(body: bytes) -> Iterator[bytes]:
    pdf = PDF.open(io.BytesIO(body))
    for page in list(PDFPage.create_pages(pdf.doc))[:4]:
        yield b"\n".join(resolve1(stream).get_data() for stream in page.contents)
        forms = resolve1((resolve1(page.resources) or {}).get("XObject")) or {}
        for form in list(map(resolve1, forms.values()))[:4]:
            if isinstance(form, PDFStream) and getattr(form.get("Subtype"), "name", "") == "Form":
                yield form.get_data()


@pytest.mark.parametrize("folder", ["gov/dhs-directives", "gov/gsa-rfq", "gov/ice-287g-moa", "gov/ig-reports"])
def test_real_streams_are_the_same_objects(corpus: Path, folder: str) -> None:
    compared = 0
    for path in sorted((corpus / "pdf" / folder).rglob("*.pdf"))[:6]:
        for content in streams(path.read_bytes()):
            same(content[:150_000])
            compared += 1
    assert compared
