"""Compares our article reader with trafilatura's own settings on the public article-extraction benchmark.

`python -m bench.articles FOLDER`, where FOLDER holds that benchmark (scrapinghub/article-extraction-benchmark:
ground-truth.json, html/*.html.gz, evaluate.py). It stays outside the project, and its own scorer is what scores.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import importlib.util
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import trafilatura

from pipelines.text.html import read_article

Read = Callable[[bytes], str]


def ours(body: bytes) -> str:
    """Return the article's text, without its headline."""
    return "\n\n".join(page.text for page in read_article(body).pages)


def _trafilatura(precision: bool = False, recall: bool = False, fast: bool = False) -> Read:
    return lambda body: (
        trafilatura.extract(body, include_comments=False, favor_precision=precision, favor_recall=recall, fast=fast)
        or ""
    )


def readers() -> dict[str, Read]:
    """Return all that is compared: ours, trafilatura with each of its settings."""
    return {
        "ours": ours,
        "trafilatura, precision": _trafilatura(precision=True),
        "trafilatura, fast": _trafilatura(fast=True),
        "trafilatura": _trafilatura(),
        "trafilatura, recall": _trafilatura(recall=True),
        "trafilatura, baseline": lambda body: str(trafilatura.baseline(body)[1]),
        "trafilatura, html2txt": lambda body: str(trafilatura.html2txt(body)),
    }


def load(folder: Path) -> tuple[Any, Mapping[str, Mapping[str, str]], dict[str, bytes]]:
    """Return the benchmark's scorer, its truth, and its pages by their names. Raises FileNotFoundError."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    pages = {name: gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()) for name in sorted(truth)}
    spec = importlib.util.spec_from_file_location("benchmark_evaluate", folder / "evaluate.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(folder / "evaluate.py")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer, truth, pages


def measure(read: Read, scorer: Any, truth: Mapping[str, Mapping[str, str]], pages: Mapping[str, bytes]) -> list[float]:
    """Return F1, precision, recall, the share of pages that are wholly right, and milliseconds a page."""
    read(next(iter(pages.values())))  # what is loaded at first use isn't measured
    started = time.process_time()
    texts = {name: read(body) for name, body in pages.items()}
    spent = time.process_time() - started
    return [*score(texts, scorer, truth), 1000 * spent / len(pages)]


def score(texts: Mapping[str, str], scorer: Any, truth: Mapping[str, Mapping[str, str]]) -> list[float]:
    """Return F1, precision, recall, and the share of pages that are wholly right."""
    pairs = [(truth[name]["articleBody"], said) for name, said in texts.items()]
    found = scorer.metrics_from_tp_fp_fns([scorer.string_shingle_matching(*pair) for pair in pairs])
    whole = sum(scorer.get_accuracy(*pair) for pair in pairs) / len(pairs)
    return [found["f1"], found["precision"], found["recall"], whole]


def _row(name: str, figures: list[float]) -> str:
    f1, precision, recall, whole, *spent = figures
    return f"{name:24}{f1:8.4f}{precision:11.4f}{recall:8.4f}{whole:7.3f}" + "".join(f"{ms:9.1f}" for ms in spent)


def main(folder: str) -> None:
    """Print one table from one run."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    scorer, truth, pages = load(Path(folder))
    print(f"{len(pages)} pages; trafilatura {importlib.metadata.version('trafilatura')}; ms: this process's own time")
    print(f"{'':24}{'F1':>8}{'precision':>11}{'recall':>8}{'whole':>7}{'ms/page':>9}")
    for name, read in readers().items():
        print(_row(name, measure(read, scorer, truth, pages)), flush=True)
    for file in sorted((Path(folder) / "output").glob("*.json")):
        told, version = scorer.load_prediction(file)
        texts = {name: told.get(name, {}).get("articleBody") or "" for name in pages}
        print(_row(f"* {file.stem} {version}"[:24], score(texts, scorer, truth)))
    print("* as the benchmark keeps its output, where FOLDER has it")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
