"""A worker with little memory: TIGHT_KB of addresses, from its own first step on (TIGHT_FROM "start") or, as the real
one, when it has loaded its libraries ("reading")."""

from __future__ import annotations

import os
import resource
import sys

LIMIT = int(os.environ["TIGHT_KB"]) << 10


def main() -> None:
    """Read as the real one does."""
    if os.environ["TIGHT_FROM"] == "start":
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, resource.RLIM_INFINITY))
    from pipelines.text import worker  # noqa: PLC0415

    worker.MEMORY[sys.argv[1]] = LIMIT
    worker.main(sys.argv[1])


if __name__ == "__main__":
    main()
