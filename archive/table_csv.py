"""A table as comma-separated values (RFC 4180) that a spreadsheet takes for text and numbers, never for formulas.

A cell that a spreadsheet would calculate (it begins with =, +, -, @, also in their wide forms or behind blanks, or
with a tab or a line's end) gets an apostrophe in front, unless it is a plain number. So does one that would look like
such a cell afterwards: whoever takes one apostrophe away from every cell that begins with apostrophes and then one of
these characters has the table as it was printed (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n\0])")
# -5.2, +1,250, -12 %, -$40, but not -2+3.
_NUMBER = re.compile(r"[+-] ?[$€£]?[0-9][0-9,. ]*%?")


def table_csv(rows: Iterable[Iterable[str]], line_end: str = "\r\n") -> str:
    """Return rows as CSV, each ended by `line_end`."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=line_end)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def harmless(cell: str) -> str:
    """Return a cell as no spreadsheet calculates it."""
    return "'" + cell if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
