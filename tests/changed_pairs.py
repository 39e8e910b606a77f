"""Pairs of versions with edits that are known: papers made of sentences that mean nothing, and what was done to each.

What is expected is written down where the edit is made, and not by asking what is tested.
"""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from archive.diff.model import PAGE, RECORD, Fact, Page, Side, Table
from bench.sentences import sentence

Words = list[str]
NEVER = ("zebra", "quagga", "okapi", "tapir", "lemur", "ibex", "gnu", "kudu", "oryx", "serval")


@dataclass
class Expected:
    """What a comparison has to say: the real edits as (removed, added) words, and everything else that changed."""

    kind: str = "real"
    edits: list[tuple[str, str]] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)
    passages_moved: int = 0
    cells: list[tuple[str, str]] = field(default_factory=list)
    rows_added: int = 0
    rows_removed: int = 0
    tables: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    why: str = ""


@dataclass
class Paper:
    """A paper as it is written: pages of paragraphs of words, and what stands beside them on each page."""

    pages: list[list[Words]]
    header: str = "Privacy Impact Assessment"
    footer: str = "Page {n} of {all}"
    tables: dict[int, list[Words]] = field(default_factory=dict)
    notes: dict[int, Words] = field(default_factory=dict)
    width: int = 74
    a_page: int = 0  # so many words on each, where the text flows
    offset: int = 0
    broken: int = 0  # each so-manieth word is broken at a line's end
    facts: list[Fact] = field(default_factory=list)
    digest: str = "one"

    def side(self) -> Side:
        """Return the paper as a version."""
        pages = self.set_pages()
        rows = {n: tuple(map(tuple, rows)) for n, rows in self.tables.items()}
        tables = tuple(Table(n, 1, 1, rows[n]) for n in sorted(rows))
        return Side("v", pages=pages, tables=tables, facts=tuple(self.facts), digest=self.digest)

    def set_pages(self) -> tuple[Page, ...]:
        """Return its pages as they are set."""
        pages = list(self._flowing()) if self.a_page else [(one, "") for one in self.pages]
        return tuple(self._set(n, one, on, len(pages)) for n, (one, on) in enumerate(pages, 1))

    def _flowing(self) -> Iterator[tuple[list[Words], str]]:
        page: list[Words] = []
        for paragraph in [one for held in self.pages for one in held]:
            left = list(paragraph)
            while left:
                room = self.a_page - sum(map(len, page))
                page.append(left[:room])
                left = left[room:]
                if left or room <= len(page[-1]):
                    yield page, " " if left else ""
                    page = []
        if page:
            yield page, ""

    def _set(self, number: int, paragraphs: list[Words], runs_on: str, count: int) -> Page:
        pieces = [("header", self.header)] if self.header else []
        pieces += [("text", self._lines(one)) for one in paragraphs]
        if number in self.tables:
            pieces.append(("table", "\n".join("  ".join(row) for row in self.tables[number])))
        if number in self.notes:
            pieces.append(("note", " ".join(self.notes[number])))
        if self.footer:
            pieces.append(("footer", self.footer.format(n=number + self.offset, all=count)))
        text, parts = "", []
        for kind, piece in pieces:
            text += "\n\n" if text else ""
            parts.append((kind, len(text), len(text) + len(piece)))
            text += piece
        return Page(number, text, tuple(parts), runs_on)

    def _lines(self, words: Words) -> str:
        text = "\n".join(textwrap.wrap(" ".join(words), self.width, break_long_words=False, break_on_hyphens=False))
        if not self.broken:
            return text
        held = text.split(" ")
        for place in range(0, len(held), self.broken):
            if held[place].isalpha() and len(held[place]) > 5:
                held[place] = f"{held[place][:3]}-\n{held[place][3:]}"
        return " ".join(held)


def prose(random: Random, words: int) -> Words:
    """Return a paragraph of about so many words."""
    said: Words = []
    while len(said) < words:
        said += [one.text for one in sentence(random)]
    return said


def paper(random: Random, pages: int = 6) -> Paper:
    """Return a paper of some pages, with tables and notes."""
    made = Paper([[prose(random, 45) for _ in range(3)] for _ in range(pages)])
    for number in random.sample(range(1, pages + 1), 2):
        head = ["Year", "Office", "Reads"]
        made.tables[number] = [
            head,
            *([str(2010 + row), f"office{row}", str(random.randrange(1000, 9999))] for row in range(5)),
        ]
    for number in random.sample(range(1, pages + 1), 2):
        made.notes[number] = [str(random.randrange(1, 60)), *prose(random, 12)]
    return made


Made = tuple[Side, Side, Expected]
Edit = Callable[[Random], Made]


def _two(random: Random, **more: int) -> tuple[Paper, Paper]:
    one = paper(random, **more)
    other = copy.deepcopy(one)
    other.digest = "two"
    return one, other


def _place(random: Random, made: Paper, wanted: Callable[[str], bool] = str.isalpha) -> tuple[Words, int]:
    """Return a paragraph, and the place of a word in it that is like neither of its neighbours."""
    while True:
        words = random.choice(random.choice(made.pages))
        places = [n for n in range(2, len(words) - 2) if wanted(words[n]) and len({*words[n - 1 : n + 2]}) == 3]
        if places:
            return words, random.choice(places)


def word_changed(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, other)
    new = random.choice(NEVER)
    expected = Expected(edits=[(words[at], new)])
    words[at] = new
    return one.side(), other.side(), expected


def word_inserted(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, other)
    words.insert(at, new := random.choice(NEVER))
    return one.side(), other.side(), Expected(edits=[("", new)])


def word_deleted(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, other)
    expected = Expected(edits=[(words.pop(at), "")])
    return one.side(), other.side(), expected


def not_inserted(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, other)
    words.insert(at, "not")
    return one.side(), other.side(), Expected(edits=[("", "not")])


def not_deleted(random: Random) -> Made:
    one, other, expected = not_inserted(random)
    return other, one, Expected(edits=[(new, old) for old, new in expected.edits])


def digit_changed(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, one)
    place = next((p, q) for p, page in enumerate(one.pages) for q, held in enumerate(page) if held is words)
    number = str(random.randrange(1000, 9999))
    words[at] = number
    other.pages[place[0]][place[1]][at] = new = f"{number[:2]}{(int(number[2]) + 1) % 10}{number[3:]}"
    return one.side(), other.side(), Expected(edits=[(number, new)])


def date_changed(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, one)
    place = next((p, q) for p, page in enumerate(one.pages) for q, held in enumerate(page) if held is words)
    words[at : at + 1] = ["March", "14,", "2017"]
    other.pages[place[0]][place[1]][at : at + 1] = ["March", "15,", "2017"]
    return one.side(), other.side(), Expected(edits=[("14", "15")])


def case_changed(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, other)
    old, words[at] = words[at], words[at].upper() + "X"
    return one.side(), other.side(), Expected(edits=[(old, words[at])])


def sign_changed(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, other)
    words[at] += ";"
    return one.side(), other.side(), Expected(edits=[("", ";")])


def sentence_inserted(random: Random) -> Made:
    one, other = _two(random)
    words = random.choice(random.choice(other.pages))
    ends = [n for n, word in enumerate(words, 1) if word.endswith(".")]
    at, new = random.choice(ends), [*random.sample(NEVER, 5), "stands", "here."]
    words[at:at] = new
    return one.side(), other.side(), Expected(edits=[("", " ".join(new))])


def sentence_deleted(random: Random) -> Made:
    one, other, expected = sentence_inserted(random)
    return other, one, Expected(edits=[(new, old) for old, new in expected.edits])


def many_words_changed(random: Random) -> Made:
    one, other = _two(random)
    edits: list[tuple[str, str]] = []
    for page in other.pages:
        for words in page:
            if random.random() < 0.5:
                at = random.randrange(3, len(words) - 3)
                new = f"{random.choice(NEVER)}{len(edits)}"
                old, words[at] = words[at], new
                edits.append((old, new))
    kept = [(old, new) for old, new in edits if old.isalpha()]
    if len(kept) != len(edits) or not edits:
        return many_words_changed(random)
    return one.side(), other.side(), Expected(edits=kept)


def page_added(random: Random) -> Made:
    one, other = _two(random)
    at = random.randrange(len(other.pages) + 1)
    new = [[f"{word}x" for word in prose(random, 40)] for _ in range(2)]
    other.pages.insert(at, new)
    for held in (other.tables, other.notes):
        shifted = {n + (n > at): rows for n, rows in held.items()}
        held.clear()
        held.update(shifted)  # type: ignore[arg-type]
    other.footer = one.footer = random.choice(("", "{n}", "Page {n} of {all}"))
    return one.side(), other.side(), Expected(edits=[("", " ".join(new[0] + new[1]))], added=[at + 1])


def page_removed(random: Random) -> Made:
    one, other, expected = page_added(random)
    return other, one, Expected(edits=[(new, old) for old, new in expected.edits], removed=expected.added)


def page_moved(random: Random) -> Made:
    one, other = _two(random)
    one.tables, one.notes, other.tables, other.notes = {}, {}, {}, {}
    start = random.randrange(len(other.pages))
    end = random.choice([place for place in range(len(other.pages)) if abs(place - start) > 1])
    other.pages.insert(end, other.pages.pop(start))
    return one.side(), other.side(), Expected(moved=[(start + 1, end + 1)])


def page_moved_and_word_changed(random: Random) -> Made:
    one, other = _two(random)
    one.tables, one.notes, other.tables, other.notes = {}, {}, {}, {}
    words = other.pages[1][1]
    at = next(n for n in range(20, len(words)) if words[n].isalpha() and len({*words[n - 1 : n + 2]}) == 3)
    old, words[at] = words[at], "zebra"
    other.pages.insert(4, other.pages.pop(1))
    return one.side(), other.side(), Expected(edits=[(old, "zebra")], moved=[(2, 5)])


def page_added_and_word_changed(random: Random) -> Made:
    one, other = _two(random)
    one.tables, one.notes, other.tables, other.notes = {}, {}, {}, {}
    words, at = _place(random, other)
    old, words[at] = words[at], "zebra"
    new = [[f"{word}x" for word in prose(random, 40)]]
    place = random.randrange(1, len(other.pages))
    other.pages.insert(place, new)
    return one.side(), other.side(), Expected(edits=[(old, "zebra"), ("", " ".join(new[0]))], added=[place + 1])


def _flowing(random: Random) -> tuple[Paper, Paper]:
    one, other = _two(random)
    for made in (one, other):
        made.tables, made.notes, made.a_page = {}, {}, 120
    return one, other


def paragraph_inserted(random: Random) -> Made:
    one, other = _flowing(random)
    new = [f"{word}x" for word in prose(random, 30)]
    page = random.choice(other.pages[:-1])
    page.insert(random.randrange(len(page)), new)
    return one.side(), other.side(), Expected(edits=[("", " ".join(new))])


def paragraph_deleted(random: Random) -> Made:
    one, other, expected = paragraph_inserted(random)
    return other, one, Expected(edits=[(new, old) for old, new in expected.edits])


def paragraph_moved(random: Random) -> Made:
    one, other = _two(random)
    one.tables, one.notes, other.tables, other.notes = {}, {}, {}, {}
    start = random.randrange(len(other.pages))
    end = random.choice([place for place in range(len(other.pages)) if place != start])
    moved = other.pages[start].pop(1)
    other.pages[end].insert(1, moved)
    return one.side(), other.side(), Expected(passages_moved=1)


def reflowed(random: Random) -> Made:
    one, other = _flowing(random)
    other.a_page = random.choice((75, 90, 150, 200))
    return one.side(), other.side(), Expected("cosmetic", why="reflow")


def resaved(random: Random) -> Made:
    one, other = _two(random)
    return one.side(), other.side(), Expected("cosmetic", why="re-saved")


def blanks_changed(random: Random) -> Made:
    one, other = _two(random)
    other.width = random.choice((50, 60, 90, 120))
    return one.side(), other.side(), Expected("cosmetic", why="whitespace")


def hyphenated(random: Random) -> Made:
    one, other = _two(random)
    other.broken = random.choice((7, 11, 19))
    return one.side(), other.side(), Expected("cosmetic", why="hyphenation")


def unhyphenated(random: Random) -> Made:
    one, other, expected = hyphenated(random)
    return other, one, expected


def set_otherwise(random: Random) -> Made:
    one, other = _two(random)
    words, at = _place(random, one)
    place = next((p, q) for p, page in enumerate(one.pages) for q, held in enumerate(page) if held is words)
    words[at : at + 2] = ["the", "office's", '"file"', "-", "confidential"]
    other.pages[place[0]][place[1]][at : at + 2] = ["the", "office’s", "“ﬁle”", "–", "conﬁdential"]
    return one.side(), other.side(), Expected("cosmetic", why="typography")


def date_in_footer(random: Random) -> Made:
    one, other = _two(random)
    one.footer, other.footer = random.choice((
        ("January 3, 2018 - {n}", "February 14, 2018 - {n}"), ("Made 1/3/2018 9:15 AM", "Made 12/30/2018 10:01 PM"),
        ("As of 2018-01-03", "As of 2018-02-14"), ("3 January 2018", "14 February 2018"),
    ))  # fmt: skip
    return one.side(), other.side(), Expected("cosmetic", why="date in header or footer")


def numbers_shifted(random: Random) -> Made:
    one, other = _two(random)
    other.offset = random.randrange(1, 9)
    return one.side(), other.side(), Expected("cosmetic", why="page number")


def header_word_changed(random: Random) -> Made:
    one, other = _two(random)
    one.header, other.header = "DRAFT Assessment", "FINAL Assessment"
    return one.side(), other.side(), Expected(edits=[("DRAFT", "FINAL")])


def number_in_header_changed(random: Random) -> Made:
    one, other = _two(random)
    one.header, other.header = "DHS/ICE/PIA-039(a)", "DHS/ICE/PIA-039(b)"
    return one.side(), other.side(), Expected(edits=[("a", "b")])


def note_changed(random: Random) -> Made:
    one, other = _two(random)
    number = random.choice([*other.notes])
    at = 3
    old, other.notes[number][at] = other.notes[number][at].strip(".,"), "zebra"
    one.notes[number][at] = old
    return one.side(), other.side(), Expected(edits=[(old, "zebra")])


def note_read_as_text(random: Random) -> Made:
    one, other = _two(random)
    read = one.side()
    kinds = {"note": "text"}
    pages = tuple(
        replace(page, parts=tuple((kinds.get(kind, kind), start, end) for kind, start, end in page.parts))
        for page in other.side().pages
    )
    return read, replace(read, pages=pages, digest="two"), Expected("cosmetic", why="set apart from the text otherwise")


def cell_changed(random: Random) -> Made:
    one, other = _two(random)
    rows = other.tables[random.choice([*other.tables])]
    row, column = random.randrange(1, len(rows)), random.randrange(3)
    old, rows[row][column] = rows[row][column], str(random.randrange(10_000, 99_999))
    return one.side(), other.side(), Expected(cells=[(old, rows[row][column])])


def row_added(random: Random) -> Made:
    one, other = _two(random)
    rows = other.tables[random.choice([*other.tables])]
    rows.insert(random.randrange(1, len(rows) + 1), ["1999", "zebra", str(random.randrange(10_000, 99_999))])
    return one.side(), other.side(), Expected(rows_added=1)


def row_removed(random: Random) -> Made:
    one, other, _ = row_added(random)
    return other, one, Expected(rows_removed=1)


def column_added(random: Random) -> Made:
    one, other = _two(random)
    rows = other.tables[random.choice([*other.tables])]
    at = random.randrange(4)
    for number, row in enumerate(rows):
        row.insert(at, f"zebra{number}")
    return one.side(), other.side(), Expected(cells=[("", f"zebra{number}") for number in range(len(rows))])


def table_added(random: Random) -> Made:
    one, other = _two(random)
    number = next(n for n in range(1, 7) if n not in other.tables)
    other.tables[number] = [["Zebra", "Okapi"], ["71", "72"], ["73", "74"]]
    return one.side(), other.side(), Expected(tables=["added"])


def table_removed(random: Random) -> Made:
    one, other, _ = table_added(random)
    return other, one, Expected(tables=["removed"])


def signature_gone(random: Random) -> Made:
    one, other = _two(random)
    one.facts = [Fact("number", "DHS/ICE/PIA-039", 1), Fact("signature", "Signed with a certificate")]
    other.facts = one.facts[:1]
    return one.side(), other.side(), Expected(facts=["signature"])


def file_told_otherwise(random: Random) -> Made:
    one, other = _two(random)
    other.facts = [Fact(random.choice(("earlier-revision", "mended", "bytes-after-end")), "512 bytes")]
    return one.side(), other.side(), Expected("cosmetic", why="file")


def _notice(random: Random) -> tuple[dict[str, str], tuple[str, ...]]:
    record = {"title": "Access to plate data", "type": "Solicitation", "response_due": "2018-02-01", "naics": "519190",
              "set_aside": "", "active": "Yes", "description": " ".join(prose(random, 120))}  # fmt: skip
    return record, tuple(f"https://sam.gov/files/{name}.pdf" for name in ("one", "two", "three"))


def _records(
    before: dict[str, str],
    after: dict[str, str],
    old: tuple[str, ...] = (),
    new: tuple[str, ...] = (),
    *,
    terse: bool = False,
) -> tuple[Side, Side]:
    """Return two records as versions; their text prints their fields, as the catalogue's does."""
    made = []
    for name, record, links in (("one", before, old), ("two", after, new)):
        text = "\n".join(f"{key}: {value}" for key, value in record.items() if value)
        made.append(Side(name, RECORD, name, (Page(1, text),), fields=record, links=links, terse=terse))
    return made[0], made[1]


def field_changed(random: Random) -> Made:
    record, links = _notice(random)
    name, new = random.choice(
        (("response_due", "2018-02-08"), ("naics", "541611"), ("active", "No"), ("type", "Award"))
    )
    return *_records(record, {**record, name: new}, links, links), Expected(fields=[name])


def field_added_and_removed(random: Random) -> Made:
    record, links = _notice(random)
    after = {**record, "set_aside": "Small business", "naics": ""}
    return *_records(record, after, links, links), Expected(fields=["naics", "set_aside"])


def description_changed(random: Random) -> Made:
    record, links = _notice(random)
    words = record["description"].split()
    words[random.randrange(3, len(words) - 3)] = "zebra"
    return *_records(record, {**record, "description": " ".join(words)}, links, links), Expected(fields=["description"])


def attachment_added(random: Random) -> Made:
    record, links = _notice(random)
    return *_records(record, record, links, (*links, "https://sam.gov/files/four.pdf")), Expected(links=["added"])


def attachment_removed(random: Random) -> Made:
    record, links = _notice(random)
    kept = tuple(random.sample(links, 2))
    return *_records(record, record, links, kept), Expected(links=["removed"])


def attachment_replaced(random: Random) -> Made:
    record, links = _notice(random)
    new = ("https://sam.gov/amended/one.pdf", *links[1:])
    return *_records(record, record, links, new), Expected(links=["replaced"])


def notice_said_again(random: Random) -> Made:
    record, links = _notice(random)
    after = {**record, "description": record["description"].replace(" ", "\n", 9)}
    return *_records(record, after, links, links), Expected("cosmetic", why="whitespace")


def action_on_award(random: Random) -> Made:
    before = {"modification": "P00001", "obligated": "100.00", "description": "ACCESS TO DATA", "recipient": "A vendor",
              "set_aside": "NONE"}  # fmt: skip
    after = {**before, "modification": "P00002", "obligated": str(random.randrange(1, 10**6)), "set_aside": ""}
    return *_records(before, after, terse=True), Expected(fields=["modification", "obligated"])


def _article(random: Random) -> tuple[list[Words], list[Words]]:
    paragraphs = [prose(random, 30) for _ in range(8)]
    return paragraphs, copy.deepcopy(paragraphs)


def _articles(before: list[Words], after: list[Words]) -> tuple[Side, Side]:
    made = []
    for name, held in (("one", before), ("two", after)):
        text = "\n\n".join(" ".join(words) for words in held)
        made.append(Side(name, PAGE, name, (Page(1, text),), fields={"headline": " ".join(held[0])}))
    return made[0], made[1]


def article_word_changed(random: Random) -> Made:
    before, after = _article(random)
    words = random.choice(after[1:])
    at = next(n for n in range(2, len(words)) if words[n].isalpha())
    old, words[at] = words[at], "zebra"
    return *_articles(before, after), Expected(edits=[(old, "zebra")])


def article_paragraph_added(random: Random) -> Made:
    before, after = _article(random)
    new = [f"{word}x" for word in prose(random, 25)]
    after.insert(random.randrange(1, 8), new)
    return *_articles(before, after), Expected(edits=[("", " ".join(new))])


def headline_changed(random: Random) -> Made:
    before, after = _article(random)
    old, after[0][0] = after[0][0].strip(".,"), "Zebra"
    before[0][0] = old
    return *_articles(before, after), Expected(edits=[(old, "Zebra")], fields=["headline"])


def page_updated(random: Random) -> Made:
    one, other = _articles(*_article(random))
    told = replace(other, facts=(Fact("updated", "2018-01-09T10:00:00Z"),))
    return (
        replace(one, facts=(Fact("updated", "2018-01-08T09:00:00Z"),)),
        told,
        Expected("cosmetic", why="date of the page"),
    )


KINDS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        word_changed, word_inserted, word_deleted, not_inserted, not_deleted, digit_changed, date_changed, case_changed,
        sign_changed, sentence_inserted, sentence_deleted, many_words_changed, page_added, page_removed, page_moved,
        page_added_and_word_changed, paragraph_inserted, paragraph_deleted, paragraph_moved, reflowed, resaved,
        page_moved_and_word_changed,
        blanks_changed, hyphenated, unhyphenated, set_otherwise, date_in_footer, numbers_shifted, header_word_changed,
        number_in_header_changed, note_changed, note_read_as_text, cell_changed, row_added, row_removed, column_added,
        table_added, table_removed, signature_gone, file_told_otherwise, field_changed, field_added_and_removed,
        description_changed, attachment_added, attachment_removed, attachment_replaced, notice_said_again,
        action_on_award, article_word_changed, article_paragraph_added, headline_changed, page_updated,
    )
}  # fmt: skip
