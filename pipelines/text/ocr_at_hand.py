"""Tells whether an engine of OCR is installed, without loading one."""

from __future__ import annotations

import importlib.util
import shutil


def ocr_at_hand() -> bool:
    """Say whether scanned pages can be read: by Tesseract, or by the extra `ocr`."""
    needs = ("rapidocr", "onnxruntime")
    return shutil.which("tesseract") is not None or all(importlib.util.find_spec(name) for name in needs)
