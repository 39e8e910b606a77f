"""The command line: thin commands over pipelines and archive; nothing imports it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

import click

from archive.addresses import is_web_address
from archive.folder import CATALOGUE, ArchiveFolder, make_folder
from archive.outcomes import OUTCOMES, severity
from archive.research.lookups import count_collections
from archive.research.reading import find_text
from archive.research.search import MOST_RESULTS
from archive.research.search import search as search_archive
from archive.research.status import archive_status, run_report, source_states
from archive.store.errors import StoreFailed, StoreFull
from archive.store.lock import Locked, writer_lock
from archive.store.recording import Recording
from pipelines.crawl import CrawlRefused, Plan, crawl, plan_live, plan_replay, project_settings, refuse_mixture
from pipelines.deposit import deposit, files_under
from pipelines.derive import Sources
from pipelines.progress import ProgressReport
from pipelines.rebuild import rebuild

ROOT = Path(__file__).parent
SAMPLES = ROOT / "samples"


class Exit(IntEnum):
    """What a scheduler can go by."""

    OK = 0
    FAILED = 1  # an item failed, or a source fell outside what it expects
    USAGE = 2
    LOCKED = 3  # another command is writing to this archive
    DISK_FULL = 4
    STORE_FAILED = 5  # the disk refused; nothing more is taken in until someone looks


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--archive", "folder", type=click.Path(path_type=Path), envvar="ARCHIVE_DIR",
              help="The archive's folder.  [default: data]", show_envvar=True)  # fmt: skip
@click.version_option(package_name="oversight-archive")
@click.pass_context
def main(context: click.Context, folder: Path | None) -> None:
    """Go from a claim to the page it rests on: collect, keep, read, link and cite public documents.

    \b
    oversight demo                            the bundled sample, on http://127.0.0.1:8001/
    oversight crawl dhs_pia --limit 10        a first real crawl
    oversight search '"license plate"'        search what was collected
    """
    context.obj = folder or Path("data")


def archive_option(command: Any) -> Any:
    """Let a command take --archive behind its name too."""

    def taken(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.obj = value

    return click.option("--archive", "own_folder", type=click.Path(path_type=Path), callback=taken, expose_value=False,
                        help="The archive's folder.")(command)  # fmt: skip


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output.")
replay_option = click.option("--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                             help="Answer from this WARC file in place of the network.")  # fmt: skip
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True,
                           help="Where to serve.")  # fmt: skip
night_option = click.option("--night", metavar="DATE", help="Replay only this night (YYYY-MM-DD).")


@main.command()
@port_option
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
@click.option("--archive", "folder", type=click.Path(path_type=Path), help="The demo's folder.  [default: data/demo]")
@click.pass_obj
def demo(base: Path, port: int, no_serve: bool, folder: Path | None) -> None:
    """Crawl the bundled sample and serve it.

    The sources are those of every crawl; only the answers come from a recording.

    \b
    Example: oversight demo --port 8080
    """
    folder = folder or base / "demo"
    if not no_serve:
        _require_port(port)
    recording = Recording(next(iter(sorted(SAMPLES.glob("*.warc.gz")))))
    if not _has_replayed(folder, recording):
        _crawl(folder, list(Sources(project_settings(folder)).names()), recording, None, None, as_json=False)
    if not no_serve:
        _serve(folder, port)
    click.echo(
        f"The demo's archive is in {folder}; use it so: oversight --archive {folder} search license plate", err=True
    )


def _has_replayed(folder: Path, recording: Recording) -> bool:
    """Tell whether every night of a recording has been replayed into an archive to its end."""
    if not (folder / CATALOGUE).exists():
        return False
    names = Sources(project_settings(folder)).names()
    with closing(_catalogue(folder)) as catalogue:
        ended = {row[0] for row in catalogue.execute("SELECT id FROM runs WHERE status = 'finished'")}
    return ended >= {plan.run.id for plan in plan_replay(recording, names)}


@main.command(name="crawl")
@click.argument("source")
@replay_option
@night_option
@click.option("--limit", type=click.IntRange(1), help="Stop after so many documents.")
@json_option
@archive_option
@click.pass_obj
def crawl_command(
    folder: Path, source: str, replay: Path | None, night: str | None, limit: int | None, as_json: bool
) -> None:
    """Crawl one source, read what it gave, and report.

    \b
    Examples: oversight crawl dhs_pia --limit 10
              oversight crawl news --replay samples/january-2018.warc.gz --night 2018-01-26
    """
    known = Sources(project_settings(folder)).names()
    if source not in known:
        raise click.UsageError(f"No source is called {source!r}. There are: {', '.join(known)}.")
    _crawl(folder, [source], Recording(replay) if replay else None, night, limit, as_json=as_json)


@main.command()
@replay_option
@night_option
@json_option
@archive_option
@click.pass_obj
def nightly(folder: Path, replay: Path | None, night: str | None, as_json: bool) -> None:
    """Crawl every source and report: the command for a scheduler.

    \b
    Example: oversight nightly --archive /srv/archive
    """
    names = Sources(project_settings(folder)).names()
    _crawl(folder, names, Recording(replay) if replay else None, night, None, as_json=as_json)


@main.command()
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
    settings = project_settings(folder)
    by_source: dict[str, list[str]] = {}
    for url in urls:
        source = Sources(settings).source_for(url)
        if source is None:
            raise click.UsageError(f"No source knows {url}. Hand the file in with `oversight deposit FILE --url URL`.")
        by_source.setdefault(source, []).append(url)
    recording = Recording(replay) if replay else None
    _crawl(folder, list(by_source), recording, night, None, as_json=as_json, addresses=by_source)


def _crawl(  # noqa: PLR0913
    folder: Path,
    sources: Sequence[str],
    recording: Recording | None,
    night: str | None,
    limit: int | None,
    *,
    as_json: bool,
    addresses: dict[str, list[str]] | None = None,
) -> None:
    """Crawl, load, report, and end with the status that the runs deserve; return only where all is well."""
    settings = project_settings(folder)
    with _refusals(), _writing(folder, f"crawl {' '.join(sources)}"), ProgressReport() as progress:
        plans = plan_replay(recording, sources, night, limit) if recording else plan_live(settings, sources, limit)
        plans = [_with_addresses(plan, addresses) for plan in plans] if addresses else plans
        if recording:
            with _opened(folder) as archive:
                refuse_mixture(archive, recording)
        crawl(settings, plans, progress)
    with closing(_catalogue(folder)) as catalogue:
        report = run_report(catalogue, [plan.run.id for plan in plans])
    _print_report(report, as_json=as_json)
    if report["failures"]:
        sys.exit(Exit.FAILED)


def _with_addresses(plan: Plan, addresses: dict[str, list[str]]) -> Plan:
    """Make a plan ask for named addresses only; such a run expects nothing of its source."""
    run = replace(plan.run, id=f"{plan.run.id}-add", minimum=None, maximum=None)
    return Plan(run, {**plan.settings, "ADDRESSES": addresses[plan.run.source]})


def _print_report(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    for run in report["runs"]:
        state = "failed" if run["failures"] else run["status"]
        click.echo(f"{run['id']}: {state}, {run['captures']} captures, {run['documents']} documents")
    for outcome in report["outcomes"]:
        mark = "!" if outcome["severity"] == "failure" else " "
        click.echo(f"{mark} {outcome['count']:6} {outcome['outcome']:20} {outcome['meaning']}")
        for example in outcome["examples"]:
            click.echo(f"         {_shown(example)}")
        if outcome["examples"] and outcome["remedy"]:
            click.echo(f"         → {outcome['remedy']}")


def _shown(text: str) -> str:
    """Return text of strangers so that a terminal can't be told anything by it."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


@main.command(name="deposit")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", default="", help="Where the file was published.")
@click.option("--recursive", "-r", is_flag=True, help="Take in the files of folders too.")
@json_option
@archive_option
@click.pass_obj
def deposit_command(folder: Path, paths: tuple[Path, ...], url: str, recursive: bool, as_json: bool) -> None:
    """Take in files that you have.

    They are kept with the same provenance as what is fetched.

    \b
    Examples: oversight deposit report.pdf --url https://www.dhs.gov/report.pdf
              oversight deposit --recursive ~/pias
    """
    try:
        files = list(files_under(paths, recursive))
    except IsADirectoryError as error:
        raise click.UsageError(f"{error} is a folder; take in its files with --recursive.") from error
    except FileNotFoundError as error:
        raise click.UsageError(f"{error} isn't there.") from error
    if url and len(files) > 1:
        raise click.UsageError("--url says where one file was published; hand in one file with it.")
    if url and not is_web_address(url):
        raise click.UsageError(f"{url!r} is no web address.")
    with _writing(folder, "deposit"), _opened(folder) as archive, ProgressReport() as progress:
        done = deposit(archive, project_settings(folder), files, url, progress)
    failures = [finding for finding in done.findings if severity(finding.outcome) == "failure"]
    if as_json:
        rows = [
            {"file": one.subject, "outcome": one.outcome, "detail": one.detail, "capture": one.capture}
            for one in done.findings
        ]
        click.echo(json.dumps({"run": done.run, "outcomes": done.counts(), "files": rows}, indent=2))
    else:
        _print_deposited(done.findings, done.counts())
    if failures:
        sys.exit(Exit.FAILED)


def _print_deposited(findings: Sequence[Any], counts: Counter[str]) -> None:
    for finding in findings:
        if finding.outcome not in ("text", "already-held"):
            detail = f": {finding.detail}" if finding.detail else ""
            click.echo(_shown(f"{finding.subject}: {finding.outcome}{detail}"))
    for outcome, count in sorted(counts.items()):
        click.echo(f"{count:6} {outcome:20} {OUTCOMES[outcome].meaning}")


@main.command(name="rebuild")
@json_option
@archive_option
@click.pass_obj
def rebuild_command(folder: Path, as_json: bool) -> None:
    """Make the catalogue again from what is stored.

    It is worked out from the captures and the journal; the network is asked for nothing.

    \b
    Example: oversight rebuild --archive data/demo
    """
    if not (folder / "warc").is_dir():
        raise click.UsageError(f"{folder} is not an archive: it has no folder warc.")
    with _writing(folder, "rebuild"), ProgressReport() as progress:
        done = rebuild(folder, project_settings(folder), progress)
    failures = [one for one in done.findings if severity(one.outcome) == "failure"]
    if as_json:
        found = [{"outcome": one.outcome, "subject": one.subject, "detail": one.detail} for one in done.findings]
        click.echo(json.dumps({"captures": done.captures, "findings": found}, indent=2))
    else:
        click.echo(f"{done.captures} captures, {done.loaded.read} payloads read anew")
        for one in done.findings:
            click.echo(_shown(f"{one.outcome}: {one.subject} {one.detail}"))
    if failures:
        sys.exit(Exit.FAILED)


@main.command()
@port_option
@archive_option
@click.pass_obj
def serve(folder: Path, port: int) -> None:
    """Serve the archive on http://127.0.0.1:8001/ with Datasette.

    \b
    Example: oversight serve --archive data/demo --port 8080
    """
    _serve(folder, port)


def _serve(folder: Path, port: int) -> NoReturn:
    _require_archive(folder)
    _require_port(port)
    click.echo(f"The archive in {folder} is at http://127.0.0.1:{port}/ (Ctrl-C ends it)", err=True)
    os.execv(sys.executable, datasette_command(folder, port))  # noqa: S606 (fixed arguments, no shell)


def _require_port(port: int) -> None:
    """Raise a usage error where nothing can be served at a port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.UsageError(f"Port {port} can't be had ({error.strerror}); name another with --port.") from error


def datasette_command(folder: Path, port: int) -> list[str]:
    """Return the command that serves an archive; Datasette names the database after the file: `archive`."""
    return [
        sys.executable, "-m", "datasette", "serve", str(folder / CATALOGUE),
        "-m", str(ROOT / "datasette_metadata.json"), "--host", "127.0.0.1", "--port", str(port),
        *(part for name, value in DATASETTE_SETTINGS.items() for part in ("--setting", name, value)),
    ]  # fmt: skip


# Whole-table work on every page is off; a question may take two seconds; nobody downloads the working catalogue.
DATASETTE_SETTINGS = {
    "suggest_facets": "off",
    "allow_download": "off",
    "sql_time_limit_ms": "2000",
    "facet_time_limit_ms": "500",
    "default_page_size": "50",
}


@main.command(name="search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, MOST_RESULTS), default=10, show_default=True, help="Show so many.")
@click.option("--collection", default="", help="Only this collection.")
@json_option
@archive_option
@click.pass_obj
def search_command(folder: Path, query: tuple[str, ...], limit: int, collection: str, as_json: bool) -> None:
    """Search all documents: words, "phrases", numbers in any spelling.

    \b
    Examples: oversight search license plate
              oversight search '"license plate reader"' --json
              oversight search PIA-039
    """
    if not " ".join(query).strip():
        raise click.UsageError("Say what to search for.")
    with closing(_catalogue(folder)) as catalogue:
        held = [row["collection"] for row in count_collections(catalogue)]
        if collection and collection not in held:
            raise click.UsageError(f"No collection is called {collection!r}. There are: {', '.join(held) or 'none'}.")
        found = search_archive(catalogue, " ".join(query), limit=limit, collection=collection)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for note in found["notes"]:
        click.echo(_shown(note), err=True)
    shown = len(found["results"])
    more = f"; the first {shown} (--limit N shows more)" if shown < found["total"] else ""
    click.echo(f"{found['total']} document{'s'[: found['total'] != 1]}{more}")
    for result in found["results"]:
        number = "" if result["identifier"] in result["title"] else f"{result['identifier']}  "
        click.echo()
        click.echo(_shown(f"{number}{result['title']}  ({result['collection']})"))
        for page in result["pages"]:
            click.echo(_shown(f"  p{page['number']} ({page['hits']})  {page['snippet']}"))
            click.echo(f"     {page['url']}")


@main.command()
@click.argument("document")
@click.option("--page", type=click.IntRange(1), help="Only this page.")
@json_option
@archive_option
@click.pass_obj
def text(folder: Path, document: str, page: int | None, as_json: bool) -> None:
    """Print the text of a document.

    It is named by its id, a version, an address that a search printed, its number or its original address.

    \b
    Examples: oversight text dhs-ice-pia-039a --page 3
              oversight text 'PIA-039(a)'
    """
    with closing(_catalogue(folder)) as catalogue:
        found = find_text(catalogue, document, page)
    if found is None:
        _end(f"Nothing held is known as {document!r}. Look for it with `oversight search`.", Exit.FAILED)
    if page and not found["pages"]:
        last = found["pages_count"]
        _end(f"Nothing held is known as {document!r}, page {page}: it has {last} page{'s'[: last != 1]}.", Exit.FAILED)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo("\f\n".join(one["text"] or f"[page {one['number']}: {_meaning(one)}]" for one in found["pages"]))
        if not found["pages"]:
            click.echo("oversight: no page of it could be read", err=True)


def _meaning(page: dict[str, Any]) -> str:
    """Say why a page has no text."""
    if page["outcome"] == "no-text-layer":
        return "a picture of text, without letters that can be read"
    return str(page["outcome"] or "no text").replace("-", " ")


@main.command()
@json_option
@archive_option
@click.pass_obj
def status(folder: Path, as_json: bool) -> None:
    """Say what the archive holds and how its sources are.

    \b
    Example: oversight status --archive data/demo --json
    """
    with closing(_catalogue(folder)) as catalogue:
        state = archive_status(catalogue)
    if as_json:
        click.echo(json.dumps(state, indent=2, ensure_ascii=False))
        return
    for name in ("captures", "documents", "versions", "pages"):
        click.echo(f"{state[name]:8} {name}")
    _print_sources(state["sources"])


@main.command()
@json_option
@archive_option
@click.pass_obj
def sources(folder: Path, as_json: bool) -> None:
    """List the sources: what each has given and how it is.

    \b
    Example: oversight sources --json
    """
    known = Sources(project_settings(folder)).names()
    if (folder / CATALOGUE).exists():
        with closing(_catalogue(folder)) as catalogue:
            states = source_states(catalogue, known)
    else:
        states = [{"name": name, "documents": 0, "last_run": None, "health": "never run"} for name in known]
    if as_json:
        click.echo(json.dumps(states, indent=2, ensure_ascii=False))
    else:
        _print_sources(states)


def _print_sources(states: Sequence[dict[str, Any]]) -> None:
    for state in states:
        click.echo(
            f"{state['name']:14} {state['documents']:6} documents  {state['health']:10} {state['last_run'] or ''}"
        )


@contextmanager
def _writing(folder: Path, purpose: str) -> Iterator[None]:
    """Hold the archive's lock, and end with the status that fits what stopped the work."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop is Ctrl-C
    try:
        make_folder(folder)
        with writer_lock(folder, purpose):
            yield
    except KeyboardInterrupt:
        _end("stopped; what was taken in is kept, and the same command goes on from there", Exit.FAILED)
    except Locked as held:
        _end(str(held), Exit.LOCKED)
    except StoreFull as full:
        _end(str(full), Exit.DISK_FULL)
    except StoreFailed as failed:
        _end(str(failed), Exit.STORE_FAILED)
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            _end(f"The disk is full; nothing that was acknowledged is lost. Make room and run it again. ({error})",
                 Exit.DISK_FULL)  # fmt: skip
        raise


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except CrawlRefused as refused:
        raise click.UsageError(str(refused)) from refused


def _end(message: str, status: Exit) -> NoReturn:
    click.echo(f"oversight: {message}", err=True)
    sys.exit(status)


@contextmanager
def _opened(folder: Path) -> Iterator[ArchiveFolder]:
    archive = ArchiveFolder.open(folder)
    try:
        yield archive
    finally:
        archive.close()


def _require_archive(folder: Path) -> None:
    """Raise a usage error, with what helps, where a folder is no archive."""
    if (folder / CATALOGUE).exists():
        return
    demo_folder = folder / "demo"
    helps = f"The demo's is in {demo_folder}: name it with --archive {demo_folder}, or"
    helps = helps if (demo_folder / CATALOGUE).exists() else "Name one with --archive, look at `oversight demo`, or"
    raise click.UsageError(f"There is no archive in {folder}. {helps} begin one with `oversight crawl` or `deposit`.")


def _catalogue(folder: Path) -> sqlite3.Connection:
    """Open the working catalogue for reading. Raises a usage error where there is none."""
    _require_archive(folder)
    connection = sqlite3.connect(f"{(folder / CATALOGUE).absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


if __name__ == "__main__":
    main()
