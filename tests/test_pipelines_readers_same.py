"""HP-18, HP-20, HP-21: what a worker says besides its answer, the same text every time, and memory that stays level."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pipelines.readers import Readers, Wanted
from pipelines.text.pdf import read_pdf
from pipelines.text.stored_reading import to_bytes
from tests.conftest import ROOT
from tests.figures import figure
from tests.hostile import pdf
from tests.hostile.damage import generated
from tests.hostile.pdf_contents import over

BODY = pdf.written(
    pdf.lines("The final word on surveil-", "lance of 12 per cent.", "Page 1 of 2"),
    pdf.lines("A second page.", "Page 2 of 2"),
    info=b"/Title (A title) /Author (Somebody)",
    annotations=b"<< /Subtype /Link /Rect [70 715 300 735] /A << /S /URI /URI (https://example.gov/a) >> >>",
)


def times(body: bytes, count: int) -> Iterator[Wanted]:
    """The same bytes under so many names: each is read."""
    for number in range(count):
        yield Wanted(hashlib.sha256(b"%d" % number).hexdigest(), "pdf", "", partial(bytes, body))


def kept(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("*.json.gz")]


def test_the_same_file_gives_the_same_bytes_with_one_worker_and_with_eight(tmp_path: Path) -> None:
    read = 0
    for workers, count in ((1, 25), (8, 75)):
        with Readers(tmp_path / str(workers), workers) as readers:
            read += sum(reading.outcome == "text" for _, reading in readers.read_all(times(BODY, count)))
    found = kept(tmp_path)
    figure("HP-20", readings=read, different=len(set(found)))
    assert read == len(found) == 100
    assert set(found) == {to_bytes(read_pdf(BODY))}


@pytest.mark.parametrize("name", ["text", "covered"])
def test_neither_locale_nor_hash_seed_matter(name: str) -> None:
    body = {"text": BODY, "covered": over(b"70 714 120 18 re f")}[name]
    code = (
        "import hashlib, sys\nfrom pipelines.text.pdf import read_pdf\n"
        "from pipelines.text.stored_reading import to_bytes\n"
        "print(hashlib.sha256(to_bytes(read_pdf(sys.stdin.buffer.read()))).hexdigest())"
    )
    digests = set()
    for seed, locale in (("0", "C"), ("1", "C.UTF-8"), ("4242", "tr_TR.UTF-8")):
        told = {
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": seed,
            "LC_ALL": locale,
            "TZ": "Asia/Tokyo",
        }
        done = subprocess.run([sys.executable, "-c", code], input=body, env=told, capture_output=True, check=True)
        digests.add(done.stdout.decode().strip())
    assert digests == {hashlib.sha256(to_bytes(read_pdf(body))).hexdigest()}


def test_an_answer_too_many_never_becomes_another_files(tmp_path: Path) -> None:
    """A reader that fell to its file answers twice: the second answer must not be taken for the next file's."""
    bodies = [b"answer twice", b"say own", b"say again"]
    with Readers(tmp_path, 1, lambda _: 20, "tests.hostile.reader") as readers:
        given = [
            Wanted(hashlib.sha256(body).hexdigest(), "pdf", body.decode(), partial(bytes, body)) for body in bodies
        ]
        found = {want.url: reading for want, reading in readers.read_all(given)}
    for name in ("say own", "say again"):
        reading = found[name]
        assert reading.outcome == "reader-crashed" or reading.pages[0].text == name[4:]
    assert found["say again"].pages[0].text == "again"


def measured_memory(tmp_path: Path, count: int) -> dict[str, int]:
    """Read so many files, all of them different; return what the parent and the largest worker held, in MB."""
    seeds = [body for name, body in generated().items() if name != "many pages"]

    def wanted() -> Iterator[Wanted]:
        for number in range(count):
            body = seeds[number % len(seeds)] + b"%% %d\n" % number
            yield Wanted(hashlib.sha256(body).hexdigest(), "pdf", "", partial(bytes, body))

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 10

    with Readers(tmp_path, 2) as readers:
        done = readers.read_all(wanted())
        for _ in range(count // 4):
            next(done)
        before = resident()
        read = count // 4 + sum(1 for _ in done)
        after = resident()
    assert read == count
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"documents": count, "growth KB": after - before, "largest child MB": worker >> 10}


def test_memory_stays_level(tmp_path: Path) -> None:
    found = measured_memory(tmp_path, 160)
    figure("HP-21", **found)
    assert found["growth KB"] < 20_000


@pytest.mark.soak
def test_memory_stays_level_over_thousands_of_files(tmp_path: Path) -> None:
    found = measured_memory(tmp_path, 4000)
    figure("HP-21", **found)
    assert found["growth KB"] < 20_000
