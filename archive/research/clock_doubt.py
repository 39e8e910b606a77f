"""Tells a wrong clock of this machine from servers whose certificates ran out: the one fails all at once, and no other.

It looks at what became of named runs, and never at the clock.
"""

from __future__ import annotations

import sqlite3

TLS_FAILED = "tls-failed"
# How OpenSSL's words begin on a certificate that doesn't hold on the day that the clock says (X509_V_ERR 9 and 10).
OUT_OF_DATE = ("certificate has expired", "certificate is not yet valid")


def clock_doubt(connection: sqlite3.Connection, runs: str) -> str:
    """Return what to do where the clock may be wrong, else ""; `runs` is a JSON list of ids.

    It may be where two servers or more had a certificate that was out of date, and nobody had one that held.
    """
    failed = connection.execute(
        "SELECT subject, detail FROM outcomes WHERE run IN (SELECT value FROM json_each(?)) AND outcome = ?",
        (runs, TLS_FAILED),
    ).fetchall()
    servers = {subject.partition("://")[2].partition("/")[0] for subject, _ in failed}
    if len(servers) < 2 or not all(detail.startswith(OUT_OF_DATE) for _, detail in failed):
        return ""
    (held, began) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM captures WHERE run = runs.id AND url LIKE 'https:%'), max(started)"
        " FROM runs WHERE id IN (SELECT value FROM json_each(?)) GROUP BY 1 ORDER BY 1 DESC",
        (runs,),
    ).fetchone()
    if held:
        return ""
    return (
        f"The certificates of all {len(servers)} servers were expired or not yet valid: this machine's clock, which"
        f" said {began}, may be wrong. Have it set right; the next run asks for everything again."
    )
