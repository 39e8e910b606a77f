"""Tables and records of procurement: every row is read or rejected and counted, whatever is done to the file."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.items import Notice, Problem
from spiders._notices import Read, Scope, is_code, notices, plain_text, read_table
from spiders._sam_fields import CSV_LAYOUT, LAYOUTS, RECORD_STARTS, TYPES, is_table

COLUMNS = [*CSV_LAYOUT.fields, *CSV_LAYOUT.out_of_scope]
HEADER = ",".join(COLUMNS)


def row(number: int, **said: str) -> str:
    fields = {"NoticeId": f"{number:032x}", "Title": f"LOT {number}", "CGAC": "070", "Description": "Two\nlines"} | said
    return ",".join('"' + fields.get(name, "").replace('"', '""') + '"' for name in COLUMNS)


def whole(count: int = 3) -> list[str]:
    return [HEADER, *(row(number) for number in range(1, count + 1))]


def outcome(body: bytes) -> tuple[int, int, set[str]]:
    """Return how many records were read and rejected, and the names of what was said beside them."""
    said = list(read_table(body, LAYOUTS, RECORD_STARTS, "file"))
    problems = [one for one in said if isinstance(one, Problem)]
    counted = [re.match(r"(\d+) records", one.detail) for one in problems if one.outcome == "malformed-csv"]
    rejected = sum(int(match[1]) for match in counted if match)
    return sum(isinstance(one, Read) for one in said), rejected, {one.outcome for one in problems}


@dataclass(frozen=True)
class Table:
    """A hostile file: its bytes, how many records it has, how many of them are rejected, what is said of it."""

    body: bytes
    records: int
    rejected: int
    named: frozenset[str]


def table(
    lines: list[str], records: int, rejected: int, *named: str, end: str = "\r\n", encoding: str = "utf-8"
) -> Table:
    return Table(end.join([*lines, ""]).encode(encoding), records, rejected, frozenset(named))


def changed(change: Callable[[str], str]) -> list[str]:
    lines = whole()
    return [*lines[:2], change(lines[2]), lines[3]]


BROKEN = "malformed-csv"
HT_09 = {
    "nothing wrong": table(whole(), 3, 0),
    "a quotation mark that isn't closed": table(changed(lambda line: line.replace('LOT 2"', "LOT 2")), 3, 1, BROKEN),
    "one that isn't opened": table(changed(lambda line: line.replace('"LOT 2', "LOT 2")), 3, 0),
    "in the last record": table([*whole(2), row(3)[:-1]], 3, 1, BROKEN),
    "NUL": table(changed(lambda line: line.replace("LOT 2", "LOT \x00 2")), 3, 0),
    "a field of 1 MB": table(changed(lambda line: line.replace("LOT 2", "x" * (1 << 20))), 3, 0),
    "a field of 9 MB": table(changed(lambda line: line.replace("LOT 2", "x" * (9 << 20))), 3, 1, BROKEN),
    "ends of lines: LF": table(whole(), 3, 0, end="\n"),
    "ends of lines: CR": table(whole(), 3, 0, end="\r"),
    "ends of lines mixed": Table(("\n".join(whole(2)) + "\r\n" + row(3) + "\r").encode(), 3, 0, frozenset()),
    "no end of the last line": Table("\n".join(whole()).encode(), 3, 0, frozenset()),
    "empty lines": table([line for one in whole() for line in (one, "", "")], 3, 0),
    "a mark of UTF-8": table(whole(), 3, 0, encoding="utf-8-sig"),
    "a mark of UTF-8 before Windows-1252": Table(
        b"\xef\xbb\xbf" + "\n".join([*whole(2), row(3, Title="caf\xe9")]).encode("latin-1"), 3, 0, frozenset()
    ),
    "UTF-16": table(whole(), 3, 3, "layout-changed", encoding="utf-16"),
    "semicolons": table([line.replace(",", ";") for line in whole()], 3, 3, "layout-changed"),
    "tabs": table([line.replace(",", "\t") for line in whole()], 3, 3, "layout-changed"),
    "a field too many": table(changed(lambda line: line + ",x"), 3, 1, BROKEN),
    "a field too few": table(changed(lambda line: line.rpartition(",")[0]), 3, 1, BROKEN),
    "all records ragged": table([HEADER, *(line + ",x" for line in whole()[1:])], 3, 3, BROKEN),
    "10,000 columns more": table(
        [line + "".join(f",x{n}" for n in range(10_000)) for line in whole()], 3, 0, "unmapped-field"
    ),
    "the header twice": table([*whole(2), HEADER, row(3)], 4, 1, BROKEN),
    "a column renamed": table([HEADER.replace("Title", "Name"), *whole()[1:]], 3, 0, "missing-field", "unmapped-field"),
    "a column gone": table(
        [HEADER.replace(",Title,", ","), *(line.replace(f'"LOT {n}",', "") for n, line in enumerate(whole()[1:], 1))],
        3, 0, "missing-field",
    ),
    "columns in another order": table(
        [",".join(reversed(line.replace('"Two\nlines"', "x").split(","))) for line in whole()], 3, 0
    ),
    "another file": table(["a,b", "1,2", "3,4"], 2, 2, "layout-changed"),
    "no header": table(whole()[1:], 3, 3, "layout-changed"),
    "nothing but a header": table([HEADER], 0, 0, "empty-listing"),
    "nothing": Table(b"", 0, 0, frozenset({"layout-changed"})),
}  # fmt: skip


@pytest.mark.parametrize("name", HT_09)
def test_rows_and_rejected_are_the_records_of_the_file(name: str) -> None:
    made = HT_09[name]
    read, rejected, named = outcome(made.body)
    assert named == made.named
    # A file that isn't known at all is rejected as a whole, under one name.
    rejected = made.records if "layout-changed" in named else rejected
    assert (read, rejected) == (made.records - made.rejected, made.rejected)


@pytest.mark.parametrize("limit", [8 << 20, 1 << 30, sys.maxsize])
def test_what_is_too_long_is_so_whatever_the_process_has_set_for_others(limit: int) -> None:
    before = csv.field_size_limit(limit)
    try:
        for size, rejected in ((8 << 20, 0), ((8 << 20) + 1, 1)):
            lines = [*whole(1), row(2, Title="x" * size), row(3)]
            assert outcome("\r\n".join(lines).encode())[:2] == (3 - rejected, rejected)
    finally:
        csv.field_size_limit(before)


def test_many_rows_are_counted_whole() -> None:
    lines = [HEADER, *(f"{number:032x}{',' * (len(COLUMNS) - 1)}" for number in range(30_000))]
    assert outcome("\n".join(lines).encode()) == (30_000, 0, set())
    ragged = [line if number % 3 else line + "," for number, line in enumerate(lines)]
    assert outcome("\n".join([HEADER, *ragged[1:]]).encode()) == (20_000, 10_000, {BROKEN})


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(alphabet='ab",\r\n\x00é\u2028;', max_size=12), min_size=1, max_size=6))
def test_any_text_in_a_field_is_kept(titles: list[str]) -> None:
    lines = [HEADER, *(row(number, Title=title, Description="x") for number, title in enumerate(titles, 1))]
    said = list(read_table("\r\n".join(lines).encode(), LAYOUTS, RECORD_STARTS, "file"))
    assert [one.record.get("title", "") for one in said if isinstance(one, Read)] == [
        title.replace("\x00", "\ufffd").strip() for title in titles
    ]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 400), st.binary(max_size=3))
def test_damage_anywhere_never_swallows_other_records(place: int, damage: bytes) -> None:
    """Bytes put over one record cost that record at most; the one before it and the one after are whole."""
    lines = [line.encode() for line in whole()]
    inside = b"".join([lines[2][:40], lines[2][40 : 40 + place], damage, lines[2][40 + place + len(damage) :]])
    said = list(read_table(b"\r\n".join([*lines[:2], inside, lines[3]]), LAYOUTS, RECORD_STARTS, "file"))
    ids = [one.record["notice_id"] for one in said if isinstance(one, Read)]
    assert ids[0] == f"{1:032x}"
    assert ids[-1] == f"{3:032x}"


AMOUNTS = {
    "12": True, "1234.5": True, "1,234.5": True, "$1,234,567.89": True, "$ 5.00": True, "-5": True, "(5.00)": True,
    "($1,000)": True, "1e308": False, "1.234.567": False, "1,23": False, "12,3456": False, "1 234": False,
    "NaN": False, "43831 USD": False, "\u0661": False, "5-": False, "about 5": False,
}  # fmt: skip


@pytest.mark.parametrize("amount", AMOUNTS)
def test_amounts_are_exact_or_named(amount: str) -> None:
    read = Read("row 1", {"notice_id": "a" * 32, "award_amount": amount})
    said = list(notices([read], "file", TYPES, lambda record: True))
    (notice,) = (one for one in said if isinstance(one, Notice))
    assert notice.record["award_amount"] == amount, "as printed"
    assert [one.outcome for one in said if isinstance(one, Problem)] == ([] if AMOUNTS[amount] else ["invalid-amount"])


@pytest.mark.parametrize(
    ("scope", "record", "held"),
    [
        (Scope(), {}, True),
        (Scope(("070",)), {"organization_code": "070.7012.70CDCR"}, True),
        (Scope(("070",)), {"organization_code": "70"}, True),
        (Scope(("070.7012",)), {"organization_code": "070.7008.70Z030"}, False),
        (Scope(("070",)), {"organization_code": "0701.1"}, False),
        (Scope(("070",)), {"department": "HOMELAND SECURITY, DEPARTMENT OF"}, False),
        (Scope(("Homeland Security, Department of",)), {"department": "Department of Homeland Security"}, True),
        (Scope(("Department of Energy",)), {"department": "Federal Energy Regulatory Commission"}, False),
        (Scope(("Immigration and Customs Enforcement",)), {"sub_tier": "Immigration & Customs Enforcement"}, True),
        (Scope(naics=("5191",)), {"naics": "519190, 541512"}, True),
        (Scope(naics=("5191",)), {"naics": "541512"}, False),
        (Scope(naics=("237130",)), {"naics": "237 -- Heavy Construction/237130 -- Power Lines"}, True),
        (Scope(psc=("D3", "R4")), {"psc": "D317"}, True),
        (Scope(psc=("D3",)), {}, False),
        (Scope(keywords=("license plate",)), {"title": "LICENSE-PLATE READERS"}, True),
        (Scope(keywords=("ice",)), {"title": "OFFICE SERVICES", "description": "of the police"}, False),
        (Scope(keywords=("plates",)), {"description": "Readers of plates."}, True),
        (Scope(("070",), keywords=("plates",)), {"organization_code": "097", "title": "Plates"}, False),
    ],
)
def test_scope(scope: Scope, record: dict[str, str], held: bool) -> None:
    assert scope.holds(record) is held


def test_codes_and_names_are_told_apart() -> None:
    assert [one for one in ("070", "070.7012.70CDCR", "97", "Navy", "1.5 million", "") if is_code(one)] == [
        "070",
        "070.7012.70CDCR",
        "97",
    ]


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>One&nbsp;two</p>\r\n<P>three</P>", "One two\nthree"),
        ("a<br />b<BR>c", "a\nb\nc"),
        ("in<b>si</b>de <a href='x'>a link</a>", "inside a link"),
        ("5 < 10 and <unknown> & more; AT&T &amp; &#38; &bogus;", "5 < 10 and <unknown> & more; AT&T & & &bogus;"),
        ("&#0;&#xD800;&#99999999999;", "\ufffd\ufffd&#99999999999;"),
        ("<p", "<p"),
        ("", ""),
    ],
)
def test_fragments_of_html(fragment: str, text: str) -> None:
    assert plain_text(fragment) == text


def test_tables_are_known_by_their_header() -> None:
    assert is_table(f"{HEADER}\r\n".encode())
    assert is_table(b"\xef\xbb\xbf" + HEADER.replace("Title", "Name").encode())
    assert is_table(",".join(f'"{name}"' for name in COLUMNS).encode())
    assert not any(map(is_table, (b"", b"NoticeId,Title\n", b"a,b\n", HEADER[9:].encode(), b"\xff\xfeN\x00")))
