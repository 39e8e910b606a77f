"""What every answer and every connection of the site is held to: header policies, and SQLite's limits for strangers."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable

# Pages of ours load nothing but their own style sheet, script and pictures; the script makes no markup of text.
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
# What was captured can run nothing, send nothing, and load nothing but other captures. It has no origin of its own
# (sandbox), and no document has it in a frame but ours.
REPLAY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), display-capture=(), fullscreen=(), geolocation=(), microphone=(), payment=(), "
     "publickey-credentials-get=(), usb=()"),
    ("X-DNS-Prefetch-Control", "off"),
    ("X-Permitted-Cross-Domain-Policies", "none"),
    ("X-Robots-Tag", "noindex, nofollow"),
)  # fmt: skip
_TOO_WIDE = re.compile(r"%[^a-zA-Z%]*(?:\*|[0-9]{5})")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

# SQLite limits by the name of their constant. Datasette's time limit can't stop a single function call, so that
# hex(zeroblob(150000000)) costs a second and 772 MB without the first of them.
LIMITS = {
    "SQLITE_LIMIT_LENGTH": 5_000_000,
    "SQLITE_LIMIT_SQL_LENGTH": 100_000,
    "SQLITE_LIMIT_COLUMN": 500,
    "SQLITE_LIMIT_EXPR_DEPTH": 200,
    "SQLITE_LIMIT_COMPOUND_SELECT": 50,
    "SQLITE_LIMIT_ATTACHED": 0,
    "SQLITE_LIMIT_LIKE_PATTERN_LENGTH": 1_000,
}
# They would tell a stranger a memory address, the file's path, or how SQLite was built; or load code.
REFUSED_FUNCTIONS = frozenset(
    {
        "edit", "fts3_tokenizer", "fts5_source_id", "load_extension", "readfile", "rtreecheck", "rtreedepth",
        "rtreenode", "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_log", "sqlite_offset",
        "sqlite_source_id", "sqlite_version", "writefile",
    }
)  # fmt: skip
REFUSED_TABLES = frozenset(
    {"pragma_compile_options", "pragma_database_list", "pragma_function_list", "pragma_module_list", "sqlite_stmt"}
)
REFUSED_ACTIONS = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})
# All that people's own SQL may do, and what it may ask of SQLite itself: how tables are made (and whether the file
# changed, which the full-text index asks).
ALLOWED_ACTIONS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION,
                             sqlite3.SQLITE_RECURSIVE})  # fmt: skip
ALLOWED_PRAGMAS = frozenset({"table_info", "table_xinfo", "index_list", "index_info", "index_xinfo",
                             "foreign_key_list", "data_version"})  # fmt: skip


def replay_policy(replay: str, main: str) -> str:
    """Return the policy of what was captured; `replay` and `main` are the addresses of the two origins, or ""."""
    captures, framing = f"{replay}/web/" if replay else "'self'", framed_by(main)
    return (
        f"sandbox; default-src 'none'; img-src {captures} data:; style-src {captures} 'unsafe-inline'; "
        f"form-action 'none'; frame-ancestors {framing}; base-uri 'none'"
    )


def connection_policy(replay: str) -> str:
    """Return to whom what was captured may have connections: to the captures' origin.

    A frame's host is connected to before the other policy forbids to ask it (Chromium 156, measured): no byte is sent,
    but it learns that somebody looks. In a sandbox "response-origin" is nobody.
    """
    return f'("{replay}/*")' if replay else "(response-origin)"


def framed_by(main: str) -> str:
    """Return who may have a capture in a frame; on this machine the archive goes by two names."""
    return f"{main} {main.replace('//127.0.0.1:', '//localhost:')}" if "//127.0.0.1:" in main else main or "'self'"


def frame_policy(replay: str) -> str:
    """Return the policy of a page of ours that has a capture in a frame."""
    return f"{STRICT_POLICY}; frame-src {replay}/web/" if replay else f"{STRICT_POLICY}; frame-src 'self'"


def guard_connection(connection: sqlite3.Connection) -> None:
    """Set SQLite's limits on a connection, and refuse what would tell of the machine or load code into it."""
    for name, most in LIMITS.items():
        connection.setlimit(getattr(sqlite3, name), most)
    for name in ("printf", "format"):
        connection.create_function(name, -1, _bounded_printf(), deterministic=True)
    connection.set_authorizer(_authorize)


def confine_connection(connection: sqlite3.Connection) -> None:
    """Let a connection do nothing but read, as people's own SQL may: what isn't known to be harmless is refused."""
    guard_connection(connection)
    connection.set_authorizer(_authorize_stranger)


def _bounded_printf() -> Callable[..., str | None]:
    """Return SQLite's printf without widths of five digits or more: printf('%.*c', 300000000, 'x') takes 6 s."""
    inner = sqlite3.connect(":memory:", check_same_thread=False)
    inner.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LIMITS["SQLITE_LIMIT_LENGTH"])

    def printf(*arguments: object) -> str | None:
        if arguments and isinstance(arguments[0], str) and _TOO_WIDE.search(arguments[0]):
            return None  # as SQLite itself answers what is too long
        holes = ", ".join("?" * len(arguments))
        try:
            answer: str | None = inner.execute(f"SELECT printf({holes})", arguments).fetchone()[0]
        except sqlite3.Error:
            return None
        return answer

    return printf


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _inner: str | None) -> int:
    refused = (
        action in REFUSED_ACTIONS
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in REFUSED_FUNCTIONS)
        or (action == sqlite3.SQLITE_READ and (first or "").lower() in REFUSED_TABLES)
    )
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def _authorize_stranger(action: int, first: str | None, second: str | None, database: str | None,
                        inner: str | None) -> int:  # fmt: skip
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if (first or "").lower() in ALLOWED_PRAGMAS else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_UPDATE:
        # So SQLite takes in what columns an index or json_each has. Nobody may write to this table by SQL.
        return sqlite3.SQLITE_OK if first == "sqlite_master" else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and _is_unlisted_pragma(first or ""):
        return sqlite3.SQLITE_DENY
    return _authorize(action, first, second, database, inner) if action in ALLOWED_ACTIONS else sqlite3.SQLITE_DENY


def _is_unlisted_pragma(table: str) -> bool:
    name = table.lower()
    return name.startswith("pragma_") and name.removeprefix("pragma_") not in ALLOWED_PRAGMAS


def looser_policy(templates: Iterable[str]) -> str:
    """Return the policy for Datasette's own pages: its scripts by their hashes, its style attributes, no other host.

    `templates` are the texts of Datasette's templates; a script in them with a variable part is known by the two
    forms it takes.
    """
    scripts = [script for text in templates for script in _INLINE_SCRIPT.findall(text) if "{{" not in script]
    scripts += ["DATASETTE_ALLOW_FACET = true;", "DATASETTE_ALLOW_FACET = false;"]
    allowed = " ".join(sorted({f"'sha256-{_digest(script)}'" for script in scripts}))
    return (
        f"default-src 'none'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
