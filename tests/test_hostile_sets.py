"""HP-19 and HP-14: PDFs that others collected because they break readers, by the production readers.

The sets are no part of this repository: OVERSIGHT_PDF_SETS names a folder of them (checkouts of veraPDF-corpus, pdf.js
and others will do; below "x-ray" are those of bad redactions).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from archive.outcomes import OUTCOMES
from pipelines.text.worker import MEMORY
from tests.figures import figure
from tests.hostile.sets import files_below, hung, read_all
from tests.hostile.tried import summed

SETS = os.environ.get("OVERSIGHT_PDF_SETS", "")
# The files that x-ray's own tests say have bad redactions (of the last, which it doesn't find).
BAD = frozenset({"rectangles_yes.pdf", "bad_cross_hatched_redactions.pdf", "hidden_text_on_visible_text.pdf"})


@pytest.fixture(scope="module")
def sets() -> Path:
    if not SETS:
        pytest.skip("OVERSIGHT_PDF_SETS names no folder of PDFs")
    return Path(SETS)


@pytest.mark.soak
def test_every_file_of_public_sets_ends_in_text_or_by_name(sets: Path, corpus: Path) -> None:
    begun = time.monotonic()
    trials = list(read_all(files_below([sets, corpus])))
    stopped = {trial.name: trial.outcome for trial in trials if trial.outcome.startswith("reader-")}
    figure("HP-19", **summed(trials), hangs=hung(trials), stopped=stopped, seconds=round(time.monotonic() - begun))
    assert trials
    assert hung(trials) == []
    for trial in trials:
        assert trial.outcome in OUTCOMES, trial.name
        assert trial.outcome != "reader-crashed", trial.name
        assert trial.megabytes <= MEMORY["pdf"] >> 20, trial.name
        assert [page.number for page in trial.reading.pages] == list(range(1, len(trial.reading.pages) + 1))


@pytest.mark.soak
def test_bad_redactions_of_x_ray_are_found(sets: Path) -> None:
    files = [path for path in files_below([sets]) if "x-ray" in path.as_posix()]
    if not files:
        pytest.skip("there are no files of x-ray below OVERSIGHT_PDF_SETS")
    told = {Path(trial.name).name: sum(page.covered for page in trial.reading.pages) for trial in read_all(files)}
    found = {name for name, covered in told.items() if covered}
    figure("HP-14", files=len(told), bad=len(BAD & told.keys()), found=sorted(found & BAD),
           others=dict(Counter({name: told[name] for name in found - BAD})))  # fmt: skip
    assert found >= BAD & told.keys()
