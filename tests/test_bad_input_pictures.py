"""Pictures (HT-14): nothing decodes one, none is taken for what a source reads, and the site serves none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pipelines.screening import content_kind, screen
from tests.conftest import ROOT
from tests.figures import figure

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\x00\x00\x00"
PICTURES = {
    "pixel flood": PNG,
    "100,000 chunks": PNG + b"\x00\x00\x00\x00tEXt\x00\x00\x00\x00" * 100_000,
    "100,000 frames": b"GIF89a\xff\xff\xff\xff\x80\x00\x00" + b"\x2c" + b"\x00" * 9 * 100_000,
    "100,000 directories": b"II*\x00\x08\x00\x00\x00" + b"\x00\x00\x08\x00\x00\x00" * 100_000,
    "GIF that is a script": b"GIF89a=1/*" + b"\x00" * 20 + b"*/;alert(1)",
    "GIF that is a page": b"GIF89a<html><body><script>alert(1)</script></body></html>",
    "JPEG that is a page": b"\xff\xd8\xff\xe0<html><body><script>alert(1)</script></body></html>",
    "PNG that is a PDF": PNG + b"%PDF-1.7\n",
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("accepted", ["html", "pdf", "json", "csv", "xml"])
def test_a_picture_is_read_as_nothing_else(name: str, accepted: str) -> None:
    assert content_kind(PICTURES[name]) == "image"
    found = screen(200, "text/html", PICTURES[name], {accepted})
    assert found is not None
    assert found.outcome == "wrong-media-type"


def test_a_drawing_with_a_script_is_no_page() -> None:
    assert content_kind(SVG) == "xml"
    assert screen(200, "text/html", SVG, {"html"}) is not None


def test_pictures_are_decoded_for_ocr_and_drawn_pages_alone_and_in_their_workers() -> None:
    decoders = {"PIL", "cv2", "imageio", "skimage", "cairosvg", "pytesseract", "pypdfium2", "rapidocr"}
    files = [file for name in ("archive", "pipelines", "spiders") for file in (ROOT / name).rglob("*.py")]
    decoding = {file.relative_to(ROOT).as_posix() for file in files if _imported(file) & decoders}
    figure("HT-14", pictures=len(PICTURES) + 1, decoding=len(decoding), modules=len(files))
    assert len(files) > 100
    assert all(name.startswith(_WORKERS) for name in decoding)
    loading = {file.relative_to(ROOT).as_posix() for file in files if _imported(file, whole=True) & _DECODING}
    assert all(name.startswith(_WORKERS) for name in loading)


# Where pictures are read, and pages drawn; each is loaded by processes that end on their own.
_WORKERS = ("pipelines/text/ocr", "pipelines/text/page_picture", "pipelines/text/picture_worker")
_DECODING = {
    "pipelines.text.page_picture",
    "pipelines.text.ocr",
    "pipelines.text.ocr_picture",
    "pipelines.text.ocr_tesseract",
    "pipelines.text.ocr_rapid",
}


def _imported(file: Path, *, whole: bool = False) -> set[str]:
    """Return what a module imports by statement (the worker imports what it is asked for, by its name)."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found if whole else {name.partition(".")[0] for name in found}
