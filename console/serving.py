"""Serving an archive: the Datasette command that does it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

import click

from archive.folder import CATALOGUE
from console.writing import require_archive

ROOT = Path(__file__).parent.parent


def serve_archive(folder: Path, port: int) -> NoReturn:
    """Become the server; raises a usage error where there is no archive or no port."""
    require_archive(folder)
    require_port(port)
    click.echo(f"The archive in {folder} is at http://127.0.0.1:{port}/ (Ctrl-C ends it)", err=True)
    os.execv(sys.executable, datasette_command(folder, port))  # noqa: S606 (fixed arguments, no shell)


def require_port(port: int) -> None:
    """Raise a usage error where nothing can be served at a port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.UsageError(f"Port {port} can't be had ({error.strerror}); name another with --port.") from error


def datasette_command(folder: Path, port: int) -> list[str]:
    """Return the command that serves an archive; Datasette names the database after the file: `archive`."""
    return [
        sys.executable, "-m", "datasette", "serve", str(folder / CATALOGUE),
        "-m", str(ROOT / "datasette_metadata.json"), "--host", "127.0.0.1", "--port", str(port),
        *(part for name, value in DATASETTE_SETTINGS.items() for part in ("--setting", name, value)),
    ]  # fmt: skip


# Whole-table work on every page is off; a question may take two seconds; nobody downloads the working catalogue.
DATASETTE_SETTINGS = {
    "suggest_facets": "off",
    "allow_download": "off",
    "sql_time_limit_ms": "2000",
    "facet_time_limit_ms": "500",
    "default_page_size": "50",
}
