"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archive.folder import no_folder


def archive_option(command: Any) -> Any:
    """Let a command take --archive behind its name too."""

    def taken(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.obj = value
        require_folder(context.obj)

    return click.option("--archive", "own_folder", type=click.Path(path_type=Path), callback=taken, expose_value=False,
                        help="The archive's folder.")(command)  # fmt: skip


def require_folder(path: Path) -> None:
    """Raise a usage error where an archive's folder can't be one."""
    if told := no_folder(path):
        raise click.UsageError(told)


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output.")
replay_option = click.option("--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                             help="Answer from this WARC file in place of the network.")  # fmt: skip
night_option = click.option("--night", metavar="DATE", help="Replay only this night (YYYY-MM-DD).")
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True,
                           help="Where to serve.")  # fmt: skip
release_option = click.option("--release", type=click.IntRange(1), metavar="N",
                              help="As of this release, less what was withdrawn since.")  # fmt: skip
