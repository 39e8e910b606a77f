"""How answers look: for people on a terminal, for programs as one JSON value; strangers' text commands neither."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from archive.counted import counted
from archive.model import Finding
from archive.outcomes import OUTCOMES

# A report on more runs than these tells of each source, not of each run.
MOST_RUNS = 12


def show_json(answer: object) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def of_release(release: int | None, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer for programs, with the release that it is from."""
    return answer if release is None else {**answer, "release": release}


def show_report(report: Mapping[str, Any]) -> None:
    """Print what became of runs: the gravest outcomes first, with examples and what to do."""
    for line in _run_lines(report["runs"]):
        click.echo(line)
    for outcome in report["outcomes"]:
        mark = "!" if outcome["severity"] == "failure" else " "
        click.echo(f"{mark} {outcome['count']:6} {outcome['outcome']:20} {outcome['meaning']}")
        for example in outcome["examples"]:
            click.echo(f"         {shown(example)}")
        if outcome["examples"] and outcome["remedy"]:
            click.echo(f"         → {outcome['remedy']}")
    for line in _missed_lines(report.get("missed", ())):
        click.echo(line)
    if left := report.get("not_begun"):
        click.echo(f"Stopped: {left} run{'s'[: left != 1]} not begun. The same command goes on.")
    if "added" in report:
        click.echo(_added(report["added"], failures=bool(report.get("failures"))))


def _run_lines(runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each run; of a replay of many nights one for each source, and those that failed."""
    for run in runs:
        state = "failed" if run["failures"] else run["status"]
        if len(runs) <= MOST_RUNS or state not in ("finished", "limit"):
            gave = f"{counted(run['captures'], 'capture')}, {counted(run['documents'], 'document')}"
            yield f"{run['id']}: {state}, {gave}"
    if len(runs) > MOST_RUNS:
        for source in sorted({run["source"] for run in runs}):
            own = [run for run in runs if run["source"] == source]
            counts = [f"{sum(run[name] for run in own):,} {name}" for name in ("captures", "documents")]
            yield f"{source}: {counted(len(own), 'run')}, {', '.join(counts)}"


def _missed_lines(missed: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each stretch of nights that went by without a run, with the sources that it is about."""
    stretches: dict[tuple[str, str, int], list[str]] = {}
    for one in missed:
        stretches.setdefault((one["first"], one["last"], one["nights"]), []).append(one["source"])
    for (first, last, nights), sources in stretches.items():
        yield f"Missed: {counted(nights, 'night')}, {first} to {last} ({', '.join(sources)})."


def _added(added: Mapping[str, int], *, failures: bool) -> str:
    """Say what is new; a second crawl of the same adds nothing, which is worth a sentence."""
    if not any(added.values()):
        return "Nothing was added." if failures else "Nothing was added: all of this was held already."
    return "Added: " + ", ".join(f"{count:,} {name}" for name, count in added.items() if count) + "."


def shown(text: str) -> str:
    """Return text of strangers so that a terminal can't be told anything by it."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def show_deposit(findings: Sequence[Finding], counts: Counter[str]) -> None:
    """Print each file that isn't simply read, then the counts."""
    for finding in findings:
        if finding.outcome not in ("text", "already-held"):
            detail = f": {finding.detail}" if finding.detail else ""
            click.echo(shown(f"{finding.subject}: {finding.outcome}{detail}"))
    for outcome, count in sorted(counts.items()):
        click.echo(f"{count:6} {outcome:20} {OUTCOMES[outcome].meaning}")


def show_search(found: Mapping[str, Any]) -> None:
    """Print what a search found, each page with its address; where it is nothing, what may have been meant."""
    for note in found["notes"]:
        click.echo(shown(note), err=True)
    for line in _meant_lines(found):
        click.echo(shown(line), err=True)
    given = len(found["results"])
    more = f"; the first {given} (--limit N shows more)" if given < found["total"] else ""
    about = "about " if found.get("total_about") else ""
    click.echo(f"{about}{found['total']:,} document{'s'[: found['total'] != 1]}{more}")
    for result in found["results"]:
        number = "" if result["identifier"] in result["title"] else f"{result['identifier']}  "
        click.echo()
        click.echo(shown(f"{number}{result['title']}  ({result['collection']})"))
        for page in result["pages"]:
            click.echo(shown(f"  p{page['number']} ({page['hits']})  {page['snippet']}"))
            click.echo(f"     {page['url']}")
        if not result["pages"]:
            click.echo(f"     {result['url']}")


def _meant_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what values were taken for and, where nothing was found, what else could be asked."""
    for name, values in found.get("meant", {}).items():
        for value, held in values.items():
            yield f"{name} “{value}” stands for {'; '.join(held[:8])}{'; …' if len(held) > 8 else ''}"
    if missing := found.get("missing"):
        yield f"On no page: {', '.join(missing)}"
    for one in found.get("instead", ()):
        why = "Did you mean" if one["why"] == "spelling" else f"Instead, {one['told']}"
        beside = "".join(f" --{name} {value!r}" for name, value in one["filters"].items())
        yield f"{why}: {one['query']}{beside}"


def show_status(state: Mapping[str, Any]) -> None:
    """Print what the archive, or a release, holds, its sources, and for how long there is room for more."""
    for name in ("captures", "documents", "versions", "pages"):
        click.echo(f"{state[name]:8} {name}")
    if room := state.get("room"):
        lasts = "" if room["nights"] is None else f": room for {room['nights']:,} nights like those of late"
        click.echo(f"{room['free'] >> 20:8,} MB are free on this disk{lasts}")
    if sqlite := state.get("sqlite"):
        known = "".join(f"\n{'':9}{what} (unless your system's packager mended it)" for what in sqlite["advisories"])
        click.echo(f"SQLite {sqlite['version']}, built from {sqlite['build']}{known}")
    show_sources(state["sources"])


def show_source(told: Mapping[str, Any]) -> None:
    """Print what one source is and what it is told, as sources.toml may say otherwise."""
    click.echo(f"{told['name']}: {told['title']}{'' if told['enabled'] else ' (switched off)'}")
    click.echo(f"  {told['description']}")
    for name in ("publisher", "home", "collection"):
        if told[name]:
            click.echo(f"  {name}: {told[name]}")
    click.echo(f"  expected of a run: {told['expected']['minimum']:,} to {told['expected']['maximum']:,} documents")
    for field, share in told["expected"]["fields"].items():
        click.echo(f"    {field} in at least {share:.0%}")
    click.echo(f"  arguments, in sources.toml under [sources.{told['name']}]:")
    for name, value in told["arguments"].items():
        shown_value = json.dumps(value, ensure_ascii=False)
        click.echo(shown(f"    {name} = {shown_value if len(shown_value) < 400 else shown_value[:400] + ' …'}"))


def show_sources(states: Sequence[Mapping[str, Any]]) -> None:
    """Print a line for each source: what it holds, what its last run gave and should have given, how it is."""
    click.echo(f"{'source':18} {'documents':>9}  {'last run':20} {'gave':>7} {'expected':>15}  health")
    for state in states:
        run, expected = state["run"], state["expected"]
        gave = f"{run['documents']:,}" if run else "–"
        bounds = f"{expected['minimum']:,}–{expected['maximum']:,}" if expected else "–"
        why = f" ({run['failures']:,} failure{'s'[: run['failures'] != 1]})" if run and run["failures"] else ""
        since = f", overdue since {state['overdue']}" if state["overdue"] else ""
        click.echo(
            f"{state['name']:18} {state['documents']:9,}  {state['last_run'] or 'never':20} {gave:>7} {bounds:>15}"
            f"  {state['health']}{why}{since}"
        )
