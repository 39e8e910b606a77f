"""Holds a command line of `oversight` against the program: every command, option and number of arguments, without
carrying it out."""

from __future__ import annotations

import click

import oversight


def parse(line: list[str]) -> None:
    """Have click read the words behind `oversight`. Raises click.UsageError, or AssertionError, for no such line."""
    command: click.Command = oversight.main
    name, rest = "oversight", line
    while True:
        context = click.Context(command, info_name=name)
        given, rest, _ = command.make_parser(context).parse_args(list(rest))
        if {"_click_default_help", "help", "version"} & given.keys():
            return
        if not isinstance(command, click.Group):
            break
        assert rest, f"{name} wants a command"
        name, *rest = rest
        found = command.get_command(context, name)
        assert found is not None, f"no command is called {name}"
        command = found
    assert not rest, f"too much behind {name}: {rest}"
    for parameter in command.params:
        if isinstance(parameter, click.Argument) and parameter.required and not parameter.envvar:
            value = given.get(str(parameter.name))
            assert value if isinstance(value, str | tuple | list) else False, f"{name} wants {parameter.name}"
