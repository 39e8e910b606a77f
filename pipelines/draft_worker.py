"""The process that reads one draft of a stranger (`python -m pipelines.draft_worker docx`), under limits.

It talks as archive/worker_process.py says. `given` is the draft's format and of how many words a quotation has to be;
of a dossier "dossier", its name, and whether it is to be shown. The answer is the draft (archive/drafts/draft.py) or
the dossier (archive/dossiers/dossier.py) as JSON, or why it is refused. It opens no connection and writes no file.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from archive.dossiers.reading import read_dossier
from archive.drafts.draft import Block, Draft, DraftRefused, Text
from archive.drafts.reading import quotations_of, read_draft
from archive.running_text import running_text
from pipelines.text.confinement import confine, is_memory, limit_memory, limit_seconds, taken_pipes
from pipelines.text.stored_reading import NO_MEMORY

MEMORY = 1536 << 20
_REFUSED = {"encrypted": "it needs a password", "malformed-pdf": "it can't be opened"}


def main(form: str) -> None:
    """Serve requests until standard input ends."""
    try:
        _serve(form)
    except Exception as error:
        if not is_memory(error):
            raise
        os._exit(NO_MEMORY)


def _serve(form: str) -> None:
    asked, answers = taken_pipes()
    _load(form)
    confine()
    limit_memory(MEMORY)
    while line := asked.readline(1_000_000):
        request = json.loads(line)
        body = asked.read(request["length"])
        limit_seconds(request["seconds"])
        data = json.dumps(_answer(body, *request["given"])).encode()
        answers.write(len(data).to_bytes(8, "big") + data + bytes.fromhex(request["mark"]))
        answers.flush()


def _load(form: str) -> None:
    """Load what a format needs before files are given up."""
    if form == "pdf":
        import pipelines.text.pdf_ranges  # noqa: PLC0415, F401
    elif form == "dossier":
        read_dossier(b'# a\n\n## b\n\nEvidence: "c d e"\n', shown=True)
    elif form in {"html", "docx"}:
        read_draft(b"<p>a</p>", "html")
    if form == "docx":
        import archive.drafts.docx_text  # noqa: PLC0415, F401


def _answer(body: bytes, form: str, *given: Any) -> dict[str, Any]:
    try:
        if form == "dossier":
            name, shown = given
            return read_dossier(body, name, shown=shown).as_data()
        [fewest_words] = given
        draft = _read_pdf(body, fewest_words) if form == "pdf" else read_draft(body, form, fewest_words)
    except DraftRefused as refused:
        return {"refused": [refused.outcome, refused.detail]}
    except RecursionError:
        return {"refused": ["draft-unreadable", "its parts stand in each other more deeply than anybody writes"]}
    return draft.as_data()


def _read_pdf(body: bytes, fewest_words: int) -> Draft:
    from pipelines.text.pdf_ranges import read_or_count  # noqa: PLC0415

    reading = read_or_count(body)
    if isinstance(reading, bytes):
        raise DraftRefused("draft-too-large", "a draft that is a PDF has 80 pages at most")
    if not any(page.text.strip() for page in reading.pages):
        raise DraftRefused("draft-unreadable", _REFUSED.get(reading.outcome, "there are no letters in it"))
    running = running_text(reading.pages).text
    return quotations_of("pdf", Text(tuple(Block(one) for one in running.split("\n\n"))), fewest_words)


if __name__ == "__main__":
    main(sys.argv[1])
