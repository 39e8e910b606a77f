"""Which SQLite runs here, and what is known of it; docs/advisories.md says the same in words."""

from __future__ import annotations

import sqlite3
from typing import Any

# The version in which it was mended, and what it is.
KNOWN = (
    ((3, 50, 2), "CVE-2025-6965: a query with more aggregates than columns damages memory"),
    ((3, 50, 3), "CVE-2025-7709: a damaged full-text index overflows a number"),
)


def engine(version: str = sqlite3.sqlite_version) -> dict[str, Any]:
    """Return SQLite's `version`, its `build` (the source that it was made of), and the `advisories` that it is under.

    A system's packager may have mended an older version without another number.
    """
    numbers = tuple(int(part) for part in version.split("."))
    connection = sqlite3.connect(":memory:")
    try:
        build = str(connection.execute("SELECT sqlite_source_id()").fetchone()[0])
    finally:
        connection.close()
    return {"version": version, "build": build, "advisories": [what for fixed, what in KNOWN if numbers < fixed]}
