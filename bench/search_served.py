"""What the bench of search asks by HTTP: a release with a manifest, and the servers of it and of stock Datasette."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
# A release of a million pages is compared with its manifest before anything is answered.
PATIENCE = 300


def publish(archive: Path) -> None:
    """Write the manifest of release 1, whose file is there, and name it as the current one."""
    releases = archive / "releases"
    file = releases / "1.db"
    with file.open("rb") as held:
        sha256 = hashlib.file_digest(held, "sha256").hexdigest()
    manifest = {"number": 1, "built": "2026-11-30T00:00:00Z", "digest": "0" * 64,
                "file": {"bytes": file.stat().st_size, "sha256": sha256}}  # fmt: skip
    (releases / "1.json").write_text(json.dumps(manifest))
    (releases / "current").write_text("1\n")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def served(arguments: Sequence[str], port: int, log: Path, **settings: str) -> Iterator[int]:
    """Run a server of Python until this is left, with settings for its environment; yields its process's number as soon
    as it answers."""
    environment = {**os.environ, **settings}
    with log.open("wb") as told:
        process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment, stdout=told, stderr=told)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60).close()
                break
            except (urllib.error.URLError, OSError):
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.5)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)
