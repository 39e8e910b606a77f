"""Reads procurement records: each field is mapped, out of scope by name, or reported; it knows no site."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipelines.items import NOTICE_FIELDS, Notice, Problem
from spiders._platform import printed
from spiders._records import read_csv

NOTICE_ID = "notice_id"
_MOST_NAMED = 50  # columns that nobody knows; the rest is counted
# fmt: off
HTML_TAGS = frozenset([
    "A", "ABBR", "ADDRESS", "B", "BIG", "BLOCKQUOTE", "BODY", "BR", "CENTER", "CODE", "COL", "COLGROUP", "DD", "DEL",
    "DIR", "DIV", "DL", "DT", "EM", "FONT", "FORM", "H", "HEAD", "HR", "HTML", "I", "IMG", "INS", "LI", "META", "NOBR",
    "OL", "P", "PRE", "S", "SECTION", "SMALL", "SPAN", "STRIKE", "STRONG", "STYLE", "SUB", "SUP", "TABLE", "TBODY",
    "TD", "TFOOT", "TH", "THEAD", "TR", "TT", "U", "UL", "H1", "H2", "H3", "H4", "H5", "H6",
])
# fmt: on
_TAGS = re.compile(rf"</?({'|'.join(sorted(HTML_TAGS, key=len, reverse=True))})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_WITHIN_A_LINE = frozenset(
    [
        "A",
        "ABBR",
        "B",
        "BIG",
        "CODE",
        "DEL",
        "EM",
        "FONT",
        "I",
        "INS",
        "NOBR",
        "S",
        "SMALL",
        "SPAN",
        "STRIKE",
        "STRONG",
        "SUB",
        "SUP",
        "TT",
        "U",
    ]
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def plain_text(fragment: str) -> str:
    """Return the words of a fragment of HTML, line by line; what is no tag and no entity of HTML stays as it is."""
    broken = _TAGS.sub(lambda tag: "" if tag[1].upper() in _WITHIN_A_LINE else "\n", fragment)
    shown = _ENTITY.sub(lambda entity: html.unescape(entity[0]), broken)
    lines = (" ".join(line.split()) for line in shown.splitlines())
    return "\n".join(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one publication of records names its fields.

    `fields` maps printed names to `notice_id` and NOTICE_FIELDS; several names may share a field, and their values
    are then joined in this order. Names in `out_of_scope` (and what lies below them) are left out on purpose.
    """

    fields: Mapping[str, str]
    out_of_scope: Sequence[str] = ()

    def __post_init__(self) -> None:
        if unknown := set(self.fields.values()) - {*NOTICE_FIELDS, NOTICE_ID}:
            raise ValueError(f"not among NOTICE_FIELDS: {sorted(unknown)}")

    def unmapped(self, names: Iterable[str]) -> list[str]:
        """Return the names that are neither mapped, nor out of scope, nor only hold such."""
        return [name for name in names if name not in self.fields and not self._leaves_out(name)]

    def _leaves_out(self, name: str) -> bool:
        below = any(name == out or name.startswith((f"{out}.", f"{out}[]")) for out in self.out_of_scope)
        return below or any(known.startswith((f"{name}.", f"{name}[]")) for known in self.fields)

    def record(self, values: Iterable[tuple[str, object]]) -> dict[str, str]:
        """Return a record's values, as printed, under the names of NOTICE_FIELDS; what is empty is left out."""
        held: dict[str, list[object]] = {}
        for name, value in values:
            held.setdefault(name, []).append(value)
        return joined((field, value) for name, field in self.fields.items() for value in held.get(name, ()))


def joined(values: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return each field with its values, each once, in order; an organization's codes are joined as SAM.gov does."""
    said: dict[str, dict[str, None]] = {}
    for field, value in values:
        if text := printed(value):
            said.setdefault(field, {})[text] = None
    return {name: ("." if name == "organization_code" else ", ").join(texts) for name, texts in said.items()}


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield the single values inside a JSON value, in order, under dotted names: "award.number", "naicsCodes[]"."""
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, None if isinstance(value, dict | list) else value


@dataclass(frozen=True, slots=True)
class Read:
    """One record of a response: where it stood, what it says, its attachments, the names that nobody knows."""

    place: str
    record: Mapping[str, str]
    attachments: tuple[str, ...] = ()
    unmapped: Sequence[str] = ()
    links_dropped: int = 0


def read_table(
    body: bytes, layouts: Mapping[str, Layout], record_starts: re.Pattern[str], where: str
) -> Iterator[Read | Problem]:
    """Read a CSV file whose layout is told by a column that it must have (`layouts`).

    What can't be told apart is one `malformed-csv`; a file with no record at all is an `empty-listing`.
    """
    rows = read_csv(body, record_starts)
    _, header = next(rows, (0, ""))
    layout = next((layouts[name] for name in header if name in layouts), None)
    if layout is None or isinstance(header, str):
        yield Problem("layout-changed", where, "the first line doesn't name the known columns")
        return
    unmapped = layout.unmapped(header)
    yield from (Problem("unmapped-field", name[:100], "a column") for name in unmapped[:_MOST_NAMED])
    if unmapped[_MOST_NAMED:]:
        yield Problem("unmapped-field", "columns", f"{len(unmapped) - _MOST_NAMED} more")
    missing = {*layout.fields, *layout.out_of_scope}.difference(header)
    yield from (Problem("missing-field", name, "a column") for name in sorted(missing))
    columns = [(field, header.index(name)) for name, field in layout.fields.items() if name in header]
    broken: list[str] = []
    rejected = number = 0
    for number, row in rows:
        if isinstance(row, list) and len(row) == len(header) and row != header:
            yield Read(f"row {number}", joined((field, row[column]) for field, column in columns if row[column]))
        else:
            told = row if isinstance(row, str) else "the header again" if row == header else f"{len(row)} fields"
            rejected += 1
            broken += [f"row {number}: {told}"] if rejected <= 5 else []
    if rejected:
        yield Problem("malformed-csv", where, f"{rejected} records: " + "; ".join(broken))
    elif not number:
        yield Problem("empty-listing", where, "a header and no record")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records are collected: those of one of the agencies, and of the codes and keywords, where there are any.

    An agency is a code ("070", "070.7012": that one and all below it) or a name, whose words must all stand in the
    name of the department, the sub-tier or the office, in any order. Codes of NAICS and PSC stand for all that begin
    with them. A keyword is looked for as a whole word, in any case.
    """

    agencies: tuple[str, ...] = ()
    naics: tuple[str, ...] = ()
    psc: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    def holds(self, record: Mapping[str, str]) -> bool:
        """Say whether a record, under the names of NOTICE_FIELDS, is in scope."""
        of_agency = not self.agencies or any(_is_of(agency, record) for agency in self.agencies)
        codes = ((self.naics, "naics"), (self.psc, "psc"))
        return (
            of_agency and all(_begins(given, record.get(name, "")) for given, name in codes) and self._is_told(record)
        )

    def _is_told(self, record: Mapping[str, str]) -> bool:
        told = _folded(f"{record.get('title', '')} {record.get('description', '')}") if self.keywords else ""
        return not self.keywords or any(f" {_folded(word)} " in f" {told} " for word in self.keywords)


def is_code(agency: str) -> bool:
    """Say whether an agency is told by its code, as SAM.gov has them: digits and capitals, with full stops between."""
    return re.fullmatch(r"[0-9]{2,4}(?:\.[0-9A-Z]+)*", agency) is not None


def _is_of(agency: str, record: Mapping[str, str]) -> bool:
    if is_code(agency):
        # Spreadsheets take the zeros off "070".
        code = record.get("organization_code", "").lstrip("0")
        return f"{code}.".startswith(f"{agency.lstrip('0')}.")
    wanted = _words(agency)
    return any(wanted <= _words(record.get(name, "")) for name in ("department", "sub_tier", "office"))


@lru_cache(maxsize=1 << 12)
def _words(name: str) -> frozenset[str]:
    return frozenset(_folded(name).split()) - {"of", "the", "and"}


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _begins(given: Sequence[str], codes: str) -> bool:
    return not given or any(code.startswith(tuple(given)) for code in re.findall(r"[0-9A-Z]+", codes))


_AMOUNT = re.compile(r"[(-]?\s?\$?\s?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\)?")


def notices(
    read: Iterable[Read | Problem],
    where: str,
    types: frozenset[str],
    is_wanted: Callable[[Mapping[str, str]], bool],
    amended: bool = False,
) -> Iterator[Notice | Problem]:
    """Yield the wanted records as notices, and one problem for each kind of oddity, with its count.

    Problems among what was read are handed on. With `amended`, several records of one id are no oddity: each tells
    what became of the notice.
    """
    held: dict[str, Notice] = {}
    odd: Counter[tuple[str, str]] = Counter()
    for said in read:
        if isinstance(said, Problem):
            yield said
            continue
        odd.update(("unmapped-field", name) for name in set(said.unmapped))
        odd.update({("link-dropped", where): said.links_dropped} if said.links_dropped else {})
        record = dict(said.record)
        notice_id = record.pop(NOTICE_ID, "").lower()
        if not is_wanted(record):
            odd["out-of-scope", where] += 1
        elif not notice_id:
            yield Problem("missing-field", said.place, "without a notice id")
        else:
            notice = Notice(notice_id, record, said.attachments, said.place)
            earlier = held.setdefault(notice_id, notice)
            if earlier is not notice and not amended:
                same = "are the same" if earlier.record == record else "differ"
                yield Problem("duplicate-id", notice_id, f"{earlier.place} and {said.place} {same}")
            odd.update(_odd_values(record, types))
            yield notice
    for (outcome, subject), count in sorted(odd.items()):
        yield Problem(outcome, subject, f"counted {count} times")


def _odd_values(record: Mapping[str, str], types: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name in ("type", "base_type"):
        if record.get(name) and record[name] not in types:
            yield "unknown-value", f"{name}: {record[name]}"
    amount = record.get("award_amount", "")
    if amount and not _AMOUNT.fullmatch(amount):
        yield "invalid-amount", amount[:100]
