"""RapidOCR (PP-OCR's models on onnxruntime, all in wheels: the extra `ocr`) as an engine of OCR."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from typing import Any

import cv2
import numpy
from PIL import Image
from rapidocr import RapidOCR

from pipelines.text.ocr_words import ScanWord

_SETTINGS = {
    "Global.log_level": "critical",
    "Global.return_word_box": True,
    "Global.text_score": 0.0,
    # Pages are turned and straightened before they come here.
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class Rapid:
    """The loaded models. Raises ImportError where the extra isn't installed."""

    def __init__(self) -> None:
        self.name = f"rapidocr {importlib.metadata.version('rapidocr')}"
        cv2.setNumThreads(1)
        self._engine: Any = RapidOCR(params=_SETTINGS)

    def read(self, image: Image.Image, dpi: float) -> list[ScanWord]:
        """Return the words of a picture in 256 greys; `dpi` is not asked for."""
        found = self._engine(numpy.array(image.convert("RGB")))
        return list(_words(found.word_results or ()))


def _words(lines: Any) -> Iterator[ScanWord]:
    for number, line in enumerate(lines, 1):
        for text, sure, corners in line:
            if text and text.strip():
                across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
                box = (min(across), min(down), max(across), max(down))
                yield ScanWord(text.strip(), *box, number, min(1.0, max(0.0, float(sure))))
