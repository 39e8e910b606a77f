"""The same archive gives the same release: whatever the hash seed, the locale, the time zone, the file's layout."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.catalog.opening import open_catalogue
from archive.release.tables import INDEXES, PUBLISHED
from tests.conftest import ROOT
from tests.figures import figure
from tests.released import change, unreleased

__all__ = ["unreleased"]

# What is known of the columns of tables that hold text: a new one is for the policies to know (restricting.py).
KNOWN = {
    "pages": "id version document number label outcome text parts runs_on also broken origin confidence covered",
    "facts": "version ordinal document name value page",
    "articles": "version document outlet headline byline section published modified url words",
    "comparisons": "version before document kind score summary why doubts words_added words_removed pages_added"
    " pages_removed pages_moved pages_changed passages_moved tables_changed cells_changed fields_changed"
    " attachments_changed made_of",
    "changed_passages": "id version ordinal document kind stands_in page part text",
    "quotations": "version ordinal document words outcome held_document held_version page address",
    "page_places": "version page place document words sure mentions",
    "claims": "id kind ordinal place subject says about about_document outcome detail document version page address"
    " words",
    "references": "id document version page kind printed target target_document rule leads_by confidence words place"
    " corrected",
}


def _made(catalogue: Path, target: Path, python: str = sys.executable, **more: str) -> dict[str, Any] | None:
    """Make a release's file in a process of its own; None where that Python can't be had."""
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(target.parent), "PYTHONPATH": packages, **more}
    done = subprocess.run(
        [python, "-m", "tests.released_apart", "--only", str(catalogue), str(target)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    target.unlink(missing_ok=True)
    if done.returncode and python != sys.executable:
        return None
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _laid_out_otherwise(catalogue: Path, target: Path) -> Path:
    """Copy a catalogue with its rows in another order on larger pages."""
    with closing(sqlite3.connect(catalogue)) as source:
        source.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copied:
        rows = copied.execute('SELECT * FROM "references" ORDER BY id DESC').fetchall()
        copied.execute('DELETE FROM "references"')
        copied.executemany(f'INSERT INTO "references" VALUES ({", ".join("?" * len(rows[0]))})', rows)
        copied.commit()
        copied.execute("PRAGMA page_size = 16384")
        copied.execute("PRAGMA journal_mode = DELETE")
        copied.execute("VACUUM")
    return target


def test_rs_06_the_same_input_gives_the_same_digest(unreleased: Path, tmp_path: Path) -> None:
    catalogue, target = unreleased / "archive.db", tmp_path / "made.db"
    first = _made(catalogue, target)
    assert first is not None
    others = [
        _made(catalogue, target, PYTHONHASHSEED="1", TZ="Pacific/Kiritimati", LC_ALL="tr_TR.UTF-8"),
        _made(catalogue, target, PYTHONHASHSEED="2", TZ="America/St_Johns", LC_ALL="C", PYTHONUTF8="0"),
        _made(_laid_out_otherwise(catalogue, tmp_path / "other.db"), target),
    ]
    pythons = [path for name in ("python3.12", "python3.13", "python3.14") if (path := shutil.which(name))]
    pythons += map(str, Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python"))
    by_others = [made for python in pythons if (made := _made(catalogue, target, python)) is not None]
    for made in others + by_others:
        assert made is not None
        assert (made["digest"], made["root"]) == (first["digest"], first["root"])
    change(unreleased, "UPDATE captures SET detail = 'x' WHERE id = (SELECT min(id) FROM captures)")
    control = _made(catalogue, target)
    assert control is not None
    assert control["digest"] != first["digest"], "the control"
    figure("RS-06", combinations=1 + len(others) + len(by_others), pythons=1 + len(by_others), different=0)


def test_columns_with_text_are_known_to_the_policies(tmp_path: Path) -> None:
    with closing(open_catalogue(tmp_path / "archive.db")) as connection:
        for table, columns in KNOWN.items():
            held = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            assert held == columns.split(), f"say in archive/release what of {table} may be published"
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    kept = {"records", "statements", "sightings", "readings", "texts", "placed", "quoted_texts", *INDEXES}
    new = {
        name
        for name in tables - PUBLISHED.keys() - kept
        if not name.startswith((*(f"{index}_" for index in INDEXES), "sqlite_"))
    }
    assert not new, "say in archive/release/tables.py whether these are published"
