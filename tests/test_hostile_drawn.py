"""Group HP as pages are drawn for readers: whatever a file is, a page has a picture within bounds or a named reason."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from PIL import Image

from archive.outcomes import OUTCOMES
from archive.research.page_words import place_words
from archive.site import pictures
from archive.site.pictures import COLUMN, LARGE, SECONDS, NoPicture, PageOfFile, Pictures
from pipelines.text.page_picture import MOST_PIXELS, MOST_SIDE
from pipelines.text.picture_worker import MEMORY
from tests.figures import figure
from tests.hostile import pdf
from tests.hostile.pdf_cases import CASES
from tests.hostile.pdf_structure import page_box

Made = Callable[[], bytes]
SIZES: Mapping[str, bytes] = {
    "letter": b"/MediaBox [0 0 612 792]",
    "turned by 90": b"/MediaBox [0 0 612 792] /Rotate 90",
    "turned by 270": b"/MediaBox [0 0 612 792] /Rotate 270",
    "turned by 7": b"/MediaBox [0 0 612 792] /Rotate 7",
    "14,400 units": b"/MediaBox [0 0 14400 14400]",
    "10^9 units": b"/MediaBox [0 0 1000000000 1000000000]",
    "user unit 10^6": b"/MediaBox [0 0 612 792] /UserUnit 1000000",
    "nothing": b"/MediaBox [0 0 0 0]",
    "no numbers": b"/MediaBox [0 0 nan inf]",
    "backwards": b"/MediaBox [612 792 0 0]",
    "a strip": b"/MediaBox [0 0 99999 1]",
    "a post": b"/MediaBox [0 0 1 99999]",
    "cropped": b"/MediaBox [0 0 612 792] /CropBox [100 100 300 300]",
    "cropped to nothing": b"/MediaBox [0 0 612 792] /CropBox [100 100 100 100]",
    "cropped outside": b"/MediaBox [0 0 612 792] /CropBox [2000 2000 3000 3000]",
    "no box": b"",
}
# Files that others of this suite make seconds of; here one of each kind is drawn.
FEW: Mapping[str, Made] = {
    "letters": lambda: pdf.written(pdf.lines("Some words", "on a page")),
    "form that calls itself": pdf.form_calls_itself,
    "password": lambda: pdf.encrypted(user=b"secret"),
    "owner's password": pdf.encrypted,
    "no pages": pdf.no_pages,
    "nested": pdf.nested_arrays,
    "no PDF": lambda: b"%PDF-1.4 and nothing more",
    "empty": lambda: b"",
    "wide predictor": pdf.wide_predictor,
}


def of(body: bytes, number: int = 1) -> PageOfFile:
    return PageOfFile(hashlib.sha256(body).hexdigest(), number, lambda: body)


def drawn(shown: Pictures, body: bytes, number: int = 1, width: int = COLUMN) -> str:
    """Draw a page; return its size in pixels or the name of the reason, after both were looked at."""

    async def ask() -> str:
        try:
            png = await shown.picture(of(body, number), width)
            letters = await shown.letters(of(body, number))
        except NoPicture as none:
            return none.outcome if none.outcome in OUTCOMES else f"unknown: {none.outcome}"
        image = Image.open(io.BytesIO(png))
        assert image.width * image.height <= 1.01 * MOST_PIXELS
        assert max(image.size) <= MOST_SIDE + 1
        assert place_words("Some words", letters).width > 0
        return f"{image.width} x {image.height}"

    return asyncio.run(ask())


def test_a_page_of_any_size_has_a_picture_of_bounded_size(tmp_path: Path) -> None:
    shown, found = Pictures(tmp_path, 1 << 30), {}
    for width in (COLUMN, LARGE):
        for name, entries in SIZES.items():
            found[f"{name} at {width}"] = drawn(shown, page_box(entries), 1, width)
    figure("HP-04", drawn_for_readers=found)
    assert found["letter at 1000"] == "1000 x 1295"
    assert found["turned by 90 at 1000"] == "1000 x 773"
    assert found["cropped at 2000"] == "2000 x 2000"
    assert found["14,400 units at 1000"] == "1000 x 1000"


def test_bad_files_and_pages_that_are_not_there_have_a_name(tmp_path: Path) -> None:
    shown = Pictures(tmp_path, 1 << 30)
    found = {name: drawn(shown, made()) for name, made in FEW.items()}
    letters = FEW["letters"]()
    found |= {f"page {number}": drawn(shown, letters, number) for number in (0, 2, 10**9, 9_999_999)}
    figure("HP-10", drawn_for_readers=found)
    assert found["letters"] == "1000 x 1295"
    assert found["password"] == "encrypted"
    assert found["owner's password"] == "1000 x 1295"
    assert found["no pages"] == "malformed-pdf"
    assert not [one for one in found.values() if one.startswith("unknown")]
    assert {found[f"page {number}"] for number in (0, 2, 10**9, 9_999_999)} == {"no-page"}
    assert found["empty"] in {"malformed-pdf", "picture-failed"}


def test_a_page_that_failed_is_not_drawn_again_and_again(tmp_path: Path) -> None:
    shown, loads = Pictures(tmp_path, 1 << 30), []
    body = FEW["password"]()

    async def ask() -> None:
        page = PageOfFile(hashlib.sha256(body).hexdigest(), 1, lambda: loads.append(1) or body)  # type: ignore[func-returns-value]
        for _ in range(20):
            with pytest.raises(NoPicture, match="encrypted"):
                await shown.picture(page)

    asyncio.run(ask())
    assert len(loads) == 1


def test_who_asks_at_once_has_one_drawing(tmp_path: Path) -> None:
    shown, loads = Pictures(tmp_path, 1 << 30), []
    body = FEW["letters"]()

    def load() -> bytes:
        loads.append(1)
        time.sleep(0.3)
        return body + b"\n"

    page = PageOfFile(hashlib.sha256(body + b"\n").hexdigest(), 1, load)

    async def ask() -> list[bytes]:
        return await asyncio.gather(*(shown.picture(page) for _ in range(50)))

    assert len(set(asyncio.run(ask()))) == 1
    assert len(loads) == 1


def test_a_crowd_is_told_to_wait_and_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 1.0)
    shown = Pictures(tmp_path, 1 << 30)

    def load(number: int) -> bytes:
        time.sleep(1.5)
        return pdf.written(pdf.lines(f"page of file {number}"))

    async def ask(number: int) -> str:
        page = PageOfFile(hashlib.sha256(b"%d" % number).hexdigest(), 1, lambda: load(number))
        try:
            await shown.picture(page)
        except NoPicture as none:
            return none.outcome
        return "drawn"

    async def crowd() -> list[str]:
        return await asyncio.gather(*(ask(number) for number in range(60)))

    began = time.monotonic()
    monkeypatch.setattr(pictures, "MOST_WAITING", 4)
    told = Counter(asyncio.run(crowd()))
    figure("HP-17", asked_at_once=60, told=dict(told), seconds=round(time.monotonic() - began, 1))
    assert told["picture-waits"] >= 56
    assert time.monotonic() - began < 8


@pytest.mark.soak
def test_every_hostile_file_is_drawn_or_named(tmp_path: Path) -> None:
    made = [(name, make) for cases in CASES.values() for name, make in cases.items()]
    outcomes, slowest = measured(Pictures(tmp_path, 1 << 30), made)
    assert not [one for one in outcomes if one.startswith("unknown")]
    figure("HP", drawn_for_readers=len(made), outcomes=dict(outcomes), slowest=slowest, most_MB=MEMORY >> 20)
    assert slowest[0] < SECONDS + 5


def measured(shown: Pictures, made: Iterable[tuple[str, Made]]) -> tuple[Counter[str], tuple[float, str]]:
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    for name, make in made:
        body = make()
        began = time.monotonic()
        found = drawn(shown, body)
        outcomes["drawn" if " x " in found else found] += 1
        slowest = max(slowest, (round(time.monotonic() - began, 1), name))
    return outcomes, slowest
