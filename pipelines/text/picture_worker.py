"""The process that draws pages of untrusted PDFs (`python -m pipelines.text.picture_worker`), under limits.

It talks as archive/worker_process.py says. `given` is the SHA-256 of a file, a page and a width in pixels (0: no
picture); a body of no bytes means the file that was asked for last. An answer is a line of JSON (`outcome`, `detail`;
where the page was drawn `page`, the letters with their boxes, and `pixels`) and the PNG. Asked for "alone", it answers
with a PDF of the one page in place of these. It opens no connection and writes no file.
"""

from __future__ import annotations

import json
import os
from typing import Any

from pypdfium2 import PdfiumError

from pipelines.text.confinement import confine, is_memory, limit_memory, limit_seconds, taken_pipes
from pipelines.text.page_picture import NoPictureError, PagePictures
from pipelines.text.stored_reading import NO_MEMORY

# pdfium ends the process when there is no more: the parent knows that by the signal.
MEMORY = 1024 << 20


def main() -> None:
    """Serve requests until standard input ends."""
    try:
        _serve()
    except Exception as error:
        if not is_memory(error):
            raise
        os._exit(NO_MEMORY)


def _serve() -> None:
    asked, answers = taken_pipes()
    _warm()
    confine()
    limit_memory(MEMORY)
    held, opened = "", None
    while line := asked.readline(1_000_000):
        request = json.loads(line)
        body = asked.read(request["length"])
        limit_seconds(request["seconds"])
        digest, number, width = request["given"]
        try:
            if body or digest != held or opened is None:
                if opened is not None:
                    opened.close()
                opened, held = None, digest
                opened = PagePictures(body)
            data = _alone(opened, number) if request["task"] == "alone" else _answer(opened, number, width)
        except NoPictureError as refused:
            data = _told({"outcome": refused.outcome, "detail": refused.detail})
        except (PdfiumError, ValueError, OverflowError) as error:
            data = _told({"outcome": "page-failed", "detail": f"{type(error).__name__}: {error}"[:300]})
        answers.write(len(data).to_bytes(8, "big") + data + bytes.fromhex(request["mark"]))
        answers.flush()


def _answer(opened: PagePictures, number: int, width: int) -> bytes:
    letters = opened.letters(number)
    told = {"outcome": "drawn", "detail": "", "page": letters._asdict()}
    if not width:
        return _told(told)
    drawn = opened.draw(number, width)
    return _told({**told, "pixels": [drawn.width, drawn.height]}) + drawn.png


def _alone(opened: PagePictures, number: int) -> bytes:
    return _told({"outcome": "alone", "detail": ""}) + opened.alone(number)


def _told(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _warm() -> None:
    """Draw a page of nothing, so that all that is loaded on a first use is loaded before files are given up."""
    blank = PagePictures(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n"
    )
    _answer(blank, 1, 9)
    _alone(blank, 1)
    blank.close()


if __name__ == "__main__":
    main()
