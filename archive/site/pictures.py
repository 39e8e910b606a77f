"""Draws pages when they are asked for: by processes of their own, two at a time, once for whoever asks at once.

It is asked only after the release at hand was (archive/site/page_pictures.py): it knows no document, no release and no
withdrawal, only bytes by their digest. What draws stands in pipelines/text/picture_worker.py, which is a program to it.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from archive.kept_pictures import KeptPictures
from archive.worker_process import Limits, Stopped, Task, WorkerProcess, bare_environment

PROGRAM = ("pipelines.text.picture_worker",)
WORKERS = 2
# A process draws so many pages; its memory grows. A page has so many seconds, and an answer so many bytes.
PAGES, SECONDS, MOST_BYTES = 200, 10, 64 << 20
# So many requests wait at most, and so long: more would only be told later that there was no time. A page is shown
# without its picture sooner than that.
MOST_WAITING, PATIENCE, PATIENCE_OF_PAGES = 40, 25.0, 8.0
# Why a page can't be drawn is remembered of so many, for so many seconds: nobody has it drawn again and again.
REMEMBERED, FOR_SECONDS = 5_000, 600.0
# For a column, for a screen, and for a list of documents.
COLUMN, LARGE, SMALL = 1000, 2000, 320
WIDTHS = (SMALL, COLUMN, LARGE)
_DRAWN = b'{"outcome":"drawn"'
_OF_A_WORKER = {"reader-timeout": "picture-slow", "reader-memory": "picture-too-large"}


class NoPicture(Exception):  # noqa: N818
    """A page can't be shown: `outcome` names why (archive/outcomes.py), `detail` says more."""

    def __init__(self, outcome: str, detail: str = "") -> None:
        super().__init__(outcome, detail)
        self.outcome, self.detail = outcome, detail


@dataclass(frozen=True, slots=True)
class PageOfFile:
    """One page of a file that is known by the SHA-256 of its bytes; `load` gets these, and may raise NoBytes."""

    digest: str
    number: int
    load: Callable[[], bytes]


class _Drawers:
    """The processes that draw, shared by all that this process serves; one that has the file at hand goes first."""

    def __init__(self) -> None:
        self._idle: list[tuple[str, WorkerProcess]] = []
        self._lock = threading.Lock()

    def draw(self, archive: Path, page: PageOfFile, width: int) -> bytes:
        """Return a worker's answer. Raises Stopped, NoBytes. What another archive holds isn't drawn for this one."""
        wanted = f"{archive}:{page.digest}"
        held, worker = self._borrowed(wanted)
        try:
            body = b"" if held == wanted else page.load()
            answer = worker.exchange(Task("draw", body, (page.digest, page.number, width)), SECONDS)
        except BaseException:
            worker.end()
            raise
        self._give_back(wanted if answer.startswith(_DRAWN) else "", worker)
        return answer

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            while self._idle:
                self._idle.pop()[1].end()

    def _borrowed(self, wanted: str) -> tuple[str, WorkerProcess]:
        with self._lock:
            for one in sorted(self._idle, key=lambda one: one[0] != wanted):
                self._idle.remove(one)
                if one[1].is_fit():
                    return one
                one[1].end()
        return "", WorkerProcess(PROGRAM, Limits(PAGES, MOST_BYTES), bare_environment())

    def _give_back(self, held: str, worker: WorkerProcess) -> None:
        with self._lock:
            if worker.is_fit() and len(self._idle) < WORKERS:
                self._idle.append((held, worker))
                return
        worker.end()


_drawers = _Drawers()
atexit.register(_drawers.close)
_asking = ThreadPoolExecutor(WORKERS, thread_name_prefix="drawing")


class Pictures:
    """The pictures of one archive's pages; `most_kept` bytes of them are kept on the disk."""

    def __init__(self, archive: Path, most_kept: int) -> None:
        self._archive, self._kept = archive, KeptPictures(archive, most_kept)
        self._drawing: dict[tuple[str, int, int], Future[tuple[bytes, bytes]]] = {}
        self._refused: OrderedDict[tuple[str, int], tuple[NoPicture, float]] = OrderedDict()
        self._lock = threading.Lock()

    async def picture(self, page: PageOfFile, width: int = COLUMN) -> bytes:
        """Return a page as PNG, so many pixels wide or as many as its shape allows. Raises NoPicture, NoBytes."""
        kept = await asyncio.to_thread(self._kept.get, page.digest, _name(page.number, width))
        return kept if kept is not None else (await self._drawn(page, width))[1]

    async def letters(self, page: PageOfFile, patience: float | None = None) -> dict[str, Any]:
        """Return where the letters of a page stand, as archive/research/page_words.py takes it. Raises likewise."""
        kept = await asyncio.to_thread(self._kept.get, page.digest, _name(page.number, 0))
        told = kept if kept is not None else (await self._drawn(page, COLUMN, patience))[0]
        try:
            return dict(json.loads(told))
        except (ValueError, TypeError, RecursionError):
            raise NoPicture("picture-failed", "what was told of its letters can't be read") from None

    async def _drawn(self, page: PageOfFile, width: int, patience: float | None = None) -> tuple[bytes, bytes]:
        future = self._asked(page, width)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), patience or PATIENCE)
        except TimeoutError:
            raise NoPicture("picture-waits") from None

    def _asked(self, page: PageOfFile, width: int) -> Future[tuple[bytes, bytes]]:
        """Return the drawing of a page that is under way, or begin it. Raises NoPicture."""
        key = (page.digest, page.number, width)
        with self._lock:
            refused, since = self._refused.get(key[:2], (None, 0.0))
            if refused is not None and monotonic() - since < FOR_SECONDS:
                raise NoPicture(refused.outcome, refused.detail)
            if (under_way := self._drawing.get(key)) is not None:
                return under_way
            if len(self._drawing) >= MOST_WAITING:
                raise NoPicture("picture-waits")
            future = self._drawing[key] = _asking.submit(self._draw, page, width, self._kept.mark())
        future.add_done_callback(lambda _: self._drawing.pop(key, None))
        return future

    def _draw(self, page: PageOfFile, width: int, mark: bytes) -> tuple[bytes, bytes]:
        try:
            letters, png = taken_apart(_drawers.draw(self._archive, page, width))
        except Stopped as stopped:
            raise self._remembered(
                page, NoPicture(_OF_A_WORKER.get(stopped.outcome, "picture-failed"), stopped.detail)
            ) from stopped
        except NoPicture as refused:
            raise self._remembered(page, refused) from None
        self._kept.put(page.digest, _name(page.number, 0), letters, mark)
        self._kept.put(page.digest, _name(page.number, width), png, mark)
        if self._kept.mark() != mark:  # something was withdrawn meanwhile: whether it was this the next release knows
            raise NoPicture("picture-waits")
        return letters, png

    def _remembered(self, page: PageOfFile, refused: NoPicture) -> NoPicture:
        with self._lock:
            self._refused[page.digest, page.number] = refused, monotonic()
            while len(self._refused) > REMEMBERED:
                self._refused.popitem(last=False)
        return refused


def _name(number: int, width: int) -> str:
    return f"p{number}.{width}.png" if width else f"p{number}.letters.json"


def taken_apart(answer: bytes) -> tuple[bytes, bytes]:
    """Return the letters and the picture of a worker's answer, which may be anything. Raises NoPicture."""
    line, _, png = answer.partition(b"\n")
    try:
        told = json.loads(line)
        outcome, detail = told["outcome"], str(told["detail"])[:300]
        letters = json.dumps(told["page"], separators=(",", ":")).encode() if outcome == "drawn" else b""
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NoPicture("picture-failed", "its answer can't be used") from None
    if outcome != "drawn":
        known = outcome in {"encrypted", "malformed-pdf", "page-failed", "no-page", "picture-too-large"}
        raise NoPicture(outcome if known else "picture-failed", detail)
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise NoPicture("picture-failed", "its answer is no picture")
    return letters, png
