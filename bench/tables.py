"""How well tables are found: the score of the ICDAR 2013 table competition, for ours and stock pdfplumber, in one run.

`python -m bench.tables [FOLDER]`. Precision and recall are of adjacency relations (Göbel, Hassan, Oro, Orsi: A
methodology for evaluating algorithms for table understanding in PDF documents, DocEng 2012): each cell that isn't empty
with its nearest neighbours to the right and below, their texts compared without white space. The relations of a
document's tables are compared as one bag; F1 is of each document, and the mean over the documents.
"""

from __future__ import annotations

import io
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pdfplumber
from pdfplumber.pdf import PDF

from pipelines.text.pdf_labels import iter_pages
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.tables import FoundTable, Span, find_tables
from pipelines.text.words import words_of

DEFAULT = Path(__file__).parents[2] / "shared/corpus/pdf/bench/icdar2013-us/competition-dataset-us"

_LEADER = re.compile(r"(?<=\w)\.+$")
Relation = tuple[str, str, str]


class Cell(NamedTuple):
    """A cell's text, its first row and column, and its last."""

    text: str
    row: int
    column: int
    last_row: int
    last_column: int


Read = Callable[[bytes], Iterable[Sequence[Cell]]]


class Score(NamedTuple):
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / ((self.precision + self.recall) or 1)


def relations(cells: Sequence[Cell]) -> Counter[Relation]:
    """Return the adjacency relations of one table's cells."""
    grid: dict[tuple[int, int], Cell] = {}
    for cell in cells:
        if cell.text:
            for row in range(cell.row, cell.last_row + 1):
                for column in range(cell.column, cell.last_column + 1):
                    grid.setdefault((row, column), cell)
    pairs: set[tuple[Cell, Cell, str]] = set()
    for way, places in (("right", sorted(grid)), ("below", sorted(grid, key=lambda place: place[::-1]))):
        along = 0 if way == "right" else 1
        for one, other in pairwise(places):
            if one[along] == other[along] and grid[one] is not grid[other]:
                pairs.add((grid[one], grid[other], way))
    return Counter((one.text, other.text, way) for one, other, way in pairs)


def squeezed(text: str | None) -> str:
    """Return a text as it is compared: without white space, and without the dots that lead to the next column."""
    return _LEADER.sub("", "".join((text or "").split()))


def truth(path: Path) -> list[list[Cell]]:
    """Return the tables of a file of the competition (NAME-str.xml)."""
    tables = []
    for region in ElementTree.parse(path).getroot().iter("region"):
        cells = []
        for cell in region.iter("cell"):
            row, column = int(cell.get("start-row", 0)), int(cell.get("start-col", 0))
            last = int(cell.get("end-row", row)), int(cell.get("end-col", column))
            cells.append(Cell(squeezed(cell.findtext("content")), row, column, max(row, last[0]), max(column, last[1])))
        tables.append(cells)
    return tables


def compare(found: Iterable[Sequence[Cell]], true: Iterable[Sequence[Cell]]) -> Score:
    """Return precision and recall of the relations of all of a document's tables."""
    ours: Counter[Relation] = sum(map(relations, found), Counter())
    theirs: Counter[Relation] = sum(map(relations, true), Counter())
    both = (ours & theirs).total()
    return Score(both / (ours.total() or 1), both / (theirs.total() or 1))


def from_rows(rows: Sequence[Sequence[str | None]]) -> list[Cell]:
    """Return the cells of plain rows."""
    return [Cell(squeezed(text), y, x, y, x) for y, row in enumerate(rows) for x, text in enumerate(row)]


def stock(body: bytes) -> Iterable[Sequence[Cell]]:
    """Find tables as pdfplumber does by default."""
    with pdfplumber.open(io.BytesIO(body)) as pdf:
        for page in pdf.pages:
            yield from map(from_rows, page.extract_tables())


def tables_of(body: bytes) -> Iterable[FoundTable]:
    """Find tables in the words and boxes of our own pages."""
    with PDF.open(io.BytesIO(body), raise_unicode_errors=False) as pdf:
        for number, found in enumerate(iter_pages(pdf.doc), start=1):
            page = LetterPage(pdf, found, page_number=number)
            yield from find_tables(words_of(page.letters), page.boxes, page.width, page.height)
            page.close()


def ours(body: bytes) -> Iterable[Sequence[Cell]]:
    """Find tables as we do; cells that span several rows or columns are compared as such."""
    return map(with_spans, tables_of(body))


def ours_as_rows(body: bytes) -> Iterable[Sequence[Cell]]:
    """Find tables as we do, and compare plain rows, as a CSV file has them."""
    return (from_rows(table.rows) for table in tables_of(body))


def with_spans(table: FoundTable) -> list[Cell]:
    """Return a table's cells; those that span are one each."""
    spans = {(span.row, span.column): span for span in table.spans}
    cells = []
    for cell in from_rows(table.rows):
        span = spans.get((cell.row, cell.column), Span(cell.row, cell.column, 1, 1))
        last_row, last_column = cell.row + span.rows - 1, cell.column + span.columns - 1
        cells.append(cell._replace(last_row=last_row, last_column=last_column))
    return cells


READERS: Mapping[str, Read] = {"ours": ours, "ours, rows": ours_as_rows, "pdfplumber": stock}


def scores(folder: Path = DEFAULT, read: Read = ours) -> dict[str, Score]:
    """Return precision and recall of each document of a folder of the competition, by name."""
    found = {}
    for path in sorted(folder.glob("*-str.xml")):
        name = path.name.removesuffix("-str.xml")
        if (document := folder / f"{name}.pdf").exists():
            found[name] = compare(read(document.read_bytes()), truth(path))
    return found


def score(folder: Path = DEFAULT, read: Read = ours) -> dict[str, float]:
    """Return the F1 of each document of a folder of the competition, by name, and their mean as "mean"."""
    found = {name: one.f1 for name, one in scores(folder, read).items()}
    return {**found, "mean": sum(found.values()) / (len(found) or 1)}


def main(folder: Path) -> None:
    """Print one table: F1 by document and reader, the mean, and the seconds that each took."""
    results, seconds = {}, {}
    for name, read in READERS.items():
        began = time.process_time()
        results[name] = scores(folder, read)
        seconds[name] = time.process_time() - began
    print("document  " + "".join(f"{name:>14}" for name in results) + "   (ours: precision, recall)")
    for document, one in results["ours"].items():
        row = "".join(f"{result[document].f1:14.3f}" for result in results.values())
        print(f"{document:10}{row}   {one.precision:.3f} {one.recall:.3f}")
    print(
        f"{'mean F1':10}"
        + "".join(f"{sum(one.f1 for one in result.values()) / len(result):14.3f}" for result in results.values())
    )
    print(f"{'seconds':10}" + "".join(f"{taken:14.1f}" for taken in seconds.values()))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
