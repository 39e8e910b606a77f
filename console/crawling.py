"""What every command that crawls does: plan, crawl under the lock, report, and the status that the runs deserve."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

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
from archive.store.recording import Recording
from archive.store.room import require_room
from console.answers import show_json, show_report
from console.progress import ProgressReport
from console.releasing import release_night, show_release
from console.writing import Exit, open_to_read, opened, refusals, writing
from pipelines.crawl import crawl
from pipelines.plan import Plan, plan_live, plan_replay, refuse_mixture
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
    release: bool = False,
) -> None:
    """Crawl, load, report; return only where all is well, else end with the status that the runs deserve.

    `addresses` are all that is asked of their sources, in place of the sources' own. With `release` a good night ends
    with a release.
    """
    if night and recording is None:
        raise click.UsageError("--night names a night of a recording: it goes with --replay FILE.")
    settings = checked_settings(folder)
    with refusals(), writing(folder, f"crawl {' '.join(sources)}"), ProgressReport() as progress:
        require_room(folder, settings.getint("KEEP_FREE"))
        plans = (
            plan_replay(settings, recording, sources, night, limit)
            if recording
            else plan_live(settings, sources, limit, resuming=not addresses)
        )
        plans = [_with_addresses(plan, addresses) for plan in plans] if addresses else plans
        if recording:
            with opened(folder) as archive:
                refuse_mixture(archive, recording)
        before = _counts(folder)
        crawled = crawl(settings, plans, progress)
    after = _counts(folder)
    with closing(open_to_read(folder)) as catalogue:
        report = run_report(catalogue, crawled.runs)
    report["not_begun"] = crawled.not_begun
    report["added"] = {name: count - before.get(name, 0) for name, count in after.items()}
    events = Journal(folder).read()
    problems = (*corrections_in_force(folder, events).problems, *links_in_force(folder, events).problems)
    report["curation"] = [f"{one.subject}: {one.detail}" for one in (*problems, *read_claims(folder).problems)]
    failed = bool(report["failures"] or crawled.not_begun or report["curation"])
    if release:
        release_night(folder, report, good=not failed)
    if as_json:
        show_json(report)
    else:
        show_report(report)
        for problem in report["curation"]:
            click.echo(f"{UNREADABLE}: {problem}. {OUTCOMES[UNREADABLE].meaning}")
        if release:
            show_release(report["release"])
    if failed:
        sys.exit(Exit.FAILED)
    if release and report["release"]["closed"]:
        sys.exit(Exit.USAGE)


def _counts(folder: Path) -> dict[str, int]:
    if not (folder / CATALOGUE).exists():
        return {}
    with closing(open_to_read(folder)) as catalogue:
        return count_all(catalogue)


def _with_addresses(plan: Plan, addresses: Mapping[str, Sequence[str]]) -> Plan:
    """Make a plan ask for named addresses only; such a run expects nothing of its source."""
    run = replace(plan.run, id=f"{plan.run.id}-add", minimum=None, maximum=None, fields={})
    return Plan(run, {**plan.settings, "ADDRESSES": list(addresses[plan.run.source])})
