"""`oversight deposit` of what a folder of somebody else's can hold (PT-04), and of names that programs take for more
than names (PT-07): each is told by its name, none hangs, and what changes while it is read is not taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from archive.outcomes import OUTCOMES
from pipelines.deposit import CHANGED, TOO_LARGE, files_under
from tests.conftest import ROOT
from tests.demo_archive import environment, oversight, rows
from tests.figures import figure
from tests.hostile import pdf

NOT_UTF_8 = os.fsdecode(b"caf\xe9.pdf")
# A file of the system's that has other contents each time that it is read, though nothing writes to it.
EVER_OTHER = Path("/proc/sys/kernel/random/uuid")
WRITES = """
import sys
with open(sys.argv[1], "r+b", buffering=0) as file:
    print(flush=True)
    for number in range(10**8):
        file.seek(number % 1000)
        file.write(b"%d" % number)
"""


def _body(text: str) -> bytes:
    return pdf.written(pdf.lines(text))


def _deep(folder: Path) -> None:
    """Make folders in folders, and a file in the last, until no path is short enough to name it."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with os.fdopen(os.open("lost.pdf", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=here), "wb") as file:
        file.write(_body("too deep"))
    os.close(here)


def test_pt_04_a_hostile_folder(tmp_path: Path) -> None:
    folder, outside, archive = tmp_path / "files", tmp_path / "outside", tmp_path / "archive"
    for made in (folder / "in", folder / "deep", outside):
        made.mkdir(parents=True)
    (outside / "secret.pdf").write_bytes(_body("A secret outside"))
    (folder / "whole.pdf").write_bytes(_body("A file that is one"))
    (folder / "in" / "circle").symlink_to(folder)
    (folder / "itself").symlink_to("itself")
    (folder / "out").symlink_to(outside)
    (folder / "out.pdf").symlink_to(outside / "secret.pdf")
    (folder / "gone.pdf").symlink_to(outside / "nothing")
    (folder / NOT_UTF_8).write_bytes(_body("A name in Latin-1"))
    (folder / "new\nline \x1b[2J.pdf").write_bytes(_body("A name of two lines"))
    os.mkfifo(folder / "pipe.pdf")
    with (folder / "sparse.pdf").open("wb") as file:
        file.truncate(1 << 40)
    _deep(folder / "deep")
    done = oversight("deposit", "-r", folder, EVER_OTHER, "--json", "--archive", archive)
    assert "Traceback" not in done.stderr, done.stderr
    report = json.loads(done.stdout)
    told = {one["file"].removeprefix(f"{folder}/"): (one["outcome"], one["detail"]) for one in report["files"]}
    (deep,) = [name for name in told if name.startswith("deep/")]
    assert told.pop(deep) == ("unreadable-file", "File name too long")
    link = ("not-a-file", "not a regular file")
    assert told == {
        "whole.pdf": ("text", ""), "caf\ufffd.pdf": ("text", ""), "new\nline \x1b[2J.pdf": ("text", ""),
        "in/circle": link, "itself": link, "out": link, "out.pdf": link, "gone.pdf": link, "pipe.pdf": link,
        "sparse.pdf": ("unreadable-file", TOO_LARGE), str(EVER_OTHER): ("unreadable-file", CHANGED),
    }  # fmt: skip
    assert done.returncode == 1
    assert rows(archive, "SELECT count(*) FROM captures") == [(3,)]
    figure("PT-04", files=len(report["files"]), outcomes=report["outcomes"], hung=0,
           unnamed=sum(one["outcome"] not in OUTCOMES for one in report["files"]))  # fmt: skip
    shown = oversight("deposit", "-r", folder, "--archive", archive)
    assert "\x1b[2J" not in shown.stdout + shown.stderr


def test_pt_04_a_folder_that_may_not_be_listed(tmp_path: Path) -> None:
    """Whoever is root may list any: the names are looked for as somebody else."""
    locked = tmp_path / "files" / "locked"
    locked.mkdir(parents=True)
    (locked / "a.pdf").write_bytes(b"x")
    locked.chmod(0)
    try:
        found = _as_nobody(tmp_path / "files")
    finally:
        locked.chmod(0o700)
    assert found == "unreadable-file Permission denied"


def _as_nobody(folder: Path) -> str:
    """Return what is told of the one thing in a folder, to one who is not root."""
    above = [path for path in folder.parents if path.stat().st_uid == os.getuid() and path != Path("/")]
    modes = [path.stat().st_mode for path in above]
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom pipelines import deposit\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "(one,) = deposit.files_under([Path(sys.argv[1])], True)\n"
        "found = deposit._take(None, one, '', '', '')\nprint(found.outcome, found.detail)"
    )
    try:
        for path, mode in zip(above, modes, strict=True):
            path.chmod(mode | 0o055)
        done = subprocess.run([sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True,
                              env=environment(), check=False)  # fmt: skip
    finally:
        for path, mode in zip(above, modes, strict=True):
            path.chmod(mode)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_pt_04_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """The control is whole.pdf above, which nothing writes to."""
    written = tmp_path / "written.pdf"
    with written.open("wb") as file:
        file.truncate(200 << 20)  # which takes longer to read than the writer may have to wait for its turn
    with subprocess.Popen([sys.executable, "-c", WRITES, str(written)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            found = json.loads(oversight("deposit", written, "--json", "--archive", tmp_path / "archive").stdout)
            assert writer.poll() is None
        finally:
            writer.kill()
    assert [(one["outcome"], one["detail"]) for one in found["files"]] == [("unreadable-file", CHANGED)]
    assert rows(tmp_path / "archive", "SELECT count(*) FROM captures") == [(0,)]


# Names that a shell, or a program's own reading of its arguments, takes for something else.
NAMES = ("-rf", "--help", "@file", "a b;id", "$(id)", "`id`", "|id", "*", "--", "a&b", "'\"", "~", "-", "%s", "!x")


@pytest.mark.parametrize("named", [False, True], ids=["in a folder", "on the line"])
def test_pt_07_names_that_programs_take_for_more(tmp_path: Path, named: bool) -> None:
    folder = tmp_path / "-files"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / name).write_bytes(_body(f"File number {number}"))
    # As a person does it who stands in that folder; the archive's own name is no better.
    line = [sys.executable, "-m", "oversight", "deposit", "--json", "--archive=-archive"]
    line += ["--", *NAMES] if named else ["--recursive", "--", "."]
    done = subprocess.run(line, cwd=folder, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcomes"] == {"text": len(NAMES)}
    held = rows(folder / "-archive", "SELECT count(DISTINCT content_digest) FROM captures")
    assert held == [(len(NAMES),)]
    figure("PT-07", names=len(NAMES), taken=held[0][0], by="the line" if named else "a folder")


def test_what_is_found_in_a_folder_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "circle").symlink_to(tmp_path)
    (tmp_path / "a" / "b.pdf").write_bytes(b"")
    found = Counter(files_under([tmp_path], True))
    assert found == {tmp_path / "a" / "b.pdf": 1, tmp_path / "a" / "circle": 1}
