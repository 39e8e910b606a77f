"""The data package: the release's own file, and tables that are read back as they are, none of them calculated."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from archive.export.about import Named, exported
from archive.export.package import Described, write_package
from archive.release.folder import Releases
from tests.demo_archive import DemoArchive
from tests.exported import exported as command
from tests.figures import figure
from tests.served_releases import an_archive, publish

_MARKED = re.compile(r"'+(?:\s*[=+\-@＝＋－＠]|[\t\r\n\0])")
_NUMBER = re.compile(r"[+-] ?[$€£]?[0-9][0-9,. ]*%?")


@pytest.fixture(scope="module")
def written(demo_made: DemoArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "package"
    told = command(demo_made.path, "package", folder)
    assert told["sha256"] == hashlib.sha256((folder / "datapackage.json").read_bytes()).hexdigest()
    return folder


def rows_of(text: str) -> list[list[str]]:
    """Read CSV, and take away what the documented rule puts in front."""
    rows = csv.reader(io.StringIO(text, newline=""))
    return [[cell[1:] if _MARKED.match(cell) else cell for cell in row] for row in rows]


def test_the_tables_are_those_of_the_release(written: Path, demo_made: DemoArchive) -> None:
    package = json.loads((written / "datapackage.json").read_text())
    csv.field_size_limit(1 << 30)
    with closing(Releases(demo_made.path).open(1)) as release:
        for one in package["resources"]:
            if one.get("format") != "csv":
                continue
            head, *rows = rows_of((written / one["path"]).read_bytes().decode())
            table = Path(one["path"]).stem
            found = release.execute(f'SELECT * FROM "{table}"')
            held = [["" if cell is None else str(cell) for cell in row] for row in found]
            assert sorted(rows) == sorted(held), table
            assert head == [field["name"] for field in one["schema"]["fields"]]
            assert one["rows"] == len(rows)


def test_what_it_says_of_itself_is_so(written: Path, demo_made: DemoArchive) -> None:
    package = json.loads((written / "datapackage.json").read_text())
    for one in package["resources"]:
        content = (written / one["path"]).read_bytes()
        assert (one["bytes"], one["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        assert one["description"], one["name"]
        for field in one.get("schema", {"fields": ()})["fields"]:
            assert field["description"], (one["name"], field)
            assert field["type"] in ("string", "integer", "number")
    named = {one["name"]: one for one in package["resources"]}
    manifest = Releases(demo_made.path).manifest(1)
    assert named["database"]["hash"] == f"sha256:{manifest['file']['sha256']}"
    assert (written / "release-1.json").read_bytes() == Releases(demo_made.path).manifest_path(1).read_bytes()
    assert named["pages"]["schema"]["primaryKey"] == ["id"]
    assert {"fields": ["version"], "reference": {"resource": "versions", "fields": ["id"]}} in named["pages"]["schema"][
        "foreignKeys"
    ]
    assert package["title"].startswith("Sample: ")
    assert "17 U.S.C. 105" in package["description"]
    assert package["oversight"]["digest"] == manifest["digest"]


def test_no_cell_is_calculated(tmp_path: Path) -> None:
    """XS-08, the part on exports."""
    releases = an_archive(tmp_path / "archive")
    publish(releases, 1, "UPDATE documents SET title = '=HYPERLINK(\"https://evil.example\")' || title")
    with closing(releases.open(1)) as release:
        told = exported(release, Named("x"), 1, releases.manifest(1), "0" * 64)
        folder = tmp_path / "package"
        folder.mkdir()
        write_package(folder, releases, release, told, Described({}), lambda *_: None)
        titles = [row[0] for row in release.execute("SELECT title FROM documents ORDER BY id")]
    cells = [cell for file in (folder / "tables").iterdir()
             for row in csv.reader(io.StringIO(file.read_bytes().decode(), newline="")) for cell in row]  # fmt: skip
    formula = [cell for cell in cells if cell[:1] in tuple("=+-@\t\r") and not _NUMBER.fullmatch(cell)]
    figure("XS-08", export="package", cells=len(cells), hostile=len(titles), formulas=len(formula))
    assert formula == []
    assert all(title.startswith("=HYPERLINK") for title in titles)
    read = rows_of((folder / "tables" / "documents.csv").read_bytes().decode())
    assert [row[read[0].index("title")] for row in read[1:]] == titles
