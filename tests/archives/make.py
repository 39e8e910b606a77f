"""Makes a small archive by an earlier version's own code, and packs it: `python -m tests.archives.make NAME COMMIT`.

The commit is laid out beside, sets itself up (`make .venv/run`), and crawls a few exchanges of its own sample. What it
made is kept as NAME.tar.xz beside this file, once and for all: it is never made again by anything newer.
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import WARCWriter

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NIGHT = "2018-01-26"
SOURCES = ("dhs_pia", "sam_notices", "news", "usaspending")
# A file in two lists, its page, notices with a file, two articles of one story, an award and what was changed in it.
KEPT = (
    "privacy-impact-assessments-(pia)?page=0", "/publication/dhs-ice-pia-039", "lpr-january2018.pdf", "sam.gov/",
    "api.usaspending.gov", "thinkprogress.org", "commondreams.org", "theverge.com", "cdt.org", "www.dhs.gov/robots.txt",
)  # fmt: skip


def make(name: str, commit: str) -> Path:
    """Make an archive by the code of a commit, and return the file it was packed into."""
    with tempfile.TemporaryDirectory() as folder:
        tree, archive = Path(folder) / "tree", Path(folder) / "archive"
        tree.mkdir()
        subprocess.run(f"git -C '{ROOT}' archive {commit} | tar x -C '{tree}'", shell=True, check=True)
        subprocess.run(["make", ".venv/run"], cwd=tree, check=True)
        recording = Path(folder) / "cut.warc.gz"
        recording.write_bytes(cut(tree / "samples" / "january-2018.warc.gz"))
        for source in SOURCES:
            if (tree / "spiders" / f"{source}.py").exists():
                _run(tree, archive, "crawl", source, "--replay", recording)
        if (tree / "console" / "releasing.py").exists():
            _run(tree, archive, "release", "build")
        return pack(archive, HERE / f"{name}.tar.xz")


def cut(sample: Path) -> bytes:
    """Return the few exchanges of a sample, of one night, and of its own record all but what it promises to hold."""
    written = io.BytesIO()
    writer = WARCWriter(written, gzip=True, warc_version="1.1")
    with sample.open("rb") as file:
        for record in ArchiveIterator(file):
            if kept := _kept(record, writer):
                writer.write_record(kept)
    return written.getvalue()


def _kept(record: ArcWarcRecord, writer: WARCWriter) -> ArcWarcRecord | None:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if url == "urn:oversight:recording":
        about = {**json.loads(record.raw_stream.read()), "expect": {}}
        block = json.dumps(about).encode()
        return writer.create_warc_record(url, "metadata", io.BytesIO(block), len(block), "application/json")
    night = record.rec_headers.get_header("WARC-Date")[:10]
    return record if night == NIGHT and any(part in url for part in KEPT) else None


def _run(tree: Path, archive: Path, *arguments: object) -> None:
    line = [tree / ".venv" / "bin" / "oversight", "--archive", archive, *arguments]
    done = subprocess.run([str(part) for part in line], cwd=tree, capture_output=True, text=True, check=False)
    # What the sources list and the cut doesn't hold is a failure by name.
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr, done.stderr


def pack(archive: Path, into: Path) -> Path:
    """Pack an archive into a file that holds no name, time or right of whoever made it."""
    with closing(sqlite3.connect(archive / "archive.db")) as catalogue:
        catalogue.execute("PRAGMA journal_mode=DELETE")
        catalogue.execute("VACUUM")
    shutil.rmtree(archive / "cache")
    (archive / "lock").unlink(missing_ok=True)
    with tarfile.open(into, "w:xz") as packed:
        for path in _files(archive):
            about = tarfile.TarInfo(path.relative_to(archive).as_posix())
            about.size = path.stat().st_size
            with path.open("rb") as file:
                packed.addfile(about, file)
    return into


def _files(archive: Path) -> Iterator[Path]:
    yield from (path for path in sorted(archive.rglob("*")) if path.is_file())


if __name__ == "__main__":
    made = make(*sys.argv[1:])
    sys.stdout.write(f"{made.name}: {made.stat().st_size:,} bytes\n")
