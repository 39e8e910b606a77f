"""One attempt at a run on a machine of a cluster, in a process of its own: a Twisted reactor runs once in a process.

It crawls as every crawl does, into an archive that it makes for the time being of what it was told of the past, and
hands over what it captures. It is told where by a line of JSON on standard input ({"shared", "attempt", "every"}),
which stays open as long as it is to go on. Keys are those of this machine's environment.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy.settings import Settings
from scrapy.utils.log import configure_logging

from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import Journal
from pipelines.cluster.attempts import Attempt
from pipelines.cluster.excerpt import lay_out
from pipelines.cluster.handing_over import HandingOver, on_stop
from pipelines.cluster.shared import Shared
from pipelines.crawl import capture_all
from pipelines.plan import Plan, project_settings
from pipelines.politeness import standing, take_over
from pipelines.session import Run


def main() -> None:
    """Make the attempt, if nobody else did, and say at its end what came of it."""
    told = json.loads(sys.stdin.readline())
    attempt = Attempt(Shared(told["shared"]), told["attempt"])
    on_stop(lambda: None)
    if not attempt.claim(f"{socket.gethostname()} {os.getpid()}".encode()):
        return
    folder = Path(tempfile.mkdtemp(prefix="oversight-crawl-"))
    try:
        _carry_out(attempt, attempt.job(), folder, float(told["every"]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _carry_out(attempt: Attempt, job: Mapping[str, Any], folder: Path, every: float) -> None:
    before = lay_out(job["excerpt"], folder)
    settings, plan = settings_of(job, folder), Plan(Run(**job["run"]), _own(attempt, job, folder))
    settings.setdict(plan.settings, priority="cmdline")
    configure_logging(settings)
    take_over(job["hosts"])
    refused = broken = ""
    with HandingOver(attempt, folder, every) as handing:
        try:
            if not handing.stopped.is_set():
                broken = "; ".join(why for _, why in capture_all(settings, [plan]).broken)
        except (StoreFull, StoreFailed) as error:
            refused = str(error)
    events = [event for event in Journal(folder).read()[before:] if event.get("run") == plan.run.id]
    end = {"events": events, "pieces": handing.pieces, "hosts": standing(), "refused": refused, "broken": broken}
    if handing.is_ours():
        attempt.put("end", json.dumps(end).encode())


def settings_of(job: Mapping[str, Any], folder: Path) -> Settings:
    """Return the settings of a run: those that it was sent with, and this machine's own beside them."""
    settings = project_settings(folder)
    own = settings.getdict("SOURCE_ARGUMENTS").get("sam_notices", {})
    settings.setdict(job["settings"], priority="cmdline")
    for name, arguments in settings.getdict("SOURCE_ARGUMENTS").items():
        if name == "sam_notices":
            arguments["key"] = own.get("key", False)
    return settings


def _own(attempt: Attempt, job: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the settings that are the run's own; a recording to be replayed is fetched."""
    own = dict(job["own"])
    if recording := job["recording"]:
        path = folder / "recording" / Path(own["REPLAY_FILE"]).name
        path.parent.mkdir()
        path.write_bytes(attempt.shared.get(recording))
        own["REPLAY_FILE"] = str(path)
    return own


if __name__ == "__main__":
    main()
