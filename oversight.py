"""The command line: thin commands over pipelines and archive; nothing imports it."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click
from scrapy.settings import Settings

from archive.addresses import is_web_address
from archive.folder import CATALOGUE
from archive.outcomes import severity
from archive.research.citing.forms import NAMES
from archive.research.engine import engine
from archive.research.missed import overdue
from archive.research.status import archive_status, never_run, source_states
from archive.store.recording import Recording, open_recording
from archive.store.room import forecast
from console.absence import absence_command
from console.answers import (
    of_release,
    show_deposit,
    show_json,
    show_source,
    show_sources,
    show_status,
    shown,
)
from console.chaining import chain_command
from console.citing import cited_held, show_citation
from console.comparing import compare_file
from console.copying import backup, restore
from console.crawling import crawl_and_report
from console.differing import diff_command
from console.dossiers import dossier
from console.exporting import export
from console.history import changes_command, history_command
from console.importing import import_and_report
from console.linking import gaps_command, links_command
from console.options import archive_option, json_option, require_folder
from console.progress import ProgressReport
from console.quoting import quotes_command
from console.reading import is_file, show_reading, text_held, text_of_file
from console.releasing import release, release_if_new
from console.sampling import accept_curation, put_curation
from console.searching import search_command
from console.serving import require_port, serve_archive
from console.timelines import timeline_command
from console.timing import require_day
from console.verifying import accept_command, last_checked, show_last_checked, verify_command
from console.withdrawing import withdraw_command
from console.writing import Commands, Exit, open_to_read, opened, refusals, writing
from pipelines.clock import now
from pipelines.deposit import deposit, files_under
from pipelines.derive import Sources
from pipelines.plan import expected_of, followed, plan_replay, told_of
from pipelines.rebuild import rebuild
from pipelines.told import checked_settings

ROOT = Path(__file__).parent
SAMPLES = ROOT / "samples"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


replay_option = click.option("--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                             help="Answer from this WARC file in place of the network.")  # fmt: skip
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True,
                           help="Where to serve.")  # fmt: skip
release_option = click.option("--release", type=click.IntRange(1), metavar="N",
                              help="As of this release, less what was withdrawn since.")  # fmt: skip
night_option = click.option("--night", metavar="DATE", help="Replay only this night (YYYY-MM-DD).")


@main.command()
@port_option
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
@click.option("--archive", "folder", type=click.Path(path_type=Path), help="The demo's folder.  [default: data/demo]")
@click.pass_obj
def demo(base: Path, port: int, no_serve: bool, folder: Path | None) -> None:
    """Crawl the bundled sample, build a release of it, and serve that.

    The sources are those of every crawl; only the answers come from a recording.

    \b
    Example: oversight demo --port 8080
    """
    folder = folder or base / "demo"
    require_folder(folder)
    if not no_serve:
        require_port(port)
    recording = open_recording(next(iter(sorted(SAMPLES.glob("*.warc.gz")))))
    if not _has_replayed(folder, recording):
        names = followed(checked_settings(folder), live=False)
        put = put_curation(folder, SAMPLES)
        crawl_and_report(folder, names, recording, None, None, as_json=False, release=True)
        accept_curation(folder, put)
    else:
        release_if_new(folder)
    if not no_serve:
        serve_archive(folder, port)
    click.echo(
        f"The demo's archive is in {folder}; use it so: oversight --archive {folder} search license plate", err=True
    )


def _has_replayed(folder: Path, recording: Recording) -> bool:
    """Tell whether every night of a recording has been replayed into an archive to its end."""
    if not (folder / CATALOGUE).exists():
        return False
    names = followed(checked_settings(folder), live=False)
    with closing(open_to_read(folder)) as catalogue:
        ended = {row[0] for row in catalogue.execute("SELECT id FROM runs WHERE status = 'finished'")}
    return ended >= {plan.run.id for plan in plan_replay(checked_settings(folder), recording, names)}


@main.command(name="crawl")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--all", "everything", is_flag=True, help="Every source that sources.toml doesn't switch off.")
@replay_option
@night_option
@click.option("--limit", type=click.IntRange(1), help="Stop each source after so many documents.")
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
    as_json: bool,
) -> None:
    """Crawl sources, read what they gave, and report.

    \b
    Examples: oversight crawl dhs_pia --limit 10
              oversight crawl news --replay samples/january-2018.warc.gz --night 2018-01-26
              oversight crawl --all --replay samples/january-2018.warc.gz
    """
    settings = checked_settings(folder)
    known = Sources(settings).names()
    if unknown := [source for source in sources if source not in known]:
        raise click.UsageError(f"No source is called {unknown[0]!r}. There are: {', '.join(known)}.")
    if everything == bool(sources):
        raise click.UsageError(f"Name the sources, or say --all. There are: {', '.join(known)}.")
    names = followed(settings, live=replay is None) if everything else sources
    crawl_and_report(folder, names, open_recording(replay) if replay else None, night, limit, as_json=as_json)


@main.command()
@replay_option
@night_option
@json_option
@archive_option
@click.pass_obj
def nightly(folder: Path, replay: Path | None, night: str | None, as_json: bool) -> None:
    """Crawl every source, report, and after a good night build a release: the command for a scheduler.

    \b
    Example: oversight nightly --archive /srv/archive
    """
    names = followed(checked_settings(folder), live=replay is None)
    recording = open_recording(replay) if replay else None
    crawl_and_report(folder, names, recording, night, None, as_json=as_json, release=True)


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
    settings = checked_settings(folder)
    by_source: dict[str, list[str]] = {}
    for url in urls:
        source = Sources(settings).source_for(url)
        if source is None:
            raise click.UsageError(f"No source knows {url}. Hand the file in with `oversight deposit FILE --url URL`.")
        by_source.setdefault(source, []).append(url)
    recording = open_recording(replay) if replay else None
    crawl_and_report(folder, list(by_source), recording, night, None, as_json=as_json, addresses=by_source)


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
    with refusals(), writing(folder, "deposit"), opened(folder) as archive, ProgressReport() as progress:
        done = deposit(archive, checked_settings(folder), files, url, progress)
    failures = [finding for finding in done.findings if severity(finding.outcome) == "failure"]
    if as_json:
        rows = [
            {"file": one.subject, "outcome": one.outcome, "detail": one.detail, "capture": one.capture}
            for one in done.findings
        ]
        show_json({"run": done.run, "outcomes": done.counts(), "files": rows})
    else:
        show_deposit(done.findings, done.counts())
    if failures:
        sys.exit(Exit.FAILED)


@main.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--by", default="", help="Who made them, as it is to be shown.")
@click.option("--recursive", "-r", is_flag=True, help="Take in the recordings in folders too.")
@json_option
@archive_option
@click.pass_obj
def import_command(folder: Path, paths: tuple[Path, ...], by: str, recursive: bool, as_json: bool) -> None:
    """Take in recordings of others: WARC, ARC and WACZ files.

    Each answer keeps its original time and where it is from, and is read by the source that knows its address.

    \b
    Examples: oversight import colleague.warc.gz --by "A colleague's crawl of 2018"
              oversight import --recursive ~/crawls
              oversight import saved-pages.wacz --json
    """
    import_and_report(folder, paths, by, recursive=recursive, as_json=as_json)


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
    with writing(folder, "rebuild"), ProgressReport() as progress:
        done = rebuild(folder, checked_settings(folder), progress)
    failures = [one for one in done.findings if severity(one.outcome) == "failure"]
    if as_json:
        found = [{"outcome": one.outcome, "subject": one.subject, "detail": one.detail} for one in done.findings]
        show_json({"captures": done.captures, "findings": found})
    else:
        click.echo(f"{done.captures} captures, {done.loaded.read} payloads read anew")
        for one in done.findings:
            click.echo(shown(f"{one.outcome}: {one.subject} {one.detail}"))
    if failures:
        sys.exit(Exit.FAILED)


@main.command()
@port_option
@click.option(
    "--replay-port", type=click.IntRange(1, 65535), help="Where captures are shown.  [default: 1,000 above the port]"
)
@click.option("--release", type=click.IntRange(1), help="Serve this release, whatever is the newest.")
@click.option("--working", is_flag=True, help="Show the whole working archive, on this machine only.")
@archive_option
@click.pass_obj
def serve(folder: Path, port: int, replay_port: int | None, release: int | None, working: bool) -> None:
    """Serve the newest release on http://127.0.0.1:8001/ with Datasette.

    A release that is built meanwhile is served from then on, without a restart. Until there is one, the catalogue is
    served. A file that isn't a release as its manifest says is never served. What was captured is shown on a port of
    its own, so that nothing in it has to do with the archive's pages (docs/serving-captures.md).

    \b
    Examples: oversight serve --archive data/demo --port 8080
              oversight serve --port 8080 --replay-port 9080
              oversight serve --release 12
              oversight serve --working
    """
    serve_archive(folder, port, replay_port=replay_port, release=release, working=working)


@main.command()
@click.argument("document")
@click.option("--page", type=click.IntRange(1), help="Only this page, counted in the file.")
@click.option("--flow", is_flag=True, help="Only the running text, without headers, notes and page numbers.")
@click.option("--tables", is_flag=True, help="Only the tables, as CSV.")
@click.option("--on", "day", metavar="DATE", help="As it stood on that day, as far as the archive knows.")
@release_option
@click.option("--compare", is_flag=True, help="Of a PDF that lies here: whether its text says what its pages show.")
@json_option
@archive_option
@click.pass_obj
def text(  # noqa: PLR0913, PLR0917
    folder: Path,
    document: str,
    page: int | None,
    flow: bool,
    tables: bool,
    day: str | None,
    compare: bool,
    release: int | None,
    as_json: bool,
) -> None:
    """Print the text of a document, or of a file.

    A document is named by its id, a version, an address that a search printed, its number or its original address.
    A PDF or a saved article (.html) is read where it lies: no archive is needed, and nothing is kept. Pages are
    parted by form feeds.

    \b
    Examples: oversight text dhs-ice-pia-039a --page 3
              oversight text 'PIA-039(a)' --flow
              oversight text dhs-uscis-pia-056 --on 2018-01-26
              oversight text report.pdf
              oversight text report.pdf --tables > tables.csv
              oversight text report.pdf --json
              oversight text report.pdf --compare
    """
    if flow + tables + (as_json and not compare) + compare > 1:
        raise click.UsageError("Ask for one of --flow, --tables and --json; or for --compare, which takes --json.")
    require_day(day)
    if (release is not None or day) and is_file(document):
        raise click.UsageError("--release and --on ask the archive; a file is read as it lies here.")
    if compare and not is_file(document):
        raise click.UsageError("Only a file can be compared: save the document's original, and name that.")
    if compare:
        compare_file(Path(document), page, as_json=as_json)
    elif is_file(document):
        show_reading(text_of_file(Path(document), page), flow=flow, tables=tables, as_json=as_json)
    else:
        found = of_release(release, text_held(folder, document, page, release, day))
        show_reading(found, flow=flow, tables=tables, as_json=as_json)


@main.command(name="cite")
@click.argument("document")
@click.option("--page", type=click.IntRange(1), help="This page, counted in the file.")
@click.option("--quote", metavar="TEXT", help="These words, as they stand on a page; … stands for words left out.")
@click.option("--style", type=click.Choice(NAMES), help="Only this style.  [default: each, under its name]")
@release_option
@json_option
@archive_option
@click.pass_obj
def cite_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    document: str,
    page: int | None,
    quote: str | None,
    style: str | None,
    release: int | None,
    as_json: bool,
) -> None:
    """Print a citation of a document, a version, a page or a quotation.

    A document is named as for `oversight text`. The archive's address and name are those of ARCHIVE_ADDRESS and
    ARCHIVE_NAME, as on its site.

    \b
    Examples: oversight cite dhs-ice-pia-039a --style bluebook
              oversight cite 'PIA-039(a)' --page 3
              oversight cite dhs-ice-pia-039a --quote 'ICE obtains access' --style wikipedia
              oversight cite oig-18-86 --style bibtex >> references.bib
              oversight cite dhs-ice-pia-039a --json
    """
    cited = cited_held(folder, document, page, quote, release, now()[:10])
    show_citation(cited, style, as_json=as_json)


def _overdue(catalogue: sqlite3.Connection, settings: Settings) -> dict[str, str]:
    return overdue(catalogue, now()[:10], followed(settings, live=True))


@main.command()
@release_option
@json_option
@archive_option
@click.pass_obj
def status(folder: Path, release: int | None, as_json: bool) -> None:
    """Say what the archive holds and how its sources are.

    \b
    Examples: oversight status --archive data/demo --json
              oversight status --release 12
    """
    with closing(open_to_read(folder, release)) as catalogue:
        if release is not None:
            state = archive_status(catalogue)
        else:
            settings = checked_settings(folder)
            state = archive_status(catalogue, _overdue(catalogue, settings))
            state["room"] = asdict(forecast(folder, catalogue, settings.getint("KEEP_FREE")))
    if release is None:
        state["verified"] = last_checked(folder)
        state["sqlite"] = engine()
    if as_json:
        show_json(of_release(release, state))
        return
    show_status(state)
    show_last_checked(state.get("verified", {}))


@main.command()
@click.argument("name", required=False)
@json_option
@archive_option
@click.pass_obj
def sources(folder: Path, name: str | None, as_json: bool) -> None:
    """List the sources: what each has given and how it is. With a NAME, what that source is told.

    \b
    Examples: oversight sources --json
              oversight sources news
    """
    settings = checked_settings(folder)
    if name is not None:
        if name not in Sources(settings).names():
            raise click.UsageError(f"No source is called {name!r}. There are: {', '.join(Sources(settings).names())}.")
        told = told_of(Sources(settings), settings, name)
        show_json(told) if as_json else show_source(told)
        return
    known = expected_of(Sources(settings))
    if (folder / CATALOGUE).exists():
        with closing(open_to_read(folder)) as catalogue:
            states = source_states(catalogue, known, _overdue(catalogue, settings))
    else:
        states = [never_run(source) for source in known]
    show_json(states) if as_json else show_sources(states)


main.add_command(search_command)
main.add_command(quotes_command)
main.add_command(dossier)
main.add_command(chain_command)
main.add_command(absence_command)
main.add_command(timeline_command)
main.add_command(history_command)
main.add_command(changes_command)
main.add_command(links_command)
main.add_command(gaps_command)
main.add_command(backup)
main.add_command(export)
main.add_command(diff_command)
main.add_command(release)
main.add_command(restore)
main.add_command(withdraw_command)
main.add_command(verify_command)
main.add_command(accept_command)

if __name__ == "__main__":
    main()
