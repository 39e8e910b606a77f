"""Group HP: every hostile file ends in text or in a named outcome, within its worker's caps, and takes nobody along.

The bombs that need minutes of unpacking are among the tests that take long (`make soak`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest

from archive.outcomes import OUTCOMES
from pipelines.text.worker import MEMORY
from tests.conftest import ROOT, need
from tests.demo_archive import environment, run
from tests.figures import figure
from tests.hostile import pdf
from tests.hostile.damage import generated, measured, mutants, real
from tests.hostile.pdf_cases import CASES
from tests.hostile.tried import Trial, summed, tried

# They take more than a second or two each, or all the memory that a worker may have.
SLOW: dict[str, set[str]] = {
    "HP-01": {
        "flate bomb",
        "ASCII85 bomb",
        "run length bomb",
        "LZW bomb",
        "PNG predictor, 10^9 columns",
        "object stream bomb",
    },
    "HP-02": {"W of nothing", "Size 2^31", "Index lies", "references in a circle"},
    "HP-03": {"a page 100,000 times", "20,000 pages"},
    "HP-05": {
        "10^6 letters",
        "10^6 rectangles",
        "500,000 strokes",
        "path of 10^6 corners",
        "100,000 letters on one spot",
        "60,000 letters scattered",
        "boxes over letters",
        "20,000 fonts",
        "10^6 saved states",
        "content listed 100,000 times",
        "200,000 links",
    },
    "HP-06": {"arrays", "dictionaries", "references"},
    "HP-07": {"map bomb", "range to FFFFFFFF", "range of glyphs", "10^9 widths"},
    "HP-08": {"2^30 forms"},
    "HP-13": {"title of 10 MB"},
    "HP-16": {"line ends only", "'obj' 500,000 times", "brackets"},
}
# What comes of the others, where it isn't text; by row and outcome.
EXPECTED: dict[str, dict[str, set[str]]] = {
    "HP-01": {
        "page-failed": {
            "LZW garbage",
            "TIFF predictor, 10^9 columns",
            "predictor below nothing",
            "fax, no columns",
            "Crypt as content",
            "unknown filter",
            "filters that are no names",
            "broken flate",
        },
        "reader-memory": {"fax, 10^9 columns"},
        "no-text-layer": {
            "JBIG2 as content",
            "JPX as content",
            "DCT as content",
            "length too long",
            "length zero",
            "stream without end",
        },
        "malformed-pdf": {"length is itself"},
    },
    "HP-03": {
        "page-failed": {"tree 10,000 deep"},
        "no-pages": {"no pages"},
        "malformed-pdf": {"kids are numbers", "kids in kids"},
    },
    "HP-04": {
        "no-text-layer": {
            "box /MediaBox [0 0 1000000000 1000000000]",
            "box /MediaBox [-1000000000000000000000000000000 0 5 5]",
        },
        "malformed-pdf": {"box /MediaBox [0 0 nan inf]", "box /MediaBox [10 0 R 1 2 3]"},
        "page-failed": {
            "box /MediaBox [0 0]",
            "box /MediaBox (box)",
            "box /MediaBox [0 0 1e99 1e99]",
            "box /MediaBox [0 0 612 792] /Rotate (left)",
        },
    },
    "HP-06": {
        "page-failed": {"strings"},
        "malformed-pdf": {"number of 10^6 digits"},
    },
    "HP-07": {
        "no-text-layer": {"path as a map", "absolute path as a map", "path with NUL as a map"},
        "garbled-text": {"A means 60,000 letters", "broken Type 1"},
        "page-failed": {"widths that are none", "its own descendant", "Type 3, no matrix"},
    },
    "HP-08": {
        "page-failed": {"forms 3,000 deep", "form, matrix of letters"},
    },
    "HP-10": {
        "encrypted": {
            "user password",
            "unknown handler",
            "public key",
            "key of 10^9 bits",
            "key below nothing",
            "dictionary is a number",
        },
        "malformed-pdf": {"key of 7 bits", "revision 6 that isn't"},
    },
    "HP-11": {
        "page-failed": {"content in other files"},
    },
    "HP-16": {
        "malformed-pdf": {"0 bytes", "1 byte", "head only", "noise"},
    },
}


def of_row(row: str, *, slow: bool = False) -> list[Trial]:
    return list(tried((name, made) for name, made in CASES[row].items() if slow or name not in SLOW.get(row, ())))


def assert_named(trials: Sequence[Trial]) -> None:
    for trial in trials:
        assert trial.outcome in OUTCOMES, trial.name
        assert trial.outcome == "text" or trial.reading.detail or trial.outcome == "no-pages", trial.name
        assert trial.outcome != "reader-crashed", (trial.name, trial.reading.detail)
        assert trial.megabytes <= MEMORY["pdf"] >> 20, trial.name
        assert [page.number for page in trial.reading.pages] == list(range(1, len(trial.reading.pages) + 1))


@pytest.mark.parametrize("row", sorted(CASES))
def test_hostile_files_end_in_text_or_by_name(row: str) -> None:
    trials = of_row(row)
    figure(row, **summed(trials))
    assert len(trials) == len(CASES[row]) - len(SLOW.get(row, ()))
    assert_named(trials)
    found: dict[str, set[str]] = {}
    for trial in trials:
        if trial.outcome != "text":
            found.setdefault(trial.outcome, set()).add(trial.name)
    assert found == EXPECTED.get(row, {})


@pytest.mark.soak
def test_all_hostile_files_stay_within_their_caps() -> None:
    trials = list(chain.from_iterable(of_row(row, slow=True) for row in CASES))
    figure("HP", **summed(trials))
    assert_named(trials)
    assert max(trial.seconds for trial in trials) < 75


def test_damaged_files_end_in_text_or_by_name() -> None:
    trials = list(tried(mutants(generated(), 60), 5))
    figure("HP-15", **summed(trials))
    assert len(Counter(trial.outcome for trial in trials)) > 3
    assert_named(trials)


@pytest.mark.soak
def test_many_damaged_files_end_in_text_or_by_name(corpus: Path) -> None:
    begun = time.monotonic()
    trials = list(tried(mutants(generated() | real([corpus / "pdf"]), 600), 20))
    figure("HP-15", **measured(trials, time.monotonic() - begun))
    assert_named(trials)


def test_mutants_are_the_same_each_time() -> None:
    once, again = (
        [(name, made()) for name, made in mutants(generated(), 48)] for _ in range(2)
    )  # fmt: skip
    assert once == again
    whole = generated()
    assert sum(body != whole[name.split(" ", 2)[2]] for name, body in once) > 40


OUTWARD = re.compile(r"\b(?:connect|sendto|sendmsg)\(.*AF_INET")
OPENED = re.compile(r'\bopen(?:at)?\((?:AT_FDCWD, )?"([^"]*)"')
# Where a Python process finds its programs, and nothing of anybody's.
LIBRARIES = ("/usr/lib", "/usr/local/lib", "/usr/share/locale", "/usr/share/zoneinfo", "/lib", "/proc/", "/dev/null",
             "/dev/urandom", "/etc/ld.so.", "/etc/localtime", "/sys/")  # fmt: skip


def traced(files: Sequence[bytes], folder: Path) -> tuple[int, Counter[str]]:
    """Have files read under strace; return how often somebody was to be reached, and what was opened outside the
    libraries, by whichever process."""
    strace = need("strace", "strace")
    if run([strace, "-f", "-o", "/dev/null", "true"]).returncode:
        pytest.skip("strace can't be used here")
    (folder / "files").mkdir(parents=True)
    for place, body in enumerate(files):
        (folder / "files" / f"{place}.pdf").write_bytes(body)
    log = folder / "calls"
    calls = "trace=connect,sendto,sendmsg,open,openat"
    done = subprocess.run(
        [strace, "-f", "--seccomp-bpf", "-e", calls, "-o", str(log), sys.executable, "-m", "tests.hostile.tried",
         str(folder / "files")],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = log.read_text()
    own = (*LIBRARIES, sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), str(ROOT), str(folder / "files"))
    opened = Counter(path for path in OPENED.findall(told) if path.startswith("/") and not path.startswith(own))
    return len(OUTWARD.findall(told)), opened


def test_hostile_files_reach_nobody_and_open_nothing(tmp_path: Path) -> None:
    """P6: fonts that name files, streams that lie in others, actions: nobody is asked, no file outside is opened."""
    rows = ("HP-07", "HP-11", "HP-12", "HP-13")
    files = [made() for row in rows for name, made in CASES[row].items() if name not in SLOW.get(row, ())]
    # Python itself looks at some files as it starts.
    _, at_start = traced([pdf.written(pdf.lines("a good file"))], tmp_path / "control")
    tries, opened = traced(files, tmp_path / "hostile")
    more = opened - at_start
    figure("HP-11", documents=len(files), connections=tries, opened_outside=more.total())
    assert (tries, more) == (0, Counter())
