"""A dossier's bytes to its claims, each with its quotations and what is cited for them. A function of its arguments.

It is called in a process that can be killed (archive/dossiers/apart.py): a dossier may be anything. What can't be
understood is named with its line; nothing is dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from archive.dossiers.dossier import (
    MOST_ABSENCES,
    MOST_CITED,
    MOST_CLAIMS,
    MOST_EVIDENCE,
    Asked,
    Claim,
    Dossier,
    Item,
    Odd,
)
from archive.dossiers.outline import ABSENCE, EVIDENCE, Piece, Section, outline
from archive.dossiers.page_text import page_text
from archive.drafts.cited import cites_within
from archive.drafts.draft import (
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_QUOTATIONS,
    Block,
    Cite,
    DraftRefused,
    Quotation,
    Text,
)
from archive.drafts.markdown import read_markdown
from archive.drafts.reading import FEWEST_WORDS, decoded, format_of, quotations_of

_NOTHING = "it has neither a quotation between marks nor a number or address that is known: nothing of it was checked"


def read_dossier(body: bytes, name: str = "", *, shown: bool = False) -> Dossier:
    """Return what is in a dossier; with the page that shows it, where that is asked for. Raises DraftRefused."""
    if len(body) > MOST_BYTES:
        raise DraftRefused("draft-too-large", f"it has more than {MOST_BYTES:,} bytes")
    if format_of(name, body) not in {"md", "txt"}:
        raise DraftRefused("draft-format", "a dossier is Markdown")
    source = decoded(body)
    if len(source) > MOST_CHARACTERS:
        raise DraftRefused("draft-too-large", f"it has more than {MOST_CHARACTERS:,} characters")
    read = _Reading(source).dossier()
    notes = () if _is_unicode(body) else ("It isn't UTF-8: it was read as what Windows writes (Windows-1252).",)
    return replace(read, notes=notes, html=page_text(read) if shown else "")


def _is_unicode(body: bytes) -> bool:
    try:
        body.decode("utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Reading:
    """A dossier while it is read: its sections, the blocks of its text, and what is odd so far."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = read_markdown(source)
        self.begins = [block.places[0] if block.places else 0 for block in self.text.blocks]
        ends = "\n" if "\n" in source else "\r"
        self.ends = [place for place, character in enumerate(source) if character == ends]
        self.odd: list[Odd] = []
        self.counted = 0

    def dossier(self) -> Dossier:
        """Return all of it. Raises DraftRefused for more than is checked."""
        sections = outline(self.source)
        claims: list[Claim] = []
        for at, section in enumerate(sections):
            follows = sections[at + 1] if at + 1 < len(sections) else None
            if section.is_claim and not _is_chapter(section, follows):
                claims.append(self._claim(len(claims) + 1, section))
            else:
                self._outside(section)
            _refuse_more(len(claims), MOST_CLAIMS, "claims")
        self._in_notes()
        title = next((one.title for one in sections if one.level == 1 and one.title), "")
        odd = tuple(sorted(self.odd, key=lambda one: one.line))
        _refuse_more(sum(len(one.absences) for one in claims), MOST_ABSENCES, "absences")
        return Dossier(title, tuple(claims), odd, (), self.source)

    def _claim(self, number: int, section: Section) -> Claim:
        items = [self._item(piece) for piece in section.pieces]
        line = self._line(section.start)
        if not section.title:
            self.odd.append(Odd(line, "its heading has no words"))
        absences = tuple(Asked(self._line(at), _unquoted(query)) for at, query in section.absences)
        named = {name for name, _ in section.fields}
        if EVIDENCE in named and not any(piece.kind == EVIDENCE for piece in section.pieces):
            self.odd.append(Odd(self._field_line(section, EVIDENCE), "nothing stands under “Evidence:”"))
        if ABSENCE in named and not absences:
            self.odd.append(Odd(self._field_line(section, ABSENCE), "“Absence:” says nothing that could be looked for"))
        kept = tuple(item for item in items if item is not None)
        return Claim(number, line, section.level, section.title, section.behind, tuple(section.status), kept, absences)

    def _field_line(self, section: Section, name: str) -> int:
        return self._line(next(at for one, at in section.fields if one == name))

    def _item(self, piece: Piece) -> Item | None:
        listed = piece.kind == EVIDENCE
        blocks = tuple(self._cut(piece.start, piece.end))
        read = quotations_of("md", Text(blocks, self.text.notes), 1 if listed else FEWEST_WORDS)
        line = self._line(piece.start)
        for words, why in read.skipped:
            if listed or "word" not in why:
                self.odd.append(Odd(line, f"“{words[:80]}” wasn't checked: {why}"))
        noted = [self.text.notes[label] for block in blocks for _, label in block.notes if label in self.text.notes]
        cites = cites_within([*_unsaid(blocks, read.quotations), *noted[:MOST_CITED]])
        if not read.quotations and not listed:
            return None
        if not read.quotations and not any(cite.kind != "page" for cite in cites):
            self.odd.append(Odd(line, _NOTHING))
            return None
        if len(cites) > MOST_CITED:
            told = f"it cites {len(cites):,} things, of which the first {MOST_CITED} were looked at"
            self.odd.append(Odd(line, told))
            cites = cites[:MOST_CITED]
        self.counted += max(len(read.quotations), 1)
        _refuse_more(self.counted, MOST_EVIDENCE, "pieces of evidence")
        if read.left_out:
            raise DraftRefused("draft-too-large", f"a piece of evidence has more than {MOST_QUOTATIONS:,} quotations")
        lines = tuple(self._line(max(one.behind - 1, piece.start)) for one in read.quotations)
        return Item(line, tuple(_with_cites(one, cites) for one in read.quotations), lines, cites, piece.end, listed)

    def _outside(self, section: Section) -> None:
        """Name what stands under no claim, and looks as if it should."""
        for name, at in section.fields:
            self.odd.append(Odd(self._line(at), f"“{name.title()}:” stands under no claim's heading (## or ###)"))
        for piece in section.pieces:
            blocks = tuple(self._cut(piece.start, piece.end))
            for one in quotations_of("md", Text(blocks, self.text.notes), FEWEST_WORDS).quotations:
                told = "this quotation stands under no claim's heading (## or ###): it wasn't checked"
                self.odd.append(Odd(self._line(max(one.behind - 1, piece.start)), told))

    def _in_notes(self) -> None:
        for block in self.text.notes.values():
            if block.text and quotations_of("md", Text((replace(block, notes=()),)), FEWEST_WORDS).quotations:
                told = "a quotation in a footnote isn't checked: put it into the claim's evidence"
                self.odd.append(Odd(self._line(block.places[0] if block.places else 0), told))

    def _cut(self, start: int, end: int) -> Iterator[Block]:
        """Yield what of the blocks stands in a stretch of the file."""
        first = max(bisect_right(self.begins, start) - 1, 0)
        for block in self.text.blocks[first : bisect_left(self.begins, end)]:
            low, high = bisect_left(block.places, start), bisect_left(block.places, end)
            if low < high:
                yield _part(block, low, high)

    def _line(self, offset: int) -> int:
        return bisect_left(self.ends, offset) + 1


def _part(block: Block, low: int, high: int) -> Block:
    if (low, high) == (0, len(block.text)):
        return block
    links = tuple((max(start, low) - low, min(end, high) - low, address) for start, end, address in block.links
                  if start < high and end > low)  # fmt: skip
    notes = tuple((place - low, label) for place, label in block.notes if low <= place <= high)
    return Block(block.text[low:high], block.quoted, links, notes, block.places[low:high])


def _unsaid(blocks: Sequence[Block], quotations: Sequence[Quotation]) -> list[Block]:
    """Return blocks without the words that are quoted in them: what these name isn't cited by who quotes them."""
    texts = [block.text for block in blocks]
    for one in quotations:
        text = texts[one.block]
        start, end = one.start, one.end
        if one.shape == "block":
            start = text.find(one.words)
            end = start + len(one.words)
        if 0 <= start < end:
            texts[one.block] = text[:start] + " " * (end - start) + text[end:]
    return [replace(block, text=text) for block, text in zip(blocks, texts, strict=True)]


def _with_cites(quotation: Quotation, cites: Sequence[Cite]) -> Quotation:
    """Return a quotation with what its piece of evidence cites, where nothing nearer to it names a document."""
    if any(cite.kind != "page" for cite in quotation.cites):
        return quotation
    named = [cite for cite in cites if cite.kind != "page"]
    pages = [cite for cite in cites if cite.kind == "page"]
    alone = pages if not quotation.cites and len(named) == 1 and len(pages) == 1 else []
    return replace(quotation, cites=(*quotation.cites, *named, *alone))


def _is_chapter(section: Section, follows: Section | None) -> bool:
    """Tell whether a heading is only one over others: of level 2, with nothing of its own, before one of level 3."""
    own = section.status or section.absences or section.fields
    return section.level == 2 and follows is not None and follows.level == 3 and not own


def _unquoted(query: str) -> str:
    """Return a query without the marks of code around it."""
    query = query.strip()
    return query[1:-1].strip() if len(query) > 2 and query[0] == query[-1] == "`" else query


def _refuse_more(count: int, most: int, what: str) -> None:
    if count > most:
        raise DraftRefused("draft-too-large", f"it has more than {most:,} {what}; make several dossiers of it")
