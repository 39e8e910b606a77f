"""Reads pages that are pictures of text, in a worker process that is confined once an engine is loaded."""

from __future__ import annotations

import importlib
import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from pipelines.text.cleaning import clean_line
from pipelines.text.composing import compose
from pipelines.text.drawn import Word
from pipelines.text.ocr_picture import (
    FINE_DPI,
    PagePicture,
    count_lines,
    is_blank,
    is_noisy,
    page_picture,
    skew,
    smoothed,
    straightened,
    turned,
)
from pipelines.text.ocr_words import Engine, ScanWord
from pipelines.text.reading import Reading, TextPage
from pipelines.text.reading_order import lay_out
from pipelines.text.scans import failed
from pipelines.text.stored_reading import READERS

READER = READERS["ocr"]

# In the order in which they are preferred: the first reads better and five times as fast (`python -m bench.ocr`).
ENGINES = {
    "tesseract": ("pipelines.text.ocr_tesseract", "Tesseract"),
    "rapidocr": ("pipelines.text.ocr_rapid", "Rapid"),
}
# Words of which the engine is less sure are specks and textures (of noise, 99 of 100 fall below).
_LEAST_SURE = 0.3
# Of all letters that the engine saw it is sure by so much: at least 0.75 on each scan of the real files and 0.91 on
# made ones, however spoilt; at most 0.41 where letters are too small (5 pt at 200 dpi), and what it says is made up.
_CLEAR = 0.6
_ENOUGH_LETTERS = 40
# A page of so many lines, and no letter to two of them, is one whose text wasn't seen.
_LINES = 12
# Letters of less than 4 pt can't be read on a finer picture either, which takes minutes: US Letter has so many lines.
_MOST_LINES = 160
# A page that reads like this stands upright.
_UPRIGHT_SURE = 0.75
_UPRIGHT_LETTERS = 40


class ScannedPage(NamedTuple):
    """What OCR saw on a page, upright and level: its size in points, its words, and how sure the engine is of each.

    `turn` says by how many degrees clockwise the page had to be turned, `letters` how many letters the engine saw,
    those included that were dropped, and `clear` how sure it is of them all (1 where there are none).
    """

    width: float
    height: float
    words: tuple[Word, ...]
    sure: tuple[float, ...]
    turn: int = 0
    letters: int = 0
    clear: float = 1.0


@cache
def engine() -> Engine | None:
    """Return the best engine that is installed, loaded and warm; None where there is none."""
    for name in ENGINES:
        try:
            found = load(name)
            # What an engine loads late it must load now: a confined worker opens no file and no library.
            found.read(_warming(), 200.0)
        except (ImportError, OSError):
            continue
        return found
    return None


def _warming() -> Image.Image:
    picture = Image.new("L", (400, 80), 255)
    ImageDraw.Draw(picture).text((20, 20), "A line to read", fill=0, font_size=32)
    return picture


def load(name: str) -> Engine:
    """Return one engine by its name in ENGINES. Raises ImportError or OSError where it isn't installed."""
    module, made = ENGINES[name]
    found: Engine = getattr(importlib.import_module(module), made)()
    return found


def read_scan(body: bytes, number: int) -> Reading:
    """Return a reading that holds page `number` (from 1) of a PDF alone, as OCR reads it.

    Its outcome is that of the page: "text", "blank-page", "ocr-failed", or "no-text-layer" where no engine is
    installed. Raises nothing but MemoryError.
    """
    reads = engine()
    if reads is None:
        return _one(number, "no-text-layer")
    try:
        picture = page_picture(body, number)
        seen = scanned_page(reads, picture)
        if is_made_up(seen, picture):
            return _one(number, "blank-page")
        problem = _problem(seen, picture)
        if problem and count_lines(picture.image) <= _MOST_LINES:
            finer = page_picture(body, number, FINE_DPI)
            seen = _as_turned(reads, finer, seen.turn)
            problem = _problem(seen, finer)
    except MemoryError:
        raise
    except Exception as error:
        return failed(number, clean_line(f"{type(error).__name__}: {error}".rstrip(": "), 300))
    if problem:
        return failed(number, problem)
    [made] = compose([lay_out(seen.words, (), seen.width, seen.height)])
    if not any(letter.isalnum() for letter in made.text):
        return _one(number, "blank-page")
    sure = round(statistics.fmean(seen.sure), 3)
    page = TextPage(number, "", made.text, "text", made.parts, made.runs_on, made.also, "ocr", sure)
    return Reading(READER, "text", "", (page,), metadata={"ocr": reads.name})


def _one(number: int, outcome: str) -> Reading:
    return Reading(READER, outcome, "", (TextPage(number, "", "", outcome, origin="ocr"),))


def is_made_up(seen: ScannedPage, picture: PagePicture) -> bool:
    """Say whether what was seen was made up of noise: the page is full of it, and no line stands out from it.

    Of an A2 page of noise Tesseract makes some twenty words, of all but a few of which it isn't sure at all.
    """
    return seen.clear < _CLEAR and is_noisy(picture.image) and not count_lines(picture.image)


def _problem(seen: ScannedPage, picture: PagePicture) -> str:
    """Return why what was seen is not what stands on the page, "" where it may be."""
    if seen.letters >= _ENOUGH_LETTERS and seen.clear < _CLEAR:
        return f"its letters are too small or too unclear: OCR is {seen.clear:.0%} sure of them"
    letters = sum(len(word.text) for word in seen.words)
    if letters < _ENOUGH_LETTERS and count_lines(picture.image) >= max(_LINES, 2 * letters):
        return "it has lines like those of a text, but too small or too unclear for OCR"
    return ""


def _as_turned(reads: Engine, picture: PagePicture, degrees: int) -> ScannedPage:
    """Return the words of a page's picture of which it is known how it lies."""
    upright = turned(smoothed(picture), degrees)
    level = straightened(upright, skew(upright.image))
    return _placed(level, reads.read(level.image, level.dpi), degrees)


def scanned_page(reads: Engine, picture: PagePicture) -> ScannedPage:
    """Return the words of a page's picture, whichever way up it is and however askew."""
    if is_blank(picture.image):
        return _placed(picture, (), 0)
    best, seen = -1.0, _placed(picture, (), 0)
    for degrees, tried in _turns(smoothed(picture)):
        read = reads.read(tried.image, tried.dpi)
        words = _cleaned(read)
        letters = sum(map(_upright_letters, words))
        weight = sum(word.sure * _upright_letters(word) for word in words)
        if weight > best:
            best, seen = weight, _placed(tried, read, degrees)
        if letters >= _UPRIGHT_LETTERS and weight >= _UPRIGHT_SURE * letters:
            break
    return seen


def _cleaned(words: Iterable[ScanWord]) -> list[ScanWord]:
    """Return the words that count, without what no store can carry."""
    plain = (word._replace(text="".join(clean_line(word.text, 1000).split())) for word in words)
    return [word for word in plain if word.text and word.sure >= _LEAST_SURE]


def _turns(picture: PagePicture) -> Iterator[tuple[int, PagePicture]]:
    """Yield the picture as it lies, level, and then as it may have been meant, the likeliest first."""
    askew = skew(picture.image)
    level = straightened(picture, askew)
    yield 0, level
    sideways = turned(picture, 90)
    askew_sideways = skew(sideways.image)
    across = [(180, turned(level, 180))]
    sideways = straightened(sideways, askew_sideways)
    down = [(90, sideways), (270, turned(sideways, 180))]
    yield from across + down if askew.sharpness > askew_sideways.sharpness else down + across


def _upright_letters(word: ScanWord) -> int:
    """Count the letters of a word whose box says that it runs across the page; of a short word it says nothing."""
    return len(word.text) if len(word.text) > 2 and word.x1 - word.x0 > word.bottom - word.top else 0


def _clear(read: Sequence[ScanWord], letters: int) -> float:
    return sum(word.sure * len(word.text) for word in read) / letters if letters else 1.0


def _placed(picture: PagePicture, read: Sequence[ScanWord], turn: int) -> ScannedPage:
    """Put the words that count into points. Those of one line stand equally high in it, as drawn letters do."""
    words = _cleaned(read)
    points = 72 / picture.dpi
    placed: list[Word] = []
    for _, line in itertools.groupby(words, key=lambda word: word.line):
        together = list(line)
        top, bottom = _height(together)
        for word in together:
            box = (word.x0 * points, top * points, word.x1 * points, bottom * points)
            placed.append(Word(word.text, *box, (bottom - top) * points, first=len(placed)))
    sure, letters = tuple(word.sure for word in words), sum(len(word.text) for word in read)
    width, height = picture.image.width * points, picture.image.height * points
    return ScannedPage(width, height, tuple(placed), sure, turn, letters, _clear(read, letters))


def _height(line: Sequence[ScanWord]) -> tuple[float, float]:
    """Return where a line's letters begin and end; specks and strokes that the engine took for words left out."""
    usual = 1.6 * statistics.median(word.bottom - word.top for word in line)
    words = [word for word in line if word.bottom - word.top <= usual]
    return min(word.top for word in words), max(word.bottom for word in words)
