"""`oversight chain`: a contract from its solicitation to what was spent, for a terminal or a program."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from archive.research.chain_records import read_chain
from archive.research.rows import Row
from console.answers import show_json, shown
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option


@click.command(name="chain")
@click.argument("number")
@click.option(
    "--release", type=click.IntRange(1), metavar="N", help="As of this release, less what was withdrawn since."
)
@json_option
@archive_option
@click.pass_obj
def chain_command(folder: Path, number: str, release: int | None, as_json: bool) -> None:
    """Tell a contract's chain: solicitation, notices, award, modifications, orders, money, and what is missing.

    NUMBER is that of any of them, in any spelling, or an address that holds one.

    \b
    Examples: oversight chain 70CDCR18P00000017
              oversight chain HSCECR-14-Q-00006 --json
    """
    with closing(open_to_read(folder, release)) as catalogue:
        chain = read_chain(catalogue, number)
    withdrawn = chain.pop("gone")
    if as_json:
        show_json(chain)
    elif chain["steps"] or chain["choices"]:
        for line in _lines(chain):
            click.echo(line)
    if not chain["steps"] and not chain["choices"]:
        why = "was withdrawn from publication" if withdrawn else "stands on no notice or award that is held"
        end(f"{number} {why}.", Exit.FAILED)


def _lines(chain: Row) -> list[str]:
    if chain["choices"]:
        told = [f"  {one['award_id'] or one['document']}  {shown(one['recipient'])}" for one in chain["choices"]]
        return [f"Several awards bear the number {chain['number']}; ask for one by its id:", *told]
    lines = [line for step in chain["steps"] for line in _step(step)]
    money = chain["money"]
    if money["actions"]:
        lines += ["", "Obligated by fiscal year (from October 1), US$:"]
        lines += [f"  {year['year'] or 'not told'}  {year['dollars']:>20}" for year in money["by_fiscal_year"]]
        lines += [f"  in all {money['dollars']:>18}"]
    lines += ["", "What is missing:", *(f"  {shown(gap['told'])}" for gap in chain["gaps"])] if chain["gaps"] else []
    return [*lines, "", f"{len(chain['links'])} links, each a fact of the record that it names; --json tells them."]


def _step(step: Row) -> list[str]:
    held = step["address"] or step["url"] or ("" if step["kind"] == "solicitation" else "not held")
    money = f"  {step['dollars']} US$" if step["dollars"] else ""
    lines = [f"{step['day'] or '':10}  {step['kind']:13}  {shown(step['number'])}  {shown(step['title'])[:100]}{money}"]
    lines += [f"{'':27}{shown(step['changed'])}"] if step["changed"] else []
    return [*lines, f"{'':27}{shown(held)}"] if held else lines
