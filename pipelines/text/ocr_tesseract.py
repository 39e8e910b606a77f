"""Tesseract as an engine of OCR, called as a library in this process: a confined worker may start no program."""

from __future__ import annotations

import atexit
import ctypes
import os
from collections.abc import Iterator

from PIL import Image

from pipelines.text.ocr_words import ScanWord

# Debian, Fedora and Arch; Homebrew.
_LIBRARIES = ("libtesseract.so.5", "libtesseract.so.4", "libtesseract.5.dylib")
_LSTM_ONLY = 1  # The other recogniser learns from page to page: the same page would not read the same twice.
_AUTO = 3


class Tesseract:
    """One loaded recogniser of English. Raises OSError where Tesseract or its model isn't installed."""

    def __init__(self) -> None:
        # Its threads wait for each other by spinning: a page takes five times as long with them.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        self._library = _library()
        self.name = f"tesseract {self._library.TessVersion().decode('ascii', 'replace')}"
        self._handle = self._library.TessBaseAPICreate()
        # Left to the end of the process it complains on standard error.
        atexit.register(self._library.TessBaseAPIDelete, self._handle)
        if self._library.TessBaseAPIInit2(self._handle, None, b"eng", _LSTM_ONLY) != 0:
            raise OSError("Tesseract's English model is missing (Debian package tesseract-ocr-eng)")
        self._library.TessBaseAPISetPageSegMode(self._handle, _AUTO)

    def read(self, image: Image.Image, dpi: float) -> list[ScanWord]:
        """Return the words of a picture in 256 greys. Raises RuntimeError where Tesseract gives up."""
        library, handle = self._library, self._handle
        library.TessBaseAPISetImage(handle, image.tobytes(), image.width, image.height, 1, image.width)
        library.TessBaseAPISetSourceResolution(handle, max(70, round(dpi)))
        try:
            if library.TessBaseAPIRecognize(handle, None) != 0:
                raise RuntimeError("Tesseract gave up")
            table = library.TessBaseAPIGetTsvText(handle, 0)
            if not table:
                raise RuntimeError("Tesseract gave nothing back")
            try:
                return list(_words(ctypes.string_at(table).decode("utf-8", "replace")))
            finally:
                library.TessDeleteText(table)
        finally:
            library.TessBaseAPIClear(handle)


def _words(table: str) -> Iterator[ScanWord]:
    """Read Tesseract's table: level, four counters, the line's number, left, top, width, height, confidence, text."""
    line = 0
    for row in table.splitlines():
        cells = row.split("\t")
        if cells[0] == "4":
            line += 1
        elif cells[0] == "5" and len(cells) == 12 and (text := cells[11].strip()):
            left, top, width, height = (float(cell) for cell in cells[6:10])
            sure = min(1.0, max(0.0, float(cells[10]) / 100))
            yield ScanWord(text, left, top, left + width, top + height, line, sure)


def _library() -> ctypes.CDLL:
    library = next(filter(None, map(_loaded, _LIBRARIES)), None)
    if library is None:
        raise OSError("Tesseract's library is not installed (Debian package tesseract-ocr)")
    handle, number = ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
        ("TessVersion", ctypes.c_char_p, ()),
        ("TessBaseAPICreate", handle, ()),
        ("TessBaseAPIInit2", number, (handle, ctypes.c_char_p, ctypes.c_char_p, number)),
        ("TessBaseAPISetPageSegMode", None, (handle, number)),
        ("TessBaseAPISetImage", None, (handle, ctypes.c_char_p, number, number, number, number)),
        ("TessBaseAPISetSourceResolution", None, (handle, number)),
        ("TessBaseAPIRecognize", number, (handle, ctypes.c_void_p)),
        ("TessBaseAPIGetTsvText", ctypes.c_void_p, (handle, number)),
        ("TessDeleteText", None, (ctypes.c_void_p,)),
        ("TessBaseAPIClear", None, (handle,)),
        ("TessBaseAPIDelete", None, (handle,)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _loaded(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None
