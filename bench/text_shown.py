"""Shows where the reading of a class of documents goes wrong, and pins how well ours does now."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.closeness import Read, Scores, quotations_found, score, true_words, words_in
from bench.documents import CLASSES, documents
from bench.text_readers import given, read_by
from bench.truth import Document
from pipelines.text.pdf import read_pdf

PINS = Path(__file__).parent.parent / "tests" / "text_quality.tsv"
SHOWN = 12


def our_scores(name: str) -> Scores:
    """Return how our reader does on the small sample of a class that the pins are made from."""
    return sum((score(one, _read(one)) for one in documents([name])), Scores())


def _read(document: Document) -> Read:
    pages, flow = given(read_pdf(document.pdf))
    return Read("\f".join(pages), flow)


def pin() -> None:
    """Write today's scores of every class as what no later change may fall below."""
    lines = ["class\t" + "\t".join(Scores().shares())]
    for name in CLASSES:
        shares = our_scores(name).shares()
        lines.append(f"{name}\t" + "\t".join(f"{share:.5f}" for share in shares.values()))
    PINS.write_text("\n".join(lines) + "\n", "utf-8")


def pinned() -> dict[str, dict[str, float]]:
    """Return the pins: of each class, the shares by their names."""
    head, *rows = (line.split("\t") for line in PINS.read_text("utf-8").splitlines())
    return {row[0]: dict(zip(head[1:], map(float, row[1:]), strict=True)) for row in rows}


def show(name: str, reader: str, command: str) -> Iterator[str]:
    """Yield lines that say what a reader made wrong of the documents of a class, and where a copy of each lies."""
    for document in documents([name]):
        path = Path(tempfile.gettempdir()) / f"bench-text-{name}.pdf"
        path.write_bytes(document.pdf)
        answer = read_by(reader, command, [path]).files[0]
        read = Read(answer.text, answer.flow)
        yield f"{path} by {reader} {answer.problem}"
        shares = score(document, read).shares()
        yield f"{name}: " + ", ".join(f"{what} {share:.4f}" for what, share in shares.items())
        true, got = true_words(document), words_in(read.text)
        yield from _words("lost", true, Counter(true) - Counter(got))
        yield from _words("invented", got, Counter(got) - Counter(true))
        running = [word.text for paragraph in document.paragraphs for word in paragraph]
        marks = [word.mark for paragraph in document.paragraphs for word in paragraph if word.mark]
        flow = words_in(read.flow)
        yield from _words("lost from the running text", running, Counter(running) - Counter(flow))
        yield from _words("no running text", flow, Counter(flow) - Counter(running + marks))
        yield from _quotations(document, read)


def _words(what: str, words: list[str], wrong: Counter[str]) -> Iterator[str]:
    """Yield the first words that went wrong, each with its neighbours."""
    yield f"\n{what}: {wrong.total()} words"
    shown = 0
    for index in reversed(range(len(words))):
        if wrong[words[index]] > 0:
            wrong[words[index]] -= 1
            if (shown := shown + 1) <= SHOWN:
                before, after = words[max(0, index - 4) : index], words[index + 1 : index + 5]
                yield f"  … {' '.join(before)} >>{words[index]}<< {' '.join(after)} …"


def _quotations(document: Document, read: Read) -> Iterator[str]:
    missed = [quotation for quotation, found in quotations_found(document, read) if not found]
    for where, texts in (("inside", read.text), ("columns", read.flow), ("pages", read.flow)):
        ones = [one for one in missed if one.where == where]
        yield f"\nquotations not found, {where}: {len(ones)}"
        for one in ones[: SHOWN * 6 : 6]:
            yield f"  wanted: {one.forms[0]}"
            yield f"  stands: {_near(one.forms[0], texts)}"


def _near(quotation: str, text: str) -> str:
    """Return what the text has where the quotation's first words stand, or else its last."""
    flat = " ".join(text.split())
    words = quotation.split()
    for count in (4, 3, 2):
        for part, before, after in ((words[:count], 0, 90), (words[-count:], 70, 20)):
            if found := re.search(rf"(?<!\S){re.escape(' '.join(part))}(?!\S)", flat):
                return f"… {flat[max(0, found.start() - before) : found.end() + after]} …"
    return "(none of it)"
