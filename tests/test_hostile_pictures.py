"""HP-23 and the rendering part of HP-04: pictures that are no text cost a worker of OCR seconds and megabytes within
bounds, and have a name; whatever size a page says it has, its picture is capped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image

from archive.worker_process import Task
from bench.scans import bound
from pipelines.reading_process import Worker
from pipelines.scans import SECONDS_A_SCAN
from pipelines.text.ocr_picture import MOST_PIXELS, MOST_SIDE, TooManyPixelsError, page_picture
from pipelines.text.stored_reading import READERS, from_bytes
from pipelines.text.worker import MEMORY
from tests.figures import figure
from tests.hostile import pdf_structure
from tests.hostile.tried import forget_peak, peak
from tests.test_pipelines_text_ocr import tiny

Made = Callable[[], bytes]
SMALL: Mapping[str, tuple[Made, str]] = {
    "1 pixel": (lambda: bound([Image.new("L", (1, 1), 0)]), "blank-page"),
    "20,000 by 20,000 pixels": (lambda: bound([Image.new("1", (20_000, 20_000))]), "ocr-failed"),
    "20,000 by 2 pixels": (lambda: bound([Image.new("1", (20_000, 2), 1)]), "blank-page"),
    "black page": (lambda: bound([Image.new("L", (1700, 2200), 0)]), "blank-page"),
    "slip of noise": (lambda: bound([Image.effect_noise((500, 400), 120)]), "blank-page"),
}
LARGE: Mapping[str, tuple[Made, str]] = {
    "page of noise": (lambda: bound([Image.effect_noise((1700, 2200), 120)]), "blank-page"),
    "A2 of noise": (lambda: bound([Image.effect_noise((3307, 4677), 80)]), "blank-page"),
    "50,000 letters": (lambda: tiny(50_000, 3, (612, 792)), "ocr-failed"),
}


def measured(cases: Mapping[str, tuple[Made, str]]) -> dict[str, tuple[str, float, int]]:
    """Read the pictures in one worker; return of each its outcome, the seconds, and the most megabytes."""
    worker, found = Worker("pipelines.text.worker", "ocr"), {}
    threads = set()
    try:
        for name, (made, _) in cases.items():
            body = made()
            forget_peak(worker)
            begun = time.monotonic()
            reading = from_bytes(worker.exchange(Task("ocr", body, (1,)), SECONDS_A_SCAN), READERS["ocr"])
            found[name] = (reading.outcome, round(time.monotonic() - begun, 1), peak(worker))
            status = Path(f"/proc/{worker._process.pid}/status").read_text("ascii")
            threads |= {int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:")}
    finally:
        worker.end()
    assert max(threads) <= 3
    return found


def assert_named(cases: Mapping[str, tuple[Made, str]]) -> None:
    found = measured(cases)
    figure("HP-23", **found)
    assert {name: outcome for name, (outcome, _, _) in found.items()} == {
        name: said for name, (_, said) in cases.items()
    }
    assert all(megabytes <= MEMORY["ocr"] >> 20 for _, _, megabytes in found.values())


def test_pictures_that_are_no_text_have_a_name() -> None:
    assert_named(SMALL)


@pytest.mark.soak
def test_large_pictures_that_are_no_text_have_a_name() -> None:
    assert_named(LARGE)


@pytest.mark.parametrize("dpi", [200, 400, 10_000])
def test_a_page_of_any_size_has_a_picture_of_bounded_size(dpi: int) -> None:
    sizes = {}
    for box in (
        b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 1000000000 1000000000]", b"/MediaBox [0 0 0 0]",
        b"/MediaBox [0 0 nan inf]", b"/MediaBox [0 0 99999 1]", b"/MediaBox [0 0 1 99999]", b"/MediaBox [9 9 -9 -9]",
        b"/MediaBox [0 0 612 792] /UserUnit 1000000", b"",
    ):  # fmt: skip
        try:
            image = page_picture(pdf_structure.page_box(box), 1, dpi).image
        except TooManyPixelsError as error:
            sizes[box.decode()] = str(error)[:60]
            continue
        sizes[box.decode()] = f"{image.width} x {image.height}"
        assert image.width * image.height <= 1.01 * MOST_PIXELS
        assert max(image.size) <= MOST_SIDE + 1
    figure("HP-04", rendered_at=dpi, sizes=sizes)
    assert " x " in sizes["/MediaBox [0 0 612 792]"]
