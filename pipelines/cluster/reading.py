"""Has payloads read by a cluster, and keeps what came of it as if it had been read here; where it isn't, it is.

It knows who waits for what; not what a reading is made of, nor how a cluster is talked to.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.cluster.engine import Cluster, ClusterLost, TaskFailed
from pipelines.cluster.read_task import read_payload
from pipelines.readers import Readers, Wanted, kept_path, write_whole
from pipelines.text.reading import Reading
from pipelines.text.stored_reading import READERS, from_bytes

# So many payloads wait for their turn for each that is read, so that no worker waits.
_AHEAD = 2
# What the cluster doesn't read is read here, so many at a time.
_HERE = 2


class ClusterReaders(Readers):
    """Readers whose files are read by a cluster's workers. What these can't give is read on this machine."""

    def __init__(self, cluster: Cluster, cache: Path, workers: int = 2, **how: Any) -> None:
        super().__init__(cache, max(workers, cluster.slots * _AHEAD), **how)
        self._cluster = cluster
        self._here = threading.Semaphore(_HERE)

    def _read(self, batch: Any, want: Wanted, body: bytes) -> Reading:
        try:
            return self._read_there(want, body)
        except (ClusterLost, TaskFailed, OSError, ValueError):
            with self._here:
                return super()._read(batch, want, body)

    def _read_there(self, want: Wanted, body: bytes) -> Reading:
        """Return a cluster's reading of a payload. Raises ClusterLost, TaskFailed; ValueError for an answer that is
        none; OSError where the shared store fails."""
        shared = self._cluster.shared
        paths = [kept_path(self._cache, want.digest, READERS[one]) for one in dict.fromkeys((want.kind, "ocr"))]
        kept = [path for path in paths if path.exists()]
        handed = {f"{want.digest}.payload": body} | {path.name: path.read_bytes() for path in kept}
        try:
            for name, content in handed.items():
                shared.put(f"reading/{name}", content)
            answer = self._cluster.run(read_payload, self._job(want, body, [path.name for path in kept]))
        finally:
            for name in handed:
                shared.remove(f"reading/{name}")
        return self._taken_in(want, paths, answer)

    def _job(self, want: Wanted, body: bytes, kept: list[str]) -> dict[str, Any]:
        return {
            "shared": self._cluster.shared.url,
            "digest": want.digest,
            "kind": want.kind,
            "url": want.url[:8000],
            "sha256": hashlib.sha256(body).hexdigest(),
            "ocr": self._ocr,
            "compare": self._compare,
            "kept": kept,
        }

    def _taken_in(self, want: Wanted, paths: list[Path], answer: Mapping[str, Any]) -> Reading:
        reading = from_bytes(_content(answer.get("reading")), READERS[want.kind])
        files = answer.get("files")
        for path in paths:
            if isinstance(files, Mapping) and path.name in files:
                content = _content(files[path.name])
                from_bytes(content, path.name.removeprefix(f"{want.digest}.").removesuffix(".json.gz"))
                write_whole(path, content)
        return reading


def _content(given: object) -> bytes:
    if not isinstance(given, bytes):
        raise ValueError("no reading")
    return given
