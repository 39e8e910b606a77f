"""From a kept reading to the catalogue: what a reader found arrives, and what can't be read any more is empty."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from archive.catalog.evidence import EntryText, FactText, LinkText, PageText, ReadText, TableText
from archive.catalog.schema import open_catalogue
from pipelines.load import _text, _write
from pipelines.readers import Wanted, kept_path
from pipelines.text.reading import Fact, OutlineEntry, Part, Reading, TextLink, TextPage, TextTable
from pipelines.text.stored_reading import READERS, to_bytes

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
