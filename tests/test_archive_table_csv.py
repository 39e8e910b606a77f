"""Tables as CSV: read back as they were printed, and never calculated by a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.table_csv import table_csv

CELLS = st.text(alphabet="=+-@'\"\t\r\n ,;a0.%＝|\0", max_size=6) | st.text(max_size=8)


def read_back(text: str) -> list[list[str]]:
    """Read CSV, and take away what the documented rule puts in front."""
    rows = csv.reader(io.StringIO(text, newline=""))
    mark = re.compile(r"'+(?:\s*[=+\-@＝＋－＠]|[\t\r\n\0])")
    return [[cell[1:] if mark.match(cell) else cell for cell in row] for row in rows]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=4))
def test_the_table_is_recovered_by_the_rule(rows: list[list[str]]) -> None:
    assert read_back(table_csv(rows)) == rows


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\0=1", "'=1", "-2+3+cmd|' /C calc'!A0"],
    ids=ascii,
)
def test_a_formula_is_text(cell: str) -> None:
    assert next(csv.reader(io.StringIO(table_csv([[cell]]), newline=""))) == ["'" + cell]


@pytest.mark.parametrize("cell", ["-5.20", "+3", "-1,250", "-12%", "-$40", "- 7", "2017", "a-b", "'quoted'", "—", ""])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert next(csv.reader(io.StringIO(table_csv([[cell, "x"]])))) == [cell, "x"]


def test_its_form_is_that_of_the_standard() -> None:
    assert table_csv([["a", 'b "c"'], ["d\ne", ""]]) == 'a,"b ""c"""\r\n"d\ne",\r\n'
