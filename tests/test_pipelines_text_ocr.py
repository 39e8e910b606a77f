"""OCR by the real engines, on pages whose words are known: what share is read, whichever way the page lies."""

from __future__ import annotations

import io
import random
import string
from functools import cache

import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from bench.scans import Drawn, Spoiling, bound, drawn, scored, spoilt
from pipelines.text import ocr
from pipelines.text.ocr_picture import MOST_PIXELS, PagePicture, count_lines, is_blank, page_picture, skew, turned
from pipelines.text.ocr_words import Engine
from pipelines.text.stored_reading import from_bytes, to_bytes

SLIP = (380.0, 150.0)


@cache
def loaded(name: str) -> Engine:
    return ocr.load(name)


@cache
def slip(seed: int) -> Drawn:
    return drawn(seed, paper=SLIP, margin=24)


def scan(how: Spoiling, seed: int = 1) -> bytes:
    return bound([spoilt(slip(seed), how)], how.dots, how.quality)


# The share of words that must be read: what was measured, less a hundredth.
PINNED = [
    ("tesseract", Spoiling("clean"), 0, 0.99),
    ("tesseract", Spoiling("skewed, blurred, noisy", 200, 2.0, 1.0, 20, 40), 0, 0.97),
    ("tesseract", Spoiling("full of noise", 200, 0, 0.7, 60, 40), 0, 0.85),
    ("tesseract", Spoiling("turned by 90", 200, 0.7, 0.5, 10, 60, 90), 270, 0.98),
    ("tesseract", Spoiling("turned by 180", 200, 0, 0.5, 10, 60, 180), 180, 0.98),
    ("tesseract", Spoiling("turned by 270", 200, 0, 0.5, 10, 60, 270), 90, 0.98),
]


@pytest.mark.parametrize(
    ("engine", "how", "turn", "share"), PINNED, ids=[f"{engine} {how.name}" for engine, how, _, _ in PINNED]
)
def test_words_are_read(engine: str, how: Spoiling, turn: int, share: float) -> None:
    seen = ocr.scanned_page(loaded(engine), page_picture(scan(how), 1))
    score = scored(slip(1).words, [word.text for word in seen.words])
    assert (seen.turn, score.read >= share, score.invented <= 1.1 - share) == (turn, True, True), score
    assert len(seen.sure) == len(seen.words)
    upright = SLIP if turn in (0, 180) else SLIP[::-1]
    assert (seen.width, seen.height) == pytest.approx(upright if not how.turn % 180 else SLIP, abs=1)
    for word in seen.words:
        assert -1 <= word.x0 < word.x1 <= seen.width + 1
        assert -1 <= word.top < word.bottom <= seen.height + 1
        assert 5 < word.size < 20


def test_words_stand_where_they_are_drawn() -> None:
    seen = ocr.scanned_page(loaded("tesseract"), page_picture(scan(Spoiling("clean")), 1))
    first, *_ = seen.words
    assert first.x0 == pytest.approx(24, abs=2)
    assert first.top == pytest.approx(16, abs=3)
    assert [word.text for word in seen.words] == list(slip(1).words)
    tops = [word.top for word in seen.words]
    assert tops == sorted(tops)


def test_a_page_reads_the_same_whatever_was_read_before() -> None:
    whole = bound([spoilt(slip(seed), Spoiling("noisy", 200, 0.7, 1.0, 30, 40)) for seed in (1, 2)])
    first = [ocr.read_scan(whole, number) for number in (1, 2)]
    assert [ocr.read_scan(whole, number) for number in (2, 1)] == first[::-1]
    for number, reading in enumerate(first, 1):
        (page,) = reading.pages
        assert (page.number, page.outcome, page.origin) == (number, "text", "ocr")
        assert page.confidence is not None
        assert 0.8 < page.confidence <= 1
        assert from_bytes(to_bytes(reading), "ocr-2") == reading


def picture(width: int, height: int, shade: int = 255, mode: str = "L") -> bytes:
    return bound([Image.new(mode, (width, height), shade)])


def noise(width: int, height: int) -> bytes:
    return bound([Image.effect_noise((width, height), 120)])


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (picture(1, 1), "blank-page"),
        (picture(1, 900, 0), "blank-page"),
        (picture(1700, 2200), "blank-page"),
        (picture(1700, 2200, 0), "blank-page"),
        (picture(20_000, 20_000, 0, "1"), "ocr-failed"),
        (noise(500, 400), "blank-page"),
        (b"not a PDF", "ocr-failed"),
    ],
    ids=["one pixel", "a stroke", "white", "black", "20,000 pixels", "noise", "no PDF"],
)
def test_pages_that_are_no_text(body: bytes, outcome: str) -> None:
    reading = ocr.read_scan(body, 1)
    assert reading.outcome == outcome
    assert [(page.outcome, page.text) for page in reading.pages] == [(outcome, "")]
    assert bool(reading.facts) == (outcome == "ocr-failed")


def tiny(letters: int, size: float, paper: tuple[float, float]) -> bytes:
    """Return a page of letters without words."""
    chance = random.Random(1)
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=paper, invariant=True)
    canvas.setFont("Helvetica", size)
    across = round((paper[0] - 40) / (0.5 * size))
    for line in range(round(letters / across)):
        text = "".join(chance.choice(string.ascii_lowercase) for _ in range(across))
        canvas.drawString(20, paper[1] - 20 - 1.1 * size * line, text)
    canvas.save()
    return into.getvalue()


@pytest.mark.parametrize(
    "body",
    [tiny(50_000, 3, (612, 792)), tiny(3000, 3, (300, 150))],
    ids=["50,000 letters", "a slip"],
)
def test_a_page_of_letters_that_are_too_small_is_not_blank(body: bytes) -> None:
    reading = ocr.read_scan(body, 1)
    assert (reading.outcome, [page.text for page in reading.pages]) == ("ocr-failed", [""])
    [fact] = reading.facts
    assert "too small or too unclear" in fact.value


def test_small_letters_are_read_on_a_finer_picture() -> None:
    small = drawn(5, size=4, paper=(380.0, 60.0), margin=20)
    (page,) = ocr.read_scan(bound([spoilt(small, Spoiling("", 400))], 400), 1).pages
    assert scored(small.words, page.text.split()).read >= 0.85


def test_lines_of_text_are_told_from_noise_and_shades() -> None:
    assert count_lines(spoilt(slip(1), Spoiling("", 200, 0, 0.7, 60))) >= 6
    for deviation in (20, 60, 150):
        assert count_lines(Image.effect_noise((500, 400), deviation)) == 0
    assert count_lines(Image.linear_gradient("L").resize((500, 400))) == 0


def test_what_is_seen_in_noise_alone_is_made_up() -> None:
    """Not what stands out from it, what the engine is sure of, or what is unclear for another reason."""
    page, text = Image.effect_noise((500, 400), 120), spoilt(slip(1), Spoiling("", 200, 0, 0.7, 60))
    unsure = ocr.ScannedPage(180, 144, (), (), letters=45, clear=0.12)
    for image, seen, made_up in (
        (page, unsure, True),
        (page, unsure._replace(letters=8), True),
        (page, unsure._replace(clear=0.9), False),
        (text, unsure, False),
        (Image.new("L", (500, 400), 255), unsure, False),
    ):
        assert ocr.is_made_up(seen, PagePicture(image, 200)) is made_up


def test_a_page_that_there_is_not() -> None:
    assert ocr.read_scan(scan(Spoiling("clean")), 2).outcome == "ocr-failed"


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (14_400, 1), (1, 1), (595, 842)])
def test_pictures_are_capped(width: float, height: float) -> None:
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=(width, height))
    canvas.drawString(1, 1, "a")
    canvas.save()
    image, dpi = page_picture(into.getvalue(), 1)
    assert image.width * image.height <= 1.01 * MOST_PIXELS
    assert (image.width, image.height) == pytest.approx((width * dpi / 72, height * dpi / 72), abs=2)


@pytest.mark.parametrize("angle", [-6.0, -2.0, -0.3, 0.0, 0.7, 4.0])
def test_skew_is_measured(angle: float) -> None:
    askew = spoilt(slip(3), Spoiling("", 200, angle))
    assert skew(askew).angle == pytest.approx(-angle, abs=0.15)


def test_blank_is_told_from_a_full_stop() -> None:
    image = Image.new("L", (1700, 2200), 250)
    assert is_blank(image)
    ImageDraw.Draw(image).text((400, 400), "x.", fill=30, font_size=30)
    assert not is_blank(image)
    assert turned(PagePicture(image, 200), 90).image.size == (2200, 1700)
