"""What readers make of generated PDFs, as figures: pages a second, words lost, quotations found (`bench.text` prints
the same by class)."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from bench.closeness import COLUMNS, INSIDE, Read, Scores, score
from bench.documents import documents
from bench.text import QUICK_CLASSES
from bench.text_readers import read_by, readers_here


def measure(*, quick: bool) -> dict[str, dict[str, float]]:
    """Return for each reader that is here: pages a second, megabytes, and the shares of what it should find."""
    made = list(documents(QUICK_CLASSES, pages=2) if quick else documents(None, seeds=1, pages=5))
    pages = sum(len(one.pages) for one in made)
    found = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        paths = [Path(folder) / f"{number}.pdf" for number in range(len(made))]
        for path, one in zip(paths, made, strict=True):
            path.write_bytes(one.pdf)
        for name, command in readers_here().items():
            told = read_by(name, command, paths)
            answers = zip(made, told.files, strict=True)
            shares = sum((score(one, Read(got.text, got.flow)) for one, got in answers), Scores()).shares()
            found[name] = {
                "rate": pages / sum(one.seconds for one in told.files), "peak": told.peak,
                "quoted": shares[INSIDE], "over columns": shares[COLUMNS], "lost": shares["lost"],
            }  # fmt: skip
    return found


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="thirteen classes, two pages of each")
    parser.add_argument("--json", action="store_true", help="as it does in any case")
    print(json.dumps(measure(quick=parser.parse_args().quick)))


if __name__ == "__main__":
    main()
