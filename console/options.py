"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def archive_option(command: Any) -> Any:
    """Let a command take --archive behind its name too."""

    def taken(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.obj = value

    return click.option("--archive", "own_folder", type=click.Path(path_type=Path), callback=taken, expose_value=False,
                        help="The archive's folder.")(command)  # fmt: skip


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output.")
