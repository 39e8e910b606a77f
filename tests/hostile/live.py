"""Crawls a server on loopback by the production handler, and prints the run's report.

Its one argument is JSON: {"archive", "source", "settings", "sabotage", "replay", "names"}; "sabotage" takes the
redaction of keys away, "replay" names a recording that answers in place of the server, "names" has names looked up as
tests/hostile/names.py says.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from pathlib import Path

from scrapy.utils.log import configure_logging

from archive.catalog.opening import open_catalogue
from archive.folder import CATALOGUE, make_folder
from archive.research.status import run_report
from archive.store.http import parse_message
from archive.store.lock import writer_lock
from archive.store.recording import Recording
from pipelines.crawl import crawl
from pipelines.credentials import Cleaned, Credential
from pipelines.plan import plan_live, plan_replay, project_settings
from tests.hostile.names import ask_the_script

QUICK = {
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_ENABLED": False,
    "DOWNLOAD_TIMEOUT": 1.5,
    "DOWNLOAD_MAXSIZE": 2_000_000,
    "LOG_LEVEL": "DEBUG",
    "SPIDER_MODULES": ["tests.hostile.sources"],
    "HOST_RULES": {"*": {"delay": 0, "concurrency": 4}},
    "RETRY_AFTER_UNSAID": 0,
}


class _Careless(Credential):
    """Adds a key, and lets it through on its way back."""

    def cut_from(self, text: bytes) -> bytes:
        return text

    def cut_from_response(self, raw: bytes) -> Cleaned:
        return Cleaned(raw, whole=parse_message(raw).status > 0)

    def shown_in(self, url: str) -> str:
        return self.added_to(url.encode()).decode()


def main() -> None:
    """Crawl, load, report."""
    told = json.loads(sys.argv[1])
    folder = Path(told["archive"])
    settings = project_settings(folder)
    settings.setdict({**QUICK, **told["settings"]}, priority="cmdline")
    configure_logging(settings)
    if told.get("sabotage"):
        for name in ("cut_from", "cut_from_response", "shown_in"):
            setattr(Credential, name, getattr(_Careless, name))
    if told.get("names"):
        ask_the_script(settings)
    make_folder(folder)
    with writer_lock(folder, "a test"):
        recording = Recording(Path(told["replay"])) if told.get("replay") else None
        source = [told["source"]]
        plans = plan_replay(settings, recording, source) if recording else plan_live(settings, source)
        crawl(settings, plans)
    with closing(open_catalogue(folder / CATALOGUE)) as catalogue:
        report = run_report(catalogue, [plan.run.id for plan in plans])
    json.dump({**report, "peak_MB": _peak()}, sys.stdout)


def _peak() -> int:
    """Return the most memory that this process has had."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    main()
