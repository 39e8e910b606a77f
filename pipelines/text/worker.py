"""The process that reads untrusted files (`python -m pipelines.text.worker pdf`), one after the other, under limits.

Each request on standard input is a line of JSON ({"task", "length", "seconds", "given", "mark"}) and the body; each
answer on standard output is eight bytes of length, a stored reading (of a long PDF also how many pages it has, or a
range of them) and the request's mark. It knows no archive, opens no connection and writes no file.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import IO

from pipelines.text.confinement import confine, is_memory, limit_memory, limit_seconds, taken_pipes
from pipelines.text.reading import Reading
from pipelines.text.stored_reading import MOST_BYTES, NO_MEMORY, READERS, to_bytes

# The models of OCR take up to 1 GB of memory, and as much again of addresses that are never used.
MEMORY = {"pdf": 1536 << 20, "article": 1536 << 20, "ocr": 3072 << 20}

# What may be asked: a task's first word is the kind of its process, which loads only the libraries of that kind, since
# each takes a third of a second.
_FUNCTIONS = {
    "pdf": ("pipelines.text.pdf_ranges", "read_or_count"),
    "pdf range": ("pipelines.text.pdf_ranges", "read_range"),
    "pdf joined": ("pipelines.text.pdf_ranges", "read_joined"),
    "article": ("pipelines.text.html", "read_article"),
    "ocr": ("pipelines.text.ocr", "read_scan"),
}


def main(kind: str) -> None:
    """Serve requests until standard input ends; a process without memory for that says so by its status."""
    try:
        _serve(kind)
    except Exception as error:
        if not is_memory(error):
            raise
        os._exit(NO_MEMORY)  # whatever else is done at an end may need some


def _serve(kind: str) -> None:
    asked, answers = taken_pipes()
    tasks: dict[str, Callable[..., Reading | bytes]] = {
        task: getattr(importlib.import_module(module), name)
        for task, (module, name) in _FUNCTIONS.items()
        if task.split()[0] == kind
    }
    if kind == "ocr":
        importlib.import_module(_FUNCTIONS[kind][0]).engine()
    confine()
    limit_memory(MEMORY[kind])
    while line := asked.readline(1_000_000):
        request = json.loads(line)
        body = asked.read(request["length"])
        limit_seconds(request["seconds"])
        mark = bytes.fromhex(request["mark"])
        if not _answer(answers, kind, mark, partial(tasks[request["task"]], body, *request["given"])):
            return


def _answer(answers: IO[bytes], kind: str, mark: bytes, read: Callable[[], Reading | bytes]) -> bool:
    """Write the answer; return False when this process should read no more."""
    reader, data = READERS[kind], None
    try:
        made = read()
        data = made if isinstance(made, bytes) else to_bytes(made)
    except Exception as error:
        # As long as the error is held, so is all that was read until then.
        if not is_memory(error):
            data = to_bytes(Reading(reader, "reader-crashed", f"{type(error).__name__}: {error}"[:300]))
    healthy = data is not None
    if data is None:
        gc.collect()
        data = to_bytes(Reading(reader, "reader-memory", f"more than {MEMORY[kind] >> 20} MB"))
    if len(data) > MOST_BYTES:
        data = to_bytes(Reading(reader, "reader-memory", "more text than a document holds"))
    answers.write(len(data).to_bytes(8, "big") + data + mark)
    answers.flush()
    return healthy


if __name__ == "__main__":
    main(sys.argv[1])
