"""Compares the engines of OCR on scans whose words are known, and on real ones (`python -m bench.ocr PDF:PAGE`)."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from bench.scans import SPOILINGS, Drawn, Score, bound, drawn, scored, spoilt
from pipelines.text import ocr
from pipelines.text.ocr_picture import DPI, page_picture
from pipelines.text.ocr_words import Engine

PAGES = (drawn(1), drawn(2, columns=2, size=10))


def main(real: list[str]) -> None:
    """Print the share of words read and the processor seconds a page, by scan and by engine."""
    engines = _engines()
    names = list(engines)
    print("| scan | " + " | ".join(f"{name}: read / invented / s a page" for name in names) + " |")
    print("|---|" + "---|" * len(names))
    for how in SPOILINGS:
        cells = []
        bodies = [(page, bound([spoilt(page, how)], how.dots, how.quality)) for page in PAGES]
        for name in names:
            found = [_read(engines[name], body, 1, page) for page, body in bodies]
            cells.append(_cell([score for score, _ in found], [seconds for _, seconds in found]))
        print(f"| {how.name} | " + " | ".join(cells) + " |", flush=True)
    for place in real:
        path, _, number = place.rpartition(":")
        _print_real(engines, Path(path), int(number))


def _engines() -> dict[str, Engine]:
    found: dict[str, Engine] = {}
    for name in ocr.ENGINES:
        try:
            found[name] = ocr.load(name)
        except (ImportError, OSError) as error:
            print(f"{name} is not installed: {error}", file=sys.stderr)
    return found


def _read(engine: Engine, body: bytes, number: int, page: Drawn) -> tuple[Score, float]:
    begun = time.process_time()
    seen = ocr.scanned_page(engine, page_picture(body, number, DPI))
    seconds = time.process_time() - begun
    return scored(page.words, [word.text for word in seen.words]), seconds


def _cell(scores: list[Score], seconds: list[float]) -> str:
    read = sum(score.read for score in scores) / len(scores)
    invented = sum(score.invented for score in scores) / len(scores)
    return f"{read:.3f} / {invented:.3f} / {sum(seconds) / len(seconds):.1f}"


def _print_real(engines: dict[str, Engine], path: Path, number: int) -> None:
    """Print how sure each engine is of a real page, and how much of what it reads the others read as well."""
    picture = page_picture(path.read_bytes(), number)
    seen, cells = {}, []
    for name, engine in engines.items():
        begun = time.process_time()
        seen[name] = ocr.scanned_page(engine, picture), time.process_time() - begun
    for name, (page, seconds) in seen.items():
        words = Counter(word.text for word in page.words)
        others = Counter(word.text for other in seen if other != name for word in seen[other][0].words)
        sure = sum(page.sure) / max(1, len(page.sure))
        shared = (words & others).total() / max(1, words.total())
        cells.append(f"{words.total()} words, sure {sure:.3f}, shared {shared:.3f}, {seconds:.1f} s, turn {page.turn}")
    print(f"| {path.name} {number} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
