"""Serving an archive: the program that does it, and what has to be so before it starts."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

import click

from archive.release.folder import Releases
from console.writing import open_to_read

MOST = 65_535
APART = 1_000


def serve_archive(
    folder: Path, port: int, *, replay_port: int | None = None, release: int | None = None, working: bool = False
) -> NoReturn:
    """Become the server; raises a usage error where there is no archive or no port.

    Captures are shown at `replay_port`; where it is None, at a port of its choice. It serves the newest release, or
    `release`, or the `working` catalogue. A server's folder may hold releases alone.
    """
    if working and release is not None:
        raise click.UsageError("Serve either the working archive or a release.")
    if working or not Releases(folder).numbers():
        open_to_read(folder).close()
    if replay_port == port:
        raise click.UsageError("Captures need a port of their own; name another with --replay-port.")
    require_port(port)
    if replay_port is None:
        replay_port = _free_port(port)
    require_port(replay_port, "--replay-port")
    line = [sys.executable, "-m", "archive.site.server", "--port", str(port)]
    line += ["--replay-port", str(replay_port)]
    line += ["--working"] if working else [] if release is None else ["--release", str(release)]
    line += ["--", str(folder)]  # which may begin with a hyphen
    os.execv(sys.executable, line)  # noqa: S606 (fixed arguments, no shell)


def _free_port(port: int) -> int:
    """Return where captures are shown: always at the same distance from a port, so that whoever serves two archives
    side by side has both; where that is taken, at any port that is free."""
    apart = port + APART if port + APART <= MOST else port - APART
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for one in (apart, 0):
            with contextlib.suppress(OSError):
                tried.bind(("127.0.0.1", one))
                return int(tried.getsockname()[1])
    return apart


def require_port(port: int, option: str = "--port") -> None:
    """Raise a usage error where nothing can be served at a port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.UsageError(
                f"Port {port} can't be had ({error.strerror}); name another with {option}."
            ) from error
