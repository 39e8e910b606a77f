"""True and altered quotations of real PDFs and of made scans, whose words are known from elsewhere than our reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

import pypdfium2
import pytest

from archive.research.quotes.differing import find_near
from archive.research.quotes.fitting import find_fits
from archive.research.quotes.held import Held, of_page, of_running
from archive.research.quotes.quotation import parse
from archive.research.rows import Row
from bench.scans import SPOILINGS, bound, drawn, spoilt
from pipelines.text import ocr
from pipelines.text.pdf import read_pdf
from pipelines.text.reading import TextPage
from tests.conftest import CORPUS
from tests.figures import figure

VERSION: Row = {"id": "d@1234567890", "document": "d", "digest": "sha256:1234567890", "ordinal": 1}


def helds_of(pages: Sequence[TextPage]) -> list[Held]:
    """Return what a file's quotations are compared with: its pages, and the running text over their ends."""
    rows = [
        {"number": page.number, "label": "", "text": page.text, "parts": [part._asdict() for part in page.parts],
         "runs_on": page.runs_on, "also": page.also.split()} for page in pages
    ]  # fmt: skip
    return [of_page(VERSION, row) for row in rows] + [
        of_running(VERSION, rows[max(at - 1, 0) : at + 2]) for at in range(len(rows))
    ]


def sentences(body: bytes) -> Iterator[str]:
    """Yield sentences of a file as pdfium reads it."""
    document = pypdfium2.PdfDocument(body)
    for page in document:
        text = page.get_textpage().get_text_bounded().replace("\r\n", "\n")
        for one in re.split(r"(?<=[a-z][.?!])\s+(?=[A-Z])", text):
            if 9 <= len(one.split()) <= 35 and re.match(r"[A-Z][a-z]+ [a-z]", one) and one.rstrip()[-1:] in ".?!":
                yield one
    document.close()


def is_exact(helds: Sequence[Held], words: str) -> bool:
    return any(not fit.doubts for held in helds for fit in find_fits(held, parse(words)))


def is_near(helds: Sequence[Held], words: str) -> bool:
    return any(find_near(held, parse(words)) for held in helds)


@pytest.mark.corpus
def test_true_quotations_of_real_files_are_found_and_altered_ones_never_exact() -> None:
    random = Random(5)
    asked = exact = near = altered_exact = files = 0
    for path in sorted((CORPUS / "pdf").rglob("*.pdf")):
        body = path.read_bytes()
        reading = read_pdf(body) if len(body) < 1_500_000 else None
        pages = [page for page in reading.pages if page.outcome == "text"] if reading else []
        said = list(sentences(body)) if 0 < len(pages) <= 25 else []
        helds = helds_of(pages) if said else []
        files += bool(said)
        for words in random.sample(said, min(6, len(said))):
            asked += 1
            found = is_exact(helds, words)
            exact += found
            near += not found and is_near(helds, words)
            changed = words.split()
            changed[random.randrange(2, len(changed) - 2)] = "zebra"
            altered_exact += is_exact(helds, " ".join(changed))
    figure("quotations of real files", files=files, asked=asked, exact=exact, near=near, altered_exact=altered_exact)
    assert altered_exact == 0
    assert exact + near >= 0.99 * asked
    assert exact >= 0.95 * asked


@pytest.mark.soak
def test_quotations_of_scans_are_found() -> None:
    """Of pages that were drawn, spoilt as scanners do, and read by OCR: true quotations are exact, or near."""
    if ocr.engine() is None:
        pytest.skip("no engine of OCR is installed")
    random = Random(7)
    asked = exact = near = altered_exact = 0
    for seed, how in enumerate(SPOILINGS):
        page = drawn(seed + 20)
        [read] = ocr.read_scan(bound([spoilt(page, how)], how.dots, how.quality), 1).pages
        helds = helds_of([read])
        for _ in range(10):
            at = random.randrange(len(page.words) - 15)
            said = list(page.words[at : at + 14])
            asked += 1
            found = is_exact(helds, " ".join(said))
            exact += found
            near += not found and is_near(helds, " ".join(said))
            said[random.randrange(2, 12)] = "zebra"
            altered_exact += is_exact(helds, " ".join(said))
    figure("quotations of scans", asked=asked, exact=exact, near=near, altered_exact=altered_exact)
    assert altered_exact == 0
    assert exact + near >= 0.95 * asked
