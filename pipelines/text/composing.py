"""Writes laid-out pages as text with its parts: what runs at the edges, the running text, what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipelines.text.broken_words import Words, joined_lines
from pipelines.text.layout import Block, Line, PageLayout
from pipelines.text.notes import document_size, starts_note, without_notes
from pipelines.text.paragraphs import Paragraph, goes_on, paragraphs_of
from pipelines.text.reading import RUNNING, Part
from pipelines.text.running_heads import Edges, find_edges


class Composed(NamedTuple):
    """A page's text: see TextPage for `parts`, `runs_on`, `also`; `header` and `footer` are the lines at its edges."""

    text: str
    parts: tuple[Part, ...]
    runs_on: str
    also: str
    header: tuple[str, ...]
    footer: tuple[str, ...]


def compose(pages: Sequence[PageLayout]) -> list[Composed]:
    """Return the text of each page of a document, by all of its pages together; time grows with their number."""
    edges = find_edges(pages)
    inner = [_without_edges(page, edge) for page, edge in zip(pages, edges, strict=True)]
    body = document_size(inner)
    words = Words(line.text for page in inner for block in page.blocks for line in block.lines)
    held = [_paragraphs(page, body) for page in inner]
    ends = _page_ends(held, words)
    return [
        _composed(edge, paragraphs, runs_on, words) for edge, paragraphs, runs_on in zip(edges, held, ends, strict=True)
    ]


def _without_edges(page: PageLayout, edges: Edges) -> PageLayout:
    # Lines without a size can be the same as others that stay.
    away = {id(line) for lines in edges for line in lines}
    if not away:
        return page
    kept = (
        block
        if block.kind == "table"
        else block._replace(lines=tuple(line for line in block.lines if id(line) not in away))
        for block in page.blocks
    )
    return page._replace(blocks=tuple(block for block in kept if block.lines))


def _paragraphs(page: PageLayout, body: float) -> list[Paragraph]:
    """Return the page's paragraphs in reading order, those joined that a column's end parts."""
    joined: list[Paragraph] = []
    last = -1
    for block in without_notes(page.blocks, page.rules, body):
        for place, paragraph in enumerate(_of(block, body)):
            runs = _runs(paragraph)
            if place == 0 and last >= 0 and runs and goes_on(joined[last], paragraph):
                joined[last] = joined[last]._replace(lines=joined[last].lines + paragraph.lines, open=paragraph.open)
                continue
            if runs:
                last = len(joined)
            joined.append(paragraph)
    return joined


def _of(block: Block, body: float) -> list[Paragraph]:
    """A note begins at each mark."""
    if block.kind != "note":
        return paragraphs_of(block, body)
    notes: list[list[Line]] = []
    for line in block.lines:
        if not notes or starts_note(line):
            notes.append([])
        notes[-1].append(line)
    return [Paragraph("note", tuple(lines), open=False, fresh=True) for lines in notes]


def _runs(paragraph: Paragraph) -> bool:
    return paragraph.kind in RUNNING


def _page_ends(pages: Sequence[Sequence[Paragraph]], words: Words) -> list[str]:
    """Say for each page how its running text goes on overleaf."""
    running = [[paragraph for paragraph in page if _runs(paragraph)] for page in pages]
    ends = []
    for number, page in enumerate(running):
        after = running[number + 1] if number + 1 < len(running) else []
        if not page or not after or not goes_on(page[-1], after[0]):
            ends.append("")
        else:
            joint = words.join(page[-1].lines[-1].text, after[0].lines[0].text)
            ends.append(" " if joint is None else "=" if joint.hyphened else "-")
    return ends


def _composed(edges: Edges, paragraphs: Sequence[Paragraph], runs_on: str, words: Words) -> Composed:
    text: list[str] = []
    place = 0
    parts: list[Part] = []
    also: list[str] = []
    for kind, lines in _stretches(edges, paragraphs):
        joined, others = joined_lines(lines, words) if kind not in ("header", "footer", "table") else (lines, [])
        cleaned = "\n".join(joined)
        if not cleaned:
            continue
        if text:
            text.append("\n\n")
            place += 2
        parts.append(Part(kind, place, place + len(cleaned)))
        text.append(cleaned)
        place += len(cleaned)
        also += others
    header, footer = (tuple(line.text for line in lines) for lines in edges)
    return Composed("".join(text), tuple(parts), runs_on, " ".join(dict.fromkeys(also)), header, footer)


def _stretches(edges: Edges, paragraphs: Iterable[Paragraph]) -> Iterator[tuple[str, list[str]]]:
    held = [(paragraph.kind, [line.text for line in paragraph.lines]) for paragraph in paragraphs]
    if edges.header:
        yield "header", _level(edges.header)
    yield from (one for one in held if one[0] in RUNNING or one[0] == "table")
    yield from (one for one in held if one[0] == "side-note")
    yield from (one for one in held if one[0] == "note")
    if edges.footer:
        yield "footer", _level(edges.footer)


def _level(lines: Sequence[Line]) -> list[str]:
    """Return the lines of a header or footer, those that are level as one."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.middle):
        if rows and abs(line.middle - rows[-1][0].middle) < 0.4 * max(line.size, rows[-1][0].size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [" ".join(line.text for line in sorted(row, key=lambda one: one.x0)) for row in rows]
