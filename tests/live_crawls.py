"""Crawls of a counted site on loopback by the production handler, in a process of their own; and a site for them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from pipelines.plan import project_settings
from tests.conftest import ROOT
from tests.counted_site import CountedSite, Reply
from tests.demo_archive import environment
from tests.hostile.pdf import lines, written

HTML = {"Content-Type": "text/html; charset=utf-8"}
PDF = {"Content-Type": "application/pdf"}
# Where, and what was captured when, differs from run to run.
OWN_TO_A_RUN = (
    "records",
    "captures",
    "sightings",
    "runs",
    "outcomes",
    "texts",
    "pages_fts",
    "comparisons",
    "changed_passages_fts",
)


def site_pages(pages: int = 6, a_list: int = 3, *, files: bool = True) -> dict[str, Reply | Callable[..., Reply]]:
    """Return a list of pages, so many on each page of the list, and each page with a file of its own."""
    made: dict[str, Reply | Callable[..., Reply]] = {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /forbidden/\n", 200, {})
    }
    for number in range(0, pages, a_list):
        items = "".join(f'<li><a href="/page-{one}">Page {one}</a></li>' for one in range(number, number + a_list))
        onward = f'<a class="next" href="/list-{number + a_list}">on</a>' if number + a_list < pages else ""
        made[f"/list-{number}"] = Reply(f"<html><body><h1>List</h1><ul>{items}</ul>{onward}".encode(), 200, HTML)
    for one in range(pages):
        text = f"Page {one} tells of a plate reader, at length, and links to its own file, as each of these pages does."
        link = f'<p><a href="/file-{one}.pdf">File</a></p>' if files else ""
        made[f"/page-{one}"] = Reply(f"<html><body><h1>Page {one}</h1><p>{text}</p>{link}".encode(), 200, HTML)
        if files:
            made[f"/file-{one}.pdf"] = Reply(written(lines(f"File {one} on plate readers.")), 200, PDF)
    return made


def line(archive: Path, site: CountedSite, **settings: Any) -> list[str]:
    """Return the command line of a crawl of the site."""
    told = {
        "ADDRESS_GUARD_ADMIT": site.host,
        "SPIDER_MODULES": ["tests.hostile.walked"],
        "SOURCE_ARGUMENTS": {"walked": {"listing": f"{site.url}/list-0"}},
        "LOG_LEVEL": "WARNING",
    }
    job = {"archive": str(archive), "source": "walked", "settings": {**told, **settings}}
    return [sys.executable, "-m", "tests.hostile.live", json.dumps(job)]


def walked_settings(archive: Path) -> Settings:
    """Return the settings under which what such a crawl captured is read again."""
    settings = project_settings(archive)
    settings.set("SPIDER_MODULES", ["tests.hostile.walked"], priority="cmdline")
    return settings


def crawled(archive: Path, site: CountedSite, **settings: Any) -> Mapping[str, Any]:
    """Crawl the site to the end, and return the run's report."""
    if (archive / "archive.db").exists():
        # Equal answers within one second are one capture; two nights are never so close.
        time.sleep(1 - time.time() % 1)
    done = subprocess.run(
        line(archive, site, **settings), cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    report: Mapping[str, Any] = json.loads(done.stdout)
    return report


def started(archive: Path, site: CountedSite, **settings: Any) -> subprocess.Popen[bytes]:
    """Begin a crawl of the site, and return its process."""
    return subprocess.Popen(
        line(archive, site, **settings), cwd=ROOT, env=environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def outcomes(report: Mapping[str, Any]) -> dict[str, int]:
    """Return a report's outcomes, counted."""
    return {one["outcome"]: one["count"] for one in report["outcomes"]}
