"""Makes a page's picture for OCR: rendered within limits, smoothed, level. It knows of no words."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import pypdfium2
from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat
from pypdfium2 import raw

# At 200 dpi both engines read as well as they do at 300 (`python -m bench.ocr`), in half of the time.
DPI = 200
# For letters that are too small to be read at DPI (5 pt and less).
FINE_DPI = 400
# An A2 page at DPI. A larger page is rendered as coarsely as it takes to come below.
MOST_PIXELS = 16_000_000
MOST_SIDE = 12_000
# What one picture in the file may unpack to: A0 at 400 dpi. The file says so before anything is unpacked.
MOST_DECLARED = 250_000_000
_STEEPEST = 7.0
_MEDIAN = ImageFilter.MedianFilter(3)
# By so many shades of 256 pixels differ from their neighbours: text alone makes 5, noise that no engine bears 26.
_NOISY = 15.0
_SCORED_WIDTH = 450
# Lines of text at 200 dpi differ from what is between them by at least so many shades from row to row.
_STEP = 4.0
# Two neighbouring rows of noise don't differ by so many times what its pixels do, shared among them all.
_CHANCE = 12.0


class TooManyPixelsError(Exception):
    """A page holds a picture that declares more than MOST_DECLARED pixels."""


class PagePicture(NamedTuple):
    """A page as it is shown, in 256 greys; `dpi` is how many of its pixels are an inch."""

    image: Image.Image
    dpi: float


def page_picture(body: bytes, number: int, dpi: int = DPI) -> PagePicture:
    """Return the picture of page `number` (from 1) of a PDF, at `dpi` or as much coarser as its size demands.

    Raises TooManyPixelsError, and pypdfium2.PdfiumError for what pdfium can't open. pdfium ends the process when
    there is no memory left.
    """
    document = pypdfium2.PdfDocument(body)
    try:
        page = document[number - 1]
        for found in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,)):
            width, height = found.get_px_size()
            if width * height > MOST_DECLARED:
                raise TooManyPixelsError(f"a picture of {width} by {height} pixels")
        width, height = page.get_size()
        scale = _scale(width, height, dpi)
        image = page.render(scale=scale, grayscale=True, fill_color=(255, 255, 255, 255)).to_pil().convert("L")
        page.close()
        return PagePicture(image, 72 * scale)
    finally:
        document.close()


def _scale(width: float, height: float, dpi: int) -> float:
    if not (0 < width < 1e7 and 0 < height < 1e7):
        raise TooManyPixelsError(f"a page of {width:.6g} by {height:.6g} points")
    return min(dpi / 72, math.sqrt(MOST_PIXELS / (width * height)), MOST_SIDE / max(width, height))


def is_blank(image: Image.Image) -> bool:
    """Say whether there is nothing on the picture that could be a letter: it is of one shade, but for specks."""
    small = image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.BOX)
    counts = small.histogram()
    commonest = counts.index(max(counts))
    apart = sum(count for shade, count in enumerate(counts) if abs(shade - commonest) > 48)
    return apart < 12


def count_lines(image: Image.Image) -> int:
    """Count how often rows of more and of less ink alternate on the picture, as lines of text do, down or across it.

    Noise has as much ink in each row; of a photograph it grows and falls slowly.
    """
    noise = _CHANCE * _noisiness(image)
    down = image.resize((1, image.height), Image.Resampling.BOX).tobytes()
    across = image.resize((image.width, 1), Image.Resampling.BOX).tobytes()
    return max(_stripes(down, noise / math.sqrt(image.width)), _stripes(across, noise / math.sqrt(image.height)))


def _stripes(shades: bytes, chance: float) -> int:
    """Count how often a row of shades turns lighter, and then darker again, by more than chance."""
    steps = [after - before for before, after in itertools.pairwise(shades)]
    lighter = [step > 0 for step in steps if abs(step) >= max(_STEP, chance)]
    return sum(one and not other for one, other in itertools.pairwise(lighter))


class Skew(NamedTuple):
    """By how many degrees counter-clockwise lines of text must be turned to lie level, and how sharply they then stand
    out from what is between them: least where they run up and down."""

    angle: float
    sharpness: float


def skew(image: Image.Image) -> Skew:
    """Return the skew of a picture, within 7 degrees to each side; 0 where no angle stands out.

    The right turn is the one at which the rows of the picture differ most in ink (Postl 1986, the projection
    profile).
    """
    small = ImageOps.invert(image.resize((_SCORED_WIDTH, max(1, image.height * _SCORED_WIDTH // image.width))))
    best = (_sharp(small, 0.0), 0.0)
    level = best[0]
    for step, reach in ((0.5, _STEEPEST), (0.1, 0.4)):
        middle, ways = best[1], range(-round(reach / step), round(reach / step) + 1)
        best = max(best, *((_sharp(small, middle + way * step), middle + way * step) for way in ways))
    return Skew(best[1], best[0]) if abs(best[1]) >= 0.2 and best[0] > 1.05 * level else Skew(0.0, level)


def _sharp(ink: Image.Image, angle: float) -> float:
    """Return how much the ink of neighbouring rows differs when the picture is turned by `angle`."""
    turned = ink.rotate(angle, Image.Resampling.BILINEAR, fillcolor=0) if angle else ink
    column = turned.convert("F").resize((1, ink.height), Image.Resampling.BOX)
    rows: list[float] = [column.getpixel((0, row)) for row in range(ink.height)]  # type: ignore[misc]
    return sum((above - below) ** 2 for above, below in itertools.pairwise(rows)) / len(rows)


def smoothed(picture: PagePicture) -> PagePicture:
    """Return a picture that is full of noise without most of it, and any other as it is."""
    if not is_noisy(picture.image):
        return picture
    return picture._replace(image=picture.image.filter(_MEDIAN).filter(ImageFilter.GaussianBlur(0.7)))


def is_noisy(image: Image.Image) -> bool:
    """Say whether a picture is full of noise, in its middle at least."""
    return _noisiness(image) >= _NOISY


def _noisiness(image: Image.Image) -> float:
    """Return by how many shades the pixels in the picture's middle differ from their neighbours."""
    across, down = min(image.width, 600) // 2, min(image.height, 600) // 2
    middle = image.width // 2, image.height // 2
    part = image.crop((middle[0] - across, middle[1] - down, middle[0] + across, middle[1] + down))
    return ImageStat.Stat(ImageChops.difference(part, part.filter(_MEDIAN))).mean[0] if across and down else 0.0


def straightened(picture: PagePicture, askew: Skew) -> PagePicture:
    """Return the picture with its lines of text level."""
    if not askew.angle:
        return picture
    return picture._replace(image=picture.image.rotate(askew.angle, Image.Resampling.BICUBIC, fillcolor=255))


def turned(picture: PagePicture, degrees: int) -> PagePicture:
    """Return the picture turned clockwise by 0, 90, 180 or 270 degrees."""
    if not degrees:
        return picture
    turns = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    return picture._replace(image=picture.image.transpose(turns[degrees]))
