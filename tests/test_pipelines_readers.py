"""Readers: a file that kills, hangs or floods its worker costs itself and no other; the rest is kept by digest."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.outcomes import OUTCOMES
from pipelines import reading_process
from pipelines.readers import PASSING, Readers, Wanted, seconds_allowed
from pipelines.text import html, ocr, pdf, stored_reading
from pipelines.text.reading import Fact, OutlineEntry, Part, Reading, TextLink, TextPage, TextTable
from pipelines.text.stored_reading import READERS, READING_OUTCOMES, from_bytes, to_bytes
from pipelines.text.text_layer import unusable
from tests.figures import figure
from tests.hostile import pdf as hostile

OBEDIENT = "tests.hostile.reader"


def wanted(body: bytes, kind: str = "pdf", url: str = "https://example.gov/x") -> Wanted:
    return Wanted(hashlib.sha256(body).hexdigest(), kind, url, lambda: body)


def read(readers: Readers, *bodies: bytes) -> dict[bytes, Reading]:
    return {want.load(): reading for want, reading in readers.read_all([wanted(body) for body in bodies])}


def obeyed(cache: Path, *bodies: bytes, seconds: int = 30) -> dict[bytes, Reading]:
    with Readers(cache, 2, lambda _: seconds, OBEDIENT) as readers:
        return read(readers, *bodies)


def test_pdfs_and_articles(tmp_path: Path) -> None:
    page = b"<html><body><article>" + b"<p>The agency said that it would publish the record.</p>" * 9
    story = wanted(page + b"</article></body></html>", "article")
    with Readers(tmp_path) as readers:
        given = [wanted(hostile.written(hostile.lines("one"))), story, wanted(b"no pdf")]
        found = {want.digest: reading for want, reading in readers.read_all(iter(given))}
    assert [found[want.digest].outcome for want in given] == ["text", "text", "malformed-pdf"]
    assert [found[want.digest].reader for want in given] == ["pdf-3", "article-2", "pdf-3"]


def test_readings_are_kept_by_digest(tmp_path: Path) -> None:
    body = hostile.written(hostile.lines("kept"))
    first = obeyed(tmp_path, b"say kept")
    (file,) = tmp_path.rglob("*.gz")
    digest = hashlib.sha256(b"say kept").hexdigest()
    assert file.relative_to(tmp_path).as_posix() == f"{digest[:2]}/{digest}.pdf-3.json.gz"

    def never() -> bytes:
        raise AssertionError("the payload was loaded again")

    with Readers(tmp_path, program="no.such.program") as readers:
        [(_, again)] = readers.read_all([Wanted(digest, "pdf", "", never)])
    assert again == first[b"say kept"]
    file.write_bytes(file.read_bytes()[:-9])
    assert obeyed(tmp_path, b"say kept") == first
    assert body


def test_whoever_dies_dies_alone(tmp_path: Path) -> None:
    bodies = [
        b"abort", b"say 1", b"exit 0", b"say 2", b"exit 3", b"crash", b"say 3", b"raise x", b"memory", b"say 4",
        b"answer garbage", b"answer endless", b"answer large", b"pages 10001", b"claim documented", b"print words",
        b"say 5",
    ]  # fmt: skip
    found = obeyed(tmp_path, *bodies)
    assert len(found) == len(bodies)
    for number in range(1, 6):
        assert found[b"say %d" % number].pages[0].text == str(number)
    assert found[b"print words"].pages[0].text == "printed"
    assert found[b"memory"].outcome == "reader-memory"
    assert "SIGABRT" in found[b"abort"].detail
    assert "SIGSEGV" in found[b"crash"].detail
    assert "KeyError" in found[b"raise x"].detail
    assert "status 0" in found[b"exit 0"].detail
    others = [reading for body, reading in found.items() if not body.startswith((b"say", b"print", b"memory"))]
    assert {reading.outcome for reading in others} == {"reader-crashed"}
    kept = len(list(tmp_path.rglob("*.gz")))
    figure("CR-10", deeds=len(others) + 1, outcomes=sorted({one.outcome for one in others}), other_files_lost=0)
    assert kept == sum(reading.outcome not in PASSING for reading in found.values()) == 6
    assert not list(tmp_path.rglob(".*"))


def test_whoever_hangs_is_stopped(tmp_path: Path) -> None:
    found = obeyed(tmp_path, b"sleep", b"say 1", b"spin", b"say 2", seconds=5)
    assert found[b"sleep"].outcome == found[b"spin"].outcome == "reader-timeout"
    assert found[b"say 1"].outcome == found[b"say 2"].outcome == "text"


def test_a_worker_may_do_nothing_but_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAM_API_KEY", "canary-7f3a")
    Path("/tmp/left-by-a-reader").unlink(missing_ok=True)
    found = obeyed(tmp_path, b"forbidden", b"environment")
    assert found[b"forbidden"].pages[0].text == "let through: "
    names = found[b"environment"].pages[0].text.split()
    assert set(names) <= {"LANG", "LC_CTYPE", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "PATH",
                          "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONPATH", "PYTHONUTF8"}  # fmt: skip
    assert not Path("/tmp/left-by-a-reader").exists()


def test_workers_load_neither_scrapy_nor_datasette() -> None:
    code = "import sys; import pipelines.text.worker, pipelines.text.pdf, pipelines.text.html; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"scrapy", "datasette", "twisted", "sqlite3", "archive"} & set(loaded)


def test_payloads_are_loaded_only_as_workers_fall_free(tmp_path: Path) -> None:
    drawn, ahead, here = 0, [], threading.get_ident()

    def many() -> Iterator[Wanted]:
        nonlocal drawn
        for number in range(40):
            drawn += 1
            assert threading.get_ident() == here
            yield wanted(b"say %d" % number)

    with Readers(tmp_path, 2, program=OBEDIENT) as readers:
        for done, _ in enumerate(readers.read_all(many())):
            ahead.append(drawn - done)
    assert len(ahead) == 40
    assert max(ahead) <= 6


def test_a_caller_who_turns_away_leaves_nothing_running(tmp_path: Path) -> None:
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    # Other tests of this process may have left some.
    before = set(children.read_text().split()) if children.exists() else set()
    with Readers(tmp_path, 2, lambda _: 600, OBEDIENT) as readers:
        answers = readers.read_all([wanted(b"say 1"), wanted(b"sleep"), wanted(b"sleep more")])
        assert next(answers)[1].outcome == "text"
        answers.close()  # type: ignore[attr-defined]
    assert not children.exists() or set(children.read_text().split()) <= before


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, os, hashlib; from pipelines.readers import *\n"
        "r = Readers(pathlib.Path(sys.argv[1]), 1, program='tests.hostile.reader')\n"
        "list(r.read_all([Wanted(hashlib.sha256(b'say 1').hexdigest(), 'pdf', '', lambda: b'say 1')]))\n"
        "print(r._idle[0]._process.pid, flush=True); os._exit(0)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    ended = threading.Event()
    for _ in range(100):
        if not Path(f"/proc/{int(told)}/cmdline").exists() or not Path(f"/proc/{int(told)}/cmdline").read_bytes():
            break
        ended.wait(0.1)
    else:
        pytest.fail("the worker outlived its parent")


def test_it_works_within_a_thread(tmp_path: Path) -> None:
    found: list[dict[bytes, Reading]] = []
    thread = threading.Thread(target=lambda: found.append(obeyed(tmp_path, b"say within")))
    thread.start()
    thread.join(60)
    assert found[0][b"say within"].outcome == "text"


def test_old_workers_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_process, "_TASKS", 2)
    bodies = [b"say %d" % number for number in range(5)]
    assert {reading.outcome for reading in obeyed(tmp_path, *bodies).values()} == {"text"}


@pytest.mark.parametrize(("digest", "kind"), [("../../etc", "pdf"), ("A" * 64, "pdf"), ("a" * 64, "word")])
def test_what_is_no_digest_or_kind_is_refused(tmp_path: Path, digest: str, kind: str) -> None:
    with Readers(tmp_path) as readers, pytest.raises(ValueError, match=r"no such payload|no reader"):
        next(readers.read_all([Wanted(digest, kind, "", bytes)]))


def test_bombs_cost_themselves(tmp_path: Path) -> None:
    bombs = {
        hostile.flate_bomb(1600, 2): {"reader-memory", "reader-crashed"},
        hostile.wide_predictor(): {"reader-memory", "reader-crashed", "page-failed", "no-text-layer"},
        hostile.written(hostile.lines("good")): {"text"},
    }
    with Readers(tmp_path) as readers:
        for body, reading in read(readers, *bombs).items():
            assert reading.outcome in bombs[body]


def test_stored_readings_round_trip() -> None:
    reading = Reading(
        "pdf-3", "no-text-layer", "page 2: no letters",
        (
            TextPage(1, "iv", "Text “with” signs", "text", (Part("heading", 0, 4), Part("text", 5, 17)), "-", "wi-th"),
            TextPage(2, "", "", "no-text-layer"),
            TextPage(3, "3", "scanned", "text", (Part("text", 0, 7),), origin="ocr", confidence=0.93, covered=4),
        ),
        (TextLink(1, "https://example.gov/", "here"),), {"Title": "A title"},
        (TextTable(1, 1, 1, (("Name", "Sum"), ("a", "")), (72.0, 90.5, 300.0, 120.0)),),
        (OutlineEntry(2, "2.3", "Why is it collected?", 1),), (Fact("date", "June 8, 2021", 1),),
    )  # fmt: skip
    assert from_bytes(to_bytes(reading), "pdf-3") == reading
    assert to_bytes(reading) == to_bytes(from_bytes(to_bytes(reading), "pdf-3"))


def of_a_page(tables: Any = (), outline: Any = (), facts: Any = (), **named: Any) -> bytes:
    page = TextPage(1, "", "x", **named)
    return to_bytes(Reading("pdf-3", "text", "", (page,), tables=tables, outline=outline, facts=facts))


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"x", b"\x1f\x8b", gzip.compress(b"[]"), gzip.compress(b"{}"), gzip.compress(b"[" * 100_000),
        to_bytes(Reading("pdf-3", "text", "", (TextPage(1, "", "a" * 9_000_000),))),
        to_bytes(Reading("article-2", "text")),
        to_bytes(Reading("pdf-3", "document")), to_bytes(Reading("pdf-3", "text", "x" * 9000)),
        to_bytes(Reading("pdf-3", "text", "", (TextPage(7, "", "x"),))),
        to_bytes(Reading("pdf-3", "text", "", (TextPage(1, "", "x", "document"),))),
        to_bytes(Reading("pdf-3", "text", "", (TextPage(1, "", 7),))),  # type: ignore[arg-type]
        to_bytes(Reading("pdf-3", "text", "", (), (TextLink(1, "x" * 9000),))),
        to_bytes(Reading("pdf-3", "text", metadata={"Title": ["x"]})),  # type: ignore[dict-item]
        of_a_page(parts=(Part("poem", 0, 1),)), of_a_page(parts=(Part("text", 0, 2),)),
        of_a_page(parts=(Part("text", 1, 1), Part("note", 0, 1))), of_a_page(runs_on="+"),
        of_a_page(confidence=7.0), of_a_page(origin="guess"), of_a_page(covered=-1),
        of_a_page(tables=(TextTable(1, 1, 0, (("a", "b"), ("c",)), (0, 0, 1, 1)),)),
        of_a_page(tables=(TextTable(2, 1, 0, (("a", "b"),), (0, 0, 1, 1)),)),
        of_a_page(tables=(TextTable(1, 1, 2, (("a", "b"),), (0, 0, 1, 1)),)),
        of_a_page(tables=(TextTable(1, 1, 1, (("a", "b"),), (0, 0, 1, float("nan"))),)),
        of_a_page(outline=(OutlineEntry(0, "", "x", 1),)), of_a_page(facts=(Fact("x", "y" * 5000, 1),)),
    ],
    # The time stands in gzip's header: workers would disagree about the tests' names.
    ids=lambda answer: f"{len(answer)} bytes",
)  # fmt: skip
def test_answers_that_are_no_reading_are_refused(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_reading, "MOST_BYTES", 1 << 20)
    with pytest.raises(ValueError, match=r"."):
        from_bytes(answer, "pdf-3")


def test_names_are_those_of_the_readers_and_outcomes() -> None:
    assert {"pdf": pdf.READER, "article": html.READER, "ocr": ocr.READER} == READERS
    assert set(OUTCOMES) >= READING_OUTCOMES | PASSING
    assert seconds_allowed(0) == 60
    assert seconds_allowed(10 << 20) == 160
    assert seconds_allowed(1 << 40) == 600


SAMPLE = {
    "bench/icdar2013-us/competition-dataset-us/us-005.pdf": ("text", 1),
    "bench/icdar2013-us/competition-dataset-us/us-029.pdf": ("text", 3),
    "bench/icdar2013-us/competition-dataset-us/us-033.pdf": ("text", 3),
    "bench/icdar2013-us/competition-dataset-us/us-039.pdf": ("text", 3),
    "gov/dhs-directives/18-01-exception.pdf": ("text", 1),
    "gov/dhs-directives/bod-16-03.pdf": ("text", 2),
    "gov/fbo-attachments/IMDS_CDB_RFI_14-0004.pdf": ("no-text-layer", 4),
    "gov/foia-ice-cbp/aclu-v-ice-2018/2_FOIA_Response_and_followup.pdf": ("garbled-text", 1),
    "gov/govdocs1-error/error_set_1/032270.pdf": ("text", 1),
    "gov/govdocs1-error/error_set_1/160721.pdf": ("text", 1),
    "gov/govdocs1-error/error_set_1/225188.pdf": ("text", 1),
    "gov/govdocs1-error/error_set_1/427330.pdf": ("text", 2),
    "gov/govdocs1-error/error_set_1/436857.pdf": ("text", 2),
    "gov/govdocs1-error/error_set_1/503492.pdf": ("text", 1),
    "gov/gsa-rfq/RFI_artifacts/Industry_Day_-_Agenda.pdf": ("no-text-layer", 5),
    "gov/ice-misc/ice/eroFieldOffices.pdf": ("no-text-layer", 2),
    "gov/ig-reports/amtrak/2006/ESFY06/report.pdf": ("text", 3),
    "gov/ig-reports/denali/2014/DCOIG-14-001-M/report.pdf": ("text", 4),
    "gov/ig-reports/denali/2015/DCOIG-15-011-M/report.pdf": ("text", 1),
    "gov/ig-reports/denali/2015/DCOIG-15-013-M/report.pdf": ("text", 2),
}


def of_files(files: list[Path]) -> Iterator[Wanted]:
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield Wanted(digest, "pdf", file.as_posix(), file.read_bytes)


def test_twenty_real_files(corpus: Path, tmp_path: Path) -> None:
    files = [corpus / "pdf" / name for name in SAMPLE]
    with Readers(tmp_path, ocr=False) as readers:
        found = {want.url: reading for want, reading in readers.read_all(of_files(files))}
    told = {name: (found[(corpus / "pdf" / name).as_posix()]) for name in SAMPLE}
    assert {name: (reading.outcome, len(reading.pages)) for name, reading in told.items()} == SAMPLE
    assert_every_page_is_accounted_for(list(found.values()))


@pytest.mark.corpus
@pytest.mark.timeout(3600)
def test_all_real_files(corpus: Path, tmp_path: Path) -> None:
    files = sorted((corpus / "pdf").rglob("*.pdf"))
    with Readers(tmp_path, os.cpu_count() or 2, ocr=False) as readers:
        found = {want.url: reading for want, reading in readers.read_all(of_files(files))}
    assert len(found) == len(files) == 106
    assert_every_page_is_accounted_for(list(found.values()))
    assert sum(len(reading.pages) for reading in found.values()) == 1273
    assert {reading.outcome for reading in found.values()} == {"text", "no-text-layer", "garbled-text"}


def assert_every_page_is_accounted_for(readings: list[Reading]) -> None:
    for reading in readings:
        assert reading.pages
        assert reading.outcome in ("text", "no-text-layer", "garbled-text", "page-failed")
        for page in reading.pages:
            assert page.outcome != "text" or any(character.isalnum() for character in page.text)
            assert page.outcome == "text" or unusable(page.text, 1.0)
        assert (reading.outcome == "text") == all(page.outcome == "text" for page in reading.pages)
        assert bool(reading.detail) == (reading.outcome != "text")
