"""Reads the facts on the cover of a privacy impact assessment, as they are printed; what isn't there is no fact."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipelines.text.cleaning import clean_line
from pipelines.text.contacts import without_contacts
from pipelines.text.reading import Fact, OutlineEntry, TextPage

_KIND = re.compile(
    r"(?P<kind>privacy (?:impact assessment|threshold (?:analysis|assessment))(?: update)?(?: \((?:PIA|PTA)\))?)"
    r"(?: update)?(?P<for> for(?: the)?\b)?(?P<title>.{0,200})",
    re.IGNORECASE,
)
_FOR = re.compile(r"for(?: the)?\b(?P<title>.{0,200})", re.IGNORECASE)
_SLASH, _DASH = r"\s?[/–-]\s?", r"\s?[-–—/]?\s?"
_NUMBER = re.compile(
    rf"\bDHS{_SLASH}(?P<component>[A-Z][A-Z-]{{1,9}}(?:/[A-Z][A-Z-]{{1,11}})?){_SLASH}P[IT]A{_DASH}"
    r"[0-9]{3}(?:\s?\([a-z]{1,2}\))?"
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = rf"{_MONTH} (?:[0-9]{{1,2}}, ?)?[0-9]{{4}}|[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}"
_DATE = re.compile(rf"(?:(?:date|date approved|approval date)\s?:\s?)?(?P<date>{_DAY})", re.IGNORECASE)
_CONTACT = re.compile(r"(?:point of contact|contact (?:point|official))s?\s?:?(?P<rest>\s.{0,150})?", re.IGNORECASE)
_REVIEWING = re.compile(r"(?:reviewing|approving) officials?\s?:?(?P<rest>\s.{0,150})?", re.IGNORECASE)
_APPROVAL = re.compile(r"approval signatures?(?: page)?\s?:?", re.IGNORECASE)
_DEPARTMENT = "department of homeland security"
_OTHER_LABEL = re.compile(rf"responsible officials?\b.*|{_DEPARTMENT}|page\s?[0-9]{{1,3}}", re.IGNORECASE)
# Where somebody's office is: a street, a room, a postal code.
_ADDRESS = re.compile(
    r"[0-9].{0,40}\b(?:street|avenue|drive|road|boulevard|plaza|suite|ave|st|s\.?w|n\.?w)\b|\b[A-Z]{2}\.? [0-9]{5}\b"
    r"|\b(?:mail ?stop|p\.?\s?o\.? box|room [0-9])",
    re.IGNORECASE,
)
_UNSIGNED = re.compile(r"[_\W]*|.*\b(?:signed|signature)\b.*", re.IGNORECASE)
_LONGEST_ON_COVER = 200
_FIRST_LINES, _MOST_OF_TITLE, _MOST_OF_BLOCK, _LAST_PAGES = 12, 7, 5, 4


class _Cover(NamedTuple):
    """The page, the words that say what it is, the lines after them, and those that begin with the title."""

    page: int
    kind: str
    lines: list[str]
    titled: list[str]


def cover_facts(pages: Sequence[TextPage]) -> tuple[Fact, ...]:
    """Return "kind", "number", "component", "title", "date", "contact" and "reviewing-official", as far as printed.

    Only of a document that says that it is a privacy impact assessment or a privacy threshold analysis: a line
    among the first twelve of its first page with text says nothing else but that ("Privacy Impact Assessment Update
    for the …"), and on the same page stand a number (DHS/ICE/PIA-039), the word "for" after that line, or one of the
    labels "Contact Point" and "Reviewing Official". Others have no facts here. Where the cover names no officials,
    those under "Contact Official" and "Approval Signature" on the last four pages are taken. Telephone numbers,
    e-mail and postal addresses are left out.
    """
    cover = _find_cover(pages)
    if cover is None:
        return ()
    found = [Fact("kind", cover.kind, cover.page)]
    if number := _number(cover.lines):
        component = re.sub(r"\s", "", number["component"])
        found += [Fact("number", clean_line(number[0], 60), cover.page), Fact("component", component, cover.page)]
    if title := _title(cover.titled):
        found.append(Fact("title", title, cover.page))
    if dates := [match["date"] for line in cover.lines if (match := _DATE.fullmatch(line))]:
        found.append(Fact("date", dates[0], cover.page))
    for name, on_cover, at_end in (("contact", _CONTACT, _CONTACT), ("reviewing-official", _REVIEWING, _APPROVAL)):
        if official := _official(cover.lines, on_cover):
            found.append(Fact(name, official, cover.page))
        else:
            found += _at_end(pages, name, at_end)[:1]
    return tuple(found)


def without_cover(outline: Sequence[OutlineEntry], pages: Sequence[TextPage]) -> tuple[OutlineEntry, ...]:
    """Return an outline without what stands in large letters on a cover that is nothing else: it heads no section."""
    cover = _find_cover(pages)
    if cover is None or any(
        part.kind == "text" and part.end - part.start > _LONGEST_ON_COVER for part in pages[cover.page - 1].parts
    ):
        return tuple(outline)
    return tuple(entry for entry in outline if entry.number or entry.page != cover.page)


def _find_cover(pages: Sequence[TextPage]) -> _Cover | None:
    page = next((page for page in pages[:2] if page.text.strip()), None)
    if page is None:
        return None
    lines = [clean_line(line, 300) for line in page.text[:20_000].split("\n") if line.strip()]
    for place, line in enumerate(lines[:_FIRST_LINES]):
        match = _KIND.fullmatch(line)
        if not match or (match["title"].strip() and not match["for"]):
            continue
        rest, titled = lines[place + 1 :], list[str]()
        if match["for"]:
            titled = [match["title"].strip(), *rest]
        elif rest and (begun := _FOR.fullmatch(rest[0])):
            titled = [begun["title"].strip(), *rest[1:]]
        labelled = any(pattern.fullmatch(other) for other in rest for pattern in (_CONTACT, _REVIEWING))
        if titled or labelled or _number(lines):
            return _Cover(page.number, line[: match.start("for")].strip() if match["for"] else line, rest, titled)
    return None


def _number(lines: Sequence[str]) -> re.Match[str] | None:
    """Return the first number, which may be broken at a line's end."""
    for place, line in enumerate(lines):
        if match := _NUMBER.search(line) or _NUMBER.search(" ".join(lines[place : place + 2])):
            return match
    return None


def _title(titled: Sequence[str]) -> str:
    """Return the lines up to the next fact, "" where none follows: then the title's end can't be told."""
    words: list[str] = []
    for place, line in enumerate(titled[: _MOST_OF_TITLE + 1]):
        if _NUMBER.search(line) or _NUMBER.match(" ".join(titled[place : place + 2])) or _is_label(line):
            return clean_line(" ".join(words), 300)
        if re.fullmatch(r"DHS Reference No\b.*", line, re.IGNORECASE):
            return clean_line(" ".join(words), 300)
        words += [line] if line else []
    return ""


def _is_label(line: str) -> bool:
    return any(pattern.fullmatch(line) for pattern in (_DATE, _CONTACT, _REVIEWING, _APPROVAL, _OTHER_LABEL))


def _official(lines: Sequence[str], label: re.Pattern[str]) -> str:
    """Return the lines under a label, with commas between them, up to the next label or a way to reach somebody."""
    for place, line in enumerate(lines):
        if match := label.fullmatch(line):
            rest = (match.groupdict().get("rest") or "").strip()
            block = list(_iter_block([rest, *lines[place + 1 :]]))
            # A single word is the end of the line above ("… Citizenship and Immigration / Services").
            pieces = (piece if " " not in piece else f", {piece}" for piece in block[1:])
            return clean_line(" ".join([*block[:1], *pieces]).replace(" , ", ", "), 500)
    return ""


def _iter_block(lines: Sequence[str]) -> Iterator[str]:
    given = 0
    for line in lines:
        kept = without_contacts(line)
        if given == _MOST_OF_BLOCK or (given and _UNSIGNED.fullmatch(line)):
            return
        if _NUMBER.search(line) or (_is_label(line) and line.casefold() != _DEPARTMENT):
            return
        if kept and not _ADDRESS.search(kept) and not _UNSIGNED.fullmatch(kept):
            given += 1
            yield kept.rstrip(",;")
        if kept != line:
            return


def _at_end(pages: Sequence[TextPage], name: str, label: re.Pattern[str]) -> list[Fact]:
    for page in pages[1:][-_LAST_PAGES:]:
        aside = [part for part in page.parts if part.kind in ("header", "footer", "note", "side-note")]
        text = page.text[:200_000]
        for part in reversed(aside):
            text = text[: part.start] + "\n" + text[part.end :]
        lines = [clean_line(line, 300) for line in text.split("\n") if line.strip()]
        if official := _official(lines, label):
            return [Fact(name, official, page.number)]
    return []
