"""DL-06 whole: a rebuild, a restore, a newer reader and a crawl of everything once more announce nothing old."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from archive.folder import CATALOGUE
from archive.release.folder import Releases
from archive.watches.listing import list_hits
from archive.watches.news import make_messages
from archive.watches.public import watches_in
from oversight import main
from tests.demo_archive import SAMPLE
from tests.figures import figure
from tests.hostile import pdf
from tests.watching import AT, put_watch

LAST = "2021-07-24"


def run(folder: Path, *arguments: object) -> None:
    done = CliRunner().invoke(main, ["--archive", str(folder), *map(str, arguments)])
    assert done.exit_code in (0, 1), done.output


def released(folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Have a release built that says something new (another watch), and tell what is told of it."""
    number = int(Releases(folder).current() or 0)
    put_watch(folder, f'public = true\ntitle = "{number}"\nterms = "nothing-has-this"\n', name=f"other-{number}")
    run(folder, "rebuild")
    accepted = [word for gate in ("addresses", "captures", "links") for word in ("--accept", gate)]
    run(folder, "release", "build", *accepted, "--reason", "a test")
    after = int(Releases(folder).current() or 0)
    assert after == number + 1
    return after, [dict(one) for one in make_messages(folder, AT).messages]


def entries(folder: Path) -> dict[str, str]:
    """Return the ids of the feed's entries, each with its instant."""
    releases = Releases(folder)
    with closing(releases.open(int(releases.current() or 0))) as release:
        (watch,) = [one for one in watches_in(release) if one.name == "license-plate-readers"]
        return {hit["id"]: hit["at"] for hit in list_hits(release, watch, limit=500)["hits"]}


def read_otherwise(folder: Path) -> int:
    """Have every kept reading of an article say something else, as a newer reader's would; return how many."""
    changed = 0
    for path in (folder / "cache" / "readings").glob("*/*.json.gz"):
        reading = json.loads(gzip.decompress(path.read_bytes()))
        if "article" in path.name:
            for page in reading["pages"]:
                page[2] = page[2].replace(" the ", " THE ")
            path.write_bytes(gzip.compress(json.dumps(reading, ensure_ascii=False).encode(), mtime=0))
            changed += 1
    return changed


def another_night(path: Path, days: int) -> Path:
    """Write a recording of the sample's last night as if it had been so many days later."""
    with SAMPLE.open("rb") as source, path.open("wb") as target:
        writer = WARCWriter(target, gzip=True)
        for record in ArchiveIterator(source, no_record_parse=True):
            at = record.rec_headers.get_header("WARC-Date")
            if at and at.startswith(LAST):
                later = datetime.fromisoformat(at.replace("Z", "+00:00")) + timedelta(days=days)
                record.rec_headers.replace_header("WARC-Date", later.strftime("%Y-%m-%dT%H:%M:%SZ"))
            elif record.rec_type != "warcinfo" and "recording" not in str(
                record.rec_headers.get_header("WARC-Target-URI")
            ):
                continue
            writer.write_record(record)
    return path


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / CATALOGUE)) as catalogue:
        return int(catalogue.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def documents(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / CATALOGUE)) as catalogue:
        return {row[0] for row in catalogue.execute("SELECT id FROM documents")}


def new_among(folder: Path, changes: list[str]) -> set[str]:
    """Return the documents of which some changes say that they are new."""
    with closing(sqlite3.connect(folder / CATALOGUE)) as catalogue:
        found = dict(catalogue.execute("SELECT id, document FROM changes WHERE kind = 'new'"))
    return {found[one] for one in changes if one in found}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_nothing_old_is_announced(demo_archive: Path, tmp_path: Path) -> None:
    put_watch(demo_archive)
    assert make_messages(demo_archive, AT).messages == ()
    before = entries(demo_archive)
    told = {"rebuild": released(demo_archive)[1]}
    assert entries(demo_archive) == before

    run(demo_archive, "backup", tmp_path / "copy")
    run(tmp_path / "restored", "restore", tmp_path / "copy")
    told["restore"] = released(tmp_path / "restored")[1]
    assert entries(tmp_path / "restored") == before

    assert read_otherwise(demo_archive) > 3
    names = count(demo_archive, "aliases")
    told["newer reader"] = released(demo_archive)[1]
    assert count(demo_archive, "aliases") > names, "the control: versions have other names"
    assert entries(demo_archive) == before

    captures = count(demo_archive, "captures")
    run(
        demo_archive,
        "crawl",
        "--all",
        "--replay",
        another_night(tmp_path / "again.warc.gz", 3),
        "--night",
        "2021-07-27",
    )
    assert count(demo_archive, "captures") > captures + 50, "the control: all was captured again"
    told["crawl of everything"] = released(demo_archive)[1]
    kept = entries(demo_archive)
    assert before.items() <= kept.items()

    held = documents(demo_archive)
    run(demo_archive, "import", another_night(tmp_path / "older.warc.gz", -1500))
    # What only an older copy shows of the past is told; that what was held is new is not.
    told["older copies of all"] = [
        one for one in released(demo_archive)[1] if held & new_among(demo_archive, one["changes"])
    ]

    (tmp_path / "new.pdf").write_bytes(pdf.written(pdf.lines("A report on each license plate reader")))
    run(demo_archive, "deposit", tmp_path / "new.pdf")
    told["control: a new document"] = released(demo_archive)[1]
    assert [len(one["hits"]) for one in told.pop("control: a new document")] == [1, 1]
    figure("DL-06", **{re.sub("[ :]+", "_", name): len(messages) for name, messages in told.items()},
           ids_changed=len(before.keys() - kept.keys()), control_messages=2)  # fmt: skip
    assert told == {name: [] for name in told}
