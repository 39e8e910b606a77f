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
