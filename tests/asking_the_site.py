"""Opening a site over a small catalogue, and asking it, for the tests of its pages and of its safeguards."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.plugins import pm

from archive.site import plugin
from tests.catalogue_rows import PIA

METADATA_FILE = Path(__file__).parent.parent / "datasette_metadata.json"
METADATA = json.loads(METADATA_FILE.read_text())
OUR_PATHS = [
    "/",
    "/search?q=plate",
    "/sources",
    "/cite",
    "/n",
    f"/d/{PIA}",
    "/nothing",
    "/-/oversight/site.css",
    "/-/oversight/site.js",
    "/search.json",
    "/search.csv?q=plate",
    "/search.atom?q=plate",
    "/search/batch",
    "/quotes",
    "/quotes.json",
    "/changes",
    "/changes.atom",
    "/chain/70CDCR18P00000017",
    "/vendors",
    "/timeline?of=plate",
    "/timeline.svg?of=plate",
]
THEIR_PATHS = ["/archive", "/archive/documents", "/archive/documents/dhs-ice-pia-039a", "/archive/documents.json",
          "/archive/documents.csv", "/archive/pages?_search=plate", "/archive?sql=select+1", "/archive?sql=select+x",
          "/archive/nothing", "/-/versions", "/-/static/app.css"]  # fmt: skip

# A page's one script is a file of ours; what describes the page to programs is no script that runs.
_OURS = r' src="/-/oversight/site\.js\?[0-9a-f]{10}" defer></script>| type="application/ld\+json">'


def has_foreign_script(text: str) -> bool:
    """Tell whether a page of ours holds the beginning of a script that isn't ours."""
    return re.search(rf"<script(?!{_OURS})", text) is not None


def get(site: Datasette, path: str, **options: Any) -> Any:
    async def ask() -> Any:
        return await site.client.get(path, **options)

    return asyncio.run(ask())


def open_site(path: Path) -> Datasette:
    if not pm.is_registered(plugin):
        pm.register(plugin)
    return Datasette(
        [str(path)], metadata=copy.deepcopy(METADATA)
    )  # Datasette writes each query's name into what it is given


def address_of(site: Datasette, document: str, ordinal: int = 0) -> str:
    versions = get(site, f"/d/{document}.json").json()["versions"]
    return str(versions[0]["address"] if not ordinal else versions[-ordinal]["address"])
