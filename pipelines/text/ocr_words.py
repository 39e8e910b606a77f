"""What an engine of OCR saw on a picture, whichever engine it was."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from PIL import Image


class ScanWord(NamedTuple):
    """One word; its box is in pixels from the upper left, `line` numbers the line it stands in as the engine found it,
    `sure` is the engine's confidence in it, 0 to 1."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    line: int
    sure: float


class Engine(Protocol):
    """Something that finds words on a picture whose lines are level; `name` says what it is and its version."""

    name: str

    def read(self, image: Image.Image, dpi: float) -> list[ScanWord]:
        """Return the words of a picture in 256 greys. The same picture gives the same words."""
