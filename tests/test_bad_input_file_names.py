"""Strange letters in the names of files that somebody hands in (HT-12): taken in, and shown as nothing but letters."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from tests.demo_archive import oversight, rows
from tests.figures import figure

STRANGE = ("\x1b[31m", "\x1b]0;x\x07", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041", "\ufffe", "\x7f", "\n",
           "\x85", "e" + "\u0301" * 50, "\udcff")  # fmt: skip
NAMES = ("documents.id", "documents.url", "versions.id", "aliases.alias", "addresses.url", "captures.id",
         "captures.url", "captures.file_name")  # fmt: skip


def test_file_names_with_strange_letters(tmp_path: Path) -> None:
    folder, archive = tmp_path / "files", tmp_path / "archive"
    folder.mkdir()
    for number, text in enumerate(STRANGE):
        (folder / os.fsdecode(os.fsencode(f"a{text}b{number}.txt"))).write_bytes(b"no document %d" % number)
    done = oversight("deposit", "-r", folder, "--archive", archive)
    assert "Traceback" not in done.stderr
    shown = done.stdout + done.stderr
    raw = [letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Cn") and letter != "\n"]
    held = rows(archive, "SELECT count(*) FROM captures")[0][0]
    broken = []
    for name in NAMES:
        table, _, column = name.partition(".")
        for (value,) in rows(archive, f"SELECT {column} FROM {table}"):
            value.encode("utf-8")
            controls = [letter for letter in value if unicodedata.category(letter) in ("Cc", "Cs")]
            broken += [(name, ascii(value))] if controls or (column != "file_name" and not value.isprintable()) else []
    figure("HT-12", file_names=len(STRANGE), taken=held, broken=len(broken), raw_on_a_terminal=len(raw))
    assert (broken, raw) == ([], [])
    assert held == len(STRANGE)
