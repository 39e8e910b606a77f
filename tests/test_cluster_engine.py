"""One task on a real Dask cluster: what waiting for it costs the machine that gave it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.cluster.engine import Cluster
from tests.cluster_here import ClusterHere

SECONDS = 2.5


def doze(job: Mapping[str, Any]) -> dict[str, Any]:
    """Take a while, as reading a file does."""
    time.sleep(job["seconds"])
    return {"dozed": job["seconds"]}


def test_waiting_for_a_task_takes_no_processor(tmp_path: Path) -> None:
    """Who gives tasks reads and writes meanwhile, and its workers may be on the same machine."""
    with (
        ClusterHere(tmp_path / "cluster", workers=1) as here,
        Cluster.connect(here.address, here.shared) as cluster,
    ):
        began = time.thread_time()
        assert cluster.run(doze, {"seconds": SECONDS}) == {"dozed": SECONDS}
        assert time.thread_time() - began < SECONDS / 5
