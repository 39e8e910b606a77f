"""`oversight deliver`: what is due to those who watch is sent; once more, as a test, or told as a log where asked."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from archive.counted import counted
from archive.store.journal import Journal
from archive.watches.outbox import FAILED, LINES, MADE, RESUMED, SENT, SET_ASIDE, STOPPED, Outbox
from archive.watches.watch_file import read_watches
from console.answers import show_json, shown
from console.ending import Exit
from console.looking import require_archive
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.writing import writing
from pipelines.delivery.deliver import Again, deliver_again, deliver_due, resume, send_test
from pipelines.delivery.queue import Delivered
from pipelines.plan import project_settings

_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2}(?:T[\d:]{2,8}Z?)?)?\.\.(\d{4}-\d{2}-\d{2}(?:T[\d:]{2,8}Z?)?)?")
_WORDS = {
    MADE: "made", SENT: "sent", FAILED: "failed", SET_ASIDE: "set aside", STOPPED: "stopped", RESUMED: "resumed",
}  # fmt: skip


@click.command(name="deliver")
@click.option("--to", default="", metavar="DEST", help="Only this destination: WATCH/NAME, as the log calls it.")
@click.option("--replay", default="", metavar="FROM..TO", help="Send again what was made in these days (or instants).")
@click.option("--message", "messages", multiple=True, metavar="ID", help="Send this message again.")
@click.option("--test", "tested", default="", metavar="WATCH", help="Send a test to where this watch is sent to.")
@click.option("--resume", "resumed", default="", metavar="DEST", help="Try a destination again that was stopped.")
@click.option("--log", is_flag=True, help="Show what was made, sent, failed and set aside; send nothing.")
@json_option
@archive_option
@click.pass_obj
def deliver_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    to: str,
    replay: str,
    messages: tuple[str, ...],
    tested: str,
    resumed: str,
    log: bool,
    as_json: bool,
) -> None:
    """Send the messages of watches that are due, and say what became of them.

    `oversight nightly` does so too. What fails is tried again later, after 5 minutes at first and 20 hours at last,
    whenever this command or a night runs; a destination that fails 15 times in a row is stopped until you resume it,
    and nothing that is due to it is lost. What is sent again has the id that it had. Exits with 1 where something
    failed, waits, or was set aside.

    \b
    Examples: oversight deliver
              oversight deliver --test plates
              oversight deliver --log --to plates/webhook
              oversight deliver --replay 2026-11-01..2026-11-07 --to plates/webhook
              oversight deliver --resume plates/mail
    """
    if sum(map(bool, (replay or messages, tested, resumed, log))) > 1:
        raise click.UsageError("Ask for one thing: --replay or --message, --test, --resume, --log.")
    require_archive(folder)
    if log:
        _show_log(folder, to, as_json=as_json)
        return
    again = _again(replay, messages)
    _require_known(folder, tested, to or resumed)
    settings = project_settings(folder)
    with writing(folder, "deliver"), ProgressReport() as progress:
        if tested:
            done = send_test(folder, settings, tested, to)
        elif again is not None:
            done, wanted = deliver_again(folder, settings, again, progress, to)
            if not wanted:
                raise click.UsageError("No message is like that; `oversight deliver --log` lists them.")
        else:
            if resumed:
                resume(folder, settings, resumed)
            done = deliver_due(folder, settings, progress, to or resumed)
    show_json(done.as_json()) if as_json else show_delivered(done)
    if not done.is_well:
        sys.exit(Exit.FAILED)


def _again(replay: str, messages: tuple[str, ...]) -> Again | None:
    if not replay:
        return Again(messages) if messages else None
    found = _RANGE.fullmatch(replay)
    if found is None:
        raise click.UsageError(f"--replay takes a range, 2026-11-01..2026-11-07; {replay!r} is none.")
    return Again(messages, found[1] or "0", found[2] or "9")


def _require_known(folder: Path, watch: str, to: str) -> None:
    """Raise a usage error for a watch or a destination that no file names."""
    watches = read_watches(folder).held
    if watch and watch not in {one.name for one in watches}:
        known = ", ".join(one.name for one in watches) or "none"
        raise click.UsageError(f"No watch is called {watch!r}. There are: {known}.")
    names = [f"{one.name}/{destination.name}" for one in watches for destination in one.destinations]
    if to and to not in names:
        raise click.UsageError(f"No destination is called {to!r}. There are: {', '.join(names) or 'none'}.")


def show_delivered(done: Delivered) -> None:
    """Print what became of messages: what was sent, and each thing that somebody has to look at."""
    for line in delivered_lines(done):
        click.echo(shown(line))


def delivered_lines(done: Delivered) -> Iterator[str]:
    """Yield a line for what was sent, and for each failure, each message set aside, each destination that waits."""
    due = f", {done.due:,} still due" if done.due else ""
    yield f"{counted(done.sent, 'message')} sent{due}"
    for failed in done.failures:
        said = f" ({failed.said})" if failed.said else ""
        again = f"; again after {failed.again}" if failed.again and not failed.stopped else ""
        stopped = f"; stopped: `oversight deliver --resume '{failed.to}'` goes on" if failed.stopped else ""
        yield f"! {failed.to}: {failed.message} failed: {failed.reason}{said}{again}{stopped}"
    for aside in done.set_aside:
        yield f"! {aside.to}: {aside.message} was set aside: {aside.reason}"
    for waiting in done.waiting:
        again = f" and tried after {waiting.again}" if waiting.again else ""
        yield f"! {waiting.to}: {counted(waiting.messages, 'message')} due{again}: {waiting.why}"
    for problem in done.problems:
        yield f"! {problem.outcome}: {problem.detail}"


def _show_log(folder: Path, to: str, *, as_json: bool) -> None:
    events = Journal(folder).read()
    lines = [dict(event) for event in events if event["event"] in LINES and _is_of(event, to)]
    if as_json:
        show_json({"events": lines, "destinations": _standings(events, to)})
        return
    for line in lines:
        click.echo(shown(_log_line(line)))


def _standings(events: list[dict[str, object]], to: str) -> list[dict[str, Any]]:
    standings = Outbox.of(events).standings
    names = [name for name in sorted(standings) if name and to in ("", name)]
    return [{name: getattr(standings[one], name) for name in standings[one].__slots__} for one in names]


def _is_of(event: Mapping[str, Any], to: str) -> bool:
    if not to:
        return True
    if event["event"] == MADE:
        watch, _, name = to.partition("/")
        return bool(event["watch"] == watch and name in event.get("to", [name]))
    return bool(event.get("to") == to)


def _log_line(event: Mapping[str, Any]) -> str:
    """Return a line of the log: when, what, whom to, which message, and why."""
    kind = _WORDS[event["event"]] + (" again" if event.get("replayed") else "")
    to = event["watch"] if event["event"] == MADE else event.get("to", "")
    more = [str(event.get("reason", ""))]
    if event["event"] == MADE:
        more = [f"{len(event.get('hits', ())) + int(event.get('more', 0)):,} hits, release {event['release']}"]
    if again := event.get("again"):
        more.append(f"try {event['try']}, again after {again}")
    told = (
        f"{event.get('at', ''):20}  {kind:12}  {to:30}  {event.get('message', ''):32}  {'; '.join(filter(None, more))}"
    )
    return told.rstrip()
