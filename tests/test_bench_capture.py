"""The bench of capture runs, on a small website, and says who got everything; how fast anything is, it doesn't test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.website import LINKS, website
from tests.conftest import ROOT


def test_the_website_is_the_same_for_a_seed_and_is_as_it_is_described() -> None:
    site = website(40, seed=1)
    assert site == website(40, seed=1)
    assert site != website(40, seed=2)
    assert len(site) == 40 + 40 + 1
    page, file = site["/publications/7.html"], site["/sites/default/files/document-03.pdf"]
    assert page.count(b"<a href=") == LINKS
    assert 50_000 <= len(page) < 51_500
    assert file.split(b"\r\n\r\n", 1)[1].startswith(b"%PDF-")
    assert 80_000 < len(file) < 150_000


def test_it_runs(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bench.capture",
        "--pages",
        "20",
        "--rounds",
        "1",
        "--json",
        "--folder",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    contenders = {one["contender"] for one in told["measured"]}
    assert {"scrapy", "ours"} <= contenders
    assert told["ratios"].keys() == contenders - {"ours"}
    assert all(one["resources"] == 40 and one["rate"] > 0 for one in told["measured"])
    assert list(tmp_path.iterdir()) == []
