"""Serving an archive: the program that does it, and what has to be so before it starts."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn

import click

from archive.release.folder import CURRENT, Releases
from console.looking import open_to_read
from console.options import archive_option, port_option

MOST = 65_535
APART = 1_000
# Seconds between two looks for the first release.
LOOKS = 2.0


def serve_archive(
    folder: Path, port: int, *, replay_port: int | None = None, release: int | None = None, working: bool = False,
    wait: bool = False,
) -> NoReturn:  # fmt: skip
    """Become the server; raises a usage error where there is no archive or no port.

    Captures are shown at `replay_port`; where it is None, at a port of its choice. It serves the newest release, or
    `release`, or the `working` catalogue. A server's folder may hold releases alone. It may `wait` for the first.
    """
    if working and release is not None:
        raise click.UsageError("Serve either the working archive or a release.")
    if wait:
        if working or release is not None:
            raise click.UsageError("--wait is for the newest release.")
        _wait_for_a_release(Releases(folder))
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


def _wait_for_a_release(releases: Releases) -> None:
    """Return once there is a release. Raises a usage error where there is no folder in which one could come to be."""
    if not releases.folder.is_dir():
        raise click.UsageError(f"There is no folder {releases.folder}, where releases would be.")
    current = releases.folder / CURRENT
    if not current.exists():
        click.echo(f"Waiting for the first release in {releases.folder}.", err=True)
    while not current.exists():
        time.sleep(LOOKS)


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


@click.command()
@port_option
@click.option(
    "--replay-port", type=click.IntRange(1, 65535), help="Where captures are shown.  [default: 1,000 above the port]"
)
@click.option("--release", type=click.IntRange(1), help="Serve this release, whatever is the newest.")
@click.option("--working", is_flag=True, help="Show the whole working archive, on this machine only.")
@click.option("--wait", is_flag=True, help="Serve nothing until there is a release: for a service.")
@archive_option
@click.pass_obj
def serve(folder: Path, port: int, replay_port: int | None, release: int | None, *, working: bool, wait: bool) -> None:
    """Serve the newest release on http://127.0.0.1:8001/ with Datasette.

    A release that is built meanwhile is served from then on, without a restart. Until there is one, the catalogue is
    served, to this machine alone and through no proxy, or nothing (`--wait`). A file that isn't a release as its
    manifest says is never served. What was captured is shown on a port of its own, so that nothing in it has to do with
    the archive's pages (docs/serving-captures.md).

    \b
    Examples: oversight serve --archive data/demo --port 8080
              oversight serve --port 8080 --replay-port 9080
              oversight serve --release 12
              oversight serve --working
              oversight serve --wait
    """
    serve_archive(folder, port, replay_port=replay_port, release=release, working=working, wait=wait)
