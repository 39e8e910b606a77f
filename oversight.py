"""The command line: which commands there are, and where each is (console/); nothing imports it."""

from __future__ import annotations

from pathlib import Path

import click

from console.commands import Commands, Told
from console.logs import set_up_logs

HEADINGS = {
    "Collect": {
        "demo": Told("console.sampling:demo", "Crawl the bundled sample, build a release of it, and serve that."),
        "crawl": Told("console.crawling:crawl_command", "Crawl sources, read what they gave, and report."),
        "nightly": Told("console.nightly:nightly", "Carry out a night: the command for a scheduler."),
        "add": Told("console.crawling:add", "Capture addresses now, each by the source that knows it."),
        "deposit": Told("console.depositing:deposit_command", "Take in files that you have."),
        "import": Told("console.importing:import_command", "Take in recordings of others: WARC, ARC and WACZ files."),
        "sources": Told("console.sources:sources", "List the sources: what each has given and how it is."),
    },
    "Read and cite": {
        "search": Told("console.searching:search_command", 'Search all documents: words, "phrases", fields, dates.'),
        "text": Told("console.reading:text", "Print the text of a document, or of a file."),
        "cite": Told("console.citing:cite_command", "Print a citation of a document, a page or a quotation."),
        "quotes": Told("console.quoting:quotes_command", "Check every quotation of a draft."),
        "dossier": Told("console.dossiers:dossier", "Hold a dossier of claims against what the archive holds."),
        "chain": Told("console.chaining:chain_command", "Tell a contract's chain, from solicitation to payments."),
        "links": Told("console.linking:links_command", "Tell what a document refers to and what refers to it."),
        "gaps": Told("console.linking:gaps_command", "Tell which numbers of a series are held, and which aren't."),
        "absence": Told("console.absence:absence_command", "State that no document matches, and among how many."),
    },
    "See what changes": {
        "diff": Told("console.differing:diff_command", "Say what changed between two versions, or two documents."),
        "history": Told("console.history:history_command", "Tell what became of a document."),
        "changes": Told("console.history:changes_command", "Tell what changed across the archive, the newest first."),
        "timeline": Told("console.timelines:timeline_command", "Tell when something was mentioned, seen and amended."),
        "watch": Told("console.watching:watch", "Watch for words, numbers and vendors."),
        "deliver": Told("console.delivering:deliver_command", "Send the messages of watches that are due."),
    },
    "Publish": {
        "serve": Told("console.serving:serve", "Serve the newest release with Datasette."),
        "release": Told("console.releasing:release", "Build, list and choose the releases."),
        "export": Told("console.exporting:export", "Write web archives, data packages, spreadsheets, a site of files."),
        "withdraw": Told("console.withdrawing:withdraw_command", "Take a document, or a version, out of publication."),
    },
    "Keep": {
        "status": Told("console.status:status", "Say what needs a look, how the sources are, and what is held."),
        "verify": Told("console.verifying:verify_command", "Check that nothing was changed: every byte, every row."),
        "accept": Told("console.verifying:accept_command", "Put on record that curated files are right as they are."),
        "backup": Told("console.copying:backup", "Bring a copy to another disk, or into an object store."),
        "restore": Told("console.copying:restore", "Make an archive from a backup, or mend one."),
        "rebuild": Told("console.rebuilding:rebuild_command", "Make the catalogue again from what is stored."),
    },
}  # fmt: skip


@click.group(cls=Commands, headings=HEADINGS,
             context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})  # fmt: skip
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
    set_up_logs()
    context.obj = folder or Path("data")


if __name__ == "__main__":
    main()
