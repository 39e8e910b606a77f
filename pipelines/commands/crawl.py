"""`scrapy crawl SOURCE` with the archive's lock, loading and exit status of `oversight crawl`.

Scrapy's own command exits with 0 when every item has failed (scrapy#1231).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from archive.store.lock import Locked, writer_lock
from scrapy.commands.crawl import Command as ScrapyCrawl

from archive.folder import ArchiveFolder, make_folder
from pipelines.crawl import CrawlRefused, require_contact
from pipelines.load import load
from pipelines.session import now


class Command(ScrapyCrawl):
    """Run a source and load what it captured; exit with 1 where the run has a failure, 2 or 3 where it can't begin."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = Path(self.settings["ARCHIVE_DIR"])
        try:
            require_contact(self.settings)
            make_folder(folder)
            with writer_lock(folder, f"scrapy crawl {' '.join(args)}"):
                began = now()
                super().run(args, opts)
                self._load(folder, args[0], began)
        except CrawlRefused as refused:
            print(refused)  # noqa: T201 (a command speaks to the person who called it)
            self.exitcode = 2
        except Locked as held:
            print(held)  # noqa: T201
            self.exitcode = 3

    def _load(self, folder: Path, source: str, began: str) -> None:
        assert self.settings is not None
        archive = ArchiveFolder.open(folder)
        try:
            load(archive, self.settings)
            (failures,) = archive.connection.execute(
                "SELECT coalesce(sum(failures + (status NOT IN ('finished', 'limit'))), 1) FROM runs"
                " WHERE source = ? AND started >= ?",
                (source, began),
            ).fetchone()
        finally:
            archive.close()
        if failures:
            self.exitcode = 1
