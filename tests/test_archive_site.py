"""The site's pages through Datasette's own client: the story end to end, escaping, headers, and what isn't there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from datasette.plugins import pm

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
