"""The commands of the program as a group: each is loaded once it is asked for, and what is broken is told by it.

Loading all of them takes a second and a half, of which a search needs a fifth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click
from click.exceptions import NoSuchCommand

from archive.catalog.versions import CatalogueNewer
from archive.store.journal import JournalDamaged
from console.ending import Exit, end, end_refused
from pipelines.following import FollowingError


class Told(NamedTuple):
    """Where a command is, as `module:name`, and what `oversight --help` says of it."""

    where: str
    says: str


class Commands(click.Group):
    """Commands by the heading that they stand under, none of which can do anything while what it needs is broken."""

    def __init__(self, *arguments: Any, headings: Mapping[str, Mapping[str, Told]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._headings = headings
        self._told = {name: told for commands in headings.values() for name, told in commands.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._told)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        told = self._told.get(cmd_name)
        if told is None:
            return None
        module, _, name = told.where.partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; who misspelt one is told of those that are spelt alike."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            raise NoSuchCommand(error.command_name, possibilities=self._told, ctx=ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, without loading any."""
        for heading, commands in self._headings.items():
            with formatter.section(heading):
                formatter.write_dl([(name, told.says) for name, told in commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out a command; a broken file is told in one sentence."""
        try:
            return super().invoke(ctx)
        except FollowingError as error:
            raise click.UsageError(str(error)) from error
        except CatalogueNewer as newer:
            end(str(newer), Exit.USAGE)
        except JournalDamaged as damaged:
            end(str(damaged), Exit.STORE_FAILED)
        except sqlite3.Error as error:
            end_refused(error)
