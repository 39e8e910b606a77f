"""What other programs rely on: exit statuses, JSON shapes, help, and the given tools used as everybody knows them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import oversight as program
from tests.demo_archive import ROOT, SAMPLE, DemoArchive, differences, dump, environment, oversight, rows, run

COMMANDS = (
    "demo", "crawl", "add", "nightly", "rebuild", "serve", "search", "text", "cite", "quotes", "dossier", "deposit",
    "import", "status", "sources", "history", "changes", "links", "gaps", "release", "withdraw", "export", "verify",
    "accept", "watch", "deliver",
)  # fmt: skip
NIGHT = "2018-01-26"

# All that there are, in order.
SOURCES = sorted(path.stem for path in (ROOT / "spiders").glob("[a-z]*.py"))


def _json(*arguments: object) -> Any:
    """Return the one JSON value that a command prints, and nothing else."""
    done = oversight(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_command_says_how_it_is_used() -> None:
    whole = oversight("--help")
    for name in COMMANDS:
        assert f"\n  {name} " in whole.stdout
    # One process for all of them: each would take a second to start.
    shown = run([
        sys.executable, "-c",
        "import sys, oversight\n"
        "for name in sys.argv[1:]:\n"
        "    oversight.main([name, '--help'], prog_name='oversight', standalone_mode=False)\n"
        "    print('=====')",
        *COMMANDS,
    ])  # fmt: skip
    for name, text in zip(COMMANDS, shown.stdout.split("====="), strict=False):
        assert "Example" in text, name
        assert f"oversight {name}" in text.split("Example")[1], name


def test_each_command_stands_where_the_table_says() -> None:
    context = click.Context(program.main)
    told = [name for commands in program.HEADINGS.values() for name in commands]
    assert len(told) == len(set(told))
    for name in told:
        command = program.main.get_command(context, name)
        assert command is not None
        assert command.name == name
    assert set(COMMANDS) <= set(told)
    assert program.main.get_command(context, "no-such-command") is None


def test_who_misspells_a_command_is_told_of_the_one_that_is_meant() -> None:
    done = oversight("serach", "plate")
    assert done.returncode == 2
    assert "No such command 'serach'. Did you mean 'search'?" in done.stderr


READS = (
    "search",
    "text",
    "cite",
    "quotes",
    "chain",
    "links",
    "gaps",
    "absence",
    "diff",
    "history",
    "timeline",
    "watch",
)


@pytest.mark.parametrize("name", ["", *READS])
def test_who_reads_waits_for_nothing_that_crawls(name: str) -> None:
    """Loading Scrapy, and what writes tables, takes longer than to answer."""
    code = (
        "import sys, click, oversight\n"
        "if sys.argv[1:]: oversight.main.get_command(click.Context(oversight.main), sys.argv[1])\n"
        "print(*{one.partition('.')[0] for one in sys.modules})"
    )
    loaded = run([sys.executable, "-c", code, *([name] if name else [])]).stdout.split()
    assert {"click", "oversight", "archive"} <= set(loaded)
    assert not {"scrapy", "twisted", "sqlite_utils", "datasette", "pdfplumber", "numpy"} & set(loaded)


def test_shapes_of_json(demo_made: DemoArchive) -> None:
    sources = _json("sources", "--archive", demo_made.path)
    assert {"dhs_pia", "news", "sam_notices"} <= {source["name"] for source in sources}
    for source in sources:
        assert {"name", "documents", "last_run", "health"} <= source.keys()
    status = _json("status", "--archive", demo_made.path)
    assert {"sources", "captures", "documents", "versions", "pages"} <= status.keys()
    assert [source["name"] for source in status["sources"]] == [source["name"] for source in sources]
    assert status["documents"] == rows(demo_made.path, "SELECT count(*) FROM documents")[0][0]
    found = _json("search", "license", "plate", "--limit", "3", "--archive", demo_made.path)
    assert found["total"] > 3 == len(found["results"])
    for result in found["results"]:
        assert {"id", "title", "identifier", "collection", "pages"} <= result.keys()
        for page in result["pages"]:
            assert {"number", "hits", "snippet", "url"} <= page.keys()
            assert page["url"].startswith(f"/d/{result['id']}@")
            assert page["hits"] > 0
    text = _json("text", "PIA-039(a)", "--archive", demo_made.path)
    assert [page["number"] for page in text["pages"]] == list(range(1, len(text["pages"]) + 1))


def test_sources_before_the_first_crawl(tmp_path: Path) -> None:
    assert {source["health"] for source in _json("sources", "--archive", tmp_path / "none")} == {"never run"}
    assert not (tmp_path / "none").exists()


def test_a_crawl_reports_in_json_and_speaks_of_progress_elsewhere(tmp_path: Path) -> None:
    done = oversight("crawl", "news", "--replay", SAMPLE, "--night", NIGHT, "--json", ARCHIVE_DIR=str(tmp_path))
    report = json.loads(done.stdout)
    assert (done.returncode, report["failures"]) == (0, 0)
    assert [(one["source"], one["night"], one["status"], one["documents"]) for one in report["runs"]] == [
        ("news", NIGHT, "finished", 2)
    ]
    assert sum(one["count"] for one in report["outcomes"]) >= report["runs"][0]["captures"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("crawl", "no_such_source"), ", ".join(SOURCES)),
        (("crawl", "news", "--replay", SAMPLE, "--night", "2018-01-27"), "no night 2018-01-27; it holds 2018-01-10"),
        (("crawl", "news", "--replay", "no-such-file.warc.gz"), "does not exist"),
        (("crawl", "news", "--limit", "1"), "OVERSIGHT_CONTACT"),
        (("nightly",), "OVERSIGHT_CONTACT"),
        (
            ("add", "https://www.dhs.gov/publication/dhscbppia-049-cbp-license-plate-reader-technology"),
            "OVERSIGHT_CONTACT",
        ),
        (("add", "https://example.org/"), "No source knows https://example.org/"),
        (("search", "plate"), "There is no archive in"),
        (("crawl", "dhs_pia", "--night", "2018-01-26"), "it goes with --replay FILE"),
        (("deposit", "no-such-file.pdf"), "no-such-file.pdf isn't there"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: tuple[object, ...], says: str) -> None:
    done = oversight("--archive", tmp_path / "new", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.warc.gz"))


@pytest.fixture
def held(demo_archive: Path) -> Iterator[Path]:
    """Hold the archive's lock in another process."""
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib\n"
            "from archive.store.lock import writer_lock\n"
            "with writer_lock(pathlib.Path(sys.argv[1]), 'a long crawl'):\n"
            "    print('held', flush=True)\n"
            "    sys.stdin.read()",
            str(demo_archive),
        ],
        cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    yield demo_archive
    holder.communicate(b"")


def test_locked(held: Path) -> None:
    for line in (
        ("deposit", ROOT / "LICENSE"),
        ("crawl", "news", "--replay", SAMPLE),
    ):
        done = oversight(*line, "--archive", held)
        assert (done.returncode, done.stdout) == (3, ""), line
        assert "a long crawl" in done.stderr
    assert oversight("status", "--archive", held).returncode == 0, "readers don't wait"


def test_the_sample_keeps_out_of_a_real_archive(tmp_path: Path) -> None:
    file = tmp_path / "note.pdf"
    file.write_bytes(b"%PDF-1.4\n% nothing more\n")
    assert oversight("deposit", file, "--archive", tmp_path / "real").returncode == 1
    before = dump(tmp_path / "real")
    for line in (("demo", "--no-serve"), ("crawl", "news", "--replay", SAMPLE)):
        done = oversight(*line, "--archive", tmp_path / "real")
        assert done.returncode == 2
        assert "holds real captures" in done.stderr
    assert differences(before, dump(tmp_path / "real")) == {}


def test_text_of_nothing_held(demo_made: DemoArchive) -> None:
    for line in (("text", "PIA-999"), ("text", "PIA-039(a)", "--page", "99")):
        done = oversight(*line, "--archive", demo_made.path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Nothing held is known as" in done.stderr


def test_scrapy_as_everybody_knows_it(tmp_path: Path) -> None:
    scrapy = [sys.executable, "-m", "scrapy"]
    assert run([*scrapy, "list"]).stdout.split() == SOURCES
    replay = ["-s", f"REPLAY_FILE={SAMPLE}", "-s", f"REPLAY_NIGHT={NIGHT}", "-s", f"ARCHIVE_DIR={tmp_path / 'scrapy'}"]
    done = run([*scrapy, "crawl", "dhs_pia", *replay])
    assert done.returncode == 0, done.stderr
    same = oversight("crawl", "dhs_pia", "--replay", SAMPLE, "--night", NIGHT, "--archive", tmp_path / "oversight")
    assert same.returncode == 0
    assert differences(dump(tmp_path / "oversight", ("records",)), dump(tmp_path / "scrapy", ("records",))) == {}


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        (["crawl", "dhs_pia"], 2, "OVERSIGHT_CONTACT"),
        (["crawl", "no_such_source"], 2, "No source is called"),
        (["crawl", "news", "-s", f"REPLAY_FILE={SAMPLE}"], 2, "Name one of the recording's nights"),
        (["crawl", "news", "-s", "REPLAY_FILE=no-such-file"], 2, "No such file"),
    ],
)
def test_scrapy_refuses_as_oversight_does(tmp_path: Path, more: list[str], status: int, says: str) -> None:
    done = run([sys.executable, "-m", "scrapy", *more, "-s", f"ARCHIVE_DIR={tmp_path / 'new'}"])
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_datasette_as_everybody_knows_it(demo_made: DemoArchive) -> None:
    line = [sys.executable, "-m", "datasette", str(demo_made.path / "archive.db"), "-m", "datasette_metadata.json"]
    done = run([*line, "--get", "/archive/documents.json?_shape=array&id=dhs-ice-pia-039a"])
    assert done.returncode == 0, done.stderr
    assert [row["number"] for row in json.loads(done.stdout)] == ["DHS/ICE/PIA-039(a)"]
    page = run([*line, "--get", "/d/dhs-ice-pia-039a"])
    assert page.returncode == 0, page.stderr
    assert "PIA-039(a)" in page.stdout


def test_sqlite_utils_as_everybody_knows_it(demo_made: DemoArchive) -> None:
    line = [str(Path(sys.executable).with_name("sqlite-utils")), "search", str(demo_made.path / "archive.db")]
    done = run([*line, "pages", "license plate", "-c", "document"])
    assert done.returncode == 0, done.stderr
    assert "dhs-ice-pia-039a" in {row["document"] for row in json.loads(done.stdout)}
