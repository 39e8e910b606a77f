"""`oversight nightly`: a night as a chain of steps, told in one summary, with a status that a scheduler can go by.

crawl → read → settle → release → messages → deliver → report. Nothing is kept of how far a night came: each step's
queue is what is held already, so that a night which was killed is gone on with by the next (docs/nights.md).
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.folder import CATALOGUE, ArchiveFolder
from archive.release.checked import ReleaseRefused, check_release, named_release
from archive.release.folder import Releases
from archive.store.errors import StoreFull
from archive.store.journal import Journal
from archive.store.recording import open_recording
from archive.store.room import require_room
from archive.watches.journaled import NOTED
from archive.watches.news import begin_new, make_messages
from archive.watches.watch_file import read_watches
from console.answers import show_json
from console.clustering import HERE, Where, capture_where, cluster_options, connected, readers_of, take_in_left
from console.crawling import counts, planned_replay, require_known, require_recording
from console.ending import Exit
from console.looking import open_to_read
from console.night import Asked, Night
from console.night_shown import show_night
from console.night_told import summary
from console.options import archive_option, json_option, night_option, replay_option
from console.progress import ProgressReport
from console.releasing import build_held
from console.taking_in import refusals
from console.writing import writing
from pipelines.clock import now
from pipelines.delivery.deliver import deliver_due
from pipelines.due import Due, due_tonight, gone_on_with
from pipelines.load import read_captures, settle_all
from pipelines.plan import Plan, followed, plan_live
from pipelines.told import checked_settings

if TYPE_CHECKING:
    from pipelines.expiries import Expiry


def run_night(folder: Path, asked: Asked, where: Where = HERE, *, as_json: bool = False) -> None:
    """Carry out a night, tell of it, and end with the status that it deserves; return only where all is well.

    `where` names a cluster that crawls and reads; a night doesn't wait for one that isn't there.

    0: all is well. 1: something needs a look. 2: something was new and nothing was published, or what is served can't
    be. Others as for every command (console/writing.py).
    """
    require_recording(asked.recording, asked.night)
    settings = checked_settings(folder)
    alone: list[str] = []
    with (
        refusals(),
        writing(folder, "nightly"),
        connected(where, alone) as there,
        ProgressReport() as progress,
    ):
        require_room(folder, settings.getint("KEEP_FREE"))
        take_in_left(there, settings, progress)
        due, plans = _planned(folder, settings, asked)
        night = Night(folder, settings, asked, due, plans, before=counts(folder), stood=_stood(folder), cluster=there)
        night.alone = alone
        status = 0
        try:
            _carry_out(night, progress)
            night.serves = _refusal(folder)
        except BaseException as error:
            status = _ended_by(error)
            raise
        finally:
            told = summary(night, status)
            show_json(told) if as_json else show_night(told)
    if told["status"]:
        sys.exit(told["status"])


def _planned(folder: Path, settings: Any, asked: Asked) -> tuple[list[Due], list[Plan]]:
    """Say which sources are for tonight, and plan their runs. Raises what stops a crawl before it begins."""
    names = list(asked.sources) or followed(settings, live=asked.recording is None)
    if asked.recording is not None:
        due = [Due(name, due=True, why="it is replayed") for name in names]
        return due, planned_replay(folder, settings, names, asked.recording, asked.night)
    if asked.sources or asked.everything:
        due = [Due(name, due=True, why="it was asked for") for name in names]
    else:
        due = due_tonight(names, settings.getdict("EVERY"), Journal(folder).read(), now()[:10], _failed(folder))
    return due, plan_live(settings, [one.source for one in due if one.due])


def _stood(folder: Path) -> int | None:
    """Return the newest release whose file is kept."""
    releases = Releases(folder)
    return max((number for number in releases.numbers() if releases.database(number).exists()), default=None)


def _failed(folder: Path) -> set[str]:
    """Return the runs that weren't as expected, as far as the catalogue knows."""
    if not (folder / CATALOGUE).exists():
        return set()
    with closing(open_to_read(folder)) as catalogue:
        return {row[0] for row in catalogue.execute("SELECT id FROM runs WHERE status = 'failed'")}


def _carry_out(night: Night, progress: ProgressReport) -> None:
    take, folder, settings = night.steps.take, night.folder, night.settings

    def crawl() -> None:
        crawled = capture_where(night.cluster, settings, night.plans, progress)
        night.crawled = gone_on_with(crawled, Journal(folder).read(), night.began)

    def read() -> None:
        with closing(ArchiveFolder.open(folder)) as archive:
            read_captures(archive, settings, progress, readers=readers_of(night.cluster))

    def settle() -> None:
        with closing(ArchiveFolder.open(folder)) as archive:
            settle_all(archive, settings, progress)

    if read_watches(folder).held and Releases(folder).current() is not None:
        night.begun = take("watches", lambda: begin_new(folder, now())) or ()
    take("crawl", crawl)
    take("read", read)
    take("settle", settle, after=("read",))
    if night.crawled.stopped:
        return
    night.release = take("release", lambda: build_held(folder, None, progress), after=("settle",))
    if night.asked.recording is None:
        night.ends = take("expiries", lambda: _look_at_ends(folder)) or []
    if _is_watched(folder):
        night.made = take("messages", lambda: make_messages(folder, now()))
        night.delivered = take("deliver", lambda: deliver_due(folder, settings, progress))


def _look_at_ends(folder: Path) -> list[Expiry]:
    """Say what ends soon, and note since when there is a key."""
    from pipelines.expiries import KEY, KEY_SEEN, expiries, key_is_new  # noqa: PLC0415 (what reads certificates is large)

    with closing(Journal(folder)) as journal:
        events = journal.read()
        if key_is_new(os.environ, events):
            journal.append(KEY_SEEN, name=KEY, at=now())
            events = journal.read()
    return expiries(events, now()[:10])


def _is_watched(folder: Path) -> bool:
    """Tell whether anybody is told anything: there are watches, or there were."""
    watches = read_watches(folder)
    return bool(watches.held or watches.problems) or any(one["event"] == NOTED for one in Journal(folder).read())


def begin_watches(folder: Path) -> None:
    """Have the watches of an archive begin at the release that is served: nothing before it is told to anybody."""
    if _is_watched(folder):
        with writing(folder, "watch"):
            make_messages(folder, now())


def _refusal(folder: Path) -> str:
    """Return why what is to be served can't be; "" where it can, or nothing was ever released."""
    releases = Releases(folder)
    try:
        number = named_release(releases)
        if number is not None:
            check_release(releases, number)
    except ReleaseRefused as refused:
        return str(refused)
    return ""


def _ended_by(error: BaseException) -> int:
    """Return the status of a night that was ended before its end."""
    if isinstance(error, StoreFull):
        return Exit.DISK_FULL
    return Exit.FAILED if isinstance(error, KeyboardInterrupt) else Exit.STORE_FAILED


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="Every source, whether or not it is due.")
@replay_option
@night_option
@cluster_options
@json_option
@archive_option
@click.pass_obj
def nightly(  # noqa: PLR0913, PLR0917
    folder: Path,
    sources: tuple[str, ...],
    everything: bool,
    replay: Path | None,
    night: str | None,
    where: Where,
    as_json: bool,
) -> None:
    """Carry out a night: the command for a scheduler.

    Crawl the sources that are due (`every` in sources.toml; or those named, or --all), read what came, build a release
    if its gates let it pass, have it served, and tell of all of it once. A night that was killed is gone on with by the
    same command. The exit status is 0 where all is well, 1 where something needs a look, 2 where something is new and
    nothing was published, or what is served is damaged.

    \b
    Examples: oversight nightly --archive /srv/archive
              oversight nightly --all --json
              oversight nightly dhs_pia
    """
    require_known(folder, sources)
    if everything and sources:
        raise click.UsageError("Name the sources, or say --all.")
    recording = open_recording(replay) if replay else None
    run_night(folder, Asked(sources, everything, recording, night), where, as_json=as_json)
