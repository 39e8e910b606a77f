"""An attempt at a run: who may make it, whether it is still going on, and where it puts what it captures.

All of it is told by objects in the shared store below `runs/RUN/ATTEMPT/`:

    job     what is to be done; without it an attempt is over, and what it does still is nobody's
    begun   by whom it was taken; put by one only, so that what is delivered twice is done once
    sign    a sign of life, another every few seconds, with how the hosts stand that it asks
    stop    it is to end as it would by a signal
    pieces/ what it captured, in stretches of whole units
    end     what came of it
"""

from __future__ import annotations

import gzip
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from pipelines.cluster.shared import Shared

ROOT = "runs"
SECONDS_A_SIGN = 2.0
# In an object store each is paid for.
SECONDS_A_SIGN_PAID = 8.0
# An attempt that gave no sign for so long is over: its machine is gone, or can't reach the store.
SECONDS_WITHOUT_SIGN = 30.0
REVOKED = b"revoked"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a run, `number` of them having been made before."""

    shared: Shared
    folder: str

    @classmethod
    def new(cls, shared: Shared, run: str, job: dict[str, Any]) -> Attempt:
        """Put down what is to be done."""
        attempt = cls(shared, f"{ROOT}/{run}/{time.time_ns():020}-{uuid.uuid4().hex[:8]}")
        attempt.put("job", gzip.compress(json.dumps(job).encode(), mtime=0))
        return attempt

    @property
    def every(self) -> float:
        """After how many seconds there is to be another sign of life."""
        return SECONDS_A_SIGN if self.shared.is_local else SECONDS_A_SIGN_PAID

    @property
    def run(self) -> str:
        """The run's id."""
        return self.folder.split("/")[1]

    def job(self) -> dict[str, Any]:
        """Return what is to be done. Raises OSError, ValueError."""
        return dict(json.loads(gzip.decompress(self.get("job"))))

    def put(self, name: str, content: bytes) -> None:
        self.shared.put(f"{self.folder}/{name}", content)

    def get(self, name: str) -> bytes:
        return self.shared.get(f"{self.folder}/{name}")

    def has(self, name: str) -> bool:
        return self.shared.has(f"{self.folder}/{name}")

    def claim(self, by: bytes) -> bool:
        """Take it on; say whether nobody had."""
        return self.has("job") and self.shared.put_new(f"{self.folder}/begun", by)

    def has_begun(self) -> bool:
        """Say whether somebody took it on; nobody can any more where nobody did."""
        return not self.shared.put_new(f"{self.folder}/begun", REVOKED) and self.get("begun") != REVOKED

    def told(self, name: str) -> dict[str, Any]:
        """Return what it says in its `sign` or at its `end`, nothing where it doesn't."""
        try:
            said = json.loads(self.get(name))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def wait_until_over(self, without_sign: float = SECONDS_WITHOUT_SIGN) -> None:
        """Return when it has ended, or has given no sign for so many seconds of this machine's."""
        last, seen = b"", time.monotonic()
        while self.has("job") and not self.has("end"):
            try:
                sign = self.get("sign")
            except OSError:
                sign = b""
            if sign != last:
                last, seen = sign, time.monotonic()
            elif time.monotonic() - seen > without_sign:
                return
            time.sleep(self.every / 4)

    def clear(self) -> None:
        """Remove all of it, and the job first: whoever works at it still, stops."""
        self.shared.remove(f"{self.folder}/job")
        for name in self.shared.names(self.folder):
            self.shared.remove(name)


def attempts_left(shared: Shared) -> list[Attempt]:
    """Return the attempts that are in the store, in the order in which they were begun."""
    folders = {"/".join(name.split("/")[:3]) for name in shared.names(ROOT) if name.count("/") >= 3}
    return [Attempt(shared, folder) for folder in sorted(folders, key=lambda one: one.split("/")[2])]
