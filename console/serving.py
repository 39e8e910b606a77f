"""Serving an archive: the program that does it, and what has to be so before it starts."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

import click

from archive.release.folder import Releases
from console.writing import open_to_read


def serve_archive(folder: Path, port: int, *, release: int | None = None, working: bool = False) -> NoReturn:
    """Become the server; raises a usage error where there is no archive or no port.

    It serves the newest release, or `release`, or the `working` catalogue. A server's folder may hold releases alone.
    """
    if working and release is not None:
        raise click.UsageError("Serve either the working archive or a release.")
    if working or not Releases(folder).numbers():
        open_to_read(folder).close()
    require_port(port)
    line = [sys.executable, "-m", "archive.site.server", str(folder), "--port", str(port)]
    line += ["--working"] if working else [] if release is None else ["--release", str(release)]
    os.execv(sys.executable, line)  # noqa: S606 (fixed arguments, no shell)


def require_port(port: int) -> None:
    """Raise a usage error where nothing can be served at a port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.UsageError(f"Port {port} can't be had ({error.strerror}); name another with --port.") from error
