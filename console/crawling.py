"""What every command that crawls does: plan, crawl under the lock, report, and the status that the runs deserve."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from archive.claims_file import read_claims
from archive.curated_text import UNREADABLE
from archive.folder import CATALOGUE
from archive.joins_file import corrections_in_force
from archive.links_file import links_in_force
from archive.outcomes import OUTCOMES
from archive.research.lookups import count_all
from archive.research.status import run_report
from archive.store.journal import Journal
from archive.store.recording import Recording, open_recording
from archive.store.room import require_room
from archive.watches.watch_file import read_watches
from console.answers import show_json, show_report
from console.clustering import HERE, Where, capture_where, cluster_options, connected, readers_of, take_in_left
from console.ending import Exit
from console.looking import open_to_read
from console.options import archive_option, json_option, night_option, replay_option
from console.progress import ProgressReport
from console.taking_in import opened, refusals
from console.writing import writing
from pipelines.crawl import Crawled, load_captured
from pipelines.derive import Sources
from pipelines.due import longest_gaps
from pipelines.plan import Plan, followed, plan_live, plan_replay, refuse_mixture
from pipelines.told import checked_settings


def crawl_and_report(  # noqa: PLR0913
    folder: Path,
    sources: Sequence[str],
    recording: Recording | None = None,
    night: str | None = None,
    limit: int | None = None,
    *,
    as_json: bool = False,
    addresses: Mapping[str, Sequence[str]] | None = None,
    where: Where = HERE,
) -> None:
    """Crawl, load, report; return only where all is well, else end with the status that the runs deserve.

    `addresses` are all that is asked of their sources, in place of the sources' own; `where` names a cluster that
    crawls and reads.
    """
    require_recording(recording, night)
    settings = checked_settings(folder)
    with (
        refusals(),
        writing(folder, f"crawl {' '.join(sources)}"),
        connected(where) as there,
        ProgressReport() as progress,
    ):
        require_room(folder, settings.getint("KEEP_FREE"))
        take_in_left(there, settings, progress)
        plans = (
            planned_replay(folder, settings, sources, recording, night, limit)
            if recording
            else plan_live(settings, sources, limit, resuming=not addresses)
        )
        plans = [_with_addresses(plan, addresses) for plan in plans] if addresses else plans
        before = counts(folder)
        crawled = capture_where(there, settings, plans, progress)
        load_captured(settings, progress, readers_of(there))
    report = report_of(folder, crawled, before, longest_gaps(settings.getdict("EVERY")))
    if as_json:
        show_json(report)
    else:
        show_report(report)
        for problem in report["curation"]:
            click.echo(f"{UNREADABLE}: {problem}. {OUTCOMES[UNREADABLE].meaning}")
    if report["failures"] or crawled.not_begun or crawled.broken or report["curation"]:
        sys.exit(Exit.FAILED)


def require_recording(recording: Recording | None, night: str | None) -> None:
    """Raise a usage error where a night is named, and no recording that holds it."""
    if night and recording is None:
        raise click.UsageError("--night names a night of a recording: it goes with --replay FILE.")


def planned_replay(
    folder: Path,
    settings: Any,
    sources: Sequence[str],
    recording: Recording,
    night: str | None,
    limit: int | None = None,
) -> list[Plan]:
    """Plan a replay. Raises CrawlRefused, also where a sample would come among real captures."""
    plans = plan_replay(settings, recording, sources, night, limit)
    with opened(folder) as archive:
        refuse_mixture(archive, recording)
    return plans


def report_of(folder: Path, crawled: Crawled, before: Mapping[str, int], gaps: Mapping[str, int]) -> dict[str, Any]:
    """Return what became of runs, as `--json` prints it; `before` is what was held when they began."""
    after = counts(folder)
    with closing(open_to_read(folder)) as catalogue:
        report = run_report(catalogue, crawled.runs, gaps)
    report["not_begun"] = crawled.not_begun
    report["broken"] = [{"source": source, "why": why} for source, why in crawled.broken]
    report["added"] = {name: count - before.get(name, 0) for name, count in after.items()}
    report["curation"] = curation_problems(folder)
    return report


def curation_problems(folder: Path) -> list[str]:
    """Return what of the files that people keep by hand can't be understood."""
    events = Journal(folder).read()
    problems = (*corrections_in_force(folder, events).problems, *links_in_force(folder, events).problems)
    every = (*problems, *read_claims(folder).problems, *read_watches(folder).problems)
    return [f"{one.subject}: {one.detail}" for one in every]


def counts(folder: Path) -> dict[str, int]:
    """Return how much is held of what is counted; nothing where there is no catalogue yet."""
    if not (folder / CATALOGUE).exists():
        return {}
    with closing(open_to_read(folder)) as catalogue:
        return count_all(catalogue)


def _with_addresses(plan: Plan, addresses: Mapping[str, Sequence[str]]) -> Plan:
    """Make a plan ask for named addresses only; such a run expects nothing of its source."""
    run = replace(plan.run, id=f"{plan.run.id}-add", minimum=None, maximum=None, fields={})
    return Plan(run, {**plan.settings, "ADDRESSES": list(addresses[plan.run.source])})


@click.command(name="crawl")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--all", "everything", is_flag=True, help="Every source that sources.toml doesn't switch off.")
@replay_option
@night_option
@click.option("--limit", type=click.IntRange(1), help="Stop each source after so many documents.")
@cluster_options
@json_option
@archive_option
@click.pass_obj
def crawl_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    sources: tuple[str, ...],
    everything: bool,
    replay: Path | None,
    night: str | None,
    limit: int | None,
    where: Where,
    as_json: bool,
) -> None:
    """Crawl sources, read what they gave, and report.

    \b
    Examples: oversight crawl dhs_pia --limit 10
              oversight crawl news --replay samples/january-2018.warc.gz --night 2018-01-26
              oversight crawl --all --replay samples/january-2018.warc.gz
              oversight crawl --all --cluster tcp://10.0.0.5:8786 --shared file:///srv/shared
    """
    settings = checked_settings(folder)
    known = require_known(folder, sources)
    if everything == bool(sources):
        raise click.UsageError(f"Name the sources, or say --all. There are: {', '.join(known)}.")
    names = followed(settings, live=replay is None) if everything else sources
    recording = open_recording(replay) if replay else None
    crawl_and_report(folder, names, recording, night, limit, as_json=as_json, where=where)


@click.command()
@click.argument("urls", nargs=-1, required=True)
@replay_option
@night_option
@json_option
@archive_option
@click.pass_obj
def add(folder: Path, urls: tuple[str, ...], replay: Path | None, night: str | None, as_json: bool) -> None:
    """Capture addresses now, each by the source that knows it.

    \b
    Example: oversight add https://www.dhs.gov/publication/dhscbppia-049-cbp-license-plate-reader-technology
    """
    settings = checked_settings(folder)
    by_source: dict[str, list[str]] = {}
    for url in urls:
        source = Sources(settings).source_for(url)
        if source is None:
            raise click.UsageError(f"No source knows {url}. Hand the file in with `oversight deposit FILE --url URL`.")
        by_source.setdefault(source, []).append(url)
    recording = open_recording(replay) if replay else None
    crawl_and_report(folder, list(by_source), recording, night, None, as_json=as_json, addresses=by_source)


def require_known(folder: Path, names: Sequence[str]) -> list[str]:
    """Return the names of all sources. Raises a usage error for a name that none of them has."""
    known = Sources(checked_settings(folder)).names()
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"No source is called {unknown[0]!r}. There are: {', '.join(known)}.")
    return known
