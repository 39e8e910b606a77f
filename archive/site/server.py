"""Serves an archive: `python -m archive.site.server FOLDER`, which is what `oversight serve` becomes."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.database import Database

from archive.release.checked import ReleaseRefused
from archive.site.asked_apart import Threads
from archive.site.connections import NAME
from archive.site.patience import IDLE, MOST_HEAD, Impatient, allow_many_files
from archive.site.pictures import Pictures
from archive.site.replay_app import ReplayApp
from archive.site.serving import Serving
from archive.site.told import most_answers, most_pictures, origins_of, told_of_site

METADATA = Path(__file__).parent.parent.parent / "datasette_metadata.json"
HOST = "127.0.0.1"
# So many searches are under way at once: more would only share the processors among them, and hold up other pages.
SEARCHES = max(2, os.cpu_count() or 2)
# Whole-table work on every page is off; a question may take two seconds; nobody downloads the file.
SETTINGS = {
    "suggest_facets": False,
    "allow_download": False,
    "sql_time_limit_ms": 2000,
    "facet_time_limit_ms": 500,
    "default_page_size": 50,
}


class ArchiveDatasette(Datasette):  # type: ignore[misc]
    """A Datasette whose database `archive` is, in each request, the file that this request is answered from."""

    serving: Serving | None = None
    # Where people's own SQL is asked, of whatever file.
    apart: Threads
    # Where searches are asked, beside Datasette's own threads for all other pages.
    searching: ThreadPoolExecutor
    pictures: Pictures | None = None
    # Of this machine: where the archive answers, and where its captures do.
    ports: tuple[int, int] | None = None

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        # Whoever asks names the table, which may be any: only so many answers are kept.
        self._allowed = lru_cache(1_000)(super()._table_permission_allows)

    @property
    def databases(self) -> OrderedDict[str, Database]:
        """Return the databases that the request at hand may ask."""
        if self.serving is None:
            return self._others
        pin = self.serving.pin
        database = pin.file.database(self, pin.route)
        return OrderedDict({**self._others, NAME: database, pin.route: database})

    @databases.setter
    def databases(self, databases: OrderedDict[str, Database]) -> None:
        self._others = databases

    def metadata(
        self, key: str | None = None, database: str | None = None, table: str | None = None,
        fallback: bool = True,
    ) -> Any:  # fmt: skip
        """Return what is said of tables and columns; of a release the same as of the archive."""
        route = self.serving.pin.route if self.serving else NAME
        told = super().metadata(key, NAME if database == route else database, table, fallback)
        return {**told, route: told.get(NAME, {})} if key == "databases" and told else told

    def _table_permission_allows(self, database: str, table: str) -> list[Any]:
        """Return who may see a table, as the metadata says; of a release the same as of the archive.

        Datasette copies all of the metadata for each question: half the time of the page that lists all tables, a tenth
        of a table's. The metadata are what the site was opened with: who may see what doesn't change while it runs.
        """
        route = self.serving.pin.route if self.serving else NAME
        allowed: list[Any] = self._allowed(NAME if database == route else database, table)
        return allowed

    async def refresh_schemas(self) -> None:
        """Leave it: what Datasette notes of schemas is read by nobody, and would be noted anew for each release."""


def open_archive(folder: Path, *, only: int | None = None, working: bool = False, **more: Any) -> ArchiveDatasette:
    """Return the site of the archive in a folder. Raises ReleaseRefused where there is nothing that may be served.

    It serves the release that is the current one at any moment, or `only` one release, or the `working` catalogue.
    """
    metadata = more.pop("metadata", None) or json.loads(METADATA.read_text("utf-8"))
    site = ArchiveDatasette([], metadata=metadata, settings=SETTINGS, **more)
    site.remove_database("_memory")  # which Datasette has where it is given no file

    def prepare(connection: sqlite3.Connection) -> None:
        site._prepare_connection(connection, NAME)

    settings = site.plugin_config("oversight") or {}
    site.apart = Threads()
    site.searching = ThreadPoolExecutor(SEARCHES, "search")
    site.pictures = Pictures(folder, most_pictures(settings))
    threads = site.setting("num_sql_threads") + SEARCHES
    site.serving = Serving(folder, prepare, threads, only=only, working=working, answers=most_answers(settings))
    return site


async def serve(site: ArchiveDatasette, port: int, replay_port: int) -> None:
    """Answer requests until the process is told to end: of the archive, and of its captures on a port of their own."""
    site.ports = (port, replay_port)
    told = told_of_site(site.plugin_config("oversight") or {})
    servers = [_server(site.app(), port)]
    watching = None
    if site.serving:
        origins = origins_of(told, site.ports, working=site.serving.working)
        servers.append(_server(ReplayApp(site.serving, origins), replay_port))
        watching = asyncio.create_task(site.serving.watch())
    try:
        await _serve_all(servers)
    finally:
        if watching:
            watching.cancel()


def _server(app: Any, port: int) -> uvicorn.Server:
    # What a proxy says of the request is believed nowhere (archive/site/plugin.py).
    return uvicorn.Server(
        uvicorn.Config(
            app, host=HOST, port=port, log_level="info", lifespan="on", proxy_headers=False, server_header=False,
            http=Impatient, ws="none", timeout_keep_alive=IDLE, h11_max_incomplete_event_size=MOST_HEAD,
        )
    )  # fmt: skip


async def _serve_all(servers: list[uvicorn.Server]) -> None:
    """Have all end when one does: a signal is told to the one that began to listen for it last."""
    running = [asyncio.create_task(one.serve()) for one in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for one in servers:
        one.should_exit = True
    await asyncio.gather(*running)


def main() -> None:
    """Serve a folder; ends with status 2 and a sentence where nothing in it may be served."""
    asked = argparse.ArgumentParser(prog="archive.site.server", description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--replay-port", type=int)
    asked.add_argument("--release", type=int)
    asked.add_argument("--working", action="store_true")
    told = asked.parse_args()
    try:
        site = open_archive(told.folder, only=told.release, working=told.working)
    except ReleaseRefused as refused:
        sys.stderr.write(f"oversight: {refused}\n")
        sys.exit(2)
    what = str(site.serving.current) if site.serving else ""
    replay_port = told.replay_port or told.port + 1
    sys.stderr.write(f"{told.folder}, {what}, is at http://{HOST}:{told.port}/ (Ctrl-C ends it)\n")
    sys.stderr.write(f"Captures are shown at http://{HOST}:{replay_port}/, an origin of their own.\n")
    allow_many_files()
    asyncio.run(serve(site, told.port, replay_port))


if __name__ == "__main__":
    main()
