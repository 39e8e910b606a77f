"""Measures what readers make of PDFs: speed, memory, closeness to the truth, in one run (see docs/benchmarks.md)."""

from __future__ import annotations

import argparse

from bench.documents import CLASSES
from bench.text_shown import pin, show


def main() -> None:
    """Measure, and print."""
    told = _arguments()
    if told.pin:
        pin()
    for name in told.show or ():
        print("\n".join(show(name)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", nargs="+", choices=CLASSES, metavar="CLASS", help="where our reading goes wrong")
    parser.add_argument("--pin", action="store_true", help="make today's scores those that tests hold us to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
