"""Plays the night of ten exchanges on disks of its own that are full, without inodes, or read-only; prints what came.

unshare -rm python -m tests.small_disks FOLDER prints a JSON list of [what, statuses, what the first run said, wrong].
In each case the night is played on the bad disk, which is then mended, and played again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from archive.copies.backup import check_copy
from archive.release.folder import Releases
from tests.forked import Ended, Forked
from tests.hostile.pdf import lines, written
from tests.one_night import Night

# What is small, on which folder of the archive, and what mends it.
SMALL = (
    ("no room for the catalogue", "", "size=300k", "size=64m"),
    ("no room from the middle on", "", "size=620k", "size=64m"),
    ("no inodes", "", "size=64m,nr_inodes=12", "size=64m,nr_inodes=500"),
    ("no room for records", "warc", "size=4k", "size=64m"),
    ("no room for the journal", "journal", "size=4k,nr_inodes=1", "size=64m,nr_inodes=500"),
    ("no room for readings", "cache", "size=4k", "size=64m"),
)  # fmt: skip


def _mount(folder: Path, options: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def _told(what: str, ended: Sequence[Ended], wrong: list[str]) -> list[object]:
    return [what, [one.status for one in ended], ended[0].said[-600:], wrong]


def _small(night: Night) -> list[list[object]]:
    told = []
    for number, (what, place, options, mended) in enumerate(SMALL):
        archive = night.folder / f"small-{number}"
        _mount(archive / place, options)
        first = night.play(archive.name)
        _remount(archive / place, mended)
        wrong = night.wrong_after(archive.name, set(first.acknowledged))
        told.append(_told(what, [first], wrong))
    return told


def _read_only(night: Night) -> list[list[object]]:
    """The disk turns read-only: whoever writes refuses, whoever reads goes on. Then it is gone altogether."""
    archive = night.folder / "read-only"
    _mount(archive, "size=64m")
    shutil.copytree(night.folder / "undisturbed", archive, dirs_exist_ok=True)
    _remount(archive, "ro")
    refused, reads = night.play(archive.name), night.forked.run(archive, "status")
    found = night.forked.run(archive, "search", "notice")
    _remount(archive, "rw")
    again = night.play(archive.name)
    wrong = night.wrong_with(archive.name)
    subprocess.run(["umount", "-l", str(archive)], check=True)
    gone = night.forked.run(archive, "search", "notice")
    return [_told("read-only", [refused, again], wrong), _told("read", [reads, found], []), _told("gone", [gone], [])]


def _fill(folder: Path) -> None:
    """Leave a page of room on a disk of ours."""
    disk = os.statvfs(folder)
    _remount(folder, f"size={(disk.f_blocks - disk.f_bfree + 1) * disk.f_frsize}")


def _copied(night: Night) -> list[list[object]]:
    """Where a release or a backup is written there is no room: what was there before stays, and with room the same
    command ends well."""
    archive, copy = night.folder / "published", night.folder / "copy"
    shutil.copytree(night.folder / "undisturbed", archive)
    for folder in (archive / "releases", copy):
        _mount(folder, "size=64m")
    build, back_up = ("release", "build"), ("backup", copy)
    before = [night.forked.run(archive, *command) for command in (build, back_up)]
    new = night.folder / "report.pdf"
    new.write_bytes(written(lines(*(f"What is new, line {number}." for number in range(40)))))
    told = [_told("before", [*before, night.forked.run(archive, "deposit", new)], [])]
    for folder, command in ((archive / "releases", build), (copy, back_up)):
        _fill(folder)
        held = Releases(archive).numbers()
        first = night.forked.run(archive, *command)
        wrong = [str(one) for one in check_copy(copy)]
        wrong += [] if Releases(archive).numbers() == held else ["half a release"]
        _remount(folder, "size=64m")
        told.append(_told(f"{command[0]} without room", [first, night.forked.run(archive, *command)], wrong))
    return told


def main() -> None:
    """Play them all."""
    with Forked() as forked:
        night = Night(forked, Path(sys.argv[1]))
        json.dump(_small(night) + _read_only(night) + _copied(night), sys.stdout)


if __name__ == "__main__":
    main()
