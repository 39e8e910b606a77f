"""Archives of earlier versions that are watched from today on: nothing that they hold is told (UM-01), nor after they
were restored (UM-08); what comes in afterwards is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.watches.news import make_messages
from oversight import main
from tests.archives.laid_out import EARLIER, addresses, laid_out
from tests.figures import figure
from tests.hostile import pdf
from tests.test_upgrades import ANSWERS, answered
from tests.watching import AT, put_watch

TERMS = 'public = true\ntitle = "Plates"\nterms = "license plate"\n'


def run(folder: Path, *words: object) -> None:
    done = CliRunner().invoke(main, ["--archive", str(folder), *map(str, words)])
    assert done.exit_code == 0, (words, done.output)


def told(folder: Path) -> int:
    """Publish what there is, and return how many messages are made of it."""
    run(folder, "release", "build")
    return len(make_messages(folder, AT).messages)


@pytest.mark.soak
@pytest.mark.parametrize("name", EARLIER)
def test_um_01_what_an_earlier_archive_holds_is_told_to_nobody(name: str, tmp_path: Path) -> None:
    archive, copy, restored = tmp_path / name, tmp_path / "copy", tmp_path / "restored"
    old = addresses(laid_out(name, archive))
    put_watch(archive, TERMS)
    run(archive, "rebuild")  # which notes what a newer reader of articles calls otherwise, as any night does
    baseline = told(archive)
    run(archive, "backup", copy)
    run(restored, "restore", copy)
    after_restore = told(restored)
    (tmp_path / "new.pdf").write_bytes(pdf.written(pdf.lines("A report on each license plate")))
    news = []
    for folder in (archive, restored):
        run(folder, "deposit", tmp_path / "new.pdf")
        news.append(told(folder))
    broken = {one: status for one, status in answered(restored, old).items() if status not in ANSWERS}
    figure("UM-01 watches", archive=name, baseline=baseline, restored=after_restore, control=news, broken=len(broken))
    assert (baseline, after_restore, news) == (0, 0, [1, 1])
    assert not broken
