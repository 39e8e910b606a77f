"""JSON and CSV of strangers: what is refused, and that nothing else is lost."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders._records import MalformedError, read_csv, read_json

STARTS = re.compile(r'"?[0-9a-f]{32}"?,')
ID = "0123456789abcdef0123456789abcde"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[1,]", b"{'a': 1}", b"[NaN]", b"[Infinity]", b"[-Infinity]", b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "a": 2}}]', b"[" * 61 + b"]" * 61,
        b"[" * 100_000, b'{"a":' * 100_000, b"[" + b"1" * 20 + b"]",
        b"[-" + b"1" * 5000 + b"]", "[]".encode("utf-16"), b'["\xff"]', b'["\x00"]', b"[] []",
    ],
)  # fmt: skip
def test_json_refused(body: bytes) -> None:
    with pytest.raises(MalformedError) as refused:
        read_json(body)
    assert len(str(refused.value)) <= 200


def test_json_as_printed() -> None:
    assert read_json(b"\xef\xbb\xbf" + b'{"amount": 2100000.00, "e": 1E5, "n": 9223372036854775807}') == {
        "amount": "2100000.00",
        "e": "1E5",
        "n": 9223372036854775807,
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_json_round_trip(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_json_of_any_bytes(body: bytes) -> None:
    with contextlib.suppress(MalformedError):
        read_json(body)


def written(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([["NoticeId", "Title", "Description"], *rows])
    return out.getvalue()


texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20)


@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_csv_round_trip(values: list[tuple[str, str]]) -> None:
    rows = [[f"{number:032x}", *pair] for number, pair in enumerate(values)]
    read = list(read_csv(written(rows).encode(), STARTS))
    assert [number for number, _ in read] == list(range(len(rows) + 1))
    assert [row for _, row in read][1:] == rows


@given(st.integers(0, 3), texts)
def test_one_open_quotation_mark_costs_one_record(broken: int, text: str) -> None:
    rows = [[ID + str(number), f"Title {number}", "words"] for number in range(4)]
    lines = written(rows).splitlines(keepends=True)
    lines[broken + 1] = f'{ID}{broken},"{text.replace(chr(34), "")}\r\n'
    found = [row for _, row in read_csv("".join(lines).encode(), STARTS) if isinstance(row, list) and len(row) == 3]
    assert found[1:] == rows[:broken] + rows[broken + 1 :]


@given(st.binary(max_size=300))
def test_csv_of_any_bytes(body: bytes) -> None:
    for number, row in read_csv(body, STARTS):
        assert isinstance(number, int)
        assert row


def test_csv_in_windows_1252() -> None:
    body = b"NoticeId,Title\r\n" + ID.encode() + b"0,\x93A\x94 caf\xe9 \x96 \x81\r\n"
    assert list(read_csv(body, STARTS)) == [(0, ["NoticeId", "Title"]), (1, [ID + "0", "“A” café – \x81"])]


def test_csv_with_a_long_field() -> None:
    (_, row) = list(read_csv(written([[ID + "0", "t", "x" * 500_000]]).encode(), STARTS))[1]
    assert len(row[2]) == 500_000
