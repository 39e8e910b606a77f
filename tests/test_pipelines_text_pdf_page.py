"""One page of a PDF by itself: its layout and outcome, its tables in their place, and errors as names."""

from __future__ import annotations

import io

import pytest
from pdfplumber.pdf import PDF

from pipelines.text.pdf_page import EMPTY, PageRead, named, read_page
from tests.hostile import pdf as hostile


def pages(body: bytes) -> list[PageRead]:
    with PDF.open(io.BytesIO(body)) as pdf:
        return [read_page(pdf, page.page_obj, number) for number, page in enumerate(pdf.pages, start=1)]


def texts(read: PageRead) -> list[str]:
    return [line.text for block in read.layout.blocks for line in block.lines]


def test_a_page_has_its_lines_and_its_number() -> None:
    read = pages(hostile.written(hostile.lines("The first page."), hostile.lines("And one more.")))
    assert [(one.number, one.outcome, one.problem, texts(one)) for one in read] == [
        (1, "text", "", ["The first page."]), (2, "text", "", ["And one more."])
    ]  # fmt: skip
    assert (read[0].layout.width, read[0].layout.height) == (612, 792)


def test_a_page_without_letters_says_so() -> None:
    [read] = pages(hostile.written(None))
    assert (read.outcome, read.problem, texts(read)) == ("no-text-layer", "no letters", [])


def test_a_page_that_fails_is_named() -> None:
    read = pages(hostile.broken_flate())
    assert read[1] == PageRead(2, "page-failed", problem="its content can't be unpacked")
    assert read[1].layout == EMPTY


def test_a_table_stands_between_the_lines_around_it() -> None:
    rows = [("State", "Cases", "Share"), ("Maine", "1,200", "3.4"), ("Ohio", "980", "12.1"), ("Texas", "15,030", "7.9"),
            ("Utah", "77", "0.3")]  # fmt: skip
    shown = [(72, 700, "These are the cases of last year, of which each state keeps a record.")]
    shown += [
        (x, 660 - 14 * row, cell)
        for row, cells in enumerate(rows)
        for x, cell in zip((72, 222, 302), cells, strict=True)
    ]
    shown += [(72, 560, "Other states keep no record of theirs, and none is known of.")]
    content = b"".join(f"BT /F1 10 Tf {x} {y} Td ({text}) Tj ET\n".encode() for x, y, text in shown)
    [read] = pages(hostile.written(content))
    assert texts(read) == [shown[0][2], *("\t".join(cells) for cells in rows), shown[-1][2]]
    assert [table.rows for table in read.tables] == [tuple(rows)]
    assert (read.tables[0].page, read.tables[0].number) == (1, 1)


def test_errors_are_named_on_one_line_and_lack_of_memory_goes_on() -> None:
    assert named(ValueError("two\nlines")) == "ValueError: two lines"
    assert named(RuntimeError(KeyError())) == "KeyError"
    assert len(named(ValueError("x" * 999))) == 300
    with pytest.raises(MemoryError):
        named(RuntimeError(MemoryError()))
