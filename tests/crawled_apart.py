"""Crawls several sites on loopback, here or on a cluster, by what the commands do, and prints the runs' report.

Its one argument is JSON: {"archive", "sites": {source: host and port}, "settings", "where": [scheduler, shared] or []}.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from scrapy.settings import Settings
from scrapy.utils.log import configure_logging

from archive.catalog.opening import open_catalogue
from archive.folder import CATALOGUE, make_folder
from archive.research.status import run_report
from archive.store.lock import writer_lock
from console.clustering import Where, capture_where, connected, readers_of, take_in_left
from pipelines.crawl import load_captured
from pipelines.plan import plan_live, project_settings
from tests.cluster_here import ClusterHere
from tests.conftest import ROOT
from tests.counted_site import CountedSite
from tests.demo_archive import environment

Sites = Mapping[str, CountedSite]


def settings_for(archive: Path, sites: Mapping[str, str], **more: Any) -> Settings:
    """Return the settings of a crawl of these sites."""
    settings = project_settings(archive)
    told = {
        "AUTOTHROTTLE_ENABLED": False,
        "COMPARE_WITH_PICTURES": False,
        "RETRY_ENABLED": False,
        "CONTACT": "a test",
        "SPIDER_MODULES": ["tests.hostile.walked_apart"],
        "SOURCE_ARGUMENTS": {name: {"listing": f"http://{host}/list-0"} for name, host in sites.items()},
        "HOST_RULES": {"*": {"delay": 0.05, "concurrency": 1}},
        "RETRY_AFTER_UNSAID": 0,
    }
    settings.setdict({**told, **more}, priority="cmdline")
    return settings


def main() -> None:
    """Crawl, load, report."""
    told = json.loads(sys.argv[1])
    folder, sites = Path(told["archive"]), told["sites"]
    settings = settings_for(folder, sites, **told["settings"])
    configure_logging(settings)
    make_folder(folder)
    with writer_lock(folder, "a test"), connected(Where(*told["where"])) as there:
        take_in_left(there, settings, lambda what, done, of: None)
        plans = plan_live(settings, list(sites))
        plans = [
            replace(plan, settings={**plan.settings, "ADDRESS_GUARD_ADMIT": sites[plan.run.source]}) for plan in plans
        ]
        crawled = capture_where(there, settings, plans, lambda what, done, of: None)
        load_captured(settings, lambda what, done, of: None, readers_of(there))
    with closing(open_catalogue(folder / CATALOGUE)) as catalogue:
        report = run_report(catalogue, [plan.run.id for plan in plans])
    json.dump({**report, "not_begun": crawled.not_begun}, sys.stdout)


def line(archive: Path, sites: Sites, cluster: ClusterHere | None = None, **settings: Any) -> list[str]:
    """Return the command line of a crawl of some sites."""
    where = [cluster.address, cluster.shared] if cluster else []
    hosts = {name: site.host for name, site in sites.items()}
    job = {"archive": str(archive), "sites": hosts, "settings": settings, "where": where}
    return [sys.executable, "-m", "tests.crawled_apart", json.dumps(job)]


def crawled(archive: Path, sites: Sites, cluster: ClusterHere | None = None, **settings: Any) -> Mapping[str, Any]:
    """Crawl the sites to the end, and return the runs' report."""
    if cluster is None and len(sites) > 1:  # a process admits one address of loopback
        return [crawled(archive, {name: site}, **settings) for name, site in sites.items()][-1]
    if cluster is None:
        settings["ADDRESS_GUARD_ADMIT"] = next(iter(sites.values())).host
    if (archive / "archive.db").exists():
        time.sleep(1 - time.time() % 1)  # equal answers within one second are one capture
    done = subprocess.run(
        line(archive, sites, cluster, **settings), cwd=ROOT, env=environment(**(cluster.more if cluster else {})),
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    report: Mapping[str, Any] = json.loads(done.stdout)
    return report


def started(archive: Path, sites: Sites, cluster: ClusterHere | None = None, **settings: Any) -> subprocess.Popen[str]:
    """Begin a crawl of the sites, and return its process."""
    return subprocess.Popen(
        line(archive, sites, cluster, **settings), cwd=ROOT, env=environment(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
