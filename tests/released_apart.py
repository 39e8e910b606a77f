"""A program that builds a release of the archive it is given, in a process of its own, and says what it says.

`python -m tests.released_apart ARCHIVE` builds; with `--only CATALOGUE FILE` it makes the file alone.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from archive.release.build import copy_published
from archive.release.leaves import root_and_size
from archive.release.policies import Policies
from archive.release.tables import content_digest, table_digests
from archive.release.withheld import NOTHING


def build(folder: Path) -> dict[str, object]:
    """Build a release of an archive."""
    from archive.release.publishing import Order, build_release  # noqa: PLC0415 (not under other Pythons)

    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as catalogue:
        return dict(build_release(folder, catalogue, Order("2026-11-29T18:00:00Z", Policies())).manifest)


def make(catalogue: Path, target: Path) -> dict[str, object]:
    """Make a release's file, and return its digest and root."""
    with closing(sqlite3.connect(f"file:{catalogue}?mode=ro", uri=True)) as source:
        copy_published(source, target, Policies(), NOTHING, {"release": "1"})
    with closing(sqlite3.connect(target)) as made:
        tables = table_digests(made)
        return {"digest": content_digest(tables), **root_and_size(made, tables), "sqlite": sqlite3.sqlite_version}


if __name__ == "__main__":
    first, *rest = sys.argv[1:]
    told = make(Path(rest[0]), Path(rest[1])) if first == "--only" else build(Path(first))
    sys.stdout.write(json.dumps(told))
