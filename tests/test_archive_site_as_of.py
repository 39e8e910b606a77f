"""RS-08: figures that were pinned to a release are the same after fifty later ones, less what was withdrawn since."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.release.folder import Releases
from archive.site.server import ArchiveDatasette
from oversight import main
from tests.asking_the_site import get
from tests.figures import figure
from tests.released import build, change, unreleased
from tests.served_releases import site_of

__all__ = ["unreleased"]

SEARCHES = ("plate", '"license plate"', "vendor", "kind:article plate", "surveillance OR database")
TABLES = ("documents", "versions", "pages", "references", "changes")
WITHDRAWN = {10: "dhs-ice-pia-039", 30: "dhs-ice-pia-039a"}


def _rows(site: ArchiveDatasette, path: str) -> list[dict[str, Any]]:
    """Return all rows at an address of Datasette's, page by page."""
    found: list[dict[str, Any]] = []
    for _ in itertools.count():
        answer = get(site, path)
        assert answer.status_code == 200, (path, answer.text)
        told = answer.json()
        found += [dict(zip(told["columns"], row, strict=True)) for row in told["rows"]]
        if not told.get("next_url"):
            return found
        path = str(told["next_url"])
    raise AssertionError


def figures_of(site: ArchiveDatasette, number: int) -> dict[str, list[str]]:
    """Return what is pinned of a release: what searches find, and every row of the tables, each as a line."""
    told = {}
    for question in SEARCHES:
        answer = get(site, "/search.json", params={"q": question, "as_of": number, "limit": 100}).json()
        assert answer["release"] == number
        told[question] = sorted(f"{one['id']} {one['title']}" for one in answer["results"])
    for table in TABLES:
        rows = _rows(site, f"/release-{number}/{table}.json?_size=max")
        # A page's place is one of an order that is drawn for each file, of the pages that are in it.
        told[table] = sorted(
            repr(sorted((name, cell) for name, cell in row.items() if name != "place")) for row in rows
        )
    return told


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_rs_08_after_fifty_later_releases(unreleased: Path) -> None:
    build(unreleased)
    site = site_of(Releases(unreleased))
    before = figures_of(site, 1)
    gone: set[str] = set()
    for number in range(2, 52):
        if number in WITHDRAWN:
            line = ["--archive", str(unreleased), "withdraw", WITHDRAWN[number], "--reason", "By order of a court."]
            assert CliRunner().invoke(main, line).exit_code == 0
            gone.add(WITHDRAWN[number])
        change(unreleased, f"UPDATE documents SET title = title || ' {number}' WHERE kind = 'article'")
        assert build(unreleased).number
    newest = Releases(unreleased).current()
    assert newest is not None
    assert newest >= 51
    after = figures_of(site, 1)
    different = explained = 0
    for name, pinned in before.items():
        for one in set(pinned) ^ set(after[name]):
            different += 1
            explained += one in pinned and any(document in one for document in gone)
        assert len(after[name]) <= len(pinned), name
    figure("RS-08", later_releases=newest - 1, figures=sum(map(len, before.values())), withdrawn=len(gone),
           different=different, explained=explained)  # fmt: skip
    assert different == explained
    assert different > 0, "the control: what was withdrawn is gone from it"
    for document in gone:
        assert get(site, f"/d/{document}?as_of=1").status_code == 410
    assert figures_of(site, newest) != after, "the control: later ones differ"
