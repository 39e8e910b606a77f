"""Our crawl of the bench's server, with everything on but the wait (`python -m bench.ours URL FOLDER`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.utils.log import configure_logging

from archive.folder import ArchiveFolder, make_folder
from archive.store.fixity import check_seals, check_store
from archive.store.lock import writer_lock
from pipelines.crawl import capture_all
from pipelines.plan import plan_live, project_settings


def main() -> None:
    """Capture; with "check" as a third argument, check what an earlier run captured instead."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    json.dump(_checked(folder) if sys.argv[3:] == ["check"] else _captured(url, folder), sys.stdout)


def _captured(url: str, folder: Path) -> dict[str, object]:
    settings = project_settings(folder)
    # A delay would be measured in place of the program. Concurrency as in Scrapy's defaults, so that both ask alike.
    settings.setdict(
        {
            "SPIDER_MODULES": ["bench.source"],
            "SOURCE_ARGUMENTS": {"website": {"begin": url}},
            "ADDRESS_GUARD_ADMIT": urlsplit(url).netloc,
            "HOST_RULES": {"*": {"delay": 0, "concurrency": 8}},
            "AUTOTHROTTLE_ENABLED": False,
        },
        priority="cmdline",
    )
    configure_logging(settings)
    make_folder(folder)
    with writer_lock(folder, "a bench"):
        capture_all(settings, plan_live(settings, ["website"]))
    return {}


def _checked(folder: Path) -> dict[str, object]:
    archive = ArchiveFolder.open(folder)
    findings = check_store(folder, archive.connection) + check_seals(folder, archive.journal)
    got = archive.connection.execute(
        "SELECT count(DISTINCT url) FROM captures WHERE status = 200 AND truncated = '' AND callback <> ''"
    ).fetchone()[0]
    recovered = [finding.outcome for finding in archive.store.recovered]
    archive.close()
    return {"got": got, "findings": [f"{one.outcome} {one.subject} {one.detail}" for one in findings] + recovered}


if __name__ == "__main__":
    main()
