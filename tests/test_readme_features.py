"""The README's feature table: a row for each demand, shown by a command or an address that the demo's archive answers,
with the tests behind it."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.site.server import ArchiveDatasette, open_archive
from oversight import main
from tests.asking_the_site import get
from tests.command_lines import parse
from tests.conftest import ROOT
from tests.demo_archive import DemoArchive
from tests.figures import figure

README = (ROOT / "README.md").read_text("utf-8")
# What stands in what is shown, in one answer of each row.
SAYS = {
    "D1": "twenty-five", "D2": "renamed", "D3": "listed", "D4": "No document matches",
    "D5": "Privacy Impact Assessment", "D6": "/p", "D7": "first", "D8": "<entry>", "D9": "near",
    "D10": "PIA-039", "D11": "PIA", "D12": "--recursive", "D13": "re-saved", "D14": "manifest",
    "D15": "release", "D16": "--reason", "D17": "70CDCR18P00000017", "D18": "health", "M1": "due",
    "M2": "Captured 2018-01-26", "M3": "document", "M4": "pages", "M5": "ICE", "M6": "batch", "M7": "memento",
    "M8": "PIA", "M9": "<entry>", "M10": "openapi", "M11": "sha256", "M12": "gates",
}  # fmt: skip
# Commands that end with 1 where something differs, as `diff` does.
DIFFERS = {"diff", "quotes"}


@dataclass(frozen=True)
class Row:
    """A row of the table: the demand, what shows it, the tests that are named."""

    demand: str
    shown: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> list[Row]:
    found = re.findall(r"(?m)^\| ([DM][0-9]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", README)
    return [Row(demand, tuple(re.findall(r"`([^`]+)`", shown)), tuple(re.findall(r"\((tests/\w+\.py)\)", tests)))
            for demand, _, shown, tests in found]  # fmt: skip


ROWS = rows()


@pytest.fixture(scope="module")
def demo(demo_made: DemoArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo's archive: some of the commands note what they found."""
    return Path(shutil.copytree(demo_made.path, tmp_path_factory.mktemp("features") / "demo"))


@pytest.fixture(scope="module")
def site(demo: Path) -> ArchiveDatasette:
    return open_archive(demo)


def test_every_demand_has_its_row() -> None:
    wanted = [f"D{number}" for number in range(1, 19)] + [f"M{number}" for number in range(1, 13)]
    assert [row.demand for row in ROWS] == wanted
    assert SAYS.keys() == set(wanted)
    figure("README features", rows=len(ROWS), shown=sum(len(row.shown) for row in ROWS))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.demand)
def test_each_row_names_tests(row: Row) -> None:
    assert row.tests
    for name in row.tests:
        assert re.search(r"(?m)^(async )?def test_", (ROOT / name).read_text("utf-8")), name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.demand)
def test_what_shows_it_is_answered(row: Row, site: ArchiveDatasette, demo: Path) -> None:
    answers = [asked(site, one) if one.startswith("/") else carried_out(demo, one) for one in row.shown]
    assert answers
    said = SAYS[row.demand]
    assert any(said in answer for answer in answers), (said, [answer[:3000] for answer in answers])


def asked(site: ArchiveDatasette, address: str) -> str:
    """Return the site's answer to an address, followed where it leads on within the site."""
    answer = get(site, address)
    for _ in range(3):
        if answer.status_code not in (301, 302):
            break
        assert answer.headers["location"].startswith("/")
        answer = get(site, answer.headers["location"])
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.text)


def carried_out(demo: Path, line: str) -> str:
    """Return what a command says of the demo's archive."""
    name, *words = shlex.split(line)
    assert name == "oversight"
    parse(words)
    done = CliRunner().invoke(main, ["--archive", str(demo), *words])
    assert done.exit_code in ((0, 1) if words[0] in DIFFERS else (0,)), (line, done.output)
    return done.output


def test_what_is_no_answer_is_seen(site: ArchiveDatasette, demo: Path) -> None:
    with pytest.raises(AssertionError):
        asked(site, "/d/nothing-of-this-name")
    with pytest.raises(AssertionError):
        carried_out(demo, "oversight gap")
    with pytest.raises(AssertionError):
        carried_out(demo, "oversight text PIA-999")
