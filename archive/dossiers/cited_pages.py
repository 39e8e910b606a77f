"""The pages that a dossier rests on, as files: one page of a PDF by itself, its picture, or its text.

What reads the untrusted bytes is a process of its own (pipelines/text/picture_worker.py). Whether anything may be given
away is asked of `Given`, which a release's policies decide; it never holds more than the release shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from archive.mementos.stored_bytes import NoBytes
from archive.research.documents import hex_digest
from archive.research.rows import Row
from archive.site.pictures import COLUMN, MOST_BYTES, PAGES, PROGRAM, SECONDS, NoPicture, taken_apart
from archive.worker_process import Limits, Stopped, Task, WorkerProcess, bare_environment

_ALONE = b'{"outcome":"alone"'


@dataclass(frozen=True, slots=True)
class Given:
    """What of a version may be given away, by the names of the reasons against it ("" where it may): its `file` byte
    for byte, and `pictures` of its pages. `load` returns the file's bytes; it may raise NoBytes."""

    file: str
    pictures: str
    load: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class PageFiles:
    """A page as files: a PDF of this page, or None; its picture as PNG, or None; and why either is missing."""

    pdf: bytes | None
    png: bytes | None
    why: str = ""


class PageMaker:
    """Makes the files of pages, with a process that is started when it is first needed. Close it by `with`."""

    def __init__(self) -> None:
        self._worker: WorkerProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._worker is not None:
            self._worker.end()

    def make(self, version: Row, number: int, given: Given) -> PageFiles:
        """Return the files of a page of a PDF; why there are none, where it may not be given or can't be made."""
        if given.pictures:
            return PageFiles(None, None, given.pictures)
        try:
            body = given.load()
        except NoBytes as none:
            return PageFiles(None, None, none.name)
        digest, why = hex_digest(version["digest"]), given.file
        pdf = png = None
        try:
            png = taken_apart(self._asked("draw", body, digest, number))[1]
            if not why:
                pdf = _alone(self._asked("alone", body, digest, number))
        except NoPicture as none:
            why = none.outcome
        return PageFiles(pdf, png, why)

    def _asked(self, task: str, body: bytes, digest: str, number: int) -> bytes:
        """Return a worker's answer. Raises NoPicture."""
        if self._worker is None or not self._worker.is_fit():
            if self._worker is not None:
                self._worker.end()
            self._worker = WorkerProcess(PROGRAM, Limits(PAGES, MOST_BYTES), bare_environment())
        try:
            return self._worker.exchange(Task(task, body, (digest, number, COLUMN)), SECONDS)
        except Stopped as stopped:
            self._worker = None
            outcomes = {"reader-timeout": "picture-slow", "reader-memory": "picture-too-large"}
            raise NoPicture(outcomes.get(stopped.outcome, "picture-failed"), stopped.detail) from stopped


def _alone(answer: bytes) -> bytes:
    """Return the PDF of an answer, which may be anything. Raises NoPicture."""
    line, _, pdf = answer.partition(b"\n")
    if line.startswith(_ALONE) and pdf.startswith(b"%PDF-"):
        return pdf
    try:
        taken_apart(answer)  # it says by what name it was refused
    except NoPicture as none:
        raise NoPicture(none.outcome, none.detail) from None
    raise NoPicture("picture-failed", json.dumps(line.decode("ascii", "replace")[:100]))
