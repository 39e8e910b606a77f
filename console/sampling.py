"""What comes with the sample beside its recording: the files that people keep by hand, put in place and accepted."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from archive.folder import CATALOGUE
from archive.proof import curation
from archive.store.journal import Journal
from archive.store.recording import Recording, open_recording
from console.crawling import crawl_and_report
from console.looking import open_to_read
from console.nightly import begin_watches
from console.options import port_option, require_folder
from console.releasing import release_if_new
from console.serving import require_port, serve_archive
from console.writing import writing
from pipelines.clock import now
from pipelines.plan import followed, plan_replay
from pipelines.told import checked_settings

SAMPLES = Path(__file__).parent.parent / "samples"
REASON = "It comes with the sample."


def put_curation(folder: Path, samples: Path) -> list[str]:
    """Put the sample's curation files where a new archive has none of that name; return those that were put."""
    put = []
    kept = samples / curation.FOLDER
    for path in sorted(kept.rglob("*.toml")):
        name = path.relative_to(kept).as_posix()
        target = folder / curation.FOLDER / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            put.append(name)
    return put


def accept_curation(folder: Path, names: Sequence[str]) -> None:
    """Put on record that these files are as they should be."""
    with writing(folder, "demo"), closing(Journal(folder)) as journal:
        for name in names:
            digest = curation.digest_of(folder / curation.FOLDER / name)
            journal.append(curation.EVENT, at=now(), file=name, sha256=digest, reason=REASON)


@click.command()
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
        crawl_and_report(folder, names, recording, None, None, as_json=False)
        accept_curation(folder, put)
    release_if_new(folder)
    begin_watches(folder)
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
