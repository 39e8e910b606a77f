"""Says what a test measured, a line for each: on standard output, and in the file that OVERSIGHT_FIGURES names."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def figure(group: str, **measured: object) -> None:
    """Say the figures of one row of the catalogue of faults ("SV-04")."""
    line = f"{group} {json.dumps(measured)}"
    sys.stdout.write(line + "\n")
    if file := os.environ.get("OVERSIGHT_FIGURES"):
        with Path(file).open("a") as written:
            written.write(line + "\n")
