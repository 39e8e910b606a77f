"""From a kept reading to the catalogue: what a reader found arrives, and what can't be read any more is empty."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

import pipelines.load as loading
from archive.catalog.evidence import EntryText, FactText, LinkText, PageText, ReadText, TableText
from archive.catalog.opening import open_catalogue
from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from pipelines.load import _text, _write
from pipelines.plan import project_settings
from pipelines.readers import Readers, Wanted, kept_path
from pipelines.text.reading import Fact, OutlineEntry, Part, Reading, TextLink, TextPage, TextTable
from pipelines.text.stored_reading import READERS, to_bytes
from tests.hostile.pdf import lines, written

DIGEST = "ab" * 32
READING = Reading(
    READERS["pdf"], "text", "",
    (TextPage(1, "iv", "Head\n\nWords.", "text", (Part("heading", 0, 4), Part("text", 6, 12)), " ", "wo-rds", "ocr",
              0.5, 7),),
    (TextLink(1, "https://example.com/", "Words"),), {"Producer": "A program"},
    (TextTable(1, 1, 1, (("a", "b"), ("c", "d")), (0.0, 0.0, 9.0, 9.0)),),
    (OutlineEntry(1, "1", "Head", 1),), (Fact("number", "DHS/ICE/PIA-001", 1),),
)  # fmt: skip
TEXT = ReadText(
    (PageText(1, "iv", "text", "Head\n\nWords.", (("heading", 0, 4), ("text", 6, 12)), " ", "wo-rds", "ocr", 0.5, 7),),
    (LinkText(1, "https://example.com/", "Words"),), (TableText(1, 1, 1, (("a", "b"), ("c", "d"))),),
    (EntryText(1, "1", "Head", 1),), (FactText("number", "DHS/ICE/PIA-001", 1),),
)  # fmt: skip


def read_back(cache: Path, catalogue: sqlite3.Connection) -> ReadText:
    return _text(cache, catalogue, DIGEST)


def test_all_of_a_kept_reading_arrives(tmp_path: Path) -> None:
    with closing(open_catalogue(tmp_path / "archive.db")) as catalogue:
        assert read_back(tmp_path, catalogue) == ReadText(), "never read"
        _write(catalogue, Wanted(DIGEST, "pdf", "", lambda: b""), READING)
        assert read_back(tmp_path, catalogue) == ReadText(), "its reading is lost"
        path = kept_path(tmp_path, DIGEST, READING.reader)
        path.parent.mkdir()
        path.write_bytes(to_bytes(READING))
        assert read_back(tmp_path, catalogue) == TEXT


PDF = written(lines("One report, which could not be read in its first night."))


def test_what_failed_in_passing_is_tried_again_on_two_more_nights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a day, three times in all, whatever else is loaded meanwhile; once it is read nobody knows of it."""
    archive, settings = ArchiveFolder.open(tmp_path), project_settings(tmp_path)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: %d\r\n\r\n" % len(PDF)
    url = "https://www.dhs.gov/sites/default/files/report.pdf"
    archive.store.add(Exchange(url, "2018-01-26T15:00:00Z", b"", head + PDF, status=200),
                      Asked("dhs_pia", "dhs_pia-2018", "parse_file"))  # fmt: skip

    making: list[loading.MakeReaders] = [partial(Readers, program="no.such.program")]

    def loaded(day: str) -> tuple[int, str]:
        monkeypatch.setattr(loading, "now", lambda: f"2026-11-{day}T03:00:00Z")
        read = loading.load(archive, settings, ocr=False, readers=making[0]).read
        return read, archive.connection.execute("SELECT outcome FROM readings").fetchone()[0]

    tried = [loaded(day) for day in ("01", "01", "02", "02", "03", "04")]
    making[0] = Readers
    assert tried == [(times, "reader-crashed") for times in (1, 0, 1, 0, 1, 0)]
    assert loaded("05") == (0, "reader-crashed"), "three times in all"
    (noted,) = archive.readings.glob("*/*.failed")
    noted.write_text("2026-11-05T03:00:00Z\n")
    assert (loaded("05")[0], loaded("06")) == (0, (1, "text"))
    assert not noted.exists()
    assert archive.connection.execute("SELECT sum(pages) FROM versions").fetchone()[0] == 1
    archive.close()
