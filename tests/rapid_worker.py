"""The worker, with RapidOCR as the only engine of OCR."""

from __future__ import annotations

import sys

from pipelines.text import ocr, worker

if __name__ == "__main__":
    del ocr.ENGINES["tesseract"]
    worker.main(sys.argv[1])
