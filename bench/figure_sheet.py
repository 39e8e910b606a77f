"""Prints the figures of the promises: runs the tests that say any, and sets what they said in one table.

`--soak` runs those that take long on purpose too; `--read FILE` only prints what an earlier run wrote to that file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
GROUPS = ("CR", "DF", "CO", "CK", "CC", "SV", "HP", "HT", "SS", "XS", "SQ", "PT", "SC", "WD", "RS", "UM", "DL", "ME")
_LINE = re.compile(r"([A-Z]{2}-\d\d)\b[^{]*(\{.*\})")


def main() -> int:
    """Run, and print; the exit status is pytest's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soak", action="store_true", help="with the tests that take long on purpose")
    parser.add_argument("--read", type=Path, help="a file that OVERSIGHT_FIGURES named")
    parser.add_argument("groups", nargs="*", help=f"these only, of {' '.join(GROUPS)}")
    told = parser.parse_args()
    if told.read:
        _print(told.read, told.groups)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "figures"
        marks = ["-m", "not corpus"] if told.soak else []
        line = [sys.executable, "-m", "pytest", *marks, "--timeout", "0", *_files_of(told.groups)]
        status = subprocess.run(line, cwd=ROOT, env={**os.environ, "OVERSIGHT_FIGURES": str(written)}, check=False)
        _print(written, told.groups)
    return status.returncode


def _files_of(groups: list[str]) -> list[str]:
    """Return the files of tests that say a figure of these groups."""
    wanted = re.compile(rf"\b(?:{'|'.join(groups or GROUPS)})(?:-\d\d|\")")
    texts = {path: path.read_text("utf-8") for path in sorted((ROOT / "tests").glob("test_*.py"))}
    return [str(path) for path, text in texts.items() if "import figure" in text and wanted.search(text)]


def _print(written: Path, groups: list[str]) -> None:
    for name, said in sorted(_figures(written)):
        if not groups or name[:2] in groups:
            print(f"{name}  {said}")


def _figures(written: Path) -> Iterator[tuple[str, str]]:
    for line in written.read_text("utf-8").splitlines() if written.exists() else ():
        if found := _LINE.match(line):
            told = json.loads(found[2])
            yield found[1], ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())


if __name__ == "__main__":
    sys.exit(main())
