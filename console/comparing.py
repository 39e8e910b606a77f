"""`oversight text FILE --compare`: whether a file's text says what its pages show, page by page, as OCR sees them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from console.answers import show_json, shown
from console.ending import Exit, end
from pipelines.readers import Readers, Wanted
from pipelines.text.agreement import Agreement
from pipelines.text.ocr_at_hand import ocr_at_hand

# So many words of a page are named on a terminal; --json names all.
_NAMED = 12


@dataclass(frozen=True, slots=True)
class _AllPages:
    def __contains__(self, page: object) -> bool:
        return True


def compare_file(path: Path, page: int | None, *, as_json: bool) -> None:
    """Print how each page's text agrees with its picture; the status is 1 where a page's doesn't."""
    if not ocr_at_hand():
        end("No engine of OCR is installed: install Debian's tesseract-ocr, or run `make ocr`.", Exit.FAILED)
    try:
        body = path.read_bytes()
    except OSError as error:
        end(f"{shown(str(path))} could not be opened ({error.strerror}). Check its permissions.", Exit.FAILED)
    wanted = Wanted(hashlib.sha256(body).hexdigest(), "pdf", "", lambda: body)
    pages: Container[int] = _AllPages() if page is None else (page,)
    found = []
    with tempfile.TemporaryDirectory(prefix="oversight-") as folder, Readers(Path(folder)) as readers:
        for one in readers.compare_pages(wanted, pages):
            found.append(one)
            if not as_json:
                click.echo(_line(one))
    if as_json:
        show_json({"file": str(path), "pages": list(map(_as_data, found))})
    if not found:
        end("No page has a text of its own with words enough to be compared.", Exit.FAILED)
    if any(one.disagrees for one in found):
        end("Text and picture disagree: quote what the pages show.", Exit.FAILED)


def _as_data(one: Agreement) -> dict[str, Any]:
    return {**one._asdict(), "disagrees": one.disagrees}


def _line(one: Agreement) -> str:
    if one.share is None:
        return shown(f"page {one.page}: can't be told: {one.reason}")
    said = (
        f"page {one.page}: {one.share:.0%} of the words are on both sides{' — THEY DISAGREE' if one.disagrees else ''}"
    )
    for words, what in ((one.unseen, "in the text only"), (one.unsaid, "on the picture only")):
        if words:
            more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
            said += f"; {what}: {', '.join(words[:_NAMED])}{more}"
    return shown(said)
