"""The site's pages through Datasette's own client: the story end to end, escaping, headers, and what isn't there."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from datasette.plugins import pm

from archive.catalog.schema import open_catalogue
from archive.site import plugin
from tests.catalogue_rows import make_catalogue

METADATA = json.loads((Path(__file__).parent.parent / "datasette_metadata.json").read_text())


def get(site: Datasette, path: str, **options: Any) -> Any:
    async def ask() -> Any:
        return await site.client.get(path, **options)

    return asyncio.run(ask())


def open_site(path: Path) -> Datasette:
    if not pm.is_registered(plugin):
        pm.register(plugin)
    return Datasette([str(path)], metadata=METADATA)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return open_site(make_catalogue(tmp_path_factory.mktemp("site") / "archive.db"))


def test_front_page(site: Datasette) -> None:
    page = get(site, "/")
    assert page.status_code == 200
    for part in ("Use of Plate Readers", "Privacy impact assessments", "Source news", 'role="search"'):
        assert part in page.text


def test_metadata_describes_every_table_and_column(tmp_path: Path) -> None:
    with closing(open_catalogue(tmp_path / "archive.db")) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        shadows = tuple(f"pages_fts_{part}" for part in ("data", "idx", "content", "docsize", "config"))
        held = {
            name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            for name in names
            if name not in shadows
        }
    described = METADATA["databases"]["archive"]["tables"]
    assert {name: list(table["columns"]) for name, table in described.items()} == held
    for name, table in described.items():
        assert table["title"], name
        assert table["description"], name
        assert all(table["columns"].values()), name
        assert set(table.get("facets", [])) <= set(held[name])
        assert {table[key] for key in ("sort_desc", "label_column") if key in table} <= set(held[name])


@pytest.mark.parametrize("name", list(METADATA["databases"]["archive"]["queries"]))
def test_canned_queries_answer(site: Datasette, name: str) -> None:
    page = get(site, f"/archive/{name}.json?_shape=array&words=license+plate&number=DHS/ICE/PIA-039(a)"
                     "&component=ice&name=west&address=dhs")  # fmt: skip
    assert page.status_code == 200, page.text
    if name not in {"failures", "delisted"}:
        assert page.json(), name
