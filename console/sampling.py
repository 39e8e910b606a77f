"""What comes with the sample beside its recording: the files that people keep by hand, put in place and accepted."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from archive.proof import curation
from archive.store.journal import Journal
from console.writing import writing
from pipelines.clock import now

REASON = "It comes with the sample."


def put_curation(folder: Path, samples: Path) -> list[str]:
    """Put the sample's curation files where a new archive has none of that name; return those that were put."""
    put = []
    for path in sorted((samples / curation.FOLDER).glob("*.toml")):
        target = folder / curation.FOLDER / path.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            put.append(path.name)
    return put


def accept_curation(folder: Path, names: Sequence[str]) -> None:
    """Put on record that these files are as they should be."""
    with writing(folder, "demo"), closing(Journal(folder)) as journal:
        for name in names:
            digest = curation.digest_of(folder / curation.FOLDER / name)
            journal.append(curation.EVENT, at=now(), file=name, sha256=digest, reason=REASON)
