"""Crawling as a task of a cluster: one attempt at one run, in a process that ends when its worker does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.cluster.attempts import Attempt
from pipelines.cluster.shared import Shared, told

_ROOT = Path(__file__).resolve().parent.parent.parent


def crawl_once(job: Mapping[str, Any]) -> dict[str, Any]:
    """Make an attempt at a run, and return when it is over; what came of it lies in the shared store.

    `job` has the address of the store (`shared`), the attempt's folder there (`attempt`), and after how many seconds
    it is to give signs of life (`every`). Delivered twice, the second waits for the first.
    """
    attempt = Attempt(Shared(told(job, "shared")), told(job, "attempt"))
    line = {"shared": told(job, "shared"), "attempt": told(job, "attempt"), "every": float(job["every"])}
    with subprocess.Popen(
        [sys.executable, "-m", "pipelines.cluster.crawl_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=_ROOT,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()
        status = process.wait()
    attempt.wait_until_over()
    return {"status": status}
