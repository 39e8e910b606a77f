"""Measures how long a page's picture takes: first, and when it is kept, beside pdfium alone in this process.

`python -m bench.pictures FILE.pdf…`; of each file some pages are drawn, each with a picture for a column.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pypdfium2

from archive.research.page_words import place_words
from archive.site.pictures import COLUMN, NoPicture, PageOfFile, Pictures

MOST_PAGES = 4


def main(paths: Sequence[Path]) -> None:
    """Print the milliseconds as JSON: of each way the median and the 95th percentile."""
    taken: dict[str, list[float]] = {"pdfium": [], "first": [], "kept": [], "letters": [], "words": []}
    with tempfile.TemporaryDirectory() as folder:
        shown = Pictures(Path(folder), 1 << 30)
        for path in paths:
            asyncio.run(_measure(shown, path.read_bytes(), taken))
    told = {name: {"pages": len(ms), "median": round(statistics.median(ms), 1), "95th": round(_late(ms), 1)}
            for name, ms in taken.items() if ms}  # fmt: skip
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


async def _measure(shown: Pictures, body: bytes, taken: dict[str, list[float]]) -> None:
    digest = hashlib.sha256(body).hexdigest()
    try:
        count = len(pypdfium2.PdfDocument(body))
    except pypdfium2.PdfiumError:
        return
    for number in range(1, min(count, MOST_PAGES) + 1):
        page = PageOfFile(digest, number, lambda: body)
        try:
            began = time.perf_counter()
            await shown.picture(page)
            first = time.perf_counter()
            await shown.picture(page)
            kept = time.perf_counter()
            letters = await shown.letters(page)
            told = time.perf_counter()
        except NoPicture:
            continue
        place_words(str(letters["text"]), letters)
        placed = time.perf_counter()
        _bare(body, number)
        steps = [began, first, kept, told, placed, time.perf_counter()]
        for name, one, other in zip(("first", "kept", "letters", "words", "pdfium"), steps, steps[1:], strict=False):
            taken[name].append((other - one) * 1000)


def _bare(body: bytes, number: int) -> None:
    """Open a file, draw a page and pack it, as a program would that has no need to be safe."""
    document = pypdfium2.PdfDocument(body)
    page = document[number - 1]
    page.render(scale=COLUMN / page.get_width()).to_pil().save(io.BytesIO(), "PNG")
    document.close()


def _late(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
