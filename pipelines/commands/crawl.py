"""`scrapy crawl SOURCE` with the archive's lock, loading and exit status of `oversight crawl`.

Scrapy's own command exits with 0 when every item has failed (scrapy#1231).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from archive.folder import ArchiveFolder, make_folder, no_folder
from archive.research.status import run_report
from archive.store.lock import Locked, writer_lock
from archive.store.recording import Recording, open_recording
from pipelines.clock import ClockImplausible
from pipelines.derive import Sources
from pipelines.load import load
from pipelines.plan import CrawlRefused, Plan, plan_live, plan_replay, refuse_mixture


class Command(ScrapyCrawl):
    """Run a source and load what it captured; exit with 1 where the run has a failure, 2 or 3 where it can't begin.

    With `-s REPLAY_FILE=… -s REPLAY_NIGHT=…` it is a replay.
    """

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(args) == 1 and args[0] not in Sources(self.settings).names():
            raise UsageError(f"No source is called {args[0]!r}.", print_help=False)
        if len(args) != 1:
            raise UsageError
        folder = Path(self.settings["ARCHIVE_DIR"])
        try:
            if told := no_folder(folder):
                raise CrawlRefused(told)
            plan = self._plan(args[0])
            make_folder(folder)
            with writer_lock(folder, f"scrapy crawl {args[0]}"):
                self._refuse_mixture(folder)
                self.settings.setdict({**plan.settings, "RUN": asdict(plan.run)}, priority="cmdline")
                super().run(args, opts)
                self._load(folder, plan)
        except (CrawlRefused, ClockImplausible) as refused:
            print(refused, file=sys.stderr)  # noqa: T201 (a command speaks to the person who called it)
            self.exitcode = 2
        except Locked as held:
            print(held, file=sys.stderr)  # noqa: T201
            self.exitcode = 3

    def _plan(self, source: str) -> Plan:
        assert self.settings is not None
        limit = self.settings.getint("DOCUMENT_LIMIT") or None
        if not self.settings["REPLAY_FILE"]:
            return plan_live(self.settings, [source], limit)[0]
        plans = plan_replay(self.settings, self._recording(), [source], self.settings["REPLAY_NIGHT"] or None, limit)
        if len(plans) > 1:
            nights = ", ".join(plan.run.night for plan in plans)
            raise CrawlRefused(f"Name one of the recording's nights with -s REPLAY_NIGHT=DATE; it holds {nights}.")
        return plans[0]

    def _recording(self) -> Recording:
        assert self.settings is not None
        try:
            return open_recording(Path(self.settings["REPLAY_FILE"]))
        except OSError as error:
            raise CrawlRefused(f"{self.settings['REPLAY_FILE']}: {error.strerror}") from error

    def _refuse_mixture(self, folder: Path) -> None:
        assert self.settings is not None
        if self.settings["REPLAY_FILE"]:
            archive = ArchiveFolder.open(folder)
            try:
                refuse_mixture(archive, self._recording())
            finally:
                archive.close()

    def _load(self, folder: Path, plan: Plan) -> None:
        assert self.settings is not None
        archive = ArchiveFolder.open(folder)
        try:
            load(archive, self.settings)
            report = run_report(archive.connection, [plan.run.id])
        finally:
            archive.close()
        if report["failures"]:
            self.exitcode = 1
