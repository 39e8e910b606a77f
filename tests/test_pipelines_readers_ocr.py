"""Scanned pages through the worker processes: read within limits, kept apart, and caught up with by a later run."""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from archive.worker_process import Task
from bench.scans import Spoiling, drawn, scored, spoilt
from pipelines.readers import Readers, Wanted, kept_path
from pipelines.reading_process import Worker
from pipelines.text.reading import Reading
from pipelines.text.stored_reading import from_bytes
from tests.demo_archive import command, differences, dump, rows, run

# The program on a machine that has no engine.
BLIND = "import pipelines.load, oversight; pipelines.load.ocr_at_hand = lambda: False; oversight.main()"

SLIP = drawn(7, paper=(380.0, 110.0), margin=24)


def mixed() -> bytes:
    """Return a PDF of a page with letters, one that is a picture of text, and one with nothing on it."""
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=(380, 110), invariant=True)
    canvas.drawString(20, 50, "This page has letters of its own.")
    canvas.showPage()
    canvas.drawInlineImage(spoilt(SLIP, Spoiling("scan", 200, 1.0, 0.5, 10)), 0, 0, 380, 110)
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    return into.getvalue()


BODY = mixed()
DIGEST = hashlib.sha256(BODY).hexdigest()


def read(cache: Path, *, ocr: bool, program: str = "pipelines.text.worker") -> Reading:
    with Readers(cache, 1, program=program, ocr=ocr) as readers:
        [(_, reading)] = readers.read_all([Wanted(DIGEST, "pdf", "", lambda: BODY)])
    return reading


def test_a_later_run_catches_up(tmp_path: Path) -> None:
    before = read(tmp_path, ocr=False)
    assert [page.outcome for page in before.pages] == ["text", "no-text-layer", "no-text-layer"]
    assert (before.outcome, before.detail) == ("no-text-layer", "pages 2-3: no letters")
    after = read(tmp_path, ocr=True)
    assert [page.outcome for page in after.pages] == ["text", "text", "blank-page"]
    assert [page.origin for page in after.pages] == ["text-layer", "ocr", "ocr"]
    assert (after.outcome, after.detail) == ("blank-page", "page 3: nothing to read on it")
    assert after.metadata["ocr"].startswith("tesseract ")
    score = scored(SLIP.words, after.pages[1].text.split())
    assert score.read >= 0.9, score
    # What was read is kept, with an engine at hand and without one, and outlives another reader of PDFs.
    assert read(tmp_path, ocr=False, program="no.such.program") == after
    assert read(tmp_path, ocr=True, program="no.such.program") == after
    kept_path(tmp_path, DIGEST, "pdf-3").unlink()
    assert read(tmp_path, ocr=True) == after


def test_an_engine_that_dies_leaves_pages_marked(tmp_path: Path) -> None:
    read(tmp_path, ocr=False)
    after = read(tmp_path, ocr=True, program="no.such.program")
    assert [page.outcome for page in after.pages] == ["text", "ocr-failed", "ocr-failed"]
    assert after.outcome == "ocr-failed"
    assert after.detail.startswith("pages 2-3: OCR failed: reader-crashed")
    assert not kept_path(tmp_path, DIGEST, "ocr-2").exists()


@pytest.mark.parametrize(
    ("program", "engine"), [("pipelines.text.worker", "tesseract"), ("tests.rapid_worker", "rapidocr")]
)
def test_a_confined_worker_reads_with_few_threads(program: str, engine: str) -> None:
    worker = Worker(program, "ocr")
    try:
        answer = from_bytes(worker.exchange(Task("ocr", BODY, (2,)), 60), "ocr-2")
        status = Path(f"/proc/{worker._process.pid}/status").read_text("ascii")
    finally:
        worker.end()
    assert answer.outcome == "text"
    assert answer.metadata["ocr"].split()[0] == engine
    assert scored(SLIP.words, answer.pages[0].text.split()).read >= 0.9
    [threads] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:")]
    assert threads <= 3, status


def test_an_archive_catches_up_once_there_is_an_engine(tmp_path: Path) -> None:
    archive, file = tmp_path / "archive", tmp_path / "mixed.pdf"
    file.write_bytes(BODY)
    handed_in = ["deposit", "--archive", str(archive), str(file)]
    told = "SELECT number, outcome, origin, trim(text) <> '' FROM pages ORDER BY number"
    assert "Traceback" not in run([sys.executable, "-c", BLIND, *handed_in]).stderr
    assert rows(archive, told) == [
        (1, "text", "text-layer", 1), (2, "no-text-layer", "text-layer", 0), (3, "no-text-layer", "text-layer", 0)
    ]  # fmt: skip
    assert run(command(*handed_in)).returncode == 0
    assert rows(archive, told) == [(1, "text", "text-layer", 1), (2, "text", "ocr", 1), (3, "blank-page", "ocr", 0)]
    assert rows(archive, "SELECT outcome FROM versions") == [("blank-page",)]
    caught_up = dump(archive)
    shutil.rmtree(archive / "cache")
    assert run(command("rebuild", "--archive", archive)).returncode == 0
    assert differences(caught_up, dump(archive)) == {}
