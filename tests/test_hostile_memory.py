"""CR-11: memory that runs out at any step of a reader. It is said by name, and only what was read whole is kept."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipelines import reading_process
from pipelines.readers import PASSING, Readers, Wanted
from pipelines.text.reading import Reading
from tests.figures import figure
from tests.hostile.pdf import lines, written

SECONDS = 60
SENTENCE = "The agency said on page {} that it would publish record {}, and no other one at all."


def article(paragraphs: int) -> bytes:
    said = "".join(f"<p>{SENTENCE.format(1, number)}</p>" for number in range(paragraphs))
    return f"<html><body><article>{said}</article></body></html>".encode()


def a_pdf(pages: int, rows: int) -> bytes:
    return written(*(lines(*(SENTENCE.format(page, row) for row in range(rows))) for page in range(pages)))


# Each needs more memory than the one before; the last ones are read long after the first are.
BODIES = {
    "a short PDF": ("pdf", a_pdf(1, 5)),
    "a dense PDF": ("pdf", a_pdf(1, 700)),
    "a short article": ("article", article(20)),
    "a long article": ("article", article(3000)),
}


def wanted(name: str, kind: str, body: bytes) -> Wanted:
    return Wanted(hashlib.sha256(body).hexdigest(), kind, name, lambda: body)


def read(cache: Path, names: Iterable[str], program: str = "tests.hostile.tight_worker") -> dict[str, Reading]:
    given = [wanted(name, *BODIES[name]) for name in names]
    with Readers(cache, 2, lambda _: SECONDS, program, ocr=False) as readers:
        return {want.url: reading for want, reading in readers.read_all(given)}


def swept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limits: Iterable[int], since: str, names: Iterable[str] = BODIES
) -> tuple[Counter[str], dict[str, str]]:
    """Read the bodies under each limit in KB; return the outcomes, and what those say that aren't text or memory."""
    own, names = reading_process._environment, list(names)
    whole = read(folder / "whole", names, "pipelines.text.worker")
    assert {reading.outcome for reading in whole.values()} == {"text"}
    found: Counter[str] = Counter()
    others: dict[str, str] = {}
    for limit in limits:
        told = {**own(), "TIGHT_KB": str(limit), "TIGHT_FROM": since}
        with monkeypatch.context() as tight:
            tight.setattr(reading_process, "_environment", lambda told=told: told)
            began, cache = time.monotonic(), folder / f"{since}-{limit}"
            readings = read(cache, names)
        assert time.monotonic() - began < SECONDS, "nobody waits for a worker that is gone"
        assert sorted(readings) == sorted(names)
        for name, reading in readings.items():
            found[reading.outcome] += 1
            if reading.outcome == "text":
                assert (reading.pages, reading.links) == (whole[name].pages, whole[name].links), (limit, name)
            elif reading.outcome != "reader-memory":
                others[f"{since} {limit >> 10} MB {name}"] = f"{reading.outcome}: {reading.detail}"
        kept = len(list(cache.rglob("*.json.gz")))
        assert kept == sum(reading.outcome not in PASSING for reading in readings.values())
    return found, others


def test_cr_11_memory_that_runs_out_while_a_document_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("a short PDF", "a long article")
    found, others = swept(tmp_path, monkeypatch, (40 << 10, 59 << 10, 119 << 9), "reading", names)
    figure("CR-11", steps=3, documents=len(names), **found, hangs=0, kept_though_not_whole=0)
    assert not others
    assert set(found) == {"text", "reader-memory"}


@pytest.mark.soak
def test_cr_11_memory_that_runs_out_at_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 64 MB up in steps of 16, and from 24 to 72 in steps of one half: these bodies need about so much.

    A process that has none to load even Python with ends as one that crashed: it can't say why.
    """
    for since, limits in (("reading", range(64, 257, 16)), ("start", range(64, 257, 16)), ("reading", HALVES)):
        kilobytes = [int(limit * 1024) for limit in limits]
        found, others = swept(tmp_path / f"{since}-{limits}"[:60], monkeypatch, kilobytes, since)
        figure(
            "CR-11", steps=len(kilobytes), since=since, **found, hangs=0, kept_though_not_whole=0, others=len(others)
        )
        assert not others, others


HALVES = [megabytes / 2 for megabytes in range(2 * 24, 2 * 72)]
